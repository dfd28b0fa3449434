// After an error in a statement, parsing goes on with the next one, so that the errors of several statements are
// reported. Only the brackets can tell where a statement ends that does not parse: where those of the method do not
// match, what follows would be guesses, and the method is given up.

/// A method of a class, while it is parsed.
struct OpenMethod {
  let start: Int
  /// Once it is known: whether all of its brackets match, and the class goes on, or ends, behind it.
  var isClosed: Bool?
}

extension Parser {
  /// With so many errors in a text, a method is given up at its first.
  static let recoveryLimit = 100
}

extension ParserState {
  /// Skips a statement that failed, up to its period or the end of its block or method. False if that is not certain.
  mutating func skipStatement(from start: Int, nesting: Int, until end: TokenKind) -> Bool {
    guard diagnostics.count < Parser.recoveryLimit, isMethodClosed() else { return false }
    self.nesting = nesting
    move(to: start)
    var depth = 0
    while !tokenIs(.endOfInput) {
      switch token.kind {
      case .openParenthesis, .arrayStart, .openBracket: depth += 1
      case .closeParenthesis, .closeBracket:
        if depth == 0 { return tokenIs(end) }
        depth -= 1
      case .period where depth == 0: return true
      default: break
      }
      advance()
    }
    return false
  }

  private mutating func isMethodClosed() -> Bool {
    guard let method = openMethod else { return false }
    if let known = method.isClosed { return known }
    let isClosed = hasMatchingBrackets(method)
    openMethod?.isClosed = isClosed
    return isClosed
  }

  /// Looks for the parenthesis that ends a method, before another method begins.
  private func hasMatchingBrackets(_ method: OpenMethod) -> Bool {
    let indentation = source.column(of: method.start)
    var ahead = self
    ahead.move(to: method.start)
    var wanted: [TokenKind] = []
    while !ahead.tokenIs(.endOfInput), !ahead.tokenIs(.separator) {
      if !wanted.isEmpty, isFirstOfLine(ahead.token.start), source.column(of: ahead.token.start) <= indentation,
        ahead.startsMethod()
      {
        return false
      }
      switch ahead.token.kind {
      case .openParenthesis, .arrayStart: wanted.append(.closeParenthesis)
      case .openBracket: wanted.append(.closeBracket)
      case .closeParenthesis, .closeBracket:
        if wanted.popLast() != ahead.token.kind { return false }
        if wanted.isEmpty {
          ahead.advance()
          if ahead.tokenIs(.separator) || ahead.startsMethod() { return true }
          guard ahead.tokenIs(.closeParenthesis) else { return false }
          ahead.advance()
          return ahead.tokenIs(.endOfInput)
        }
      default: break
      }
      ahead.advance()
    }
    return false
  }

  private mutating func move(to offset: Int) {
    lexer.offset = offset
    advance()
  }
}
