// The background thread: takes what is queued, hottest first, compiles it as one batch, and hands the results
// to the program's thread, which installs them at its next safepoint.

import Foundation
import VM

public final class CompilerThread: @unchecked Sendable {
  private let condition = NSCondition()
  // Guarded by `condition`.
  private var queue: [CompileKey: Int] = [:]
  private var active: Set<CompileKey> = []
  private var results: [CompileResult] = []
  /// What is to be done once one batch is done, or from that time on in a quiet moment.
  private var errand: (body: @Sendable () -> Void, due: Date)?
  private var batches = 0
  private var expectsWork = false
  private var isStopping = false
  private var isAbandoned = false
  private var isRunning = false
  private var thread: NativeThreadID?
  /// When to ask for a sample, if nothing else is to do.
  private var nextSample: Date?

  /// GCC needs a deep stack for large functions.
  static let stackSize = 64 << 20

  private let compiler: Compiler
  private let batchLimit: Int
  /// Asks the program's thread to come and take the results. Any thread.
  private let deliver: @Sendable () -> Void
  /// Asks the program's thread where it is. Any thread.
  private let sample: @Sendable () -> Void

  public init(
    compiler: Compiler, batchLimit: Int, deliver: @escaping @Sendable () -> Void,
    sample: @escaping @Sendable () -> Void = {}
  ) {
    self.compiler = compiler
    self.batchLimit = batchLimit
    self.deliver = deliver
    self.sample = sample
  }

  /// Asks for one sample in so many seconds, or as soon as there is nothing to compile.
  func sample(after seconds: Double) {
    condition.withLock {
      nextSample = Date(timeIntervalSinceNow: seconds)
      condition.broadcast()
    }
  }

  /// Has something done behind the first batch, or in a quiet moment after so many seconds.
  func setErrand(after seconds: Double, _ body: @escaping @Sendable () -> Void) throws(NativeThread.Failure) {
    condition.lock()
    defer { condition.unlock() }
    if isStopping { return }
    try startThread()
    errand = (body, Date(timeIntervalSinceNow: seconds))
    condition.broadcast()
  }

  /// Something will be queued soon: the compiler gets ready.
  func expectWork() {
    condition.withLock {
      if !isRunning || isStopping { return }
      expectsWork = true
      condition.broadcast()
    }
  }

  private func startThread() throws(NativeThread.Failure) {
    if isRunning { return }
    try NativeThread.start("ovid compiler", stackBytes: Self.stackSize) { [self] in run() }
    isRunning = true
  }

  /// Queues a unit, or raises its heat if it waits already. Starts the thread at the first call; throws if there is none
  /// to be had.
  public func submit(_ key: CompileKey, heat: Int) throws(NativeThread.Failure) {
    condition.lock()
    defer { condition.unlock() }
    // What is done but not installed yet must not be compiled again.
    if active.contains(key) || isStopping || results.contains(where: { $0.key == key }) { return }
    try startThread()
    queue[key, default: 0] += heat
    condition.broadcast()
  }

  /// Methods (ids) that are gone need no code.
  func forget(_ dead: Set<Int>) {
    condition.withLock { queue = queue.filter { !dead.contains($0.key.method) } }
  }

  public func isPending(_ key: CompileKey) -> Bool {
    condition.withLock { queue[key] != nil || active.contains(key) }
  }

  /// Results since the last call.
  public func takeResults() -> [CompileResult] {
    condition.withLock {
      defer { results = [] }
      return results
    }
  }

  /// Blocks until nothing is queued or being compiled (tests).
  public func waitUntilIdle() {
    condition.withLock { while !(queue.isEmpty && active.isEmpty) { condition.wait() } }
  }

  /// Takes no more work, and returns when the batch at hand is done; or, `abandoning` that, at once. Once it is
  /// abandoned nobody waits for it: the machine's `deinit` stops it a second time. That may run on this thread, which held
  /// the last reference.
  public func stop(abandoning: Bool = false) {
    condition.withLock {
      isStopping = true
      isAbandoned = isAbandoned || abandoning
      queue = [:]
      condition.broadcast()
      if thread?.isCurrent == true { return }
      while isRunning && !isAbandoned { condition.wait() }
    }
  }

  private func run() {
    condition.withLock { thread = NativeThreadID() }
    // The program and its editors come first: with two cores there are three of us. (The worker and the assembler inherit it.)
    NativeThread.giveWay(by: 5)
    while let batch = nextBatch() {
      compiler.compile(batch) { done in
        condition.withLock {
          results += done
          for r in done { take(r) }
          condition.broadcast()
        }
        deliver()
      }
      condition.withLock {
        active = []
        condition.broadcast()
      }
    }
    condition.withLock {
      isRunning = false
      thread = nil
      condition.broadcast()
    }
  }

  /// Methods that became hot while a loop that calls them was interpreted are not any more if it has inlined them.
  /// Should others call them as often, they are asked for again.
  private func take(_ result: CompileResult) {
    active.remove(result.key)
    guard result.key.osrPC != nil, case .success(let compiled) = result.outcome else { return }
    for inlined in compiled.unit.inlined { queue[CompileKey(method: inlined.method)] = nil }
  }

  /// The hottest; what is left goes on gathering heat.
  private func nextBatch() -> [CompileKey]? {
    loop: while true {
      switch waitForWork() {
      case .sample: sample()
      case .preparation:
        condition.withLock { expectsWork = false }
        compiler.prepare()
      case .errand:
        let body = condition.withLock {
          defer { errand = nil }
          return errand?.body
        }
        body?()
        deliver()
      case .compile, .end: break loop
      }
    }
    return condition.withLock {
      if isStopping { return nil }
      let batch = queue.sorted { $0.value > $1.value }.prefix(batchLimit).map(\.key)
      for key in batch { queue[key] = nil }
      active = Set(batch)
      batches += 1
      return batch
    }
  }

  private enum Work { case sample, preparation, compile, errand, end }

  private func waitForWork() -> Work {
    condition.withLock {
      while !isStopping {
        if expectsWork { return .preparation }
        if let errand, batches > 0 || queue.isEmpty && errand.due.timeIntervalSinceNow <= 0 { return .errand }
        if !queue.isEmpty { return .compile }
        if let errand {
          _ = condition.wait(until: min(errand.due, nextSample ?? errand.due))
          if nextSample.map({ $0.timeIntervalSinceNow > 0 }) ?? true { continue }
        }
        guard let due = nextSample else {
          condition.wait()
          continue
        }
        if due.timeIntervalSinceNow > 0 && condition.wait(until: due) { continue }
        nextSample = nil
        return .sample
      }
      return .end
    }
  }
}
