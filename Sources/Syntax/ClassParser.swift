// Classes and methods. After an error in a method, parsing goes on behind the statement (`StatementRecovery`), or at
// the next line that looks like the start of a method, so that one run reports several errors.

extension ParserState {
  mutating func classDefinition() throws(ParseFailure) -> ClassDefinition {
    let start = token.start
    guard tokenIs(.identifier) else { throw unexpected("the name of a class") }
    let name = tokenText
    let nameRange = token.range
    if Parser.constantNames.contains(name) { _ = fail("a class cannot be named \(name)", at: nameRange) }
    advance()
    guard tokenIsOperator(0x3D) else { throw unexpected("=") }
    advance()
    var superclassName = "Object"
    var superclassRange = SourceRange(token.start, token.start)
    if tokenIs(.identifier) {
      superclassName = tokenText
      superclassRange = token.range
      advance()
    }
    if !tokenIs(.openParenthesis) {
      throw unexpected(previousEnd > nameRange.end + 2 ? "(" : "the name of the superclass, or (")
    }
    advance()
    let instanceSide = try side()
    var classSide: ClassSide?
    var separatorRange: SourceRange?
    while tokenIs(.separator) {
      if classSide != nil { throw unexpected(") (there can be only one separator)") }
      separatorRange = token.range
      advance()
      classSide = try side()
    }
    if tokenIs(.endOfInput), !diagnostics.isEmpty { throw ParseFailure() }
    try expect(.closeParenthesis, "a method, a separator ---- or )")
    let end = previousEnd
    var close = end
    while tokenIs(.separator) || startsMethod() {
      // Go on, so that the errors after it are reported, too.
      _ = fail(
        "this ) ends class \(name), but \(tokenText) follows: there is one ) too many before it",
        at: SourceRange(close - 1, close))
      if tokenIs(.separator) { advance() }
      _ = try side()
      try expect(.closeParenthesis, "a method or )")
      close = previousEnd
    }
    if !tokenIs(.endOfInput) { throw unexpected("end of input after the class") }
    return ClassDefinition(
      name: name, nameRange: nameRange, superclassName: superclassName, superclassRange: superclassRange,
      instanceFields: instanceSide.fields, classFields: classSide?.fields ?? [],
      instanceMethods: instanceSide.methods, classMethods: classSide?.methods ?? [],
      range: SourceRange(start, end),
      instanceFieldsRange: instanceSide.fieldsRange, classFieldsRange: classSide?.fieldsRange,
      instanceBodyStart: instanceSide.start, classBodyStart: classSide?.start,
      instanceAppendOffset: instanceSide.end, classAppendOffset: classSide?.end,
      separatorRange: separatorRange)
  }

  struct ClassSide {
    var start = 0
    var end = 0
    var fields: [String] = []
    var fieldsRange: SourceRange?
    var methods: [MethodDefinition] = []
  }

  /// Fields and methods, up to a separator or the closing parenthesis.
  private mutating func side() throws(ParseFailure) -> ClassSide {
    var side = ClassSide()
    side.start = previousEnd
    side.end = previousEnd
    if tokenStartsWithBar, !startsMethod() {
      let start = token.start
      takeBar()
      while tokenIs(.identifier) {
        let name = tokenText
        if name == "self" || name == "super" { _ = fail("a field cannot be named \(name)", at: token.range) }
        if side.fields.contains(name) {
          _ = fail("Field '\(name)' has already been defined in this class.", at: token.range)
        }
        side.fields.append(name)
        advance()
      }
      guard tokenStartsWithBar else { throw unexpected("the name of a field, or |") }
      takeBar()
      side.end = previousEnd
      side.fieldsRange = SourceRange(start, side.end)
    }
    var places: [String: SourceRange] = [:]
    while !tokenIs(.closeParenthesis), !tokenIs(.separator) {
      let start = self
      openMethod = OpenMethod(start: token.start)
      do throws(ParseFailure) {
        let method = try method()
        if let earlier = places.updateValue(method.patternRange, forKey: method.selector) {
          let line = source.position(of: earlier.start).line
          _ = fail(
            "method #\(method.selector) has already been defined in this class, at line \(line)",
            at: method.patternRange)
        }
        side.methods.append(method)
        side.end = previousEnd
      } catch {
        if !recover(fromUnclosed: start), !recover() { throw error }
      }
    }
    return side
  }

  /// If what failed is a method that is not closed before the next one, reports that instead, and goes on there: true.
  private mutating func recover(fromUnclosed start: ParserState) -> Bool {
    guard isFirstOfLine(start.token.start) else { return false }
    let indentation = source.column(of: start.token.start)
    var ahead = start
    ahead.advance()
    while !ahead.tokenIs(.endOfInput), ahead.token.start <= token.start {
      if isFirstOfLine(ahead.token.start), source.column(of: ahead.token.start) <= indentation,
        ahead.startsMethod()
      {
        let selector = start.tokenText
        let line = source.position(of: start.token.start).line
        self = ahead
        _ = unexpected(") at the end of method \(selector) (line \(line))")
        nesting = 0
        return true
      }
      ahead.advance()
    }
    return false
  }

