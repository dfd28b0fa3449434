// The parent of the workers: gives them seeds, and knows which program was at fault when one ends badly.

import Foundation
import SourceTools

/// A program that is not as the reference says, or that the virtual machine did not survive.
public struct FuzzFailure: Sendable {
  public let seed: UInt64
  /// Nil if the reference itself, or the generator, failed.
  public let flags: FuzzFlags?
  public let description: String
  /// Seconds since the start.
  let time: Double
}

public final class FuzzCampaign: @unchecked Sendable {
  /// What is heard of it while it runs.
  public enum News {
    case failed(FuzzFailure)
    /// How far it is, in words.
    case progress(String)
  }

  /// Programs of one worker process.
  private static let batch = 40

  private let first: UInt64
  private let count: Int?
  private let deadline: Date?
  private let jobs: Int
  private let tier: FuzzTier
  private let flags: FuzzFlags?
  private let excluded: [FuzzFeature]
  private let stepping: Bool
  private let failureLimit: Int
  private let cacheFolder: String
  private let start = Date()
  private let tell: (News) -> Void

  private let lock = NSLock()
  private var given = 0
  private var done = 0
  private var skipped = 0
  private var failures: [FuzzFailure] = []
  private var coverage = FuzzCoverage()

  /// `tell` is called on several threads, but by one at a time.
  public init(
    first: UInt64, count: Int?, deadline: Date?, jobs: Int, tier: FuzzTier, flags: FuzzFlags?,
    without excluded: [FuzzFeature], stepping: Bool, failureLimit: Int, tell: @escaping (News) -> Void
  ) throws {
    self.tell = tell
    self.first = first
    self.count = count
    self.deadline = deadline
    self.jobs = jobs
    self.tier = tier
    self.flags = flags
    self.excluded = excluded
    self.stepping = stepping
    self.failureLimit = failureLimit
    cacheFolder = "\(NSTemporaryDirectory())ovid-fuzz-cache-\(getpid())"
    try FileManager.default.createDirectory(atPath: cacheFolder, withIntermediateDirectories: true)
    guard chmod(cacheFolder, 0o700) == 0 else { throw SomFiles.Problem(description: "cannot make \(cacheFolder)") }
  }

  /// Runs until the time is over, the programs are done, or enough has failed.
  public func run() -> [FuzzFailure] {
    DispatchQueue.concurrentPerform(iterations: jobs) { _ in
      while let seeds = takeSeeds() { runBatch(seeds) }
    }
    try? FileManager.default.removeItem(atPath: cacheFolder)
    return failures.sorted { $0.seed < $1.seed }
  }

  private func takeSeeds() -> Range<Int>? {
    lock.withLock {
      if isOver { return nil }
      let size = min(Self.batch, count.map { $0 - given } ?? Self.batch)
      if size <= 0 { return nil }
      defer { given += size }
      return given..<(given + size)
    }
  }

  /// Runs the programs of these numbers, in as many processes as it takes.
  private func runBatch(_ seeds: Range<Int>) {
    var next = seeds.lowerBound
    while next < seeds.upperBound {
      let begun = runWorker(next..<seeds.upperBound)
      if begun == 0 { return }
      next += begun
      if lock.withLock({ isOver }) { return }
    }
  }

  /// Enough has failed, or the time is over. Requires: the lock.
  private var isOver: Bool { failures.count >= failureLimit || deadline.map { Date() >= $0 } ?? false }

  /// Answers how many programs the worker has begun.
  private func runWorker(_ seeds: Range<Int>) -> Int {
    var words = [
      "fuzz", "--worker", "--seed", "\(first &+ UInt64(seeds.lowerBound))", "--count", "\(seeds.count)", "--tier",
      tier.rawValue, "--cache", cacheFolder,
    ]
    if let deadline { words += ["--seconds", "\(max(1, deadline.timeIntervalSinceNow))"] }
    for feature in excluded { words += ["--without", feature.rawValue] }
    if let flags { words.append("--flags=\(flags)") }
    if stepping { words.append("--stepping") }
    guard let outcome = try? ChildProcess.run(ChildProcess.own, words, timeout: 3600) else { return 0 }
    return lock.withLock { note(outcome) }
  }

  /// Requires: the lock.
  private func note(_ outcome: ChildProcess.Outcome) -> Int {
    var seed: UInt64?, flags: FuzzFlags?, begun = 0, hangs = false
    func fail(_ description: String) {
      guard let seed else { return }
      let failure = FuzzFailure(
        seed: seed, flags: flags, description: description, time: Date().timeIntervalSince(start))
      tell(.failed(failure))
      failures.append(failure)
    }
    for line in outcome.output.split(separator: "\n") {
      let parts = line.split(separator: " ", maxSplits: 2)
      switch parts[0] {
      case "begin":
        (seed, flags) = (UInt64(parts[1]), nil)
        begun += 1
      case "flags": flags = FuzzFlags(line.dropFirst(6).split(separator: " ").map(String.init))
      case "pass":
        done += 1
        seed = nil
      case "skip":
        skipped += 1
        seed = nil
      case "differs":
        done += 1
        fail("differs: \(parts.last ?? "")")
        seed = nil
      case "hang": hangs = true
      case "cover": coverage.merge(line: line)
      default: break
      }
    }
    // The program that was begun and did not end is what ended the process.
    if seed != nil, outcome.status != 0 || outcome.signal != nil || hangs {
      done += 1
      fail(
        hangs
          ? "hangs" : outcome.ending + "\n" + outcome.errors.split(separator: "\n").suffix(3).joined(separator: "\n"))
    }
    tell(.progress(progress))
    return begun
  }

  private var progress: String {
    let seconds = max(0.001, Date().timeIntervalSince(start))
    return "\(done) programs (\(skipped) left out) in \(Int(seconds)) s, \(Int(Double(done) * 60 / seconds)) a minute, "
      + "\(failures.count) failed"
  }

  public var summary: String {
    lock.withLock { "\(coverage.report)seeds from \(first), \(tier.rawValue): \(progress)" }
  }
}
