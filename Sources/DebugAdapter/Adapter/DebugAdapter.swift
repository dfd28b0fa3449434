// The Debug Adapter Protocol over a live session. Start reading here.
//
//   client ── requests ─► DebugAdapter ── requests of docs/protocol.md ─► SessionClient ─► LiveSession
//   client ◄─ events ──── DebugAdapter ◄─ events of the session ──────── SessionClient
//
// It translates, and knows nothing of the program but the numbers that clients need for things that the session names
// otherwise. Requests and events are dealt with one after the other: what a request causes is told after its answer. Those
// that evaluate take as long as they want, beside the others. docs/protocols.md lists what is offered.

import EditorProtocols
import LiveSession
import Synchronization

public actor DebugAdapter {
  /// What comes in, in order.
  enum Item: Sendable {
    case request(DebugRequest)
    case unreadable(String)
    case event(JSON)
    /// Nobody asks any more.
    case end
  }
  /// How far the conversation has come.
  enum Phase { case new, initialized, connected, configured, over }

  let host: DebugHost
  private let write: @Sendable ([UInt8]) -> Void
  private let items: AsyncStream<Item>
  let incoming: AsyncStream<Item>.Continuation
  /// How many requests of each number have not begun (it is to be one, but who knows), and how many of them are not wanted
  /// any more: the first ones.
  private let queued = Mutex<(waiting: [Int: Int], cancelled: [Int: Int])>(([:], [:]))

  private var lastSequence = 0
  private var running: [Int: Task<Void, Never>] = [:]
  /// Told after the answer to the request that is dealt with.
  private var afterAnswer: [(event: String, body: JSON)] = []

  var phase = Phase.new
  var client = ClientTraits()
  var target: DebugTarget?
  var session: SessionClient?
  var program = ProgramState()
  var handles = Handles()
  var breakpoints = BreakpointBook()
  var places = MethodPlaces()
  var threads: Set<Int> = []
  /// Processes that this client has let go on: it need not be told.
  var impliedContinues: Set<Int> = []
  /// Processes that this client has asked to stop, or to make a step, and those that stand still because of it.
  var expectedStops: Set<Int> = []
  var ownStops: Set<Int> = []
  /// Breakpoints that count once, for `stopOnEntry` and `restartFrame`: the reason that is told, by number.
  var onceBreakpoints: [Int: String] = [:]
  /// Steps into one message of a statement, by process.
  var steps: [Int: StepIntoTarget] = [:]
  var targets = TargetNumbers()
  var stopsAtUnhandledErrors = true

  /// - Parameter write: sends a message; it is called in order.
  public init(host: DebugHost, write: @escaping @Sendable ([UInt8]) -> Void) {
    self.host = host
    self.write = write
    (items, incoming) = AsyncStream.makeStream()
  }

  // MARK: Coming in

  /// A message of the client's. Any thread.
  public nonisolated func receive(_ bytes: [UInt8]) {
    let message: JSON
    do throws(JSONError) { message = try JSON(parsing: bytes) } catch {
      incoming.yield(.unreadable("\(error)"))
      return
    }
    guard let request = DebugRequest(message) else {
      // Answers are to questions that are never asked.
      if message["type"]?.string != "response" {
        incoming.yield(.unreadable("A message is a request, with type, seq and command."))
      }
      return
    }
    if request.command == "cancel" {
      Task { await self.cancel(request) }
    } else {
      queued.withLock { $0.waiting[request.sequence, default: 0] += 1 }
      // Nobody reads any more, but an answer there is.
      if case .terminated = incoming.yield(.request(request)) { Task { await self.carryOut(request) } }
    }
  }

  /// Nothing comes any more; a program that was launched ends.
  public nonisolated func endOfInput() { incoming.yield(.end) }

  /// Answers, until the client has disconnected or is gone.
  public func run() async {
    for await item in items {
      switch item {
      case .request(let request): await carryOut(request)
      case .unreadable(let text): answer(0, "", .failure(AdapterError(text)))
      case .event(let event): if phase != .over { await tell(event) }
      case .end:
        await leave(terminating: nil)
        // What has come behind it is still answered.
        incoming.finish()
      }
    }
  }

  private func carryOut(_ request: DebugRequest) async {
    let sequence = request.sequence
    let isCancelled = queued.withLock { queued in
      queued.waiting.takeOne(sequence)
      return queued.cancelled.takeOne(sequence)
    }
    if isCancelled { return answer(sequence, request.command, .failure(CancellationError())) }
    if running[sequence] != nil {
      return answer(sequence, request.command, .failure(AdapterError("A request \(sequence) is under way.")))
    }
    let task = Task { await self.perform(request) }
    running[sequence] = task
    if !Self.longRequests.contains(request.command) { await task.value }
  }

  private func perform(_ request: DebugRequest) async {
    let result: Result<JSON?, any Error>
    do {
      try checkPhase(request.command)
      guard let handler = Self.handler(request.command) else {
        throw AdapterError("There is no request \(request.command.prefix(100)).")
      }
      result = .success(try await handler(self, request))
    } catch { result = .failure(error) }
    running[request.sequence] = nil
    answer(request.sequence, request.command, result)
    if !Self.longRequests.contains(request.command) { tellAfterAnswer() }
    if request.command == "disconnect", case .success = result { incoming.yield(.end) }
  }

  private func checkPhase(_ command: String) throws {
    switch phase {
    case .over: throw AdapterError("The client has disconnected.")
    case .new where command != "initialize": throw AdapterError("The first request is initialize.")
    default: break
    }
  }

  private func cancel(_ request: DebugRequest) {
    if let sequence = request.arguments["requestId"]?.integer {
      running[sequence]?.cancel()
      queued.withLock { $0.cancelled[sequence] = $0.waiting[sequence] }
    } else if let progress = request.arguments["progressId"]?.string {
      Int(progress.drop { !$0.isNumber }).flatMap { running[$0] }?.cancel()
    } else {
      return answer(
        request.sequence, request.command, .failure(AdapterError("cancel needs requestId or progressId.")))
    }
    answer(request.sequence, request.command, .success(nil))
  }

  // MARK: Going out

  private func send(_ type: String, _ fields: [String: JSON?]) {
    lastSequence += 1
    let head: [String: JSON?] = ["seq": .integer(lastSequence), "type": .string(type)]
    write(JSON.fields(head.merging(fields) { first, _ in first }).bytes)
  }

  private func answer(_ sequence: Int, _ command: String, _ result: Result<JSON?, any Error>) {
    var fields: [String: JSON?] = ["request_seq": .integer(sequence), "command": .string(command)]
    switch result {
    case .success(let body):
      fields["success"] = true
      fields["body"] = body
    case .failure(let error):
      let error = ErrorAnswer(error)
      fields["success"] = false
      fields["message"] = .string(error.message)
      fields["body"] = error.body
    }
    send("response", fields)
  }

  func event(_ name: String, _ body: JSON = [:]) { send("event", ["event": .string(name), "body": body]) }
  /// After the answer to the request that is dealt with.
  func later(_ event: String, _ body: JSON = [:]) { afterAnswer.append((event, body)) }

  private func tellAfterAnswer() {
    let events = afterAnswer
    afterAnswer = []
    for (name, body) in events { event(name, body) }
  }

  func console(_ text: String) { event("output", ["category": "console", "output": .string(text + "\n")]) }

  // MARK: The session

  /// Asks the session of the program.
  func ask(
    _ request: String, _ parameters: JSON = [:], progress: (@Sendable (JSON) -> Void)? = nil
  ) async throws -> JSON {
    guard let session else { throw AdapterError("There is no program yet: launch or attach first.") }
    return try await session.ask(request, parameters, progress: progress)
  }
}

/// What `initialize` tells of the client.
struct ClientTraits {
  var firstLine = 1
  var firstColumn = 1
  var hasURIs = false
  var hears: Set<String> = []
}

/// The program of the session.
struct ProgramState {
  var className = ""
  var isLaunched = false
  var noDebug = false
  var stopsOnEntry = false
  var arguments: [String] = []
}

extension [Int: Int] {
  /// One less of it. False: there was none.
  @discardableResult
  fileprivate mutating func takeOne(_ key: Int) -> Bool {
    guard let count = self[key] else { return false }
    self[key] = count > 1 ? count - 1 : nil
    return true
  }
}
