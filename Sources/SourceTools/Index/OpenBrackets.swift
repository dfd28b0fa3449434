// Which brackets are open at a place of a text that may be unfinished.

struct OpenBrackets {
  private var open: [UInt8] = []
  private var quote: UInt8 = 0
  private var isEscaped = false

  var depth: Int { open.count }
  /// In a comment or a string.
  var isQuoted: Bool { quote != 0 }
  /// What closes them all.
  var closing: String { " " + open.reversed().map { String(Unicode.Scalar($0)) }.joined(separator: " ") }

  mutating func add(_ byte: UInt8) {
    if quote != 0 {
      if isEscaped {
        isEscaped = false
      } else if byte == quote {
        quote = 0
      } else {
        isEscaped = quote == UInt8(ascii: "'") && byte == UInt8(ascii: "\\")
      }
      return
    }
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "'"): quote = byte
    case UInt8(ascii: "("): open.append(UInt8(ascii: ")"))
    case UInt8(ascii: "["): open.append(UInt8(ascii: "]"))
    // One that closes nothing, or leaves others open, is a slip; a parenthesis counts more than brackets.
    case UInt8(ascii: "]"): if open.last == byte { open.removeLast() }
    case UInt8(ascii: ")"): if let place = open.lastIndex(of: byte) { open.removeSubrange(place...) }
    default: break
    }
  }
}
