// `ovid fuzz`: random programs that redefine their own methods, on every tier and under every stress flag; all of
// them must print the same as the interpreter alone.

import ArgumentParser
import Foundation
import Ovid

struct FuzzCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fuzz",
    abstract: "Compares the tiers on random programs, until something differs.",
    discussion: """
      A difference, a crash or a hang is kept as a folder with the program and the commands that show it, and ends \
      the command with status 1. The same seed makes the same program.
      """)

  @Flag(help: "Instead: lexer, parser, bytecode compiler and formatter, on broken and odd sources.")
  var frontEnd = false
  @Option(help: "Stop after so many seconds (default: never).") var seconds: Double?
  @Option(help: "Stop after so many programs.") var count: Int?
  @Option(help: "The first seed; the next programs have the next ones.") var seed: UInt64?
  @Option(help: "Programs at a time.") var jobs = 2
  @Option(help: "Where failures are kept.") var keep = "fuzz-failures"

  func validate() throws {
    guard jobs > 0 else { throw ValidationError("--jobs needs 1 or more.") }
  }

  func run() throws {
    try reporting {
      let first = seed ?? UInt64(Date().timeIntervalSince1970)
      if frontEnd { return try fuzzFrontEnd(first) }
      let end = seconds.map { Date(timeIntervalSinceNow: $0) }
      let fuzzer = Fuzzer(folder: keep)
      var done = 0
      while end.map({ Date() < $0 }) ?? true, count.map({ done < $0 }) ?? true {
        let batch = min(jobs, count.map { $0 - done } ?? jobs)
        let problems = Results()
        let next = first &+ UInt64(done)
        DispatchQueue.concurrentPerform(iterations: batch) { i in
          do {
            if let problem = try fuzzer.check(seed: next &+ UInt64(i)) { problems.add(problem) }
          } catch { problems.add("\(error)") }
        }
        done += batch
        guard problems.all.isEmpty else {
          for problem in problems.all { complain(problem) }
          throw ExitCode(ExitStatus.failure)
        }
      }
      print(
        "\(done) programs from seed \(first): \(Fuzzer.variants.count) ways of running each agree with the interpreter"
      )
    }
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

  private final class Results: @unchecked Sendable {
    private let lock = NSLock()
    private var list: [String] = []
    func add(_ text: String) { lock.withLock { list.append(text) } }
    var all: [String] { lock.withLock { list } }
  }
}

struct Fuzzer: Sendable {
  let folder: String

  /// Every program runs with each of these, and must do what it does with `--jit=off`.
  static let variants: [[String]] = [
    [],
    ["--compile-now", "--compile-threshold=60", "--optimization-level=0"],
    [
      "--compile-now", "--compile-threshold=80", "--optimization-level=0",
      "--deopt-every=7",
    ],
    [
      "--compile-now", "--compile-threshold=50", "--optimization-level=0",
      "--gc-every=50",
    ],
    ["--compile-threshold=20", "--redefine-every=500", "--optimization-level=0"],
    ["--jit=off", "--gc-every=10"],
  ]
  private static let timeout = 240.0

  /// nil if all agree, else what to look at.
  func check(seed: UInt64) throws -> String? {
    var generator = ProgramGenerator(seed: seed)
    let work = "\(NSTemporaryDirectory())ovid-fuzz-\(getpid())-\(seed)"
    try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: work) }
    for (name, text) in generator.generate() {
      try text.write(toFile: "\(work)/\(name)", atomically: true, encoding: .utf8)
    }
    let expected = try run(work, ["--jit=off"])
    guard expected.status == 0 else { return try report(seed, work, ["--jit=off"], expected, nil) }
    for flags in Self.variants {
      let outcome = try run(work, flags)
      if outcome.output != expected.output || outcome.status != 0 || outcome.hasTimedOut {
        return try report(seed, work, flags, outcome, expected)
      }
    }
    return nil
  }

  private func run(_ folder: String, _ flags: [String]) throws -> ChildProcess.Outcome {
    try ChildProcess.run(ChildProcess.own, ["run"] + flags + ["\(folder)/Fuzz.som"], timeout: Self.timeout)
  }

  private func report(
    _ seed: UInt64, _ work: String, _ flags: [String], _ outcome: ChildProcess.Outcome,
    _ expected: ChildProcess.Outcome?
  ) throws -> String {
    let kept = "\(folder)/\(seed)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try? FileManager.default.removeItem(atPath: kept)
    try FileManager.default.copyItem(atPath: work, toPath: kept)
    try outcome.output.write(toFile: "\(kept)/actual.txt", atomically: true, encoding: .utf8)
    try outcome.errors.write(toFile: "\(kept)/errors.txt", atomically: true, encoding: .utf8)
    try expected?.output.write(toFile: "\(kept)/expected.txt", atomically: true, encoding: .utf8)
    let command = "ovid run \(flags.joined(separator: " ")) \(kept)/Fuzz.som"
    let difference =
      expected.map { Self.firstDifference($0.output, outcome.output) } ?? "the interpreter failed"
    return "seed \(seed) \(outcome.ending); \(difference). Kept in \(kept). See: \(command)\n"
      + outcome.errors.split(separator: "\n").suffix(5).joined(separator: "\n")
  }

  static func firstDifference(_ expected: String, _ actual: String) -> String {
    let a = expected.split(separator: "\n"), b = actual.split(separator: "\n")
    for i in 0..<max(a.count, b.count) where i >= a.count || i >= b.count || a[i] != b[i] {
      return
        "line \(i + 1) is '\(i < b.count ? b[i] : "missing")', expected '\(i < a.count ? a[i] : "nothing")'"
    }
    return "the output is the same"
  }
}
