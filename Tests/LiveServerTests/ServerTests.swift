import Foundation
import LiveSession
import Ovid
import TestThreads
import Testing

@testable import LiveServer

/// With real sockets.
@Suite(.serialized, .ownThread) struct ServerTests {
  private struct Fixture {
    let vm: VirtualMachine
    let session: LiveSession
    let server: LiveServer

    init() throws {
      let output = OutputFeed()
      let (out, error) = output.sinks
      vm = try VirtualMachine(classPath: [], capabilities: .all, output: .redirected(out: out, error: error))
      try vm.load("Set")
      session = try LiveSession(vm, LiveSession.Program(className: "Set"), output: output)
      server = try LiveServer(session, LiveServer.Configuration(token: "secret"))
      server.start()
    }
    func end() {
      server.stop()
      session.end()
    }
    var host: String { "Host: 127.0.0.1:\(server.port)" }

    /// Sends the lines of a request and answers all that comes until the end.
    func answer(_ lines: String...) throws -> String {
      let socket = try TestSocket(port: server.port)
      defer { socket.end() }
      socket.send((lines + ["Connection: close", "", ""]).joined(separator: "\r\n"))
      return String(decoding: socket.readToEnd(), as: UTF8.self)
    }
    /// A connection that has become a WebSocket.
    func webSocket() throws -> TestSocket {
      let socket = try TestSocket(port: server.port)
      socket.send(
        [
          "GET /session?token=secret HTTP/1.1", host, "Upgrade: websocket", "Connection: Upgrade",
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13", "", "",
        ].joined(separator: "\r\n"))
      #expect(socket.readHead().hasPrefix("HTTP/1.1 101 "))
      return socket
    }
  }

  /// A client of another process.
  @Test func aSocketOfAnAdapter() async throws {
    let fixture = try Fixture()
    defer { fixture.end() }
    let client = SessionClient(try SessionSocket(address: fixture.server.address)) { _ in }
    #expect(try await client.hello(as: "adapter")["program"]?["className"] == "Set")
    #expect(try await client.ask("evaluate", ["text": "6 * 7"])["text"] == "42")
    // Longer than what a frame says in two bytes, there and back.
    let long = String(repeating: "x", count: 100_000)
    #expect(try await client.ask("difference", ["oldText": .string(long), "newText": ""])["difference"] != nil)
    client.close()
    await #expect(throws: SessionRefusal.self) { _ = try await client.ask("ping") }
    for address in [
      "", "nonsense", "http://127.0.0.1/?token=secret", "http://example.org:80/?token=secret",
      "http://127.0.0.1:1/?token=x",
      "http://127.0.0.1:\(fixture.server.port)/?token=wrong",
    ] {
      #expect(throws: SessionSocket.Failure.self, "\(address)") { _ = try SessionSocket(address: address) }
    }
  }

