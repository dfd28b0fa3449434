// Every request of docs/protocol.md, by name, and what carries it out.

import Foundation
import Ovid

/// Carries a request out, on a queue of its client. It answers `call`, now or later.
typealias RequestHandler = @Sendable (LiveSession, LiveCall) throws -> Void

enum RequestTable {
  static let handlers: [String: RequestHandler] = [
    helloRequests, codeRequests, editRequests, historyRequests, runRequests, debugRequests, presenceRequests,
  ].reduce(into: [:]) { $0.merge($1) { first, _ in first } }

  /// A request with parameters that is answered when `body` returns.
  static func answering<P: Decodable & SendableMetatype>(
    _ body: @escaping @Sendable (LiveSession, LiveCall, P) throws -> Fields
  ) -> RequestHandler {
    { session, call in call.answer(try body(session, call, try call.parameters(P.self))) }
  }

  /// One without parameters.
  static func answering(_ body: @escaping @Sendable (LiveSession, LiveCall) throws -> Fields) -> RequestHandler {
    { session, call in call.answer(try body(session, call)) }
  }

  /// A request with parameters that answers later.
  static func handling<P: Decodable & SendableMetatype>(
    _ body: @escaping @Sendable (LiveSession, LiveCall, P) throws -> Void
  ) -> RequestHandler {
    { session, call in try body(session, call, try call.parameters(P.self)) }
  }
}

extension LiveSession {
  /// What needs neither an answer nor an order is done where it comes in. False: it is none of that.
  func handleAtOnce(_ request: RequestMessage, _ message: Data, _ client: LiveClient) -> Bool {
    switch request.request {
    case "cancel":
      struct Cancel: Decodable { var id: Int }
      if let cancel = try? RequestMessage.parameters(Cancel.self, of: message) { client.cancel(cancel.id) }
    case "drawn":
      struct Drawn: Decodable { var frame: UInt32 }
      if let drawn = try? RequestMessage.parameters(Drawn.self, of: message) {
        client.canvasFrames { $0.drawn(drawn.frame) }
      }
    case "canvasEvent":
      if let event = try? RequestMessage.parameters(CanvasEvent.self, of: message) { vm.canvasEvent(event) }
    default: return false
    }
    return true
  }
}
