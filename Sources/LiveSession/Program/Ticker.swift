// What is done from time to time while somebody is connected, the session is recorded or the program prints: output, watches, figures, deadlines.
// While nothing of that is the case its thread sleeps.

import Foundation

final class Ticker: @unchecked Sendable {
  /// Seconds.
  static let interval = 0.05

  private let condition = NSCondition()
  // Guarded by the condition.
  private var clients = 0
  private var isRecording = false
  private var isAsked = false
  private var isStopping = false

  /// Begins. `tick` is called with seconds of a clock that goes on evenly, and must not wait for the program.
  func start(_ tick: @escaping @Sendable (Double) -> Void) {
    Thread.detachNewThread { [self] in
      while wait() {
        tick(ProcessInfo.processInfo.systemUptime)
        Thread.sleep(forTimeInterval: Self.interval)
      }
    }
  }

  private func wait() -> Bool {
    condition.withLock {
      while clients == 0 && !isRecording && !isAsked && !isStopping { condition.wait() }
      isAsked = false
      return !isStopping
    }
  }

  /// There is something to do. Any thread.
  func wake() {
    condition.withLock {
      isAsked = true
      condition.signal()
    }
  }
  func setClients(_ count: Int) {
    condition.withLock {
      clients = count
      condition.signal()
    }
  }
  /// From now on there is always something to do.
  func setRecording() {
    condition.withLock {
      isRecording = true
      condition.signal()
    }
  }
  func stop() {
    condition.withLock {
      isStopping = true
      condition.signal()
    }
  }
}
