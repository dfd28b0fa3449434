// Tokens, straight from the bytes: no strings are made here. The buffer is followed by a zero byte, which
// ends every scan; a zero byte inside the text is an error token.

public enum TokenKind: UInt8 {
  case endOfInput, identifier, keyword, integer, double, string, symbol, symbolString, arrayStart
  case binary, separator, openParenthesis, closeParenthesis, openBracket, closeBracket
  case period, semicolon, caret, colon, assign
  case invalid
}

enum LexicalProblem: UInt8 {
  case none, unterminatedString, unterminatedComment, badEscape, zeroByte, badCharacter, badSymbol
}

public struct Token {
  public internal(set) var kind = TokenKind.endOfInput
  public internal(set) var start = 0
  public internal(set) var end = 0
  /// Where the text proper begins: after `#` or a quote.
  public internal(set) var textStart = 0
  /// A string with backslashes.
  var hasEscapes = false
  var problem = LexicalProblem.none
  public var range: SourceRange { SourceRange(start, end) }
}

/// What a byte can begin or continue.
private enum ByteClass {
  static let letter: UInt8 = 1
  static let digit: UInt8 = 2
  static let operatorByte: UInt8 = 4
  static let space: UInt8 = 8
}

@inline(__always) private func classify(_ byte: UInt8) -> UInt8 {
  switch byte {
  case 0x61...0x7A, 0x41...0x5A, 0x5F: ByteClass.letter
  case 0x30...0x39: ByteClass.digit
  case 0x20, 0x09, 0x0A, 0x0D, 0x0C: ByteClass.space
  case 0x7E, 0x26, 0x7C, 0x2A, 0x2F, 0x5C, 0x2B, 0x3D, 0x3E, 0x3C, 0x2C, 0x40, 0x25, 0x2D:
    ByteClass.operatorByte
  default: 0
  }
}

struct Lexer {
  let bytes: UnsafePointer<UInt8>
  let count: Int
  var offset = 0

  /// `bytes[count]` must be readable and 0.
  init(bytes: UnsafePointer<UInt8>, count: Int) {
    self.bytes = bytes
    self.count = count
  }

  /// Some editors begin a file with one.
  mutating func skipByteOrderMark() {
    if offset == 0, count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { offset = 3 }
  }

  mutating func next() -> Token {
    if let problem = skipSpace() { return problem }
    var token = Token()
    let start = offset
    token.start = start
    token.textStart = start
    let byte = bytes[start]
    switch byte {
    case 0x28: single(.openParenthesis, &token)
    case 0x29: single(.closeParenthesis, &token)
    case 0x5B: single(.openBracket, &token)
    case 0x5D: single(.closeBracket, &token)
    case 0x2E: single(.period, &token)
    case 0x3B: single(.semicolon, &token)
    case 0x5E: single(.caret, &token)
    case 0x3A:
      offset += 1
      token.kind = .colon
      if bytes[offset] == 0x3D {
        offset += 1
        token.kind = .assign
      }
    case 0x27: string(&token)
    case 0x23: symbol(&token)
    case 0:
      if start >= count {
        token.kind = .endOfInput
      } else {
        offset += 1
        token.kind = .invalid
        token.problem = .zeroByte
      }
    default:
      let kind = classify(byte)
      if kind & ByteClass.letter != 0 || (byte >= 0x80 && nonASCIILetter(at: start) > 0) {
        token.kind = .identifier
        skipIdentifier()
        if bytes[offset] == 0x3A, bytes[offset + 1] != 0x3D {
          offset += 1
          token.kind = .keyword
        }
      } else if kind & ByteClass.digit != 0 {
        number(&token)
      } else if kind & ByteClass.operatorByte != 0 {
        operatorRun(&token)
      } else {
        offset += 1
        while bytes[offset] & 0xC0 == 0x80 { offset += 1 }
        token.kind = .invalid
        token.problem = .badCharacter
      }
    }
    token.end = offset
    return token
  }

  @inline(__always) private mutating func single(_ kind: TokenKind, _ token: inout Token) {
    offset += 1
    token.kind = kind
  }

