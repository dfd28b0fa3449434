import EditorProtocols
import Testing

@Suite struct FramingTests {
  private static func messages(
    _ framing: MessageFraming, _ stream: [UInt8], pieces: Int, limit: Int = MessageReader.byteLimit
  ) throws -> [String] {
    var reader = MessageReader(framing, byteLimit: limit)
    var result: [String] = []
    var rest = stream[...]
    while !rest.isEmpty {
      reader.append(rest.prefix(pieces))
      rest = rest.dropFirst(pieces)
      while let message = try reader.next() { result.append(String(decoding: message, as: UTF8.self)) }
    }
    #expect(!reader.isInMessage)
    return result
  }

  @Test(arguments: [1, 2, 3, 7, 1000]) func messagesInPieces(pieces: Int) throws {
    let texts = ["{}", "", "{\"a\":\"ä\"}", String(repeating: "x", count: 300)]
    let stream = texts.flatMap { MessageFraming.contentLength.frame(Array($0.utf8)) }
    #expect(try Self.messages(.contentLength, stream, pieces: pieces) == texts)
    let lines = texts.flatMap { MessageFraming.lines.frame(Array($0.utf8)) }
    #expect(try Self.messages(.lines, lines, pieces: pieces) == texts.filter { !$0.isEmpty })
  }

  @Test func otherHeadersAndLineEnds() throws {
    let stream =
      "Content-Type: application/vscode-jsonrpc; charset=utf-8\r\ncontent-length:  2 \r\n\r\n{}Content-Length: 1\n\n1"
    for pieces in 1...5 {
      #expect(try Self.messages(.contentLength, Array(stream.utf8), pieces: pieces) == ["{}", "1"])
    }
    #expect(try Self.messages(.lines, Array("{}\r\n\r\n [] \n".utf8), pieces: 3) == ["{}", "[] "])
  }

  @Test(arguments: [
    "\r\n\r\n", "Content-Length: x\r\n\r\n", "Content-Length: -1\r\n\r\n", "Content-Length:\r\n\r\n",
    "Content-Length: 99999999999999999999\r\n\r\n", "Content-Length: 101\r\n\r\n", "Content-Type: a\r\n\r\n",
    "nonsense\r\n\r\n", "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", String(repeating: "x", count: 9000),
    "Content-Length: ١\r\n\r\n", "Content-Length: 0x10\r\n\r\n",
  ])
  func brokenHeadersEndTheStream(text: String) throws {
    var reader = MessageReader(.contentLength, byteLimit: 100)
    reader.append(Array(text.utf8))
    #expect(throws: FramingError.self) { _ = try reader.next() }
    reader.append(MessageFraming.contentLength.frame(Array("{}".utf8)))
    #expect(throws: FramingError.self) { _ = try reader.next() }
  }

  @Test func linesHaveALimit() throws {
    var reader = MessageReader(.lines, byteLimit: 100)
    reader.append(repeatElement(0x20, count: 60))
    #expect(try reader.next() == nil)
    reader.append(repeatElement(0x20, count: 60))
    #expect(throws: FramingError.self) { _ = try reader.next() }
  }

  @Test func randomStreamsNeverCrash() {
    var random = SystemRandomNumberGenerator()
    let words = ["Content-Length: ", "2", "\r\n", "\r\n\r\n", "{}", ":", "\n", "x", "-", "\u{0}"]
    for _ in 0..<3000 {
      let stream = (0..<12).flatMap { _ in Array((words.randomElement(using: &random) ?? "").utf8) }
      for framing in [MessageFraming.contentLength, .lines] {
        var reader = MessageReader(framing, byteLimit: 40)
        var total = 0
        for byte in stream {
          reader.append([byte])
          while let message = try? reader.next() { total += message.count }
        }
        #expect(total <= stream.count)
      }
    }
  }
}
