// One connection to a session: requests come in, answers and events go out as fast as the other side takes them. Nothing
// here waits for a client: what it does not read is bounded, and then it is dropped; it can come back and go on.

import DequeModule
import Foundation
import Synchronization

public final class LiveClient: Sendable {
  /// What is sent to the other side.
  public enum Outgoing: Sendable, Equatable {
    case text(String)
    case binary([UInt8])
    /// Nothing of the session's; somebody has called `poke`.
    case nothing
    /// The last one.
    case close(code: UInt16, reason: String)
  }

  static let callLimit = 64
  static let answerByteLimit = 8 << 20
  static let badMessageLimit = 16
  static let helloPatience = 10.0

  private struct State {
    var answers: Deque<String> = []
    var answerBytes = 0
    /// The number of the last event that it was sent; nil before `hello`.
    var seen: Int?
    /// The same, of a `hello` whose answer is not sent yet: events come after that.
    var greeted: Int?
    var calls: [ObjectIdentifier: LiveCall] = [:]
    var badMessages = 0
    var closing: Outgoing?
    var isGone = false
    var isPoked = false
    /// What it calls itself, for drafts.
    var key = ""
    var name = ""
    var frames = FrameQueue()
  }

  /// Counts the connections of a session.
  public let connection: Int
  private let session: LiveSession
  private let queue: DispatchQueue
  private let state = Mutex(State())
  private let arrival: Double
  private let signal: AsyncStream<Void>
  private let wakeUp: AsyncStream<Void>.Continuation

