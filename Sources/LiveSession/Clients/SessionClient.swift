// A client of a session that is a program and not a page: an adapter asks here, and is told what happens.

import EditorProtocols
import Foundation
import Synchronization

/// Texts to and from a session: within this process, or through a socket.
public protocol SessionLink: Sendable {
  func send(_ text: String)
  /// The next message; waits for it. Nil: there is none any more. One caller at a time.
  func next() async -> String?
  func close()
}

/// A session of this process.
public struct LocalLink: SessionLink {
  private let client: LiveClient

  public init(_ session: LiveSession) { client = session.connect() }

  public func send(_ text: String) { client.receive(Data(text.utf8)) }
  public func next() async -> String? {
    while let message = await client.next() {
      switch message {
      case .text(let text): return text
      case .binary, .nothing: continue
      case .close: return nil
      }
    }
    return nil
  }
  public func close() { client.disconnect() }
}

/// Why a session has refused a request.
public struct SessionRefusal: Error, Sendable, Equatable, CustomStringConvertible {
  public var code: String
  public var message: String
  public var remedy: String?
  /// The whole error, as docs/protocol.md has it.
  public var fields: JSON

  public init(_ code: String, _ message: String, remedy: String? = nil) {
    self.init(.fields(["code": .string(code), "message": .string(message), "remedy": remedy.map(JSON.string)]))
  }
  init(_ fields: JSON) {
    code = fields["code"]?.string ?? "internal"
    message = fields["message"]?.string ?? "The session has refused it without saying why."
    remedy = fields["remedy"]?.string
    self.fields = fields
  }
  public var description: String { remedy.map { "\(message) \($0)" } ?? message }
}

/// Any thread.
public final class SessionClient: Sendable {
  private struct Waiting {
    var answer: CheckedContinuation<Result<JSON, SessionRefusal>, Never>
    var progress: (@Sendable (JSON) -> Void)?
  }
  private struct State {
    var last = 0
    var waiting: [Int: Waiting] = [:]
    var isEnded = false
  }
  private let link: any SessionLink
  private let state = Mutex(State())

  /// - Parameter onEvent: hears events in their order, and null when the session has gone; it must return soon.
  public init(_ link: any SessionLink, onEvent: @escaping @Sendable (JSON) -> Void) {
    self.link = link
    Task.detached { [self] in
      while let text = await link.next() {
        if let message = try? JSON(parsing: text) { receive(message, onEvent) }
      }
      end()
      onEvent(.null)
    }
  }

  private func receive(_ message: JSON, _ onEvent: (JSON) -> Void) {
    guard let id = message["id"]?.integer else {
      if message["event"] != nil { onEvent(message) }
      return
    }
    if let progress = message["progress"] {
      state.withLock { $0.waiting[id]?.progress }?(progress)
    } else if let waiting = state.withLock({ $0.waiting.removeValue(forKey: id) }) {
      let error = message["error"].map { SessionRefusal($0) }
      waiting.answer.resume(returning: error.map { .failure($0) } ?? .success(message["result"] ?? .null))
    }
  }

  /// The first request of a client. Answers the snapshot.
  public func hello(as name: String) async throws(SessionRefusal) -> JSON {
    let answer = try await ask(
      "hello",
      [
        "protocol": .integer(LiveSession.protocolVersion), "name": .string(name),
        "client": .string("\(name)-\(UInt64.random(in: 0...UInt64.max))"),
      ])
    return answer["snapshot"] ?? .null
  }

  /// Asks, and waits for the answer. If the task is cancelled, so is the request, and its answer says that.
  public func ask(
    _ request: String, _ parameters: JSON = [:], progress: (@Sendable (JSON) -> Void)? = nil
  ) async throws(SessionRefusal) -> JSON {
    let id = state.withLock { state in
      state.last += 1
      return state.last
    }
    let message: JSON = ["id": .integer(id), "request": .string(request), "parameters": parameters]
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isEnded = state.withLock { state in
          if !state.isEnded { state.waiting[id] = Waiting(answer: continuation, progress: progress) }
          return state.isEnded
        }
        if isEnded { return continuation.resume(returning: .failure(Self.gone)) }
        link.send(message.description)
        if Task.isCancelled { cancel(id) }
      }
    } onCancel: {
      cancel(id)
    }
    return try result.get()
  }

  private func cancel(_ id: Int) {
    let message: JSON = ["request": "cancel", "parameters": ["id": .integer(id)]]
    link.send(message.description)
  }

  private static let gone = SessionRefusal("ended", "The session has ended.")

  /// Requests are refused from now on.
  public func close() {
    link.close()
    end()
  }

  private func end() {
    let waiting = state.withLock { state in
      state.isEnded = true
      defer { state.waiting = [:] }
      return state.waiting.values.map(\.answer)
    }
    for answer in waiting { answer.resume(returning: .failure(Self.gone)) }
  }
}
