// JSON to text, in one line.

extension JSON: CustomStringConvertible {
  /// UTF-8, without line ends; fields in the order of their names.
  public var bytes: [UInt8] {
    var result: [UInt8] = []
    write(to: &result)
    return result
  }

  public var description: String { String(decoding: bytes, as: UTF8.self) }

  /// Adds the text to others.
  public func write(to result: inout [UInt8]) {
    switch self {
    case .written(let bytes): result += bytes
    case .null: result += "null".utf8
    case .bool(let value): result += (value ? "true" : "false").utf8
    case .integer(let value): result += String(value).utf8
    // (There is no other number that a Double has and JSON has not.)
    case .number(let value): result += (value.isFinite ? String(value) : "null").utf8
    case .string(let text): Self.write(text, to: &result)
    case .array(let values):
      result.appendList(values) { $0.write(to: &$1) }
    case .object(let fields):
      result.append(UInt8(ascii: "{"))
      var isFirst = true
      func add(_ field: (key: String, value: JSON), _ result: inout [UInt8]) {
        if !isFirst { result.append(UInt8(ascii: ",")) }
        isFirst = false
        Self.write(field.key, to: &result)
        result.append(UInt8(ascii: ":"))
        field.value.write(to: &result)
      }
      var rest = fields.makeIterator()
      // Most have two fields, as places have; those need no list to be sorted.
      if fields.count == 2, let one = rest.next(), let other = rest.next() {
        add(one.key < other.key ? one : other, &result)
        add(one.key < other.key ? other : one, &result)
      } else {
        for field in fields.sorted(by: { $0.key < $1.key }) { add(field, &result) }
      }
      result.append(UInt8(ascii: "}"))
    }
  }

  private static func write(_ text: String, to result: inout [UInt8]) {
    result.append(UInt8(ascii: "\""))
    defer { result.append(UInt8(ascii: "\"")) }
    // Most have nothing that is written otherwise.
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
      result += text.utf8
      return
    }
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): result += [UInt8(ascii: "\\"), byte]
      case UInt8(ascii: "\\"): result += [byte, byte]
      case 0x0A: result += Array("\\n".utf8)
      case 0x0D: result += Array("\\r".utf8)
      case 0x09: result += Array("\\t".utf8)
      case 0..<0x20:
        let digits = String(byte, radix: 16)
        result += Array("\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8)
      default: result.append(byte)
      }
    }
  }
}

extension [UInt8] {
  /// Adds the text of an array, whose elements somebody else writes.
  public mutating func appendList<S: Sequence>(_ elements: S, _ write: (S.Element, inout [UInt8]) -> Void) {
    append(UInt8(ascii: "["))
    var isFirst = true
    for element in elements {
      if !isFirst { append(UInt8(ascii: ",")) }
      isFirst = false
      write(element, &self)
    }
    append(UInt8(ascii: "]"))
  }
}