  /// Skips white space and comments; answers an error token for a comment without an end.
  private mutating func skipSpace() -> Token? {
    while true {
      let byte = bytes[offset]
      if byte == 0x20 || byte == 0x0A || byte == 0x09 || byte == 0x0D || byte == 0x0C {
        offset += 1
      } else if byte == 0x22 {
        let start = offset
        offset += 1
        while bytes[offset] != 0x22 {
          if bytes[offset] == 0, offset >= count {
            return Token(
              kind: .invalid, start: start, end: start + 1, textStart: start, problem: .unterminatedComment)
          }
          offset += 1
        }
        offset += 1
      } else {
        return nil
      }
    }
  }

  private mutating func skipIdentifier() {
    while true {
      let byte = bytes[offset]
      if classify(byte) & (ByteClass.letter | ByteClass.digit) != 0 {
        offset += 1
      } else if byte >= 0x80 {
        let length = nonASCIILetter(at: offset)
        if length == 0 { return }
        offset += length
      } else {
        return
      }
    }
  }

  /// Length in bytes of the alphabetic character here, or 0. The text is valid UTF-8.
  private func nonASCIILetter(at offset: Int) -> Int {
    let lead = bytes[offset]
    let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 0
    guard length > 0, offset + length <= count else { return 0 }
    var value = UInt32(lead) & (0xFF >> UInt32(length + 1))
    for i in 1..<length { value = value << 6 | UInt32(bytes[offset + i] & 0x3F) }
    guard let scalar = Unicode.Scalar(value), scalar.properties.isAlphabetic else { return 0 }
    return length
  }

  func isDigit(at offset: Int) -> Bool { classify(bytes[offset]) & ByteClass.digit != 0 }

  private mutating func number(_ token: inout Token) {
    while isDigit(at: offset) { offset += 1 }
    token.kind = .integer
    if bytes[offset] == 0x2E, isDigit(at: offset + 1) {
      offset += 1
      while isDigit(at: offset) { offset += 1 }
      token.kind = .double
    }
  }

  /// A run of operator characters. It ends before a `-` that directly precedes a digit, unless that is all
  /// there is. Four or more `-` are a separator.
  private mutating func operatorRun(_ token: inout Token) {
    let start = offset
    if bytes[start] == 0x2D, bytes[start + 1] == 0x2D, bytes[start + 2] == 0x2D, bytes[start + 3] == 0x2D {
      while bytes[offset] == 0x2D { offset += 1 }
      token.kind = .separator
      return
    }
    offset += 1
    while classify(bytes[offset]) & ByteClass.operatorByte != 0 {
      if bytes[offset] == 0x2D, isDigit(at: offset + 1) { break }
      offset += 1
    }
    token.kind = .binary
  }

  private mutating func string(_ token: inout Token) {
    offset += 1
    token.textStart = offset
    token.kind = .string
    while true {
      let byte = bytes[offset]
      if byte == 0x27 {
        offset += 1
        return
      } else if byte == 0x5C {
        token.hasEscapes = true
        switch bytes[offset + 1] {
        case 0x74, 0x62, 0x6E, 0x72, 0x66, 0x30, 0x27, 0x5C: offset += 2
        default:
          if offset + 1 < count {
            if token.problem == .none {
              token.problem = .badEscape
              token.textStart = offset
            }
            offset += 1
          } else {
            offset += 1
          }
        }
      } else if byte == 0, offset >= count {
        token.kind = .invalid
        token.problem = .unterminatedString
        return
      } else {
        offset += 1
      }
    }
  }

  private mutating func symbol(_ token: inout Token) {
    offset += 1
    while classify(bytes[offset]) == ByteClass.space { offset += 1 }
    token.textStart = offset
    let byte = bytes[offset]
    if byte == 0x27 {
      string(&token)
      if token.kind == .string { token.kind = .symbolString }
    } else if byte == 0x28 {
      offset += 1
      token.kind = .arrayStart
    } else if classify(byte) == ByteClass.operatorByte {
      while classify(bytes[offset]) == ByteClass.operatorByte { offset += 1 }
      token.kind = .symbol
    } else {
      token.kind = .symbol
      var first = true
      while classify(bytes[offset]) == ByteClass.letter || nonASCIILetter(at: offset) > 0 {
        let part = offset
        skipIdentifier()
        if bytes[offset] == 0x3A, bytes[offset + 1] != 0x3D {
          offset += 1
        } else if first {
          return
        } else {
          // `#at:foo`: the symbol is `#at:`, and `foo` a unary message.
          offset = part
          return
        }
        first = false
      }
      if first {
        token.kind = .invalid
        token.problem = .badSymbol
      }
    }
  }
}
