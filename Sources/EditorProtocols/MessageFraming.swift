// Where one message ends and the next begins in a stream of bytes.

/// How messages stand in a stream.
public enum MessageFraming: Sendable {
  /// A header `Content-Length: N`, an empty line, N bytes: the language server's and the debugger's protocol.
  case contentLength
  /// A line each: the agents' protocol.
  case lines

  /// A message as it is sent. With `lines` it must have no line end, as no `JSON.bytes` has.
  public func frame(_ message: [UInt8]) -> [UInt8] {
    switch self {
    case .contentLength: Array("Content-Length: \(message.count)\r\n\r\n".utf8) + message
    case .lines: message + [0x0A]
    }
  }
}

/// A stream that cannot be read on: where the next message begins is unknown.
public struct FramingError: Error, Sendable, Equatable, CustomStringConvertible {
  public let description: String
}

/// Takes messages out of a stream that comes in pieces of any size.
public struct MessageReader: Sendable {
  /// Of a message. What an editor sends most of is a file.
  public static let byteLimit = 64 << 20
  /// Of the header lines before one.
  public static let headerLimit = 8 << 10

  private let framing: MessageFraming
  private let byteLimit: Int
  private var bytes: [UInt8] = []
  /// Before it, everything has been taken.
  private var start = 0
  /// Up to here, no end of a line or a header was found.
  private var searched = 0
  /// Of the message whose header has been read.
  private var length: Int?
  private var failure: FramingError?

  public init(_ framing: MessageFraming, byteLimit: Int = MessageReader.byteLimit) {
    self.framing = framing
    self.byteLimit = byteLimit
  }

  public mutating func append(_ more: some Sequence<UInt8>) {
    if failure != nil { return }
    if start > 0 {
      bytes.removeFirst(start)
      searched -= start
      start = 0
    }
    bytes += more
  }

  /// True if the stream may not end here: a message has begun.
  public var isInMessage: Bool { length != nil || start < bytes.count }

  /// The next whole message, or nil until more bytes come. After an error it throws that again.
  public mutating func next() throws(FramingError) -> [UInt8]? {
    if let failure { throw failure }
    do throws(FramingError) {
      return switch framing {
      case .contentLength: try nextWithLength()
      case .lines: try nextLine()
      }
    } catch {
      failure = error
      bytes = []
      start = 0
      throw error
    }
  }

  private mutating func nextLine() throws(FramingError) -> [UInt8]? {
    while let end = bytes[max(start, searched)...].firstIndex(of: 0x0A) {
      let line = bytes[start..<end].drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
      start = end + 1
      searched = start
      if line.count > byteLimit { throw tooLong(line.count) }
      if !line.isEmpty { return Array(line.last == 0x0D ? line.dropLast() : line) }
    }
    searched = bytes.count
    if bytes.count - start > byteLimit { throw tooLong(bytes.count - start) }
    return nil
  }

  private mutating func nextWithLength() throws(FramingError) -> [UInt8]? {
    if length == nil {
      guard let end = headerEnd() else {
        if bytes.count - start > Self.headerLimit {
          throw FramingError(description: "a header does not end within \(Self.headerLimit) bytes")
        }
        return nil
      }
      length = try contentLength(String(decoding: bytes[start..<end.header], as: UTF8.self))
      start = end.next
      searched = start
    }
    guard let length, bytes.count - start >= length else { return nil }
    let message = Array(bytes[start..<start + length])
    start += length
    searched = start
    self.length = nil
    return message
  }

  /// The empty line after the header; lines that end with LF alone are taken, too.
  private mutating func headerEnd() -> (header: Int, next: Int)? {
    var i = max(start, searched)
    while let lineEnd = bytes[i...].firstIndex(of: 0x0A) {
      if lineEnd + 1 < bytes.count, bytes[lineEnd + 1] == 0x0A { return (lineEnd, lineEnd + 2) }
      if lineEnd + 2 < bytes.count, bytes[lineEnd + 1] == 0x0D, bytes[lineEnd + 2] == 0x0A {
        return (lineEnd, lineEnd + 3)
      }
      if lineEnd + 2 >= bytes.count {
        searched = lineEnd
        return nil
      }
      i = lineEnd + 1
    }
    searched = bytes.count
    return nil
  }

  private func contentLength(_ header: String) throws(FramingError) -> Int {
    var found: Int?
    for line in header.split(whereSeparator: \.isNewline) {
      guard let colon = line.firstIndex(of: ":") else {
        throw FramingError(description: "a header without a colon: \(line.prefix(80))")
      }
      let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
      switch line[..<colon].lowercased() {
      case "content-length":
        let digits = value.reversed().drop { $0 == " " || $0 == "\t" }.reversed()
        guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }), let length = Int(String(digits))
        else { throw FramingError(description: "Content-Length is no number: \(value.prefix(80))") }
        if let found, found != length { throw FramingError(description: "two headers Content-Length that differ") }
        if length > byteLimit { throw tooLong(length) }
        found = length
      // JSON is UTF-8, whatever is said here.
      default: continue
      }
    }
    guard let found else { throw FramingError(description: "a message without the header Content-Length") }
    return found
  }

  private func tooLong(_ count: Int) -> FramingError {
    FramingError(description: "a message of \(count) bytes; the limit is \(byteLimit)")
  }
}
