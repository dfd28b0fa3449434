// Hands every event to everybody who asked for events.

import Runtime
import Synchronization

final class EventFan: Sendable {
  private struct State {
    var handlers: [@Sendable (RuntimeEvent) -> Void] = []
    var streams: [Int: AsyncStream<RuntimeEvent>.Continuation] = [:]
    var nextStream = 0
  }
  private let state = Mutex(State())

  func add(_ handler: @escaping @Sendable (RuntimeEvent) -> Void) {
    state.withLock { $0.handlers.append(handler) }
  }

  func stream() -> AsyncStream<RuntimeEvent> {
    AsyncStream { continuation in
      let id = state.withLock { state in
        defer { state.nextStream += 1 }
        state.streams[state.nextStream] = continuation
        return state.nextStream
      }
      continuation.onTermination = { [self] _ in state.withLock { $0.streams[id] = nil } }
    }
  }

  func send(_ event: RuntimeEvent) {
    let (handlers, streams) = state.withLock { ($0.handlers, Array($0.streams.values)) }
    for handler in handlers { handler(event) }
    for stream in streams { stream.yield(event) }
  }

  func finish() {
    let streams = state.withLock { state in
      defer { state.streams = [:] }
      return Array(state.streams.values)
    }
    for stream in streams { stream.finish() }
  }
}
