// The numbered events of a session, the same for all clients. Each client has a number up to which it has seen them: so
// one that is slow costs nothing but its place here, and one that comes back says where it was.

import DequeModule
import Foundation
import Synchronization

final class EventLog: Sendable {
  static let countLimit = 4096
  static let byteLimit = 16 << 20

  private struct State {
    var events: Deque<String> = []
    /// The number of the first one that is kept.
    var first = 1
    var bytes = 0
    var listeners: [Int: @Sendable () -> Void] = [:]
    var recorder: (@Sendable (String) -> Void)?
  }
  private let state = Mutex(State())

  /// The number of the last event; 0: there was none.
  var last: Int { state.withLock { $0.first + $0.events.count - 1 } }

  /// - Parameter recorded: what a recorder gets instead of `fields`; nil: the same.
  func append(_ kind: String, _ fields: Fields = Fields(), recorded: Fields? = nil) {
    let time = Date().timeIntervalSince1970
    let head = "\"kind\":\"\(kind)\",\"time\":\(String(format: "%.6f", time))"
    func text(_ number: Int, _ fields: Fields) -> String {
      "{\"event\":\(number),\(head)" + (fields.text.isEmpty ? "" : "," + fields.text) + "}"
    }
    let listeners = state.withLock { state in
      let number = state.first + state.events.count
      let event = text(number, fields)
      state.events.append(event)
      state.bytes += event.utf8.count
      while state.events.count > Self.countLimit || state.bytes > Self.byteLimit && state.events.count > 1 {
        state.bytes -= state.events.removeFirst().utf8.count
        state.first += 1
      }
      state.recorder?(recorded.map { text(number, $0) } ?? event)
      return Array(state.listeners.values)
    }
    for listener in listeners { listener() }
  }

  enum Next: Equatable {
    case event(String)
    /// There is none yet.
    case none
    /// It is not kept any more.
    case gone
  }

  /// The event after number `number`.
  func next(after number: Int) -> Next {
    state.withLock { state in
      if number + 1 < state.first { return .gone }
      let index = number + 1 - state.first
      return index < state.events.count ? .event(state.events[index]) : .none
    }
  }

  /// Whether everything after that number is there; not if the number is of the future.
  func canResume(after number: Int) -> Bool {
    state.withLock { $0.first <= number + 1 && number < $0.first + $0.events.count }
  }

  /// Calls `listener` after each event. It must return soon.
  func listen(_ id: Int, _ listener: @escaping @Sendable () -> Void) { state.withLock { $0.listeners[id] = listener } }
  func stopListening(_ id: Int) { state.withLock { $0.listeners[id] = nil } }

  /// Every event is given to `recorder`, too, in order. It must return at once.
  func record(_ recorder: @escaping @Sendable (String) -> Void) { state.withLock { $0.recorder = recorder } }
}
