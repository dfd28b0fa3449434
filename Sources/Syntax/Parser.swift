// The recursive-descent parser's public face, and what all of its parts share: the current token, failure,
// and the limit on nesting.

public enum Parser {
  /// Parses a class file.
  public static func parseClass(_ source: SourceText) throws(SyntaxErrors) -> ClassDefinition {
    try parse(source) { parser throws(ParseFailure) in try parser.classDefinition() }
  }

  /// Reads a class file as far as it goes, and all that is wrong with it: methods and statements that do not parse are left
  /// out. No definition: its header is wrong, or the text is no UTF-8.
  public static func parseClassPartially(
    _ source: SourceText
  ) -> (definition: ClassDefinition?, diagnostics: [Diagnostic]) {
    do throws(SyntaxErrors) { try checkEncoding(source) } catch { return (nil, error.diagnostics) }
    return withTokens(of: source) { initial in
      var state = initial
      let definition = try? state.classDefinition()
      return (definition, state.diagnostics.sorted { $0.range.start < $1.range.start })
    }
  }

  /// Parses the text of one method, `foo: x = ( … )`, as it would stand in a class file.
  public static func parseMethod(_ source: SourceText) throws(SyntaxErrors) -> MethodDefinition {
    try parse(source) { parser throws(ParseFailure) in
      let method = try parser.method()
      if parser.token.kind != .endOfInput { throw parser.unexpected("end of the method") }
      return method
    }
  }

  /// Parses temporaries and statements into a unary method `selector` that answers the value of the last one
  /// (nil if there are none).
  public static func parseExpression(
    _ source: SourceText, selector: String = "doIt"
  ) throws(SyntaxErrors) -> MethodDefinition {
    try parse(source) { parser throws(ParseFailure) in try parser.expressionMethod(selector: selector) }
  }

  /// Names that mean the same everywhere, so no class can have them.
  static let constantNames: Set<String> = ["self", "super", "nil", "true", "false"]

  /// True if a field can have this name: as a field list in a class file could say it.
  public static func isFieldName(_ name: String) -> Bool { isIdentifier(name) && name != "self" && name != "super" }

  /// True if a class can have this name, as its file could say it.
  public static func isClassName(_ name: String) -> Bool { isIdentifier(name) && !constantNames.contains(name) }

  private static func isIdentifier(_ name: String) -> Bool {
    withTokens(of: SourceText(name: "name", name)) { state in
      var state = state
      let range = state.token.range
      guard state.tokenIs(.identifier), range.start == 0 else { return false }
      state.advance()
      return state.tokenIs(.endOfInput) && range.end == name.utf8.count
    }
  }

  /// Deepest nesting of parentheses, blocks and literal arrays.
  public static let nestingLimit = 400
  /// Longest chain of messages, `a b c d …` or `1 + 2 + 3 …`, in an expression.
  public static let chainLimit = 1000
  /// Most digits of an integer literal: converting them takes time that nothing can interrupt.
  public static let digitLimit = 1_000_000

  static func parse<T>(
    _ source: SourceText, _ rule: (inout ParserState) throws(ParseFailure) -> T
  ) throws(SyntaxErrors) -> T {
    try checkEncoding(source)
    let result: Result<T, SyntaxErrors> = withTokens(of: source) { initial in
      var state = initial
      do throws(ParseFailure) {
        let value = try rule(&state)
        if state.diagnostics.isEmpty { return .success(value) }
      } catch {}
      return .failure(SyntaxErrors(state.diagnostics.sorted { $0.range.start < $1.range.start }))
    }
    return try result.get()
  }

  private static func checkEncoding(_ source: SourceText) throws(SyntaxErrors) {
    guard let offset = firstInvalidUTF8(source.bytes) else { return }
    throw SyntaxErrors([
      Diagnostic(
        in: source, at: SourceRange(offset, offset + 1), found: "a byte that is not UTF-8", expected: "UTF-8 text")
    ])
  }

  /// Calls `body` with the parser before the first token of valid UTF-8; it is valid within the call only.
  public static func withTokens<T, E: Error>(
    of source: SourceText, _ body: (ParserState) throws(E) -> T
  ) throws(E) -> T {
    let bytes = source.bytes
    // Four zero bytes, so that the lexer may look ahead without checking for the end.
    let padded = [UInt8](unsafeUninitializedCapacity: bytes.count + 4) { buffer, count in
      bytes.withUnsafeBufferPointer { input in
        for i in 0..<input.count { buffer[i] = input[i] }
      }
      for i in 0..<4 { buffer[bytes.count + i] = 0 }
      count = bytes.count + 4
    }
    return try padded.withUnsafeBufferPointer { buffer throws(E) in
      // Never nil: there are at least four bytes.
      try body(ParserState(source: source, lexer: Lexer(bytes: buffer.baseAddress!, count: bytes.count)))
    }
  }

  /// Offset of the first byte that does not continue valid UTF-8, or nil.
  private static func firstInvalidUTF8(_ bytes: [UInt8]) -> Int? {
    bytes.withUnsafeBufferPointer { buffer -> Int? in
      var seen: UInt8 = 0
      for byte in buffer { seen |= byte }
      if seen < 0x80 { return nil }
      var decoder = UTF8.ForwardParser()
      var iterator = buffer.makeIterator()
      var offset = 0
      while true {
        switch decoder.parseScalar(from: &iterator) {
        case .valid(let encoded): offset += encoded.count
        case .emptyInput: return nil
        case .error: return offset
        }
      }
    }
  }
}

/// Thrown after a diagnostic has been noted.
struct ParseFailure: Error {}

