// Frames of a WebSocket as they come from a client, and the messages that they make up (RFC 6455, section 5).

/// What a client has sent.
enum IncomingMessage: Equatable {
  case text([UInt8])
  case binary
  case ping([UInt8])
  case pong
  /// Nil: without a code.
  case close(UInt16?)
}

/// A breach of the protocol: the code with which the connection is closed, and why.
struct WebSocketViolation: Error, Equatable {
  let code: UInt16
  let reason: String
  static func protocolError(_ reason: String) -> WebSocketViolation { WebSocketViolation(code: 1002, reason: reason) }
}

/// Takes bytes as they come, and gives messages.
struct FrameReader {
  /// Bytes that a message may have, in however many frames.
  static let messageLimit = 1 << 20

  private var buffer: [UInt8] = []
  private var start = 0
  /// The message whose frames are coming.
  private var message: [UInt8] = []
  private var opcode: UInt8?

  mutating func add(_ bytes: [UInt8]) {
    if start > 0 {
      buffer.removeFirst(start)
      start = 0
    }
    buffer += bytes
  }

  /// The next message, if it is whole.
  mutating func next() throws(WebSocketViolation) -> IncomingMessage? {
    while true {
      guard let frame = try takeFrame() else { return nil }
      if let message = try take(frame) { return message }
    }
  }

  private struct Frame {
    var isFinal: Bool
    var opcode: UInt8
    var payload: [UInt8]
  }

  private mutating func takeFrame() throws(WebSocketViolation) -> Frame? {
    let available = buffer.count - start
    guard available >= 2 else { return nil }
    let first = buffer[start], second = buffer[start + 1]
    guard first & 0x70 == 0 else { throw .protocolError("reserved bits") }
    guard second & 0x80 != 0 else { throw .protocolError("a frame without a mask") }
    let opcode = first & 0x0F, isFinal = first & 0x80 != 0
    var length = UInt64(second & 0x7F), header = 2
    if opcode >= 8 {
      guard isFinal, length <= 125 else { throw .protocolError("a control frame that is too long, or in parts") }
    }
    let bytes = length == 126 ? 2 : length == 127 ? 8 : 0
    guard available >= header + bytes else { return nil }
    if bytes > 0 {
      length = buffer[start + 2..<start + 2 + bytes].reduce(0) { $0 << 8 | UInt64($1) }
      header += bytes
    }
    // Before anything of it is kept.
    guard length <= UInt64(Self.messageLimit - message.count) || opcode >= 8 else {
      throw WebSocketViolation(code: 1009, reason: "a message of more than 1 MB")
    }
    guard available >= header + 4 + Int(length) else { return nil }
    let mask = Array(buffer[start + header..<start + header + 4])
    let from = start + header + 4
    var payload = Array(buffer[from..<from + Int(length)])
    for i in payload.indices { payload[i] ^= mask[i & 3] }
    start = from + Int(length)
    return Frame(isFinal: isFinal, opcode: opcode, payload: payload)
  }

  private mutating func take(_ frame: Frame) throws(WebSocketViolation) -> IncomingMessage? {
    switch frame.opcode {
    case 0:
      guard opcode != nil else { throw .protocolError("a continuation of nothing") }
      message += frame.payload
    case 1, 2:
      guard opcode == nil else { throw .protocolError("a message within another one") }
      opcode = frame.opcode
      message = frame.payload
    case 8: return try close(frame.payload)
    case 9: return .ping(frame.payload)
    case 10: return .pong
    default: throw .protocolError("an unknown opcode")
    }
    guard frame.isFinal else { return nil }
    defer { (message, opcode) = ([], nil) }
    if opcode == 2 { return .binary }
    guard String(validating: message, as: UTF8.self) != nil else {
      throw WebSocketViolation(code: 1007, reason: "text that is no UTF-8")
    }
    return .text(message)
  }

  private func close(_ payload: [UInt8]) throws(WebSocketViolation) -> IncomingMessage {
    if payload.isEmpty { return .close(nil) }
    guard payload.count >= 2 else { throw .protocolError("half a code") }
    let code = UInt16(payload[0]) << 8 | UInt16(payload[1])
    let isKnown = (1000...1003).contains(code) || (1007...1014).contains(code) || (3000...4999).contains(code)
    guard isKnown else { throw .protocolError("no code") }
    guard String(validating: payload[2...], as: UTF8.self) != nil else {
      throw WebSocketViolation(code: 1007, reason: "text that is no UTF-8")
    }
    return .close(code)
  }
}
