// Makes the program poll at a time. Its thread sleeps for good as long as there is no time.

import Foundation
import VM

/// Any thread.
final class PollTimer: @unchecked Sendable {
  private let condition = NSCondition()
  // Guarded by `condition`.
  private var deadline: Date?
  private var hasThread = false
  private var isStopping = false
  /// Called on the timer's thread, which has the lock: it must do no more.
  private let requestPoll: @Sendable () -> Void

  init(_ requestPoll: @escaping @Sendable () -> Void) { self.requestPoll = requestPoll }

  /// Once, in so many seconds; instead of a time that was set before.
  func set(after seconds: Double) {
    condition.withLock {
      deadline = Date(timeIntervalSinceNow: seconds)
      condition.signal()
      if hasThread { return }
      hasThread = true
      // If no thread can be made, the program polls when there is another reason.
      try? NativeThread.start("ovid poll timer", stackBytes: 256 << 10) { [self] in run() }
    }
  }

  func stop() {
    condition.withLock {
      isStopping = true
      condition.signal()
    }
  }

  private func run() {
    condition.withLock {
      while !isStopping {
        guard let due = deadline else {
          condition.wait()
          continue
        }
        if due.timeIntervalSinceNow > 0 {
          _ = condition.wait(until: due)
          continue
        }
        deadline = nil
        requestPoll()
      }
    }
  }
}
