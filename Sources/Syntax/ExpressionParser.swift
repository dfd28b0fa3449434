// Statements and expressions.

extension ParserState {
  /// Temporaries and statements, and the token that ends them.
  /// - Parameter open: where the block or method begins; nil for a text that is no more than the body.
  mutating func body(
    until end: TokenKind, _ endText: String, from open: Int? = nil
  ) throws(ParseFailure) -> Body {
    var temporaries: [VariableDeclaration] = []
    if tokenStartsWithBar {
      takeBar()
      while tokenIs(.identifier) { temporaries.append(try declaration("the name of a variable")) }
      guard tokenStartsWithBar else { throw unexpected("the name of a variable, or |") }
      takeBar()
    }
    var statements: [Statement] = []
    while token.kind != end {
      let start = token.start
      let depth = nesting
      do throws(ParseFailure) {
        statements.append(try statement(orEnd: statements.isEmpty ? endText : ""))
        if !tokenIs(.period), token.kind != end {
          throw unexpected("a message, . or \(endText)\(opened(open))")
        }
      } catch {
        guard skipStatement(from: start, nesting: depth, until: end) else { throw error }
      }
      if tokenIs(.period) { advance() }
    }
    advance()
    return Body(temporaries: temporaries, statements: statements)
  }

  /// Where the open bracket is, if that is in another line.
  private func opened(_ offset: Int?) -> String {
    guard let offset else { return "" }
    let line = source.position(of: offset).line
    return line == source.position(of: token.start).line ? "" : " for the block of line \(line)"
  }

  private mutating func statement(orEnd end: String) throws(ParseFailure) -> Statement {
    let start = token.start
    if tokenIs(.caret) {
      advance()
      let id = newID()
      let value = try expression()
      return .returning(value, id: id, SourceRange(start, previousEnd))
    }
    return .expression(try expression())
  }

  mutating func expression() throws(ParseFailure) -> Expression {
    if tokenIs(.identifier) {
      let reference = variable()
      guard tokenIs(.assign) else { return try messages(to: .variable(reference)) }
      // `a := b := c := …`, without recursion.
      var targets = [(newID(), reference)]
      advance()
      while true {
        guard tokenIs(.identifier) else {
          let value = try messages(to: try primary())
          return assign(targets, value)
        }
        let next = variable()
        guard tokenIs(.assign) else {
          let value = try messages(to: .variable(next))
          return assign(targets, value)
        }
        if targets.count >= Parser.nestingLimit { throw fail("too many assignments", at: token.range) }
        targets.append((newID(), next))
        advance()
      }
    }
    return try messages(to: try primary())
  }

  private func assign(_ targets: [(NodeID, VariableReference)], _ value: Expression) -> Expression {
    var result = value
    for (id, target) in targets.reversed() {
      result = .assignment(
        Assignment(id: id, target: target, value: result, range: SourceRange(target.range.start, previousEnd))
      )
    }
    return result
  }

  private mutating func variable() -> VariableReference {
    let reference = VariableReference(id: newID(), name: tokenText, range: token.range)
    advance()
    return reference
  }

  /// All messages to a receiver: unary, binary, keyword, and cascaded ones.
  private mutating func messages(to primary: Expression) throws(ParseFailure) -> Expression {
    var chain = 0
    var value = try binaryMessages(to: try unaryMessages(to: primary, &chain), &chain)
    if tokenIs(.keyword) {
      chain += 1
      value = send(try keywordMessage(), to: value)
    }
    if tokenIs(.semicolon) {
      // A message in parentheses is none to cascade: `(a b: 1); c`.
      guard chain > 0 else { throw unexpected("a message before ;") }
      value = try cascade(value)
    }
    return value
  }

  private func send(_ message: Message, to receiver: Expression) -> Expression {
    .send(
      Send(receiver: receiver, message: message, range: SourceRange(receiver.range.start, message.range.end)))
  }

  private mutating func countChain(_ chain: inout Int) throws(ParseFailure) {
    chain += 1
    if chain > Parser.chainLimit { throw fail("too many messages in one expression", at: token.range) }
  }

  private mutating func unaryMessages(
    to receiver: Expression, _ chain: inout Int
  ) throws(ParseFailure) -> Expression {
    var value = receiver
    while tokenIs(.identifier) {
      try countChain(&chain)
      value = send(unaryMessage(), to: value)
    }
    return value
  }

  private mutating func unaryMessage() -> Message {
    let message = Message(
      id: newID(), selector: tokenText, arguments: [], selectorRange: token.range, range: token.range)
    advance()
    return message
  }

  private mutating func binaryMessages(
    to receiver: Expression, _ chain: inout Int
  ) throws(ParseFailure) -> Expression {
    var value = receiver
    while tokenIs(.binary) {
      try countChain(&chain)
      value = send(try binaryMessage(), to: value)
    }
    return value
  }

  private mutating func binaryMessage() throws(ParseFailure) -> Message {
    let range = token.range
    let selector = tokenText
    let id = newID()
    advance()
    var chain = 0
    let argument = try unaryMessages(to: try primary(), &chain)
    return Message(
      id: id, selector: selector, arguments: [argument], selectorRange: range,
      range: SourceRange(range.start, previousEnd))
  }

