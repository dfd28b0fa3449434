// The corpus on every tier and under every stress flag: the same output, the same status. Each program runs in a
// process of its own, of the executable that OVID_EXECUTABLE names (`make test` builds and takes the release one:
// it is what users run, and many times as fast), or else of the one beside the tests.

import CorpusSupport
import Foundation
import GccBackend
import Synchronization
import Testing

import struct Runtime.Options
import struct Runtime.Statistics

@testable import CommandLine
@testable import Laboratory

/// A tier or a stress flag, at its most eager.
struct CorpusMode: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let flags: [String]
  let isCompiled, hasBaseline: Bool
  private static let neverHot = "--compile-threshold=1000000000"
  private static let noBaseline = "--baseline=off"
  private var isEvaluated: Bool { flags.contains("--compile-in=evaluator") }
  private var isPreempted: Bool { flags.contains { $0.hasPrefix("--preempt-every") } }
  /// Programs with several processes that say the same whoever has its turn.
  private static let anyOrder: Set = [
    "Editing/EditsAcrossProcesses", "Processes/Deadlock", "Processes/ExitFromProcess", "Processes/MainProcessEnds",
    "Processes/Queues", "Processes/ReturnAcrossProcesses", "Processes/SharedState",
  ]

  /// Machine code of everything in every mode takes a quarter of an hour: of the modes that are others' neighbours, each has a third
  /// of the programs, another one every day; OVID_TEST_ALL=1 has them all.
  private let isSampled: Bool
  private static let samples = ProcessInfo.processInfo.environment["OVID_TEST_ALL"] == nil ? 3 : 1
  /// How many programs there are for one that it has.
  var share: Int { isSampled ? Self.samples : 1 }
  private static let today = Int(Date().timeIntervalSince1970) / 86_400

  private func samples(_ program: CorpusProgram) -> Bool {
    let number = Self.checksum(testDescription + program.description) + Self.today
    return number % share == 0
  }

  /// The same in every process.
  private static func checksum(_ text: String) -> Int { text.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF } }

  /// The evaluator's own frames are so large that handling a full stack takes more of the native one than is kept for that.
  func includes(_ program: CorpusProgram) -> Bool {
    if isPreempted { return Self.anyOrder.contains(program.description) }
    if !samples(program) { return false }
    let overflowing = ["Exceptions/ErrorClasses", "Exceptions/StackOverflowCaught", "Processes/StackOverflows"]
    return !(isEvaluated && overflowing.contains(program.description))
  }

  /// What is evaluated, is so after more or fewer passes from program to program.
  func flags(for program: CorpusProgram) -> [String] {
    // Whose turn it is must not depend on how long something takes.
    let flags = program.group == "Processes" && !isPreempted ? flags + ["--time-slice=0"] : flags
    guard isEvaluated else { return flags }
    return flags + ["--passes=\(Self.checksum(program.name) % (Options().passes + 1))"]
  }

  init(_ name: String, _ flags: String..., isSampled: Bool = false) {
    testDescription = name
    self.isSampled = isSampled
    self.flags = flags
    isCompiled = !flags.contains("--jit=off") && !flags.contains(Self.neverHot)
    hasBaseline = !flags.contains("--jit=off") && !flags.contains(Self.noBaseline)
  }

  static let all: [CorpusMode] = [
    CorpusMode("interpreter", "--jit=off"),
    CorpusMode("baseline", "--baseline-threshold=1", "--compile-now", neverHot),
    CorpusMode(
      "baseline, gc-every", "--baseline-threshold=3", "--compile-now", neverHot, "--gc-every=50"),
    CorpusMode(
      "baseline, redefine-every", "--baseline-threshold=3", "--compile-now", neverHot,
      "--redefine-every=1000"),
    CorpusMode(
      "baseline, preempt-every", "--baseline-threshold=3", "--compile-now", neverHot, "--preempt-every=3"),
    CorpusMode(
      "baseline, deopt-every", "--baseline-threshold=3", "--compile-now", "--compile-threshold=8",
      "--deopt-every=3", isSampled: true),
    CorpusMode("compile-now", "--compile-now", "--compile-threshold=2"),
    CorpusMode("compile-now, no baseline", noBaseline, "--compile-now", "--compile-threshold=2", isSampled: true),
    CorpusMode("deopt-every", "--compile-now", "--compile-threshold=2", "--deopt-every=3"),
    CorpusMode(
      "deopt-every, no baseline", noBaseline, "--compile-now", "--compile-threshold=2", "--deopt-every=3",
      isSampled: true),
    CorpusMode("redefine-every", "--compile-now", "--compile-threshold=2", "--redefine-every=1000", isSampled: true),
    CorpusMode("gc-every", noBaseline, "--compile-now", "--compile-threshold=2", "--gc-every=50", isSampled: true),
    CorpusMode("gc-steps", "--compile-now", "--compile-threshold=2", "--gc-steps=3", isSampled: true),
    CorpusMode("gc-steps, interpreter", "--jit=off", "--gc-steps=1"),
    CorpusMode("preempt-every, interpreter", "--jit=off", "--preempt-every=1"),
    CorpusMode("preempt-every", "--compile-now", "--compile-threshold=2", "--preempt-every=3"),
    CorpusMode(
      "preempt-every, gc-every", noBaseline, "--compile-now", "--compile-threshold=2", "--preempt-every=2",
      "--gc-every=1"),
    CorpusMode(
      "preempt-every, deopt-every", "--compile-now", "--compile-threshold=2", "--preempt-every=2", "--deopt-every=3"),
    CorpusMode("debuggable", "--compile-now", "--compile-threshold=2", "--debuggable", isSampled: true),
    CorpusMode(
      "debuggable, deopt-every", noBaseline, "--compile-now", "--compile-threshold=2", "--debuggable",
      "--deopt-every=3", isSampled: true),
    CorpusMode("evaluator", noBaseline, "--compile-now", "--compile-threshold=2", "--compile-in=evaluator"),
    // Machine code that is made in the background comes too late for programs as short as these.
    CorpusMode("evaluator, background", noBaseline, "--compile-threshold=5", "--compile-in=evaluator"),
    CorpusMode(
      "evaluator, deopt-every", noBaseline, "--compile-now", "--compile-threshold=2", "--compile-in=evaluator",
      "--deopt-every=3"),
    CorpusMode(
      "evaluator, gc-every", noBaseline, "--compile-now", "--compile-threshold=2", "--compile-in=evaluator",
      "--gc-every=50"),
  ].filter { GccBackend.unavailability == nil || !($0.isCompiled || $0.hasBaseline) || $0.isEvaluated }
    .filter {
      // For looking at one of them.
      ProcessInfo.processInfo.environment["OVID_TEST_MODE"].map([$0.testDescription].contains) ?? true
    }
}

