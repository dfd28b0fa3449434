// A client of the adapter, and a program in a folder of its own.

import DebugAdapter
import EditorProtocols
import Foundation
import LiveSession
import Ovid
import Synchronization
import Testing

/// What has come, and those who wait for something.
final class Mailbox: Sendable {
  struct Silence: Error, CustomStringConvertible { let description: String }
  private struct Waiter {
    let isWanted: @Sendable (JSON) -> Bool
    let continuation: CheckedContinuation<JSON, any Error>
  }
  private struct State {
    var messages: [JSON] = []
    var waiters: [Int: Waiter] = [:]
    var last = 0
    var lastSequence = 0
  }
  private let state = Mutex(State())

  var messages: [JSON] { state.withLock { $0.messages } }

  func nextSequence() -> Int {
    state.withLock { state in
      state.lastSequence += 1
      return state.lastSequence
    }
  }

  func add(_ message: JSON) {
    let reached = state.withLock { state -> [Waiter] in
      state.messages.append(message)
      let found = state.waiters.filter { $0.value.isWanted(message) }
      for id in found.keys { state.waiters[id] = nil }
      return Array(found.values)
    }
    for waiter in reached { waiter.continuation.resume(returning: message) }
  }

  /// The first message of that kind behind the first `from`.
  func wait(
    _ what: String, from: Int = 0, _ isWanted: @escaping @Sendable (JSON) -> Bool
  ) async throws -> JSON {
    try await withCheckedThrowingContinuation { continuation in
      let (found, id) = state.withLock { state -> (JSON?, Int) in
        if let found = state.messages.dropFirst(from).first(where: isWanted) { return (found, 0) }
        state.last += 1
        state.waiters[state.last] = Waiter(isWanted: isWanted, continuation: continuation)
        return (nil, state.last)
      }
      if let found { return continuation.resume(returning: found) }
      DispatchQueue.global().asyncAfter(deadline: .now() + 60) { [self] in
        guard let waiter = state.withLock({ $0.waiters.removeValue(forKey: id) }) else { return }
        let last = messages.suffix(8).map { String(decoding: $0.bytes.prefix(300), as: UTF8.self) }
        let words = "nothing came: \(what); the last that came:\n\(last.joined(separator: "\n"))"
        waiter.continuation.resume(throwing: Silence(description: words))
      }
    }
  }
}

struct DebugFixture {
  let folder: String
  let adapter: DebugAdapter
  let mailbox = Mailbox()

  static let counting = """
    Counting = (
        | total count limit |
        add: n = (
            | twice |
            twice := n + n.
            total := total + twice.
            ^twice
        )
        run = (
            total := 0.
            count := 0.
            limit := 1000000000000000000.
            [ count < limit ] whileTrue: [
                count := count + 1.
                self add: count ].
            'done' println
        )
    )
    """

