// The events of the session that came last, and those who wait for one.

import DequeModule
import Dispatch
import EditorProtocols
import Synchronization

final class EventBoard: Sendable {
  static let limit = 2000

  private struct Waiter {
    let isWanted: @Sendable (JSON) -> Bool
    let continuation: CheckedContinuation<JSON?, Never>
  }
  private struct State {
    var events: Deque<JSON> = []
    var waiters: [Int: Waiter] = [:]
    var lastWaiter = 0
    var isEnded = false
  }
  private let state = Mutex(State())

  /// The number of the last event; 0: none has come.
  var last: Int { state.withLock { $0.events.last?["event"]?.integer ?? 0 } }

  /// Null: the session has gone.
  func add(_ event: JSON) {
    let reached = state.withLock { state -> [Waiter] in
      if event.isNull {
        state.isEnded = true
        defer { state.waiters = [:] }
        return Array(state.waiters.values)
      }
      state.events.append(event)
      if state.events.count > Self.limit { state.events.removeFirst() }
      let found = state.waiters.filter { $0.value.isWanted(event) }
      for id in found.keys { state.waiters[id] = nil }
      return Array(found.values)
    }
    for waiter in reached { waiter.continuation.resume(returning: event.isNull ? nil : event) }
  }

  /// The first event of that kind behind number `after`, also one that has come already. Nil: none came in that time.
  func wait(
    seconds: Double, after: Int, _ isWanted: @escaping @Sendable (JSON) -> Bool
  ) async throws -> JSON? {
    let isNext: @Sendable (JSON) -> Bool = { ($0["event"]?.integer ?? 0) > after && isWanted($0) }
    let id = state.withLock { state in
      state.lastWaiter += 1
      return state.lastWaiter
    }
    let event = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let found = state.withLock { state -> JSON?? in
          if let found = state.events.first(where: isNext) { return found }
          if state.isEnded || Task.isCancelled { return .some(nil) }
          state.waiters[id] = Waiter(isWanted: isNext, continuation: continuation)
          return nil
        }
        if let found { return continuation.resume(returning: found) }
        DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { [self] in giveUp(id) }
      }
    } onCancel: {
      giveUp(id)
    }
    try Task.checkCancellation()
    return event
  }

  private func giveUp(_ id: Int) {
    state.withLock { $0.waiters.removeValue(forKey: id) }?.continuation.resume(returning: nil)
  }
}
