// The part of `ovid bench` that measures Are We Fast Yet: its options, and the order of its work.

import ArgumentParser
import Foundation
import Ovid

struct SuiteOptions: ParsableArguments {
  @Option(
    help: """
      Instead of the project's programs: the benchmarks of this checkout of \
      https://github.com/smarr/are-we-fast-yet, beside the peers.
      """)
  var awfy: String?
  @Option(
    help: """
      The peers, in a list: some of node,java,luajit,pypy3, of uneditable,interpreter (Ovid itself, compiled so that \
      edits need not reach it, or with --jit=off), or none. The first is the reference. \
      (default: node,java, where they are installed)
      """)
  var compare: String?
  @Option(
    name: .customLong("flag"), parsing: .unconditionalSingleValue,
    help: "A flag for Ovid's own processes, such as --flag=--jit=off; may be repeated.")
  var flags: [String] = []
  @Option(help: "Print what changed since this file, which --json wrote.") var against: String?
  @Option(help: "Also write a page with charts to this file, as HTML.") var html: String?
  @Option(help: "Write the tables into this page, after its mark.") var page: String?

  var needsCheckout: Bool { compare != nil || !flags.isEmpty || against != nil || html != nil || page != nil }

  /// Iterations in each process, and processes, if nobody says how many.
  static let iterations = 50
  static let runs = 5
}

/// One comparison, from the checkout to the files that are written at its end.
struct SuiteComparison {
  let options: SuiteOptions
  let checkout: SuiteCheckout
  let benchmarks: [SuiteBenchmark]
  let iterations: Int
  let runs: Int
  let json: String?

  /// Answers false if a result was refused. What can be wrong with the command line is found before the first process
  /// starts: the rest takes minutes.
  func run() throws -> Bool {
    let earlier = try options.against.map { path in try SuiteReport.read(path) }
    for path in [json, options.html].compactMap({ $0 }) { try OutputFile.check(path) }
    if let page = options.page {
      _ = try ProgramFile.text(page)
      try OutputFile.check(page)
    }
    // Flags that `ovid run` would not take.
    _ = try RunArguments(options.flags + ["Program"])
    let scratch = "\(NSTemporaryDirectory())ovid-awfy-\(getpid())"
    try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: scratch) }
    let implementations = try [ovid(scratch)] + peers(scratch)

    var report = SuiteReport(
      machine: BenchReport.machineText(), commit: checkout.commit, iterations: iterations, runs: runs,
      implementations: implementations.map { .init(name: $0.name, version: $0.version) })
    print(report.setting)
    let runner = SuiteRunner(implementations: implementations, iterations: iterations, runs: runs)
    for benchmark in benchmarks {
      let row = runner.measure(benchmark)
      report.rows.append(row)
      print(SuiteReport.line(row))
      fflush(nil)
    }
    report = report.summarized()
    print(report.text)
    let difference = earlier.map { SuiteDifference(from: $0, to: report) }
    if let difference { print("\n" + difference.table.text) }
    if let json { try report.write(json) }
    if let html = options.html { try SuitePage(report: report, difference: difference).write(html) }
    if let page = options.page { try report.write(page: page) }
    return !report.hasRefusals
  }

  private func ovid(_ scratch: String) -> Implementation {
    .ovid(checkout, flags: options.flags, scratch: scratch)
  }

  /// Those that can be made ready; of one that cannot, why.
  private func peers(_ scratch: String) throws -> [Implementation] {
    try Peer.list(options.compare).compactMap { peer in
      do {
        return try peer.implementation(checkout, ovidFlags: options.flags, scratch: scratch)
      } catch let problem as Peer.Problem {
        complain("\(problem); going on without \(peer.rawValue)")
        return nil
      }
    }
  }
}