  /// - Parameter session: what is attached to.
  init(_ files: [String: String] = ["Counting": counting], attaching session: LiveSession? = nil) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ovid-dap-\(UUID())")
      .resolvingSymlinksInPath()
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (name, text) in files {
      try text.write(to: folder.appendingPathComponent("\(name).som"), atomically: true, encoding: .utf8)
    }
    self.folder = folder.path
    let mailbox = mailbox
    let host = DebugHost(
      launch: { try Self.launch($0) },
      attach: { address in
        guard let session else { throw Mailbox.Silence(description: "nobody is at \(address ?? "")") }
        return DebugTarget(link: LocalLink(session))
      })
    adapter = DebugAdapter(host: host) { bytes in mailbox.add((try? JSON(parsing: bytes)) ?? .null) }
    let adapter = adapter
    Task { await adapter.run() }
  }

  static func launch(_ arguments: LaunchArguments) throws -> DebugTarget {
    let (vm, session) = try load(arguments)
    return DebugTarget(link: LocalLink(session)) {
      vm.quit()
      session.end()
    }
  }

  static func load(_ arguments: LaunchArguments) throws -> (VirtualMachine, LiveSession) {
    let url = URL(fileURLWithPath: arguments.program)
    var options = Options()
    options.debuggable = true
    let output = OutputFeed()
    let (out, error) = output.sinks
    let vm = try VirtualMachine(
      options: options, classPath: [url.deletingLastPathComponent().path], capabilities: .all,
      output: .redirected(out: out, error: error))
    let className = try vm.loadProgram(url.deletingPathExtension().lastPathComponent)
    let session = try LiveSession(
      vm, LiveSession.Program(className: className, file: arguments.program, arguments: arguments.args ?? []),
      output: output)
    return (vm, session)
  }

  func path(_ name: String) -> String { "\(folder)/\(name).som" }

  /// Sends a request and answers its number, which should be a new one.
  @discardableResult
  func begin(_ command: String, _ arguments: JSON? = nil, sequence: Int? = nil) -> Int {
    let sequence = sequence ?? mailbox.nextSequence()
    let message = JSON.fields([
      "seq": .integer(sequence), "type": "request", "command": .string(command), "arguments": arguments,
    ])
    adapter.receive(message.bytes)
    return sequence
  }

  func answer(_ sequence: Int, _ command: String = "") async throws -> JSON {
    try await mailbox.wait("the answer to \(command)") {
      $0["type"] == "response" && $0["request_seq"]?.integer == sequence
    }
  }

  /// Asks, and waits for an answer of either kind.
  func ask(_ command: String, _ arguments: JSON? = nil) async throws -> JSON {
    try await answer(begin(command, arguments), command)
  }

  /// The body of a request that succeeds.
  @discardableResult
  func body(_ command: String, _ arguments: JSON? = nil) async throws -> JSON {
    let answer = try await ask(command, arguments)
    #expect(answer["success"] == true, "\(command): \(answer)")
    return answer["body"] ?? .null
  }

  func event(
    _ name: String, from: Int = 0, _ isWanted: @escaping @Sendable (JSON) -> Bool = { _ in true }
  ) async throws -> JSON {
    try await mailbox.wait("the event \(name)", from: from) {
      $0["type"] == "event" && $0["event"]?.string == name && isWanted($0["body"] ?? .null)
    }["body"] ?? .null
  }

  var mark: Int { mailbox.messages.count }

  func initialize(_ more: [String: JSON] = [:]) async throws {
    var arguments: [String: JSON] = ["adapterID": "ovid", "supportsInvalidatedEvent": true]
    arguments.merge(more) { _, new in new }
    try await body("initialize", .object(arguments))
  }

  /// Initialized and launched, and started if that is wanted.
  func launch(_ program: String = "Counting", _ more: [String: JSON] = [:], starts: Bool = true) async throws {
    try await initialize()
    var arguments: [String: JSON] = ["program": .string(path(program))]
    arguments.merge(more) { _, new in new }
    try await body("launch", .object(arguments))
    _ = try await event("initialized")
    if starts { try await body("configurationDone") }
  }

  func topFrame(_ thread: JSON = 1) async throws -> JSON {
    try await body("stackTrace", ["threadId": thread])["stackFrames"]?[0] ?? .null
  }
  func variables(_ frame: JSON, scope: Int = 0) async throws -> [String: JSON] {
    let scopes = try await body("scopes", ["frameId": frame["id"] ?? 0])["scopes"]
    let found = try await body("variables", ["variablesReference": scopes?[scope]?["variablesReference"] ?? 0])
    let pairs = (found["variables"]?.array ?? []).map { ($0["name"]?.string ?? "", $0) }
    return Dictionary(pairs) { first, _ in first }
  }

  /// It ends whatever still runs.
  func end() async throws {
    _ = try await ask("disconnect", ["terminateDebuggee": true])
    try? FileManager.default.removeItem(atPath: folder)
  }
}
