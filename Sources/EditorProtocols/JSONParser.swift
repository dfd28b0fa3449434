// Text to JSON, as RFC 8259 has it, with a limit on nesting: what comes from outside must not exhaust the stack.

/// Why a text is no JSON, and where.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
  public let message: String
  /// In bytes from the start.
  public let offset: Int
  public var description: String { "this is no JSON: \(message) at byte \(offset)" }
}

extension JSON {
  /// Arrays and objects in each other.
  public static let depthLimit = 200

  public init(parsing bytes: [UInt8]) throws(JSONError) {
    let result = bytes.withUnsafeBufferPointer { buffer -> Result<JSON, JSONError> in
      var parser = JSONParser(bytes: buffer)
      do throws(JSONError) { return .success(try parser.document()) } catch { return .failure(error) }
    }
    self = try result.get()
  }

  public init(parsing text: String) throws(JSONError) { try self.init(parsing: Array(text.utf8)) }
}

private struct JSONParser {
  let bytes: UnsafeBufferPointer<UInt8>
  var offset = 0
  var depth = 0

  init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  mutating func document() throws(JSONError) -> JSON {
    let result = try value()
    skipSpace()
    if offset < bytes.count { throw error("more text after the value") }
    return result
  }

  private func error(_ message: String) -> JSONError { JSONError(message: message, offset: offset) }
  /// 0 at the end, which no value begins with.
  private var next: UInt8 { offset < bytes.count ? bytes[offset] : 0 }

  private mutating func skipSpace() {
    while [0x20, 0x0A, 0x0D, 0x09].contains(next) { offset += 1 }
  }

  private mutating func take(_ byte: UInt8, or message: String) throws(JSONError) {
    guard next == byte, offset < bytes.count else { throw error(message) }
    offset += 1
  }

  private mutating func value() throws(JSONError) -> JSON {
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return try nested { parser throws(JSONError) in try parser.object() }
    case UInt8(ascii: "["): return try nested { parser throws(JSONError) in try parser.array() }
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: throw error(offset < bytes.count ? "no value begins so" : "the text ends where a value is expected")
    }
  }

  private mutating func nested(
    _ parse: (inout JSONParser) throws(JSONError) -> JSON
  ) throws(JSONError) -> JSON {
    depth += 1
    if depth > JSON.depthLimit { throw error("more than \(JSON.depthLimit) arrays and objects in each other") }
    offset += 1
    let result = try parse(&self)
    depth -= 1
    return result
  }

  private mutating func word(_ word: StaticString, _ value: JSON) throws(JSONError) -> JSON {
    for i in 0..<word.utf8CodeUnitCount {
      guard next == word.utf8Start[i] else { throw error("expected \(word)") }
      offset += 1
    }
    return value
  }

  private mutating func array() throws(JSONError) -> JSON {
    var values: [JSON] = []
    skipSpace()
    if next == UInt8(ascii: "]") {
      offset += 1
      return .array([])
    }
    while true {
      values.append(try value())
      skipSpace()
      if next != UInt8(ascii: ",") { break }
      offset += 1
    }
    try take(UInt8(ascii: "]"), or: "expected , or ] in an array")
    return .array(values)
  }

  private mutating func object() throws(JSONError) -> JSON {
    var fields: [String: JSON] = [:]
    skipSpace()
    if next == UInt8(ascii: "}") {
      offset += 1
      return .object([:])
    }
    while true {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw error("expected the name of a field") }
      let name = try string()
      skipSpace()
      try take(UInt8(ascii: ":"), or: "expected : after the name of a field")
      fields[name] = try value()
      skipSpace()
      if next != UInt8(ascii: ",") { break }
      offset += 1
    }
    try take(UInt8(ascii: "}"), or: "expected , or } in an object")
    return .object(fields)
  }

  private mutating func number() throws(JSONError) -> JSON {
    let start = offset
    func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
    if next == UInt8(ascii: "-") { offset += 1 }
    guard isDigit(next) else { throw error("expected a digit") }
    if next == UInt8(ascii: "0") { offset += 1 } else { while isDigit(next) { offset += 1 } }
    var isWhole = true
    if next == UInt8(ascii: ".") {
      isWhole = false
      offset += 1
      guard isDigit(next) else { throw error("expected a digit after the point") }
      while isDigit(next) { offset += 1 }
    }
    if next | 0x20 == UInt8(ascii: "e") {
      isWhole = false
      offset += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { offset += 1 }
      guard isDigit(next) else { throw error("expected a digit in the exponent") }
      while isDigit(next) { offset += 1 }
    }
    let text = String(decoding: bytes[start..<offset], as: UTF8.self)
    if isWhole, let value = Int(text) { return .integer(value) }
    guard let value = Double(text), value.isFinite else { throw error("a number that is too large") }
    return .number(value)
  }

  private mutating func string() throws(JSONError) -> String {
    offset += 1
    var content: [UInt8] = []
    var start = offset
    while true {
      guard offset < bytes.count else { throw error("a string has no end") }
      switch bytes[offset] {
      case UInt8(ascii: "\""):
        let end = offset
        offset += 1
        let whole = content.isEmpty ? String(validating: bytes[start..<end], as: UTF8.self) : nil
        if let whole { return whole }
        content += bytes[start..<end]
        guard let text = String(validating: content, as: UTF8.self) else { throw error("a string that is not UTF-8") }
        return text
      case UInt8(ascii: "\\"):
        content += bytes[start..<offset]
        content += Array(String(try escape()).utf8)
        start = offset
      case 0..<0x20: throw error("a control character in a string")
      default: offset += 1
      }
    }
  }

  private mutating func escape() throws(JSONError) -> Character {
    offset += 1
    let kind = next
    offset += 1
    switch kind {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Character(Unicode.Scalar(kind))
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      let first = try hexadecimal()
      // Half of a pair alone is no character; editors send such a half when somebody edits between the two.
      guard first & 0xF800 == 0xD800 else { return Unicode.Scalar(first).map(Character.init) ?? "\u{FFFD}" }
      guard first < 0xDC00, next == UInt8(ascii: "\\"), offset + 1 < bytes.count, bytes[offset + 1] == UInt8(ascii: "u")
      else { return "\u{FFFD}" }
      let before = offset
      offset += 2
      let second = try hexadecimal()
      guard second & 0xFC00 == 0xDC00 else {
        offset = before
        return "\u{FFFD}"
      }
      let scalar = 0x10000 + (UInt32(first & 0x3FF) << 10 | UInt32(second & 0x3FF))
      return Unicode.Scalar(scalar).map(Character.init) ?? "\u{FFFD}"
    default: throw error("no such escape sequence")
    }
  }

  private mutating func hexadecimal() throws(JSONError) -> UInt16 {
    var value: UInt16 = 0
    for _ in 0..<4 {
      guard let digit = Character(Unicode.Scalar(next)).hexDigitValue else {
        throw error("expected four hexadecimal digits")
      }
      value = value << 4 | UInt16(digit)
      offset += 1
    }
    return value
  }
}