/// What comes next in a text: to the parser, and with what is public here to tools that read its tokens themselves.
public struct ParserState {
  public let source: SourceText
  var lexer: Lexer
  public internal(set) var token = Token()
  var diagnostics: [Diagnostic] = []
  var nextID: NodeID = 0
  /// End of the token before the current one.
  public internal(set) var previousEnd = 0
  var nesting = 0
  /// The method that is parsed; nil outside of a class.
  var openMethod: OpenMethod?
  /// Address near which the native stack was when parsing began.
  let stackBase: UInt

  init(source: SourceText, lexer: Lexer) {
    self.source = source
    self.lexer = lexer
    stackBase = NativeStack.position()
    self.lexer.skipByteOrderMark()
    token = self.lexer.next()
  }

  public mutating func advance() {
    previousEnd = token.end
    token = lexer.next()
  }

  mutating func newID() -> NodeID {
    defer { nextID += 1 }
    return nextID
  }

  public func text(_ start: Int, _ end: Int) -> String {
    String(decoding: UnsafeBufferPointer(start: lexer.bytes + start, count: end - start), as: UTF8.self)
  }

  public var tokenText: String { text(token.start, token.end) }

  public func tokenIs(_ kind: TokenKind) -> Bool { token.kind == kind }

  /// True if the current token is the binary operator that consists of this one character.
  public func tokenIsOperator(_ character: UInt8) -> Bool {
    token.kind == .binary && token.end == token.start + 1 && lexer.bytes[token.start] == character
  }

  func tokenIsIdentifier(_ name: StaticString) -> Bool {
    guard token.kind == .identifier, token.end - token.start == name.utf8CodeUnitCount else { return false }
    for i in 0..<name.utf8CodeUnitCount where lexer.bytes[token.start + i] != name.utf8Start[i] {
      return false
    }
    return true
  }

  /// True if the current token begins with `|`.
  public var tokenStartsWithBar: Bool { token.kind == .binary && lexer.bytes[token.start] == 0x7C }

  /// Consumes one `|`, leaving the rest of an operator such as `||` as the next token.
  public mutating func takeBar() {
    lexer.offset = token.start + 1
    previousEnd = token.start + 1
    token = lexer.next()
  }

  // MARK: Failure

  /// Notes that something else was expected here.
  mutating func unexpected(_ expected: String) -> ParseFailure {
    let hint = ForeignSpelling.hint(token, previousEnd: previousEnd, in: lexer, expected: expected)
    let advice = hint.map { "; \($0)" } ?? ""
    switch token.problem {
    case .none:
      diagnostics.append(
        Diagnostic(
          in: source, at: token.range, message: "expected \(expected), found \(describeToken())\(advice)",
          found: describeToken(), expected: expected, isIncomplete: tokenIs(.endOfInput)))
    case .unterminatedString:
      note("this string has no end", token.start, expected: "'", isIncomplete: true)
    case .unterminatedComment:
      note("this comment has no end", token.start, expected: "\"", isIncomplete: true)
    case .badEscape:
      let escape = text(token.textStart, min(token.textStart + 2, token.end))
      note("Unknown escape sequence '\(escape)'", token.textStart, expected: "one of \\t \\b \\n \\r \\f \\0 \\' \\\\")
    case .zeroByte:
      note("a zero byte in the text", token.start, expected: expected)
    case .badCharacter:
      note("expected \(expected), found \(describeToken())\(advice)", token.start, expected: expected)
    case .badSymbol:
      note(
        "expected a name, an operator, a string or ( after #\(advice)", token.start, expected: "a symbol or an array",
        isIncomplete: token.end >= lexer.count)
    }
    return ParseFailure()
  }

  private mutating func note(
    _ message: String, _ offset: Int, expected: String, isIncomplete: Bool = false
  ) {
    diagnostics.append(
      Diagnostic(
        in: source, at: SourceRange(offset, max(token.end, offset)), message: message, found: describeToken(),
        expected: expected, isIncomplete: isIncomplete))
  }

  mutating func fail(_ message: String, at range: SourceRange) -> ParseFailure {
    diagnostics.append(Diagnostic(in: source, at: range, message: message))
    return ParseFailure()
  }

  private func describeToken() -> String {
    switch token.kind {
    case .endOfInput: return "end of input"
    case .string: return "a string"
    default:
      var description = ""
      for scalar in text(token.start, min(token.end, token.start + 40)).unicodeScalars {
        if scalar.value < 0x20 || scalar == "\u{FFFD}" { break }
        description.unicodeScalars.append(scalar)
      }
      return "'\(description)'"
    }
  }

  mutating func expect(_ kind: TokenKind, _ expected: String) throws(ParseFailure) {
    if token.kind != kind { throw unexpected(expected) }
    advance()
  }

  // MARK: Nesting

  /// Called at every nested construct, so that no text can exhaust the native stack.
  mutating func enterNesting() throws(ParseFailure) {
    nesting += 1
    if nesting > Parser.nestingLimit || NativeStack.used(since: stackBase) > NativeStack.budget {
      throw fail("too deeply nested", at: token.range)
    }
  }

  mutating func leaveNesting() { nesting -= 1 }
}

/// Bounds recursion by the native stack that it uses; the smallest thread stacks have 512 KiB.
public enum NativeStack {
  /// Bytes that one parse or one compilation may use.
  public static let budget: UInt = 320 << 10

  /// An address in the caller's part of the stack.
  @inline(never) public static func position() -> UInt {
    var marker: UInt8 = 0
    return withUnsafeMutablePointer(to: &marker) { UInt(bitPattern: $0) }
  }

  public static func used(since base: UInt) -> UInt {
    let here = position()
    return here < base ? base - here : here - base
  }
}
