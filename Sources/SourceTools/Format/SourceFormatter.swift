// The formatter's public face. What it answers has been parsed again and compared: same tree, same comments.

import Syntax

public enum FormatError: Error, Sendable, CustomStringConvertible {
  /// The text is not SOM; nothing is formatted.
  case syntax(SyntaxErrors)
  /// It is, but the formatter would have changed its meaning: a fault of the formatter.
  case changed(file: String, what: String)

  public var description: String {
    switch self {
    case .syntax(let errors): errors.description
    case .changed(let file, let what):
      "\(file): formatting would change \(what); the file is left as it is (please report this)"
    }
  }
}

public enum SourceFormatter {
  /// Columns that a line may have, where it can be broken.
  public static let lineWidth = 100

  /// A class file in the project's layout. Comments, parentheses and literals stay as they are; so do the author's
  /// blank lines (one at a time), and breaks before statements, keywords, operators and cascaded messages.
  public static func format(_ source: SourceText) throws(FormatError) -> String {
    let before = try parse(source)
    let text: String
    do throws(TooDeep) { text = try layOut(before, source) } catch {
      throw .syntax(
        SyntaxErrors([
          Diagnostic(in: source, at: before.nameRange, message: "too deeply nested to be formatted")
        ]))
    }
    let result = SourceText(name: source.name, text)
    let after: ClassDefinition
    do throws(SyntaxErrors) { after = try Parser.parseClass(result) } catch {
      throw .changed(file: source.name, what: "the syntax (\(error))")
    }
    var comparison = TreeComparison()
    if !comparison.isSame(before, after) { throw .changed(file: source.name, what: comparison.difference) }
    if comments(source) != comments(result) { throw .changed(file: source.name, what: "a comment") }
    return text
  }

  private static func parse(_ source: SourceText) throws(FormatError) -> ClassDefinition {
    do throws(SyntaxErrors) { return try Parser.parseClass(source) } catch { throw .syntax(error) }
  }

  private static func layOut(_ definition: ClassDefinition, _ source: SourceText) throws(TooDeep) -> String {
    try Parser.withTokens(of: source) { state throws(TooDeep) in
      var builder = LayoutBuilder(source, TokenCursor(state))
      let file = try builder.file(definition)
      var printer = LayoutPrinter(lineEnd: builder.cursor.lineEnd ?? "\n")
      try printer.print(file)
      return printer.text
    }
  }

  /// The text's comments in order, without the indentation of their lines.
  static func comments(_ source: SourceText) -> [String] {
    Parser.withTokens(of: source) { state in
      var cursor = TokenCursor(state)
      var result: [String] = []
      while true {
        result += cursor.takeGap().comments.map(\.textWithoutIndentation)
        if cursor.kind == .endOfInput { return result }
        _ = cursor.take()
      }
    }
  }
}

/// Nested deeper than the native stack allows.
struct TooDeep: Error {}