@Suite(.serialized) struct CorpusTests {
  /// Seconds that a program may take; each needs a small part of that.
  static let timeLimit = 120.0

  @Test(arguments: CorpusMode.all) func sameEverywhere(_ mode: CorpusMode) throws {
    let executable = try #require(BuiltExecutable.path, "ovid is not built")
    let folder = NSTemporaryDirectory() + "ovid-corpus-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    // What programs and modes share (the core library, mostly) is compiled once.
    let cache = URL(fileURLWithPath: executable).deletingLastPathComponent().appending(path: "corpus-cache").path
    let total = Mutex(Total())
    let report = Corpus.failures(of: Corpus.programs().filter(mode.includes), atOnce: 2) { program in
      let statistics = "\(folder)/\(program.group)-\(program.name).json"
      let flags =
        mode.flags(for: program) + ["--heap-limit=512m", "--cache-dir=\(cache)", "--stats-file", statistics]
      let outcome = try ChildProcess.run(executable, ["run"] + flags + [program.path], timeout: Self.timeLimit)
      if let counts = try? RunReport.read(statistics).statistics { total.withLock { $0.add(counts) } }
      let ending = outcome.status == nil ? "the process \(outcome.ending)\n" : ""
      return CorpusOutcome(
        standardOutput: outcome.output, standardError: ending + outcome.errors, status: Int(outcome.status ?? -1))
    }
    #expect(report.isEmpty, "\(report)")
    let counts = total.withLock { $0 }
    #expect((counts.compiles > 50 / mode.share && counts.entries > 0) == mode.isCompiled, "\(counts)")
    #expect((counts.baselineCompiles > 100 / mode.share) == mode.hasBaseline, "\(counts)")
    #expect(
      (counts.deoptimizations > 1000 / mode.share) == mode.flags.contains { $0.hasPrefix("--deopt-every") }, "\(counts)"
    )
    #expect((counts.redefinitions > 0) == mode.flags.contains { $0.hasPrefix("--redefine-every") }, "\(counts)")
    #expect((counts.collections > 1000 / mode.share) == mode.flags.contains { $0.hasPrefix("--gc-") }, "\(counts)")
  }

  /// What happened in all programs together.
  private struct Total {
    var compiles = 0, entries = 0, baselineCompiles = 0, deoptimizations = 0, redefinitions = 0, collections = 0

    mutating func add(_ counts: Statistics) {
      compiles += counts.compiles + counts.osrCompiles
      entries += counts.osrEntries
      baselineCompiles += counts.baselineCompiles
      deoptimizations += counts.deoptimizations["stress", default: 0]
      redefinitions += counts.redefinitions
      collections += counts.collections
    }
  }
}
