// What `ovid check` says about a place in a file, for people and for editors.

import Foundation
import Syntax

public struct Finding: Equatable {
  public enum Severity: String { case error, warning }
  /// What kind of finding it is; part of the JSON.
  public enum Code: String {
    case unreadable, syntax, compile
    case unknownSuperclass = "unknown-superclass"
    case unknownName = "unknown-name"
    case unknownSelector = "unknown-selector"
    case unusedVariable = "unused-variable"
    case unusedField = "unused-field"
    case unreachable
    case duplicateVariable = "duplicate-variable"
    case className = "class-name"
  }

  public let severity: Severity
  public let code: Code
  public let message: String
  public let range: SourceRange
  /// What may have been meant; the message says it, too.
  public let suggestion: String?

  public init(
    _ severity: Severity, _ code: Code, _ message: String, at range: SourceRange, suggestion: String? = nil
  ) {
    self.suggestion = suggestion
    self.severity = severity
    self.code = code
    self.message = suggestion.map { "\(message); did you mean \($0)?" } ?? message
    self.range = range
  }

  /// One line, and the source line with the place marked.
  public func text(in source: SourceText) -> String {
    let (line, column) = source.position(of: range.start)
    var result = "\(source.name):\(line):\(column): \(severity.rawValue): \(message)"
    guard let text = source.line(line), text.unicodeScalars.count <= 500 else { return result }
    let scalars = Array(text.unicodeScalars)
    // Tabs stay tabs, so that the mark is under its place whatever a tab's width is.
    let padding = String(scalars.prefix(column - 1).map { $0 == "\t" ? "\t" : " " as Character })
    let length = source[range].prefix { $0 != "\n" && $0 != "\r\n" }.unicodeScalars.count
    let tildes = String(repeating: "~", count: max(0, min(length, scalars.count - column + 1) - 1))
    result += "\n    \(text)\n    \(padding)^\(tildes)"
    return result
  }

  /// As an editor reads it; lines and columns count from 1, the end is exclusive.
  public func json(in source: SourceText) -> JSONFinding {
    let start = source.position(of: range.start), end = source.position(of: max(range.start, range.end))
    return JSONFinding(
      file: source.name, line: start.line, column: start.column, endLine: end.line, endColumn: end.column,
      severity: severity.rawValue, code: code.rawValue, message: message)
  }
}

public struct JSONFinding: Codable, Equatable {
  let file: String
  let line: Int
  let column: Int
  let endLine: Int
  let endColumn: Int
  let severity: String
  let code: String
  let message: String
}
