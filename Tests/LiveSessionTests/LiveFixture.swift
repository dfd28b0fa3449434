// A session with a program, and clients that remember what they are told.

import Foundation
import LiveSession
import Ovid
import Synchronization
import Testing

/// A session of a program that is loaded, and runs if that is wanted.
struct LiveFixture {
  let vm: VirtualMachine
  let session: LiveSession
  /// It runs `flow`.
  private let loops: Bool

  /// A loop that goes on for ever, in code that is compiled.
  static let flow = """
    "A number that flows"
    Flow = (
        | total |
        methA = ( [ true ] whileTrue: [ total := total + self methB ] )
        methB = ( ^1 )
        total = ( ^total )
        run   = ( total := 0. Flow current: self. self methA )
        ----
        | current |
        current    = ( ^current )
        current: f = ( current := f )
        boom       = ( ^self zork )
    )
    """

  init(
    _ files: [String: String] = ["Flow": flow], program: String = "Flow", starts: Bool = true, speed: String? = nil
  ) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ovid-live-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (name, text) in files {
      try text.write(to: folder.appendingPathComponent("\(name).som"), atomically: true, encoding: .utf8)
    }
    var options = Options()
    options.debuggable = true
    let output = OutputFeed()
    let (out, error) = output.sinks
    vm = try VirtualMachine(
      options: options, classPath: [folder.path], capabilities: .all, output: .redirected(out: out, error: error))
    _ = try vm.loadProgram(program)
    session = try LiveSession(
      vm, LiveSession.Program(className: program, file: nil, arguments: [], speed: speed), output: output)
    loops = starts && files == ["Flow": Self.flow]
    if starts { session.start() }
  }

  /// A client that has said hello.
  func client(_ name: String = "Anna") async throws -> LiveListener {
    let listener = LiveListener(session.connect())
    _ = try await listener.ask("hello", #"{"protocol": 1, "client": "\#(name)", "name": "\#(name)"}"#)
    if loops { try await loopBegins(listener) }
    return listener
  }

  /// Until the program is in its loop.
  private func loopBegins(_ listener: LiveListener) async throws {
    for _ in 0..<1000 {
      let total = try await listener.ask("evaluate", #"{"text": "Flow current total"}"#)
      if total.text("result.value.className") == "Integer" { return }
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  func end() {
    vm.quit()
    session.end()
  }
}

/// What came, as JSON.
struct Reply: @unchecked Sendable {
  let value: [String: Any]

  /// The value at a path of names and indices, with dots between.
  subscript(path: String) -> Any? {
    path.split(separator: ".").reduce(value as Any?) { found, name in
      if let list = found as? [Any] { return Int(name).flatMap { list.indices.contains($0) ? list[$0] : nil } }
      return (found as? [String: Any])?[String(name)]
    }
  }
  func text(_ path: String) -> String? { self[path] as? String }
  func number(_ path: String) -> Int? { (self[path] as? NSNumber)?.intValue }
  func list(_ path: String) -> [Any] { self[path] as? [Any] ?? [] }
  /// As JSON again, to be sent back.
  func json(_ path: String) -> String {
    guard let found = self[path],
      let data = try? JSONSerialization.data(withJSONObject: found, options: .fragmentsAllowed)
    else { return "null" }
    return String(decoding: data, as: UTF8.self)
  }
}

/// A client that reads all that it is sent.
final class LiveListener: Sendable {
  struct Silence: Error { let waitedFor: String }

  let client: LiveClient
  private let state = Mutex<(replies: [Reply], close: UInt16?, last: Int, frames: [[UInt8]])>(([], nil, 0, []))

  init(_ client: LiveClient) {
    self.client = client
    Task.detached { [self] in
      while let message = await client.next() {
        switch message {
        case .text(let text):
          let value = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
          state.withLock { $0.replies.append(Reply(value: value ?? [:])) }
        case .binary(let bytes): state.withLock { $0.frames.append(bytes) }
        case .close(let code, _): state.withLock { $0.close = code }
        case .nothing: break
        }
      }
    }
  }

  var closeCode: UInt16? { state.withLock { $0.close } }
  var frames: [[UInt8]] { state.withLock { $0.frames } }
  var replies: [Reply] { state.withLock { $0.replies } }
  /// The number of the last event.
  var lastEvent: Int { replies.compactMap { $0.number("event") }.last ?? 0 }

  func send(_ message: String) { client.receive(Data(message.utf8)) }

  /// Sends a request and answers its number.
  func begin(_ request: String, _ parameters: String = "{}") -> Int {
    let id = state.withLock { state in
      state.last += 1
      return state.last
    }
    send(#"{"id": \#(id), "request": "\#(request)", "parameters": \#(parameters)}"#)
    return id
  }

  func ask(_ request: String, _ parameters: String = "{}") async throws -> Reply {
    try await answer(begin(request, parameters), request)
  }
  func answer(_ id: Int, _ request: String = "") async throws -> Reply {
    try await wait("answer \(id) \(request)") { $0.number("id") == id && $0["progress"] == nil }
  }
  func event(_ kind: String, _ isWanted: @escaping @Sendable (Reply) -> Bool = { _ in true }) async throws -> Reply {
    try await wait("event \(kind)") { $0.text("kind") == kind && isWanted($0) }
  }

  /// The first message of that kind, also one that has come already.
  func wait(_ what: String, _ isWanted: (Reply) -> Bool) async throws -> Reply {
    for _ in 0..<6000 {
      if let found = replies.first(where: isWanted) { return found }
      try await Task.sleep(for: .milliseconds(5))
    }
    throw Silence(waitedFor: what)
  }
  func waitForClose() async throws -> UInt16 {
    for _ in 0..<6000 {
      if let code = closeCode { return code }
      try await Task.sleep(for: .milliseconds(5))
    }
    throw Silence(waitedFor: "a close")
  }
}
