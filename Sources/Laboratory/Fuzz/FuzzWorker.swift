// The process that runs many programs, one after the other. It says on standard output what it is at, so that its parent
// knows the program whatever becomes of this process.

import Foundation
import Ovid

/// Which tiers a run compares with the reference.
public enum FuzzTier: String, CaseIterable, Sendable {
  case interpreter, baseline, compiled, both
}

public struct FuzzWorker {
  let tier: FuzzTier
  let deadline: Date?
  let cacheFolder: String
  /// Flags instead of those that the seed decides.
  let flags: FuzzFlags?
  let excluded: Set<FuzzFeature>
  /// Every program is stepped through, too.
  let stepsAlways: Bool
  private let watch = FuzzWatch()
  private var coverage = FuzzCoverage()

  public static let steps = 400_000
  /// Programs whose IR and bytecodes are looked at, for the coverage.
  private static let dumpEvery: UInt64 = 16, bytecodesEvery: UInt64 = 4

  public init(
    tier: FuzzTier, deadline: Date?, cacheFolder: String, flags: FuzzFlags?, without excluded: Set<FuzzFeature>,
    stepping: Bool = false
  ) {
    stepsAlways = stepping
    self.excluded = excluded
    self.tier = tier
    self.deadline = deadline
    self.cacheFolder = cacheFolder
    self.flags = flags
  }

  public mutating func run(first: UInt64, count: Int) throws {
    let folder = "\(NSTemporaryDirectory())ovid-fuzz-\(getpid())"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    watch.start()
    for i in 0..<count {
      if let deadline, Date() > deadline { break }
      let seed = first &+ UInt64(i)
      Self.say("begin \(seed)")
      try check(seed, folder)
    }
    watch.end()
    Self.say(coverage.lines)
  }

  /// The flags with which a seed's program runs; every seventh interpreted one runs once more, under a debugger.
  public static func flags(
    seed: UInt64, _ program: FuzzProgram, tier: FuzzTier, stepping: Bool = false
  ) -> [FuzzFlags] {
    var random = SeededRandom(seed: seed ^ 0xF1A6), turns = SeededRandom(seed: seed ^ 0x7042)
    var interpreted = FuzzFlags.interpreted(&random), compiled = FuzzFlags.compiled(&random)
    if tier == .baseline { interpreted = FuzzFlags.baseline(&random) }
    if program.hasProcesses {
      interpreted.words += FuzzFlags.taking(turns: &turns)
      compiled.words += FuzzFlags.taking(turns: &turns)
    }
    let runs =
      switch tier {
      case .interpreter, .baseline: [interpreted]
      case .compiled: [compiled]
      case .both: [interpreted, compiled]
      }
    var steps = SeededRandom(seed: seed ^ 0xDEB6)
    // When a step ends in compiled code may depend on when a pause comes; so unless it is asked for, only interpreted ones.
    let stepped = stepping ? runs : tier == .compiled ? [] : [interpreted]
    guard stepping || steps.pick(7) == 0, !stepped.isEmpty else { return runs }
    return runs + [steps.one(of: stepped).stepping(seed: seed, debuggable: steps.chance(50))]
  }

  private mutating func check(_ seed: UInt64, _ folder: String) throws {
    var generator = ProgramGenerator(seed: seed, tier: tier, without: excluded)
    let program = generator.generate()
    watch.beginRun()
    let expected = FuzzCase.reference(program, steps: Self.steps)
    if let limit = expected.limit { return Self.say("skip \(seed) \(limit)") }
    try? FileManager.default.removeItem(atPath: folder)
    try program.write(to: folder)
    coverage.note(program, bytecodes: seed % Self.bytecodesEvery == 0)
    for flags in flags.map({ [$0] }) ?? Self.flags(seed: seed, program, tier: tier, stepping: stepsAlways) {
      Self.say("flags \(flags)")
      watch.beginRun()
      var options = try flags.options
      options.cacheDirectory = cacheFolder
      if options.jit, seed % Self.dumpEvery == 0 { try options.set("dump-ir", "*") }
      let run = try FuzzCase.run(folder: folder, accepts: program.accepts, options, steps: flags.steps)
      coverage.note(run)
      if options.dumpIR != nil { coverage.noteIR(run.errors) }
      let wanted = FuzzResult(output: expected.output, errors: expected.errors, status: expected.status)
      if run.result != wanted {
        let text = run.result.difference(from: wanted).replacing("\n", with: " ")
        return Self.say("differs \(seed) \(text)")
      }
    }
    Self.say("pass \(seed) \(expected.steps)")
  }

  fileprivate static func say(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
  }
}

/// Ends the process when one run takes too long.
private final class FuzzWatch: @unchecked Sendable {
  /// Seconds of the processor, so that a busy machine is no hang; and for what waits, seconds in which this process was
  /// not stopped.
  private static let limit = 30.0, waitLimit = 240.0, beat = 0.2
  private let lock = NSLock()
  private var runs = 0
  private var isOver = false

  func beginRun() { lock.withLock { runs += 1 } }
  func end() { lock.withLock { isOver = true } }

  func start() {
    Foundation.Thread.detachNewThread { [self] in
      var seen = -1, waited = 0.0, processor = 0.0
      while true {
        Foundation.Thread.sleep(forTimeInterval: Self.beat)
        waited += Self.beat
        let (run, over) = lock.withLock { (runs, isOver) }
        if over { return }
        let used = Double(clock()) / Double(CLOCKS_PER_SEC)
        if run != seen { (seen, waited, processor) = (run, 0, used) }
        if used - processor > Self.limit || waited > Self.waitLimit {
          FuzzWorker.say("hang")
          _exit(EXIT_FAILURE)
        }
      }
    }
  }
}
