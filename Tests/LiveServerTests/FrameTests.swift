import Foundation
import Testing

@testable import LiveServer

struct FrameTests {
  /// A frame as a client sends it.
  static func frame(
    _ opcode: UInt8, _ payload: [UInt8], isFinal: Bool = true, isMasked: Bool = true, length: UInt64? = nil
  ) -> [UInt8] {
    var bytes: [UInt8] = [(isFinal ? 0x80 : 0) | opcode]
    let count = length ?? UInt64(payload.count)
    let masked: UInt8 = isMasked ? 0x80 : 0
    if count < 126 {
      bytes.append(masked | UInt8(count))
    } else if count <= 0xFFFF {
      bytes += [masked | 126, UInt8(count >> 8), UInt8(count & 0xFF)]
    } else {
      bytes.append(masked | 127)
      for shift in stride(from: 56, through: 0, by: -8) {
        bytes.append(UInt8(truncatingIfNeeded: count >> UInt64(shift)))
      }
    }
    let mask: [UInt8] = [1, 2, 3, 4]
    if isMasked { bytes += mask }
    return bytes + payload.enumerated().map { isMasked ? $1 ^ mask[$0 & 3] : $1 }
  }

  private func messages(_ bytes: [UInt8]) throws -> [IncomingMessage] {
    var reader = FrameReader()
    reader.add(bytes)
    var result: [IncomingMessage] = []
    while let message = try reader.next() { result.append(message) }
    return result
  }
  private func code(_ bytes: [UInt8]) -> UInt16? {
    do {
      _ = try messages(bytes)
      return nil
    } catch { return (error as? WebSocketViolation)?.code }
  }

  @Test func messagesInOneAndInManyFrames() throws {
    let hello = Array("hello".utf8)
    #expect(try messages(Self.frame(1, hello)) == [.text(hello)])
    let long = [UInt8](repeating: 0x61, count: 70_000)
    #expect(try messages(Self.frame(1, long)) == [.text(long)])
    #expect(try messages(Self.frame(2, [0, 255])) == [.binary])
    // With a ping in between.
    let parts =
      Self.frame(1, [0x61], isFinal: false) + Self.frame(9, [7]) + Self.frame(0, [0x62], isFinal: false)
      + Self.frame(0, [], isFinal: true)
    #expect(try messages(parts) == [.ping([7]), .text([0x61, 0x62])])
    // Byte by byte.
    var reader = FrameReader()
    var found: [IncomingMessage] = []
    for byte in parts {
      reader.add([byte])
      while let message = try reader.next() { found.append(message) }
    }
    #expect(found == [.ping([7]), .text([0x61, 0x62])])
    // A character over two frames is whole in the end.
    let split = Self.frame(1, [0xC3], isFinal: false) + Self.frame(0, [0xA9])
    #expect(try messages(split) == [.text([0xC3, 0xA9])])
  }

  @Test func breachesOfTheProtocol() {
    #expect(code(Self.frame(1, [0x61], isMasked: false)) == 1002)
    #expect(code([0xC1, 0x80, 0, 0, 0, 0]) == 1002)
    #expect(code(Self.frame(3, [])) == 1002)
    #expect(code(Self.frame(11, [])) == 1002)
    #expect(code(Self.frame(0, [0x61])) == 1002)
    #expect(code(Self.frame(1, [0x61], isFinal: false) + Self.frame(1, [0x61])) == 1002)
    #expect(code(Self.frame(9, [], isFinal: false)) == 1002)
    #expect(code(Self.frame(9, [UInt8](repeating: 0, count: 126))) == 1002)
    #expect(code(Self.frame(1, [0xFF])) == 1007)
    #expect(code(Self.frame(8, [3])) == 1002)
    #expect(code(Self.frame(8, [3, 0xED])) == 1002)
    #expect(code(Self.frame(8, [3, 0xE8, 0xFF])) == 1007)
  }

  @Test func lengthsAreRefusedBeforeAnythingIsKept() {
    #expect(code(Self.frame(1, [], length: 1 << 20 | 1)) == 1009)
    #expect(code(Self.frame(1, [], length: 1 << 62)) == 1009)
    #expect(code(Self.frame(1, [], length: .max)) == 1009)
    let half = [UInt8](repeating: 0x61, count: 600_000)
    #expect(code(Self.frame(1, half, isFinal: false) + Self.frame(0, half)) == 1009)
    #expect(code(Self.frame(1, [UInt8](repeating: 0x61, count: 1 << 20))) == nil)
  }

  @Test func closesAreRead() throws {
    #expect(try messages(Self.frame(8, [])) == [.close(nil)])
    #expect(try messages(Self.frame(8, [3, 0xE9] + Array("bye".utf8))) == [.close(1001)])
    #expect(try messages(Self.frame(10, [1])) == [.pong])
  }

  @Test func whatIsSent() {
    #expect(Array(FrameWriter.text("a")) == [0x81, 1, 0x61])
    #expect(Array(FrameWriter.binary([UInt8](repeating: 1, count: 200)).prefix(4)) == [0x82, 126, 0, 200])
    #expect(
      Array(FrameWriter.binary([UInt8](repeating: 1, count: 70_000)).prefix(10)) == [
        0x82, 127, 0, 0, 0, 0, 0, 1, 0x11, 0x70,
      ])
    #expect(Array(FrameWriter.close(1000, "x")) == [0x88, 3, 3, 0xE8, 0x78])
    #expect(FrameWriter.close(1000, String(repeating: "x", count: 500)).count == 127)
  }

  /// The example of RFC 6455, section 1.3, and those of FIPS 180.
  @Test func theHandshake() throws {
    let lines = [
      "GET /session HTTP/1.1", "Host: h", "Upgrade: websocket", "Connection: keep-alive, Upgrade",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13",
    ]
    func response(without line: Int? = nil, with more: String? = nil) throws -> Response {
      var some = lines
      if let line { some.remove(at: line) }
      if let more { some.append(more) }
      return Handshake.response(try RequestHead(Array(some.joined(separator: "\r\n").utf8)))
    }
    let good = try response()
    #expect(good.status == .switching)
    #expect(good.headers.contains { $0 == ("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") })
    #expect(try response(without: 2).status == .upgradeRequired && response(without: 3).status == .upgradeRequired)
    #expect(try response(without: 4).status == .badRequest && response(without: 5).status == .upgradeRequired)
    #expect(try response(without: 4, with: "Sec-WebSocket-Key: c2hvcnQ=").status == .badRequest)
    func hex(_ text: String) -> String { SHA1.hash(Array(text.utf8)).map { String(format: "%02x", $0) }.joined() }
    #expect(hex("abc") == "a9993e364706816aba3e25717850c26c9cd0d89d")
    #expect(hex("") == "da39a3ee5e6b4b0d3255bfef95601890afd80709")
    #expect(hex(String(repeating: "a", count: 1000)) == "291e9a6c66994949b57ba5e650361e98fc36b1ba")
  }
}