  /// Skips to the next method, separator, or the end; false if there is nothing left to parse. What was not expected may be
  /// the beginning of a method itself; it is behind that of the method that failed.
  private mutating func recover() -> Bool {
    while !tokenIs(.endOfInput) {
      if isFirstOfLine(token.start), tokenIs(.separator) || startsMethod() {
        nesting = 0
        return true
      }
      advance()
    }
    return false
  }

  func isFirstOfLine(_ offset: Int) -> Bool {
    var i = offset
    while i > 0 {
      i -= 1
      switch lexer.bytes[i] {
      case 0x0A: return true
      case 0x20, 0x09, 0x0D: continue
      default: return false
      }
    }
    return true
  }

  /// Looks ahead: a pattern, `=`, and `(` or `primitive`.
  func startsMethod() -> Bool {
    var ahead = self
    switch ahead.token.kind {
    case .identifier: ahead.advance()
    case .binary:
      ahead.advance()
      guard ahead.tokenIs(.identifier) else { return false }
      ahead.advance()
    case .keyword:
      while ahead.tokenIs(.keyword) {
        ahead.advance()
        guard ahead.tokenIs(.identifier) else { return false }
        ahead.advance()
      }
    default: return false
    }
    guard ahead.tokenIsOperator(0x3D) else { return false }
    ahead.advance()
    return ahead.tokenIs(.openParenthesis) || ahead.tokenIsIdentifier("primitive")
  }

  mutating func method() throws(ParseFailure) -> MethodDefinition {
    nextID = 1
    let start = token.start
    var selector = ""
    var arguments: [VariableDeclaration] = []
    switch token.kind {
    case .identifier:
      selector = tokenText
      advance()
    case .binary:
      selector = tokenText
      advance()
      arguments.append(try declaration("the name of an argument"))
    case .keyword:
      while tokenIs(.keyword) {
        selector += tokenText
        advance()
        arguments.append(try declaration("the name of an argument"))
      }
    default: throw unexpected("a method, a separator ---- or )")
    }
    let pattern = SourceRange(start, previousEnd)
    guard tokenIsOperator(0x3D) else { throw unexpected("= after the method's pattern") }
    advance()
    if tokenIsIdentifier("primitive") {
      advance()
      noteRepeated(arguments)
      return MethodDefinition(
        selector: selector, arguments: arguments, isPrimitive: true,
        body: Body(temporaries: [], statements: []), range: SourceRange(start, previousEnd),
        patternRange: pattern, nodeCount: Int(nextID))
    }
    guard tokenIs(.openParenthesis) else { throw unexpected("( or primitive") }
    advance()
    let methodBody = try body(until: .closeParenthesis, ")")
    noteRepeated(arguments + methodBody.temporaries)
    return MethodDefinition(
      selector: selector, arguments: arguments, isPrimitive: false, body: methodBody,
      range: SourceRange(start, previousEnd), patternRange: pattern, nodeCount: Int(nextID))
  }

  mutating func expressionMethod(selector: String) throws(ParseFailure) -> MethodDefinition {
    nextID = 1
    let start = token.start
    let parsed = try body(until: .endOfInput, "end of input")
    noteRepeated(parsed.temporaries)
    var statements = parsed.statements
    switch statements.last {
    case .expression(let value)?:
      statements[statements.count - 1] = .returning(value, id: newID(), value.range)
    case .returning?: break
    case nil:
      let range = SourceRange(start, start)
      let value = Expression.variable(VariableReference(id: newID(), name: "nil", range: range))
      statements.append(.returning(value, id: newID(), range))
    }
    return MethodDefinition(
      selector: selector, arguments: [], isPrimitive: false,
      body: Body(temporaries: parsed.temporaries, statements: statements),
      range: SourceRange(start, previousEnd), patternRange: SourceRange(start, start), nodeCount: Int(nextID))
  }

  /// Notes each name that one scope declares twice. (An inner scope may use a name of an outer one.)
  mutating func noteRepeated(_ declarations: [VariableDeclaration]) {
    if declarations.count < 2 { return }
    var seen: Set<String> = []
    for declaration in declarations where !seen.insert(declaration.name).inserted {
      _ = fail("Variable '\(declaration.name)' shadows another of the same name", at: declaration.range)
    }
  }

  mutating func declaration(_ expected: String) throws(ParseFailure) -> VariableDeclaration {
    guard tokenIs(.identifier) else { throw unexpected(expected) }
    if tokenIsIdentifier("self") || tokenIsIdentifier("super") {
      throw fail("a variable cannot be named \(tokenText)", at: token.range)
    }
    let declaration = VariableDeclaration(id: newID(), name: tokenText, range: token.range)
    advance()
    return declaration
  }
}
