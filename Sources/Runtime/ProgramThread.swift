// The one OS thread that runs a virtual machine, with a native stack to match its VM stack. Others hand it jobs;
// while it is idle it also does what otherwise happens at polls, and goes on with what jobs have left.

import Foundation
import VM

/// There is no thread for programs to run on.
public struct NoProgramThread: Error, Sendable, CustomStringConvertible {
  let stackBytes: Int
  let failure: NativeThread.Failure
  public var description: String {
    "no thread for the program, whose stack needs \(stackBytes >> 20) MB of address space: \(failure) "
      + "(ulimit -v and ulimit -u show limits; a smaller --stack-limit needs less)"
  }
}

/// The machine is going away: its thread takes no more work.
public struct ProgramThreadHasStopped: Error, Sendable, CustomStringConvertible {
  public var description: String { "the machine is gone, or going" }
}

final class ProgramThread: @unchecked Sendable {
  private let condition = NSCondition()
  // Guarded by `condition`.
  private var jobs: [() -> Void] = []
  private var isStopping = false
  private var wantsIdle = false
  private var isInBackground = false
  private var hasThread = false
  private var thread: NativeThreadID?
  private var clock: ThreadClock?

  private let stackBytes, niceness: Int
  /// Called first, on the thread.
  var began: () -> Void = {}
  /// Called before each job.
  var resumes: () -> Void = {}
  /// Called after each job, before whoever waits for it goes on.
  var ends: () -> Void = {}
  /// Called between jobs when `wake` was called.
  var idle: () -> Void = {}
  /// Called then, too: does what jobs have left, until `wants`. Answers when to call it again; nil: after the next job.
  var background: () -> ContinuousClock.Instant? = { nil }
  /// Whether `background` is to return. Any thread.
  var wants: (Bool) -> Void = { _ in }

  init(stackBytes: Int, niceness: Int = 0) {
    self.stackBytes = stackBytes
    self.niceness = niceness
  }

  var isCurrent: Bool { condition.withLock { thread?.isCurrent ?? false } }

  /// Seconds of a processor that it has had. Any thread.
  var processorSeconds: Double { condition.withLock { clock }?.seconds ?? 0 }

  /// Runs `body` on the VM thread and answers its result. Runs it at once if this is the VM thread. Throws what `body`
  /// throws, and `NoProgramThread`.
  func perform<T>(_ body: @escaping () throws -> T) throws -> T {
    if isCurrent { return try body() }
    let done = DispatchSemaphore(value: 0)
    nonisolated(unsafe) var result: Result<T, any Error>?
    try enqueue { [self] in
      result = Result { try body() }
      ends()
      done.signal()
    }
    done.wait()
    return try result!.get()
  }

  /// Runs `body` on the VM thread, as a job, without waiting for it, and then `completion`. Throws if there will be no job
  /// any more.
  func submit(
    _ body: @escaping @Sendable () -> Void, _ completion: @escaping @Sendable () -> Void
  ) throws {
    try enqueue { [self] in
      body()
      ends()
      completion()
    }
  }

  /// Asks for a call of `idle` if no job runs.
  func wake() {
    // Without a thread there is no program that anybody could ask for.
    try? start()
    condition.withLock {
      wantsIdle = true
      condition.broadcast()
    }
  }

  func stop() {
    condition.withLock {
      isStopping = true
      if isInBackground { wants(true) }
      condition.broadcast()
    }
  }

  private func enqueue(_ job: @escaping () -> Void) throws {
    try start()
    let isTaken = condition.withLock {
      if isStopping { return false }
      jobs.append(job)
      if isInBackground { wants(true) }
      condition.broadcast()
      return true
    }
    if !isTaken { throw ProgramThreadHasStopped() }
  }

  private func start() throws(NoProgramThread) {
    condition.lock()
    defer { condition.unlock() }
    if hasThread { return }
    do throws(NativeThread.Failure) {
      try NativeThread.start("ovid", stackBytes: stackBytes) { [self] in run() }
    } catch { throw NoProgramThread(stackBytes: stackBytes, failure: error) }
    hasThread = true
  }

  private func run() {
    condition.withLock { (thread, clock) = (NativeThreadID(), ThreadClock()) }
    NativeThread.giveWay(by: niceness)
    began()
    var deadline: ContinuousClock.Instant?
    while true {
      var job: (() -> Void)?
      let goOn = condition.withLock { () -> Bool in
        while jobs.isEmpty && !wantsIdle && !isStopping {
          guard let deadline else {
            condition.wait()
            continue
          }
          if deadline <= .now { break }
          condition.wait(until: deadline)
        }
        if !jobs.isEmpty { job = jobs.removeFirst() }
        wantsIdle = false
        return job != nil || !isStopping
      }
      if !goOn { return }
      if let job {
        resumes()
        job()
      }
      idle()
      deadline = runBackground()
    }
  }

  private func runBackground() -> ContinuousClock.Instant? {
    condition.withLock {
      isInBackground = jobs.isEmpty && !isStopping
      if isInBackground { wants(false) }
    }
    // Only this thread changes it.
    guard isInBackground else { return nil }
    defer { condition.withLock { isInBackground = false } }
    return background()
  }
}
