// Line ends are the file's affair: the same text with other ones is the same, but for strings that go over lines.

extension SourceText {
  /// A text with the line ends of a file, `\n` or `\r\n`; those within strings and symbols stay.
  public static func withLineEnds(_ end: String, _ text: String) -> String {
    if end == "\n" ? !text.utf8.contains(0x0D) : !text.utf8.contains(0x0A) { return text }
    let source = SourceText(name: "text", text)
    var result: [UInt8] = []
    result.reserveCapacity(source.bytes.count + 64)
    var literals = literalRanges(source)[...]
    for (i, byte) in source.bytes.enumerated() {
      while let first = literals.first, first.end <= i { literals.removeFirst() }
      let isLiteral = literals.first.map { $0.start <= i } ?? false
      let isPair = byte == 0x0D && i + 1 < source.bytes.count && source.bytes[i + 1] == 0x0A
      if isLiteral {
        result.append(byte)
      } else if byte == 0x0A {
        result += Array(end.utf8)
      } else if !isPair {
        result.append(byte)
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// Strings and symbols with quotes.
  private static func literalRanges(_ source: SourceText) -> [SourceRange] {
    Parser.withTokens(of: source) { state in
      var state = state
      var ranges: [SourceRange] = []
      while !state.tokenIs(.endOfInput) {
        if state.tokenIs(.string) || state.tokenIs(.symbolString) { ranges.append(state.token.range) }
        state.advance()
      }
      return ranges
    }
  }

  /// What ends the lines of this text: that of the first one.
  public var lineEnd: String {
    guard let end = bytes.firstIndex(of: 0x0A), end > 0 else { return "\n" }
    return bytes[end - 1] == 0x0D ? "\r\n" : "\n"
  }
}
