// An error in a text that was typed, with the line and a caret under the place.

import Foundation
import Ovid

enum CaretReport {
  /// Columns of the source that are shown at most.
  static let width = 76

  static func text(_ errors: [AcceptError], in source: String) -> String {
    let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
    return errors.map { error in
      guard let number = error.line, number >= 1, number <= lines.count else { return "\(error)" }
      var message = error
      message.line = nil
      let place = lines.count > 1 ? "line \(number): " : ""
      return caret(under: error.column ?? 1, in: lines[number - 1]) + place + "\(message)"
    }.joined(separator: "\n")
  }

  /// The line, or the part of it around the column (from 1, in Unicode scalars), and a caret in the next line, or as many
  /// as are asked for and shown.
  static func caret(under column: Int, length: Int = 1, in line: Substring) -> String {
    let scalars = Array(line.unicodeScalars.filter { $0 != "\r" })
    let place = min(max(column - 1, 0), scalars.count)
    let start = place > width - 10 ? place - width / 2 : 0
    let end = min(scalars.count, start + width)
    func shown(_ scalar: Unicode.Scalar) -> String {
      scalar.properties.generalCategory == .control ? " " : String(scalar)
    }
    let before = (start > 0 ? "…" : "") + scalars[start..<place].map(shown).joined()
    let after = scalars[place..<end].map(shown).joined() + (end < scalars.count ? "…" : "")
    let indent = before.unicodeScalars.reduce(0) { $0 + columns($1) }
    let marked = scalars[place..<min(end, place + length)].reduce(0) { $0 + columns($1) }
    let carets = String(repeating: "^", count: max(1, marked))
    return "  \(before)\(after)\n  \(String(repeating: " ", count: indent))\(carets)\n"
  }

  /// How many columns of a terminal a character takes.
  private static func columns(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: break
    }
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
      0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
      return 2
    default: return 1
    }
  }
}