  private mutating func keywordMessage() throws(ParseFailure) -> Message {
    let range = token.range
    let id = newID()
    var selector = ""
    var arguments: [Expression] = []
    while tokenIs(.keyword) {
      selector += tokenText
      advance()
      var chain = 0
      arguments.append(try binaryMessages(to: try unaryMessages(to: try primary(), &chain), &chain))
    }
    return Message(
      id: id, selector: selector, arguments: arguments, selectorRange: range,
      range: SourceRange(range.start, previousEnd))
  }

  private mutating func cascade(_ first: Expression) throws(ParseFailure) -> Expression {
    guard case .send(let head) = first else { throw unexpected("a message before ;") }
    let id = newID()
    var messages = [head.message]
    while tokenIs(.semicolon) {
      advance()
      switch token.kind {
      case .identifier: messages.append(unaryMessage())
      case .binary: messages.append(try binaryMessage())
      case .keyword: messages.append(try keywordMessage())
      default: throw unexpected("a message")
      }
    }
    return .cascade(
      Cascade(
        id: id, receiver: head.receiver, messages: messages, range: SourceRange(head.range.start, previousEnd)
      ))
  }

  private mutating func primary() throws(ParseFailure) -> Expression {
    switch token.kind {
    case .identifier: return .variable(variable())
    case .openParenthesis:
      try enterNesting()
      advance()
      let value = try expression()
      guard tokenIs(.closeParenthesis) else { throw unexpected("a message or )") }
      advance()
      leaveNesting()
      return value
    case .openBracket: return try block()
    default:
      let start = token.start
      guard let value = try literal() else { throw unexpected("an expression") }
      return .literal(value, SourceRange(start, previousEnd))
    }
  }

  private mutating func block() throws(ParseFailure) -> Expression {
    try enterNesting()
    let start = token.start
    let id = newID()
    advance()
    var arguments: [VariableDeclaration] = []
    while tokenIs(.colon) {
      advance()
      arguments.append(try declaration("the name of a block argument"))
    }
    if !arguments.isEmpty {
      guard tokenStartsWithBar else { throw unexpected("| after the block's arguments") }
      takeBar()
    }
    let blockBody = try body(until: .closeBracket, "]", from: start)
    noteRepeated(arguments + blockBody.temporaries)
    leaveNesting()
    return .block(
      BlockLiteral(id: id, arguments: arguments, body: blockBody, range: SourceRange(start, previousEnd)))
  }

  // MARK: Literals

  /// A literal, or nil if there is none here.
  private mutating func literal() throws(ParseFailure) -> LiteralValue? {
    switch token.kind {
    case .integer, .double: return try number(negative: false)
    case .string:
      return .string(try stringText())
    case .symbolString:
      return .symbol(try stringText())
    case .symbol:
      let name = text(token.textStart, token.end)
      advance()
      return .symbol(name)
    case .arrayStart: return .array(try literalArray())
    case .binary where tokenIsOperator(0x2D):
      let ahead = self
      advance()
      if tokenIs(.integer) || tokenIs(.double) { return try number(negative: true) }
      self = ahead
      return nil
    default: return nil
    }
  }

  private mutating func number(negative: Bool) throws(ParseFailure) -> LiteralValue {
    if tokenIs(.integer), token.end - token.start > Parser.digitLimit {
      throw fail(
        "an integer literal may have \(Parser.digitLimit) digits at most; Integer fromString: reads longer ones",
        at: token.range)
    }
    defer { advance() }
    let digits = text(token.start, token.end)
    if tokenIs(.double) {
      let value = Double(digits) ?? .infinity
      return .double(negative ? -value : value)
    }
    if let value = Int(digits) {
      let signed = negative ? -value : value
      if signed >= -(1 << 62), signed < 1 << 62 { return .integer(signed) }
    }
    let significant = String(digits.drop { $0 == "0" })
    return .bigInteger(negative ? "-" + significant : significant)
  }

  private mutating func stringText() throws(ParseFailure) -> String {
    if token.problem != .none { throw unexpected("a string") }
    defer { advance() }
    if !token.hasEscapes { return text(token.textStart, token.end - 1) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(token.end - token.textStart)
    var i = token.textStart
    while i < token.end - 1 {
      var byte = lexer.bytes[i]
      if byte == 0x5C {
        i += 1
        switch lexer.bytes[i] {
        case 0x74: byte = 0x09
        case 0x62: byte = 0x08
        case 0x6E: byte = 0x0A
        case 0x72: byte = 0x0D
        case 0x66: byte = 0x0C
        case 0x30: byte = 0x00
        default: byte = lexer.bytes[i]
        }
      }
      bytes.append(byte)
      i += 1
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Inside an array, names and operators without `#` are symbols, too.
  private mutating func literalArray() throws(ParseFailure) -> [LiteralValue] {
    try enterNesting()
    advance()
    var elements: [LiteralValue] = []
    while !tokenIs(.closeParenthesis) {
      if let value = try literal() {
        elements.append(value)
      } else if tokenIs(.identifier) || tokenIs(.keyword) || tokenIs(.binary) {
        elements.append(.symbol(tokenText))
        advance()
      } else {
        throw unexpected("a literal or )")
      }
    }
    advance()
    leaveNesting()
    return elements
  }
}
