// Lets nothing that was printed wait for long: while a program prints, a thread looks every 40 ms whether something is
// left. It sleeps without waking up as long as nothing is printed.

import Foundation
import Synchronization

final class FlushTimer: @unchecked Sendable {
  /// What was printed is written within 50 ms.
  static let period = 0.04

  private let isArmed = Atomic<Bool>(false)
  private let condition = NSCondition()
  // Guarded by `condition`.
  private var isWanted = false
  private var hasThread = false
  private var isStopping = false
  /// Called on the timer's thread: writes what is there, and answers whether there was anything.
  private let tick: () -> Bool

  init(_ tick: @escaping () -> Bool) { self.tick = tick }

  /// Makes sure that the thread looks. Cheap if it does already.
  @inline(__always)
  func arm() {
    if !isArmed.load(ordering: .relaxed) { wake() }
  }

  @inline(never)
  private func wake() {
    isArmed.store(true, ordering: .sequentiallyConsistent)
    condition.withLock {
      isWanted = true
      condition.signal()
      if hasThread { return }
      hasThread = true
      // If no thread can be made, output is written in blocks, and at the end.
      try? NativeThread.start("ovid output", stackBytes: 256 << 10) { [self] in run() }
    }
  }

  func stop() {
    condition.withLock {
      isStopping = true
      condition.signal()
    }
  }

  private func run() {
    while waitUntilArmed() {
      repeat {
        isArmed.store(true, ordering: .sequentiallyConsistent)
        repeat { if pause() { return } } while tick()
        isArmed.store(false, ordering: .sequentiallyConsistent)
        // Somebody may have printed before this could be seen: one more look.
        if pause() { return }
      } while tick()
    }
  }

  /// False: it is to end.
  private func waitUntilArmed() -> Bool {
    condition.withLock {
      while !isWanted && !isStopping { condition.wait() }
      isWanted = false
      return !isStopping
    }
  }

  /// One period. True: it is to end.
  private func pause() -> Bool {
    condition.withLock {
      let end = Date(timeIntervalSinceNow: Self.period)
      while !isStopping, condition.wait(until: end) {}
      return isStopping
    }
  }
}
