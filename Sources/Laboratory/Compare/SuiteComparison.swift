// One comparison on Are We Fast Yet, in the order of its work.

import Foundation
import Ovid
import SourceTools

/// One comparison, from the checkout to the files that are written at its end.
public struct SuiteComparison {
  /// Iterations in each process, and processes, if nobody says how many.
  public static let iterations = 50
  public static let runs = 5

  let checkout: SuiteCheckout
  let benchmarks: [SuiteBenchmark]
  let iterations: Int
  let runs: Int
  /// The peers, in a list; nil: those that are installed.
  public var peers: String?
  /// For Ovid's own processes.
  public var flags: [String] = []
  /// A folder with a core library, such as upstream's: Ovid runs on that, too.
  public var coreLibrary: String?
  /// Busy processes beside everything.
  public var load = 0
  /// An earlier result, to compare this one with.
  public var against: String?
  /// Files to write.
  public var json: String?
  public var html: String?
  public var page: String?

  public init(checkout: SuiteCheckout, benchmarks: [SuiteBenchmark], iterations: Int, runs: Int) {
    self.checkout = checkout
    self.benchmarks = benchmarks
    self.iterations = iterations
    self.runs = runs
  }

  /// Answers false if a result was refused. What can be wrong with the command line is found before the first process
  /// starts: the rest takes minutes.
  ///
  /// `say` is called with what is known so far; `warn` with what goes wrong and does not end it.
  public func run(say: (String) -> Void, warn: (String) -> Void) throws -> Bool {
    let earlier = try against.map { path in try SuiteReport.read(path) }
    for path in [json, html].compactMap({ $0 }) { try OutputFile.check(path) }
    if let page {
      _ = try SomFiles.text(page)
      try OutputFile.check(page)
    }
    let scratch = "\(NSTemporaryDirectory())ovid-awfy-\(getpid())"
    try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: scratch) }
    var implementations = try [.ovid(checkout, flags: flags, scratch: scratch)] + peers(scratch, warn)
    if let coreLibrary {
      let folder = try Self.checked(coreLibrary)
      implementations.append(
        .ovid(checkout, name: "ovid-library", flags: flags, library: folder, scratch: scratch))
    }
    let busy = try BusyProcesses(load)
    defer { busy.end() }

    var report = SuiteReport(
      machine: BenchReport.machineText(), commit: checkout.commit, iterations: iterations, runs: runs,
      load: load == 0 ? nil : load,
      implementations: implementations.map {
        .init(name: $0.name, version: $0.version, isOvid: $0.isVariant ? true : nil)
      })
    say(report.setting)
    let runner = SuiteRunner(implementations: implementations, iterations: iterations, runs: runs)
    for benchmark in benchmarks {
      let row = runner.measure(benchmark)
      report.rows.append(row)
      say(SuiteReport.line(row))
    }
    report = report.summarized()
    say(report.text)
    let difference = earlier.map { SuiteDifference(from: $0, to: report) }
    if let difference { say("\n" + difference.table.text) }
    if let json { try report.write(json) }
    if let html { try SuitePage(report: report, difference: difference).write(html) }
    if let page { try report.write(page: page) }
    return !report.hasRefusals
  }

  public struct NoLibrary: Error, CustomStringConvertible, Equatable { public let description: String }

  /// The whole path of a folder that has a core library.
  private static func checked(_ folder: String) throws(NoLibrary) -> String {
    let path = URL(fileURLWithPath: folder).standardizedFileURL.path
    guard FileManager.default.fileExists(atPath: "\(path)/Object.som") else {
      throw NoLibrary(
        description: "\(folder) has no Object.som: --core-library names a folder of a core library, such as Smalltalk "
          + "in a checkout of https://github.com/SOM-st/SOM")
    }
    return path
  }

  /// Those that can be made ready; of one that cannot, why.
  private func peers(_ scratch: String, _ warn: (String) -> Void) throws -> [Implementation] {
    try Peer.list(peers).compactMap { peer in
      do {
        return try peer.implementation(checkout, ovidFlags: flags, scratch: scratch)
      } catch let problem as Peer.Problem {
        warn("\(problem); going on without \(peer.rawValue)")
        return nil
      }
    }
  }
}
