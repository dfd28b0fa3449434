// Who is connected, and what they look at.

import Synchronization

struct PresenceReport: Codable, Sendable, Equatable {
  var client: String
  var name: String
  var looksAt: [String]
}

final class Presence: Sendable {
  private let state = Mutex<(clients: [Int: PresenceReport], isChanged: Bool)>(([:], false))

  var reports: [PresenceReport] { state.withLock { $0.clients.sorted { $0.key < $1.key }.map(\.value) } }

  /// Nil: it is gone.
  func set(_ report: PresenceReport?, of connection: Int) {
    state.withLock { state in
      if state.clients[connection] == report { return }
      state.clients[connection] = report
      state.isChanged = true
    }
  }

  /// Whether anything is otherwise than the last time that somebody asked.
  func takeChange() -> Bool {
    state.withLock { state in
      defer { state.isChanged = false }
      return state.isChanged
    }
  }
}