  /// The pages, which read the recording and know that they do; no session.
  @Test func aRecordingIsServed() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("ovid-served-\(UUID())").path
    try Data("{\"recording\":1,\"time\":1}\n".utf8).write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    let server = try LiveServer(Recording(path), LiveServer.Configuration(token: "secret"))
    server.start()
    defer { server.stop() }
    func answer(_ path: String, _ lines: String...) throws -> String {
      let socket = try TestSocket(port: server.port)
      defer { socket.end() }
      let head = ["GET \(path) HTTP/1.1", "Host: 127.0.0.1:\(server.port)"] + lines + ["Connection: close", "", ""]
      socket.send(head.joined(separator: "\r\n"))
      return String(decoding: socket.readToEnd(), as: UTF8.self)
    }
    #expect(try answer("/recording").hasPrefix("HTTP/1.1 403 "))
    #expect(try answer("/recording?token=secret").contains("\"size\":25"))
    #expect(try answer("/recording/0?token=secret").hasSuffix("{\"recording\":1,\"time\":1}\n"))
    #expect(try answer("/modules/mode.js?token=secret").contains("isRecording = true"))
    #expect(try answer("/modules/main.js?token=secret").contains("import"))
    #expect(
      try answer("/session?token=secret", "Upgrade: websocket", "Sec-WebSocket-Version: 13").hasPrefix(
        "HTTP/1.1 404 "))
  }

  @Test func nothingWithoutTheToken() throws {
    let fixture = try Fixture()
    defer { fixture.end() }
    #expect(try fixture.answer("GET / HTTP/1.1", fixture.host).hasPrefix("HTTP/1.1 403 "))
    #expect(
      try fixture.answer("GET /session HTTP/1.1", fixture.host, "Upgrade: websocket").hasPrefix("HTTP/1.1 403 "))
    #expect(try fixture.answer("GET /?token=secret HTTP/1.1", "Host: evil.example").hasPrefix("HTTP/1.1 403 "))
    #expect(try fixture.answer("nonsense").hasPrefix("HTTP/1.1 400 "))
    #expect(try fixture.answer("POST / HTTP/1.1", fixture.host, "Content-Length: 4").hasPrefix("HTTP/1.1 413 "))
    let long = String(repeating: "x", count: 40_000)
    #expect(try fixture.answer("GET /\(long) HTTP/1.1", fixture.host).hasPrefix("HTTP/1.1 431 "))
  }

  @Test func thePageIsServedWithACookie() throws {
    let fixture = try Fixture()
    defer { fixture.end() }
    let first = try fixture.answer("GET /?token=secret HTTP/1.1", fixture.host)
    #expect(first.hasPrefix("HTTP/1.1 303 ") && first.contains("Location: /\r\n"))
    #expect(first.contains("Set-Cookie: ovid-\(fixture.server.port)=secret; Path=/; HttpOnly; SameSite=Strict\r\n"))
    let cookie = "Cookie: ovid-\(fixture.server.port)=secret"
    let page = try fixture.answer("GET / HTTP/1.1", fixture.host, cookie)
    #expect(
      page.hasPrefix("HTTP/1.1 200 ") && page.contains("<!doctype html>") && page.contains("frame-ancestors 'none'"))
    let head = try fixture.answer("HEAD / HTTP/1.1", fixture.host, cookie)
    #expect(head.hasPrefix("HTTP/1.1 200 ") && !head.contains("<!doctype html>"))
    #expect(try fixture.answer("GET /zork HTTP/1.1", fixture.host, cookie).hasPrefix("HTTP/1.1 404 "))
    #expect(try fixture.answer("DELETE / HTTP/1.1", fixture.host, cookie).hasPrefix("HTTP/1.1 405 "))
    #expect(try fixture.answer("GET /session HTTP/1.1", fixture.host, cookie).hasPrefix("HTTP/1.1 426 "))
    // Several requests on one connection, and one in pieces.
    let socket = try TestSocket(port: fixture.server.port)
    defer { socket.end() }
    for _ in 0..<3 {
      for piece in ["GET /zork HT", "TP/1.1\r\n\(fixture.host)\r\n\(cookie)\r", "\n\r\n"] { socket.send(piece) }
      #expect(socket.readHead().hasPrefix("HTTP/1.1 404 "))
      _ = socket.read(Array("There is no file /zork.\n".utf8).count)
    }
  }

  @Test func aSessionOverAWebSocket() throws {
    let fixture = try Fixture()
    defer { fixture.end() }
    let socket = try fixture.webSocket()
    defer { socket.end() }
    socket.send(FrameTests.frame(1, Array(#"{"id": 1, "request": "hello"}"#.utf8)))
    let (opcode, hello) = socket.readFrame()
    #expect(opcode == 1 && String(decoding: hello, as: UTF8.self).contains(fixture.session.name))
    socket.send(FrameTests.frame(9, [1, 2, 3]))
    socket.send(
      FrameTests.frame(1, Array(#"{"id": 2, "request": "evaluate", "parameters": {"text": "3 + 4"}}"#.utf8)))
    var pong: [UInt8]?, answer: String?
    while pong == nil || answer == nil {
      let (opcode, payload) = socket.readFrame()
      if opcode == 10 { pong = payload }
      let text = String(decoding: payload, as: UTF8.self)
      if opcode == 1, text.contains(#""id":2"#) { answer = text }
      if opcode == 0xFF { break }
    }
    #expect(pong == [1, 2, 3] && answer?.contains(#""text":"7""#) == true)
    // Good-bye.
    socket.send(FrameTests.frame(8, [3, 0xE8]))
    var last = socket.readFrame()
    while last.0 == 1 { last = socket.readFrame() }
    #expect(last.0 == 8 && last.1.prefix(2) == [3, 0xE8])
    #expect(socket.readToEnd().isEmpty)
  }

  @Test func breachesCloseTheConnectionWithTheirCode() throws {
    let fixture = try Fixture()
    defer { fixture.end() }
    for (frame, code) in [
      (FrameTests.frame(1, [0x61], isMasked: false), 1002), (FrameTests.frame(1, [0xFF]), 1007),
      (FrameTests.frame(1, [], length: 1 << 40), 1009),
    ] {
      let socket = try fixture.webSocket()
      defer { socket.end() }
      socket.send(frame)
      let (opcode, payload) = socket.readFrame()
      #expect(opcode == 8 && payload.prefix(2) == [UInt8(code >> 8), UInt8(code & 0xFF)])
    }
    // Others are served as ever.
    let socket = try fixture.webSocket()
    defer { socket.end() }
    socket.send(FrameTests.frame(1, Array(#"{"id": 1, "request": "hello"}"#.utf8)))
    #expect(socket.readFrame().0 == 1)
  }

  @Test func onlySoManyClients() throws {
    let fixture = try Fixture()
    defer { fixture.end() }
    var sockets: [TestSocket] = []
    for _ in 0..<LiveServer.clientLimit { sockets.append(try fixture.webSocket()) }
    let refused = try fixture.answer(
      "GET /session?token=secret HTTP/1.1", fixture.host, "Upgrade: websocket", "Connection: Upgrade",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13")
    // Two headers `Connection` are one with both words.
    #expect(refused.hasPrefix("HTTP/1.1 503 "))
    for socket in sockets { socket.end() }
    // Their places are free again.
    for _ in 0..<500 {
      if fixture.session.clientCount == 0 { break }
      usleep(10_000)
    }
    let socket = try fixture.webSocket()
    socket.end()
  }

  @Test func aPortThatIsTakenIsSaid() throws {
    let fixture = try Fixture()
    defer { fixture.end() }
    #expect(throws: LiveServer.Failure.self) {
      try LiveServer(fixture.session, LiveServer.Configuration(port: fixture.server.port))
    }
  }
}
