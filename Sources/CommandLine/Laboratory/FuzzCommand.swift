// `ovid fuzz`: random programs that change themselves, against the reference, on every tier and under every stress flag.

import ArgumentParser
import Foundation
import Laboratory

struct FuzzCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fuzz",
    abstract: "Compares random programs with the reference, until something differs.",
    discussion: """
      The reference evaluates the syntax tree and looks up every message when it is sent (docs/fuzzing.md). A program \
      that differs, crashes or hangs is reduced to a few lines and kept in a folder, with the flags that show it. The \
      same seed makes the same program, and the same flags.
      """)

  @Flag(help: "Instead: lexer, parser, bytecode compiler and formatter, on broken and odd sources.")
  var frontEnd = false
  @Flag(name: .customLong("ir"), help: "Instead: passes and backend, on random graphs (docs/ir-evaluator.md).")
  var fuzzesGraphs = false
  @Option(help: "Stop after so many seconds (default: never).") var seconds: Double?
  @Option(help: "Stop after so many programs.") var count: Int?
  @Option(help: "The first seed; the next programs have the next ones.") var seed: UInt64?
  @Option(help: "Programs at a time.") var jobs = 2
  @Option(help: "Where failures are kept.") var keep = "fuzz-failures"
  @Option(help: "What is compared with the reference: \(FuzzTier.allCases.map(\.rawValue).joined(separator: ", ")).")
  var tier = FuzzTier.both
  @Option(help: "Stop after so many failures.") var failures = 1
  @Option(help: "Seconds for reducing each failure; 0 keeps it as it is.") var reduceSeconds = 120.0
  @Option(
    help: "What programs do without (may be repeated): \(FuzzFeature.allCases.map(\.rawValue).joined(separator: ", "))."
  )
  var without: [FuzzFeature] = []
  @Flag(help: "Every program runs under a debugger, too (else every seventh, interpreted).") var stepping = false
  @Option(help: "Instead of what the seed decides: flags of ovid run, in one word.") var flags: String?
  @Option(help: "Instead: one program, the class file to run, and those beside it; with --ir a graph that was kept.")
  var program: String?
  @Flag(help: "With --program: print what the reference says.") var reference = false
  @Flag(help: .hidden) var worker = false
  @Option(help: .hidden) var cache: String?
  @Option(help: .hidden) var status: Int?

  func validate() throws {
    guard jobs > 0 else { throw ValidationError("--jobs needs 1 or more.") }
    guard failures > 0 else { throw ValidationError("--failures needs 1 or more.") }
    if reference, program == nil { throw ValidationError("--reference needs a --program.") }
  }

  func run() throws {
    try reporting {
      let first = seed ?? UInt64(Date().timeIntervalSince1970)
      if fuzzesGraphs { return try fuzzGraphs(first) }
      if frontEnd { return try fuzzFrontEnd(first) }
      let chosen = flags.map { FuzzFlags($0.split(separator: " ").map(String.init)) }
      if let program { return try check(program, chosen) }
      let deadline = seconds.map { Date(timeIntervalSinceNow: $0) }
      if worker {
        var worker = FuzzWorker(
          tier: tier, deadline: deadline, cacheFolder: cache ?? NSTemporaryDirectory(), flags: chosen,
          without: Set(without), stepping: stepping)
        return try worker.run(first: first, count: count ?? 1)
      }
      let campaign = try FuzzCampaign(
        first: first, count: count, deadline: deadline, jobs: jobs, tier: tier, flags: chosen, without: without,
        stepping: stepping, failureLimit: failures, tell: Self.progress())
      let found = campaign.run()
      Self.clearLine()
      print(campaign.summary)
      for failure in found { try report(failure) }
      if !found.isEmpty { throw ExitCode(ExitStatus.failure) }
    }
  }

  // MARK: Progress

  private static let showsProgress = isatty(STDERR_FILENO) != 0

  /// The line with the progress at a terminal.
  private static func clearLine(_ text: String = "") {
    if showsProgress { FileHandle.standardError.write(Data("\r\u{1B}[K\(text)".utf8)) }
  }

  private static func progress() -> (FuzzCampaign.News) -> Void {
    { news in
      switch news {
      case .failed(let failure):
        clearLine()
        complain("seed \(failure.seed) \(failure.description)\(failure.flags.map { " (\($0))" } ?? "")")
      case .progress(let text): clearLine(text)
      }
    }
  }

  // MARK: One program

  private func check(_ path: String, _ chosen: FuzzFlags?) throws {
    let url = URL(fileURLWithPath: path)
    let folder = url.deletingLastPathComponent().path, main = url.deletingPathExtension().lastPathComponent
    let program = try FuzzProgram(folder: folder)
    let expected = FuzzCase.reference(
      program, main: main, steps: status == nil ? 50_000_000 : 2 * FuzzWorker.steps)
    if reference {
      print(expected.output, terminator: "")
      FileHandle.standardError.write(Data(expected.errors.utf8))
      if let limit = expected.limit { complain("the reference stopped after \(limit)") }
      throw ExitCode(Int32(truncatingIfNeeded: expected.status))
    }
    if let limit = expected.limit {
      complain("the reference stopped after \(limit)")
      throw ExitCode(FuzzReducer.unknown)
    }
    if let status, status != expected.status { throw ExitCode(FuzzReducer.unknown) }
    for flags in chosen.map({ [$0] })
      ?? FuzzWorker.flags(
        seed: seed ?? 0, program, tier: tier, stepping: stepping)
    {
      let actual = try FuzzCase.run(
        folder: folder, main: main, accepts: program.accepts, try flags.options, steps: flags.steps
      ).result
      let wanted = FuzzResult(output: expected.output, errors: expected.errors, status: expected.status)
      if actual != wanted {
        complain("with \(flags): \(actual.difference(from: wanted))")
        throw ExitCode(FuzzReducer.different)
      }
    }
    print("as the reference")
  }

  // MARK: Failures

  private func report(_ failure: FuzzFailure) throws {
    var generator = ProgramGenerator(seed: failure.seed, tier: tier, without: Set(without))
    var program = generator.generate()
    if reduceSeconds > 0, let flags = failure.flags {
      print("reducing seed \(failure.seed) …")
      let status = FuzzCase.reference(program, steps: FuzzWorker.steps).status
      let reducer = FuzzReducer { FuzzReducer.failsInChild($0, flags, status: status) }
      program = reducer.reduce(program, until: Date(timeIntervalSinceNow: reduceSeconds))
    }
    program = program.withoutEmptyLines
    let place = try FuzzArchive(folder: keep).store(program, failure)
    complain("seed \(failure.seed) is kept in \(place)\n\(FuzzArchive.listing(program))")
  }

  private func fuzzGraphs(_ seed: UInt64) throws {
    if let program { return try IRFuzzing.check(program) }
    try IRFuzzing(seed: seed, seconds: seconds, count: count, folder: keep, reduceSeconds: reduceSeconds).run()
  }

  private func fuzzFrontEnd(_ seed: UInt64) throws {
    let fuzzer = try FrontEndFuzzer(folder: keep, seed: seed, seconds: seconds, count: count)
    let (outcome, failure) = fuzzer.run()
    if let failure {
      complain("seed \(seed), input \(outcome.inputs): \(failure)")
      throw ExitCode(ExitStatus.failure)
    }
    print(
      "\(outcome.inputs) inputs from seed \(seed), \(outcome.valid) of them valid classes with \(outcome.methods) methods: "
        + "each ended in bytecode that verifies and stable formatting, or in diagnostics")
  }
}

extension FuzzTier: ExpressibleByArgument {}
extension FuzzFeature: ExpressibleByArgument {}
