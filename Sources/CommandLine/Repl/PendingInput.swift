// The lines of an input that is not complete yet.

import Foundation
import Ovid

struct PendingInput {
  enum Purpose: Equatable {
    /// Statements, or a class.
    case evaluation
    /// The source of a method, after `:accept`.
    case method(className: String, isClassSide: Bool, AcceptPolicy)
  }
  var purpose = Purpose.evaluation
  private(set) var text = ""
  private var open = OpenText()
  /// For the history: the lines joined by spaces where that changes nothing (outside of strings).
  private(set) var entries: [String] = []

  /// Longest input, in bytes.
  static let limit = 16 << 20
  /// Up to so many bytes an input is parsed after every line, so that an error shows at once.
  private static let eagerLimit = 1 << 14

  init(_ purpose: Purpose = .evaluation) { self.purpose = purpose }

  var isEmpty: Bool { text.isEmpty && purpose == .evaluation }
  var isTooLong: Bool { text.utf8.count > Self.limit }
  /// False if it cannot be complete, and looking for errors in it at every line would take too long.
  var isWorthParsing: Bool { !open.isOpen || text.utf8.count <= Self.eagerLimit }

  mutating func add(_ line: String) {
    remember(line)
    begin(line)
  }

  /// Adds a line that is remembered already.
  mutating func begin(_ line: String) {
    if !text.isEmpty {
      text += "\n"
      open.add(CollectionOfOne(UInt8(ascii: "\n")))
    }
    text += line
    open.add(line.utf8)
  }

  /// Something that was typed and belongs before the text, such as the command that began it.
  mutating func remember(_ line: String) {
    if let last = entries.last, !open.isInString, last.utf8.count < HistoryFile.entryLimit {
      entries[entries.count - 1] = last + " " + line.trimmingCharacters(in: .whitespaces)
    } else {
      entries.append(line)
    }
  }
}
