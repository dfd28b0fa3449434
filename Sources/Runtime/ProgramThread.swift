// The one OS thread that runs a virtual machine, with a native stack to match its VM stack. Others hand it jobs;
// while it is idle it also does what otherwise happens at polls.

import Foundation

final class ProgramThread: @unchecked Sendable {
  private let condition = NSCondition()
  // Guarded by `condition`.
  private var jobs: [() -> Void] = []
  private var isStopping = false
  private var wantsIdle = false
  private var thread: Foundation.Thread?

  private let stackBytes: Int
  /// Called first, on the thread.
  var began: (_ stackBytes: Int) -> Void = { _ in }
  /// Called before each job.
  var resumes: () -> Void = {}
  /// Called between jobs when `wake` was called.
  var idle: () -> Void = {}

  init(stackBytes: Int) { self.stackBytes = stackBytes }

  var isCurrent: Bool { condition.withLock { thread } === Foundation.Thread.current }

  /// Runs `body` on the VM thread and answers its result. Runs it at once if this is the VM thread.
  func perform<T>(_ body: @escaping () throws -> T) throws -> T {
    if isCurrent { return try body() }
    let done = DispatchSemaphore(value: 0)
    nonisolated(unsafe) var result: Result<T, any Error>?
    enqueue {
      result = Result { try body() }
      done.signal()
    }
    done.wait()
    return try result!.get()
  }

  /// Asks for a call of `idle` if no job runs.
  func wake() {
    start()
    condition.withLock {
      wantsIdle = true
      condition.broadcast()
    }
  }

  func stop() {
    condition.withLock {
      isStopping = true
      condition.broadcast()
    }
  }

  private func enqueue(_ job: @escaping () -> Void) {
    start()
    condition.withLock {
      jobs.append(job)
      condition.broadcast()
    }
  }

  private func start() {
    condition.withLock {
      if thread != nil { return }
      let new = Foundation.Thread { [self] in run() }
      new.name = "ovid"
      new.stackSize = stackBytes
      thread = new
      new.start()
    }
  }

  private func run() {
    began(stackBytes)
    while true {
      var job: (() -> Void)?
      let goOn = condition.withLock { () -> Bool in
        while jobs.isEmpty && !wantsIdle && !isStopping { condition.wait() }
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
    }
  }
}
