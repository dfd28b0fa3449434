// Who wants to be told of what happens.

import Foundation

/// Listeners are called on the VM thread, so they must be quick.
final class EventBus: @unchecked Sendable {
  private let lock = NSLock()
  private var listeners: [Int: @Sendable (RuntimeEvent) -> Void] = [:]
  private var next = 0

  func add(_ listener: @escaping @Sendable (RuntimeEvent) -> Void) -> Int {
    lock.withLock {
      next += 1
      listeners[next] = listener
      return next
    }
  }
  func remove(_ id: Int) { _ = lock.withLock { listeners.removeValue(forKey: id) } }
  func post(_ event: RuntimeEvent) {
    for listener in lock.withLock({ Array(listeners.values) }) { listener(event) }
  }
}
