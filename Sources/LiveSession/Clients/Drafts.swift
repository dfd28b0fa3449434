// Texts that somebody is writing and has not accepted: kept here, so that a reload of a page, or a lost connection, loses
// nothing.

import Foundation
import Synchronization

struct Draft: Codable, Sendable {
  /// What it is a draft of, as the client names it.
  var place: String
  var text: String
  var basedOn: Int?
  /// Whatever the client wants to know with it.
  var note: JSONValue?
  /// Seconds since 1970.
  var time: Double

  var byteCount: Int { place.utf8.count + text.utf8.count + (note?.byteCount ?? 0) }
}

final class Drafts: Sendable {
  static let countLimit = 200
  static let byteLimit = 8 << 20
  /// Of clients that are gone, those that were here last.
  static let clientLimit = 64

  private struct State {
    var drafts: [String: [String: Draft]] = [:]
    var order: [String] = []
  }
  private let state = Mutex(State())

  /// Those of a client, oldest first.
  func all(of client: String) -> [Draft] {
    state.withLock { ($0.drafts[client] ?? [:]).values.sorted { ($0.time, $0.place) < ($1.time, $1.place) } }
  }

  /// Without a text, the draft is dropped.
  func set(_ draft: Draft?, at place: String, of client: String) throws {
    let problem = state.withLock { state -> RequestError? in
      var mine = state.drafts[client] ?? [:]
      mine[place] = draft
      if mine.count > Self.countLimit {
        return RequestError("tooMany", "There are \(Self.countLimit) drafts already.", remedy: "Accept or drop some.")
      }
      if mine.values.reduce(0, { $0 + $1.byteCount }) > Self.byteLimit {
        return RequestError("tooLarge", "The drafts have more than 8 MB together.", remedy: "Accept or drop some.")
      }
      state.drafts[client] = mine.isEmpty ? nil : mine
      state.order.removeAll { $0 == client }
      if !mine.isEmpty { state.order.append(client) }
      if state.order.count > Self.clientLimit { state.drafts[state.order.removeFirst()] = nil }
      return nil
    }
    if let problem { throw problem }
  }
}
