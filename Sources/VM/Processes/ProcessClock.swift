// The thread that watches the time for processes: it makes the program poll when a time slice is over, or when somebody
// is to be woken. It sleeps for good while the program has one process and nobody waits for a time.

import Foundation
import Synchronization

final class ProcessClock: @unchecked Sendable {
  typealias Instant = ContinuousClock.Instant

  private let condition = NSCondition()
  // Guarded by `condition`.
  private var sliceEnd: Instant?
  private var deadline: Instant?
  /// When the thread looks next; nil: when it is told to.
  private var looksNext: Instant?
  private var hasThread = false
  private var isStopping = false
  private var isAwaited = false
  private let isSliceOver = Atomic<Bool>(false)
  /// Makes the program poll. Called on the clock's thread, which has the lock: it must do no more.
  private let requestPoll: @Sendable () -> Void

  private let slice: Duration

  init(slice: Duration, _ requestPoll: @escaping @Sendable () -> Void) {
    self.slice = slice
    self.requestPoll = requestPoll
  }

  /// Whether slices are watched, and when to poll beside.
  func watch(slices: Bool, deadline: Instant?) {
    condition.withLock {
      if !slices { sliceEnd = nil } else if slice > .zero && sliceEnd == nil { sliceEnd = .now + slice }
      self.deadline = deadline
      guard let next, looksNext.map({ next < $0 }) ?? true else { return }
      condition.broadcast()
      if hasThread { return }
      hasThread = true
      // If no thread can be made, processes take turns when they wait.
      try? NativeThread.start("ovid clock", stackBytes: 256 << 10) { [self] in run() }
    }
  }

  private var next: Instant? { [sliceEnd, deadline].compactMap { $0 }.min() }

  /// Nobody runs: there is nothing to watch until `watch` is called again.
  func pause() { condition.withLock { (sliceEnd, deadline) = (nil, nil) } }

  func takeSlice() -> Bool { isSliceOver.exchange(false, ordering: .relaxed) }

  /// For a program in which nobody can run: waits until the deadline, or until somebody calls `wake`. As `pause`.
  func wait(until deadline: Instant, unless isDue: () -> Bool) {
    condition.withLock {
      (sliceEnd, self.deadline) = (nil, nil)
      isAwaited = true
      defer { isAwaited = false }
      if isDue() { return }
      condition.wait(until: deadline)
    }
  }

  /// Any thread: there may be something to do.
  func wake() {
    condition.withLock { if isAwaited { condition.broadcast() } }
  }

  func stop() {
    condition.withLock {
      isStopping = true
      condition.broadcast()
    }
  }

  private func run() {
    while true {
      let goesOn = condition.withLock { () -> Bool in
        if isStopping { return false }
        looksNext = next
        guard let next else {
          condition.wait()
          return true
        }
        condition.wait(until: next)
        let now = Instant.now
        let wakes = deadline.map { $0 <= now } ?? false
        let ticks = sliceEnd.map { $0 <= now } ?? false
        if wakes { deadline = nil }
        if ticks {
          sliceEnd = now + slice
          isSliceOver.store(true, ordering: .relaxed)
        }
        // Not after `stop`, when there may be nobody left to ask.
        if !isStopping, wakes || ticks { requestPoll() }
        return true
      }
      if !goesOn { return }
    }
  }
}

extension NSCondition {
  /// Waits until then, or until it is signalled.
  public func wait(until instant: ContinuousClock.Instant) {
    _ = wait(until: Date(timeIntervalSinceNow: max(0, (instant - .now) / .seconds(1))))
  }
}
