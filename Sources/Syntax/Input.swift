// What a person types at a prompt: statements or a whole class, and whether the text is complete.

/// A text typed at a prompt, parsed.
public enum ParsedInput: Sendable {
  /// White space and comments.
  case nothing
  /// Statements, as a unary method.
  case expression(MethodDefinition)
  case classDefinition(ClassDefinition)
}

extension Parser {
  /// Parses statements or a class. `Name = ( … )` is a class if it can be one, else a comparison. Errors whose
  /// `isIncomplete` is true ask for more lines.
  public static func parseInput(_ source: SourceText) throws(SyntaxErrors) -> ParsedInput {
    var asClass: SyntaxErrors?
    if try parse(source, { state throws(ParseFailure) in state.startsClass() }) {
      do throws(SyntaxErrors) { return .classDefinition(try parseClass(source)) } catch { asClass = error }
    }
    do throws(SyntaxErrors) {
      let isEmpty = try parse(source) { state throws(ParseFailure) in state.tokenIs(.endOfInput) }
      return isEmpty ? .nothing : .expression(try parseExpression(source, selector: "input"))
    } catch {
      guard let asClass, !error.isIncomplete else { throw error }
      // What got further is what was meant.
      func place(_ errors: SyntaxErrors) -> Int { errors.diagnostics.map(\.range.start).min() ?? 0 }
      throw asClass.isIncomplete || place(asClass) >= place(error) ? asClass : error
    }
  }
}

extension ParserState {
  /// Looks ahead: a capitalized name, `=`, perhaps another name, and `(`.
  fileprivate func startsClass() -> Bool {
    guard tokenIs(.identifier), tokenText.unicodeScalars.first?.properties.isUppercase == true else {
      return false
    }
    var ahead = self
    ahead.advance()
    guard ahead.tokenIsOperator(0x3D) else { return false }
    ahead.advance()
    if ahead.tokenIs(.identifier) { ahead.advance() }
    return ahead.tokenIs(.openParenthesis)
  }
}

/// Follows a text that arrives line by line: while a bracket, a string or a comment is open, it cannot be complete,
/// and need not be parsed to know that. (It may be wrong already.)
public struct OpenText: Sendable {
  private enum Place { case code, string, escape, comment }
  private var place = Place.code
  private var depth = 0

  /// Before any text.
  public init() {}

  /// Whether more has to come: a bracket, a string or a comment is open.
  public var isOpen: Bool { place != .code || depth > 0 }
  /// Whether the end is within a string.
  public var isInString: Bool { place == .string || place == .escape }

  /// Goes on with bytes of UTF-8.
  public mutating func add(_ text: some Sequence<UInt8>) {
    for byte in text {
      switch (place, byte) {
      case (.code, UInt8(ascii: "(")), (.code, UInt8(ascii: "[")): depth += 1
      case (.code, UInt8(ascii: ")")), (.code, UInt8(ascii: "]")): depth -= 1
      case (.code, UInt8(ascii: "'")): place = .string
      case (.code, UInt8(ascii: "\"")): place = .comment
      case (.string, UInt8(ascii: "\\")): place = .escape
      case (.string, UInt8(ascii: "'")), (.comment, UInt8(ascii: "\"")): place = .code
      case (.escape, _): place = .string
      default: break
      }
    }
  }
}
