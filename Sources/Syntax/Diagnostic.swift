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
  /// The line of the source, without its line end.
  public let sourceLine: String
  /// True if the text ends too early: more text could mend it.
  public let isIncomplete: Bool

  /// In one line.
  public var description: String { "\(file):\(line):\(column): \(message)" }

  /// "expected …, found …".
  public init(
    in source: SourceText, at range: SourceRange, found: String, expected: String, isIncomplete: Bool = false
  ) {
    self.init(
      in: source, at: range, message: "expected \(expected), found \(found)", found: found, expected: expected,
      isIncomplete: isIncomplete)
  }

  public init(
    in source: SourceText, at range: SourceRange, message: String, found: String = "", expected: String = "",
    isIncomplete: Bool = false
  ) {
    (line, column) = source.position(of: range.start)
    sourceLine = source.line(line) ?? ""
    file = source.name
    self.range = range
    self.found = found
    self.expected = expected
    self.message = message
    self.isIncomplete = isIncomplete
  }
}

extension Diagnostic {
  /// As it is printed for a file that does not load: the place as upstream writes it, the source line, the message.
  public var report: String {
    "File '\(file)', line \(line), column \(column):\n\(Diagnostic.quotation(sourceLine))\(message)"
  }

  /// A line of source, indented and shortened; nothing for an empty one.
  public static func quotation(_ sourceLine: String) -> String {
    let line = sourceLine.drop { $0 == " " || $0 == "\t" }
    return line.isEmpty ? "" : "    \(line.count > 200 ? line.prefix(199) + "…" : line)\n"
  }
}

/// All errors found in one text, in order of position; at least one.
public struct SyntaxErrors: Error, Sendable, CustomStringConvertible {
  public let diagnostics: [Diagnostic]
  public init(_ diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }
  /// True if nothing is wrong but that the text ends too early.
  public var isIncomplete: Bool { !diagnostics.isEmpty && diagnostics.allSatisfy(\.isIncomplete) }
  public var description: String { diagnostics.map(\.description).joined(separator: "\n") }
  public var report: String { diagnostics.map(\.report).joined(separator: "\n") }
}
