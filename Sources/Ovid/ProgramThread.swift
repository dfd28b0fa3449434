// The operating-system thread that a virtual machine runs on, with a native stack large enough for compiled
// code to recurse on, and the queue of what it is asked to do while no program runs.

import Foundation

final class ProgramThread: @unchecked Sendable {
  private let condition = NSCondition()
  // Guarded by `condition`.
  private var jobs: [() -> Void] = []
  private var isStopping = false
  private var thread: Foundation.Thread?

  /// Reserved, not used: pages are taken as the stack grows.
  init(stackBytes: Int) {
    let thread = Foundation.Thread { [self] in work() }
    thread.name = "ovid program"
    thread.stackSize = stackBytes
    self.thread = thread
    thread.start()
  }

  var isCurrent: Bool { condition.withLock { thread === Foundation.Thread.current } }

  /// Runs `job` on the thread after what was asked before it, and waits for its result. Must not be called on the
  /// thread itself.
  func perform<Result>(_ job: @escaping () throws -> Result) throws -> Result {
    nonisolated(unsafe) var result: Swift.Result<Result, any Error>?
    let done = DispatchSemaphore(value: 0)
    let accepted = condition.withLock {
      if isStopping { return false }
      jobs.append {
        result = Swift.Result(catching: job)
        done.signal()
      }
      condition.signal()
      return true
    }
    guard accepted else { throw VirtualMachineError.ended(status: 0) }
    done.wait()
    return try result!.get()
  }

  /// Takes no more jobs; the thread ends when those that wait are done.
  func stop() {
    condition.withLock {
      isStopping = true
      condition.signal()
    }
  }

  private func work() {
    while let job = next() { job() }
    condition.withLock { thread = nil }
  }

  private func next() -> (() -> Void)? {
    condition.withLock {
      while jobs.isEmpty && !isStopping { condition.wait() }
      return jobs.isEmpty ? nil : jobs.removeFirst()
    }
  }
}
