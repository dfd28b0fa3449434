// What is wrong with a text, and where.

public struct Diagnostic: Error, Sendable, Equatable, CustomStringConvertible {
  public let file: String
  /// From 1.
  public let line: Int
  /// From 1, in Unicode scalars.
  public let column: Int
  /// UTF-8 offsets of the offending text.
  public let range: SourceRange
  /// What stands there; empty if the message says it all.
  public let found: String
  /// What the grammar wants there; empty if the message says it all.
  public let expected: String
  public let message: String

  public var description: String { "\(file):\(line):\(column): \(message)" }

  /// "expected …, found …".
  public init(in source: SourceText, at range: SourceRange, found: String, expected: String) {
    self.init(
      in: source, at: range, message: "expected \(expected), found \(found)", found: found, expected: expected
    )
  }

  public init(
    in source: SourceText, at range: SourceRange, message: String, found: String = "", expected: String = ""
  ) {
    (line, column) = source.position(of: range.start)
    file = source.name
    self.range = range
    self.found = found
    self.expected = expected
    self.message = message
  }
}

/// All errors found in one text, in order of position; at least one.
public struct SyntaxErrors: Error, Sendable, CustomStringConvertible {
  public let diagnostics: [Diagnostic]
  public init(_ diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }
  public var description: String { diagnostics.map(\.description).joined(separator: "\n") }
}
