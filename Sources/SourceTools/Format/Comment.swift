// A comment, and how it stands in its text.

import Syntax

struct Comment {
  /// With its quotes.
  let text: String
  /// Line ends in the white space before it.
  let breaksBefore: Int
  /// A line end follows before anything else does.
  var breakAfter: Bool
  /// Scalars before it in its line.
  let column: Int

  /// It shares its lines with other text on both sides.
  var isInline: Bool { breaksBefore == 0 && !breakAfter && !text.utf8.contains(0x0A) }

  /// The text to print at another column: the lines of one that begins a line move with it.
  func text(atColumn newColumn: Int) -> String {
    guard breaksBefore > 0, newColumn != column, text.utf8.contains(0x0A) else { return text }
    return mapLines { line in
      if newColumn > column {
        let isBlank = line.allSatisfy { $0 == " " || $0 == "\r" }
        return (isBlank ? [] : Array(repeating: " ", count: newColumn - column)) + line
      }
      var moved = line
      for _ in newColumn..<column where moved.first == " " { moved.removeFirst() }
      return moved
    }
  }

  var textWithoutIndentation: String {
    mapLines { line in Array(line.drop { $0 == " " }) }
  }

  /// Every line but the first, changed.
  private func mapLines(_ change: ([Unicode.Scalar]) -> [Unicode.Scalar]) -> String {
    let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
    var result = String.UnicodeScalarView()
    for (i, line) in lines.enumerated() {
      if i > 0 { result.append("\n") }
      result.append(contentsOf: i == 0 ? Array(line) : change(Array(line)))
    }
    return String(result)
  }
}