  init(_ session: LiveSession, _ connection: Int) {
    self.session = session
    self.connection = connection
    arrival = Self.now
    queue = DispatchQueue(label: "ovid client \(connection)")
    (signal, wakeUp) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  static var now: Double { ProcessInfo.processInfo.systemUptime }

  var key: String { state.withLock { $0.key } }
  var name: String { state.withLock { $0.name } }
  /// As author of accepts.
  var author: String {
    let name = name
    return name.isEmpty ? "browser" : name
  }

  // MARK: Coming in. Any thread.

  /// A text message.
  public func receive(_ message: Data) {
    let request: RequestMessage
    do { request = try JSONDecoder().decode(RequestMessage.self, from: message) } catch {
      return bad("A message must be a JSON object with `request`, and `id` if it wants an answer.")
    }
    if session.handleAtOnce(request, message, self) { return }
    guard let handler = RequestTable.handlers[request.request] else {
      guard let id = request.id else { return }
      return answer(
        id, "error",
        RequestError(
          "unknownRequest", "There is no request \(request.request.prefix(100)).",
          remedy: "docs/protocol.md lists them."
        ).fields)
    }
    let call = LiveCall(request.id, request.request, message, self, at: Self.now)
    let isTaken = state.withLock { state -> Bool in
      if state.isGone || state.calls.count >= Self.callLimit { return false }
      state.calls[ObjectIdentifier(call)] = call
      return true
    }
    guard isTaken else {
      return call.fail(
        RequestError("tooMany", "\(Self.callLimit) requests are under way.", remedy: "Wait for some of the answers."))
    }
    let isHello = request.request == "hello"
    queue.async { [session] in
      if call.isAnswered { return }
      do {
        guard isHello || self.isGreeted else {
          throw RequestError("helloFirst", "The first request is `hello`.")
        }
        try handler(session, call)
      } catch { call.fail(error) }
      if isHello { self.follow() }
    }
  }

  /// A message that cannot be understood.
  public func bad(_ message: String) {
    let count = state.withLock { state in
      state.badMessages += 1
      return state.badMessages
    }
    if count > Self.badMessageLimit { return close(1008, "too many bad messages") }
    send(Fields().with("error", RequestError("badMessage", message).fields).object)
  }

  /// The request with this number is not wanted any more.
  func cancel(_ id: Int) {
    let calls = state.withLock { $0.calls.values.filter { $0.id == id } }
    for call in calls { call.cancel(RequestError("cancelled", "It was cancelled.")) }
  }

  var watchesCanvas: Bool { state.withLock { $0.frames.isWatching } }
  func canvasFrames(_ body: (inout FrameQueue) -> Void) {
    state.withLock { body(&$0.frames) }
    wake()
  }

  // MARK: Answers

  func finish(_ call: LiveCall, _ kind: String, _ fields: Fields) {
    state.withLock { _ = $0.calls.removeValue(forKey: ObjectIdentifier(call)) }
    if let id = call.id { answer(id, kind, fields) }
    if kind == "result" { session.recorder?.answered(call, fields) }
  }
  func progress(_ call: LiveCall, _ fields: Fields) { if let id = call.id { answer(id, "progress", fields) } }

  private func answer(_ id: Int, _ kind: String, _ fields: Fields) {
    let text = Fields("id", id).with(kind, fields).object
    if text.utf8.count > Self.answerByteLimit {
      let error = RequestError("tooLarge", "The answer would have more than 8 MB.", remedy: "Ask for less at a time.")
      return send(Fields("id", id).with("error", error.fields).object)
    }
    send(text)
  }

  private func send(_ text: String) {
    let isTooMuch = state.withLock { state -> Bool in
      if state.isGone { return false }
      state.answers.append(text)
      state.answerBytes += text.utf8.count
      return state.answerBytes > Self.answerByteLimit && state.answers.count > 1
    }
    isTooMuch ? close(4001, "it does not read its answers") : wake()
  }

  // MARK: Hello

  var isGone: Bool { state.withLock { $0.isGone } }
  var isGreeted: Bool { state.withLock { $0.seen != nil } }

  func greet(key: String, name: String, seen: Int) {
    state.withLock {
      ($0.key, $0.name, $0.greeted) = (key, name, seen)
    }
  }
  /// Events go out from now on, behind the answer.
  func follow() {
    state.withLock { state in
      if let seen = state.greeted { (state.seen, state.greeted) = (seen, nil) }
    }
    wake()
  }
  func rename(_ name: String) { state.withLock { $0.name = name } }

  // MARK: Going out

  /// Whoever waits in `next` goes on, with nothing. Any thread.
  public func poke() {
    state.withLock { $0.isPoked = true }
    wake()
  }

  /// There may be something to send.
  func wake() { wakeUp.yield() }

  /// What is to be sent next; waits for it. Nil: nothing any more. One caller at a time.
  public func next() async -> Outgoing? {
    var signals = signal.makeAsyncIterator()
    while true {
      switch take() {
      case .send(let message): return message
      case .end: return nil
      case .wait: if await signals.next() == nil { return nil }
      }
    }
  }

  private enum Taken { case send(Outgoing), wait, end }

  private func take() -> Taken {
    let now = Self.now
    return state.withLock { state in
      if state.isGone { return .end }
      if state.isPoked {
        state.isPoked = false
        return .send(.nothing)
      }
      if let closing = state.closing {
        state.isGone = true
        return .send(closing)
      }
      if let answer = state.answers.popFirst() {
        state.answerBytes -= answer.utf8.count
        return .send(.text(answer))
      }
      guard let seen = state.seen else { return .wait }
      switch session.log.next(after: seen) {
      case .event(let text):
        state.seen = seen + 1
        return .send(.text(text))
      case .gone:
        state.isGone = true
        return .send(.close(code: 4001, reason: "too slow: say hello again"))
      case .none: break
      }
      if let frame = state.frames.take(at: now) { return .send(.binary(frame)) }
      return .wait
    }
  }

  // MARK: The end

  /// The other side is told why, and nothing else is sent.
  public func close(_ code: UInt16, _ reason: String) {
    state.withLock { if $0.closing == nil { $0.closing = .close(code: code, reason: reason) } }
    wake()
  }

  /// The connection is gone. What was asked for is done all the same; evaluations of this client end.
  public func disconnect() {
    let calls = state.withLock { state -> [LiveCall] in
      state.isGone = true
      return Array(state.calls.values)
    }
    for call in calls where call.isLong { call.cancel(.gone) }
    session.forget(self)
    wakeUp.finish()
  }

  func tick(_ now: Double) {
    let (calls, isGreeted, hasFrames) = state.withLock { (Array($0.calls.values), $0.seen != nil, $0.frames.isWaiting) }
    if !isGreeted, now - arrival > Self.helloPatience { close(4003, "no hello") }
    for call in calls { call.tick(now) }
    if hasFrames { wake() }
  }
}
