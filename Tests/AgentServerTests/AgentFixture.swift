// An agent's client, and a program that runs.

import EditorProtocols
import Foundation
import LiveSession
import Ovid
import Synchronization
import Testing

@testable import AgentServer

/// What has come, and those who wait for an answer.
final class Answers: Sendable {
  struct Silence: Error, CustomStringConvertible { let description: String }
  private struct State {
    var messages: [JSON] = []
    var waiting: [Int: CheckedContinuation<JSON, any Error>] = [:]
    var last = 0
  }
  private let state = Mutex(State())

  var messages: [JSON] { state.withLock { $0.messages } }

  func add(_ bytes: [UInt8]) {
    let message = (try? JSON(parsing: bytes)) ?? .null
    let waiting = state.withLock { state in
      state.messages.append(message)
      return message["method"] == nil ? message["id"]?.integer.flatMap { state.waiting.removeValue(forKey: $0) } : nil
    }
    waiting?.resume(returning: message)
  }

  func nextID() -> Int {
    state.withLock { state in
      state.last += 1
      return state.last
    }
  }

  func answer(_ id: Int, _ what: String) async throws -> JSON {
    try await withCheckedThrowingContinuation { continuation in
      let found = state.withLock { state -> JSON? in
        if let found = state.messages.first(where: { $0["method"] == nil && $0["id"]?.integer == id }) { return found }
        state.waiting[id] = continuation
        return nil
      }
      if let found { return continuation.resume(returning: found) }
      DispatchQueue.global().asyncAfter(deadline: .now() + 60) { [self] in
        state.withLock { $0.waiting.removeValue(forKey: id) }?.resume(
          throwing: Silence(description: "no answer: \(what)"))
      }
    }
  }
}

struct AgentFixture {
  let folder: String
  let server: AgentServer
  let answers = Answers()
  private let vm: VirtualMachine
  private let session: LiveSession

  /// The error comes when the loop has been compiled for long.
  static let shop = """
    Shop = (
        | sum |
        run = (
            | i |
            sum := 0.
            i := 0.
            [ true ] whileTrue: [
                i := i + 1.
                sum := sum + (self share: i % 100000) ]
        )
        share: n = ( ^1000 / n )
    )
    """
  static let tests = """
    ShopTest = TestCase (
        testFour = ( self assert: (Shop new share: 4) equals: 250 )
        testZero = ( self assert: (Shop new share: 0) equals: 0 )
        testLast = ( self assert: (Shop new share: 8) equals: 1 )
    )
    """

  init() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ovid-mcp-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (name, text) in ["Shop": Self.shop, "ShopTest": Self.tests] {
      try text.write(to: folder.appendingPathComponent("\(name).som"), atomically: true, encoding: .utf8)
    }
    self.folder = folder.path
    var options = Options()
    options.debuggable = true
    let output = OutputFeed()
    let (out, error) = output.sinks
    vm = try VirtualMachine(
      options: options, classPath: [folder.path], capabilities: .all, output: .redirected(out: out, error: error))
    _ = try vm.loadProgram("Shop")
    session = try LiveSession(vm, LiveSession.Program(className: "Shop"), output: output)
    let answers = answers
    server = AgentServer(LocalLink(session), version: "test") { answers.add($0) }
    let server = server
    Task { await server.run() }
    session.start()
  }

  func end() {
    server.endOfInput()
    vm.quit()
    session.end()
    try? FileManager.default.removeItem(atPath: folder)
  }

  func begin(_ method: String, _ parameters: JSON? = nil) -> Int {
    let id = answers.nextID()
    server.receive(
      JSON.fields(["jsonrpc": "2.0", "id": .integer(id), "method": .string(method), "params": parameters]).bytes)
    return id
  }
  func notify(_ method: String, _ parameters: JSON? = nil) {
    server.receive(JSON.fields(["jsonrpc": "2.0", "method": .string(method), "params": parameters]).bytes)
  }
  func ask(_ method: String, _ parameters: JSON? = nil) async throws -> JSON {
    try await answers.answer(begin(method, parameters), method)
  }

  func initialize() async throws {
    let answer = try await ask(
      "initialize",
      ["protocolVersion": "2025-06-18", "capabilities": [:], "clientInfo": ["name": "test", "version": "1"]])
    #expect(answer["result"]?["protocolVersion"] == "2025-06-18")
    notify("notifications/initialized")
  }

  /// What a tool answers, whatever that is.
  func call(_ tool: String, _ arguments: JSON = [:], progress: JSON? = nil) async throws -> JSON {
    let answer = try await ask(
      "tools/call",
      .fields([
        "name": .string(tool), "arguments": arguments, "_meta": progress.map { ["progressToken": $0] },
      ]))
    return try #require(answer["result"], "\(tool): \(answer)")
  }
  /// The result of a tool that succeeds.
  func use(_ tool: String, _ arguments: JSON = [:]) async throws -> JSON {
    let result = try await call(tool, arguments)
    #expect(result["isError"] == false, "\(tool): \(result)")
    return result["structuredContent"] ?? .null
  }
}
