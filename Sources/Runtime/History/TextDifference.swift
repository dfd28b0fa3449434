// What is different between two texts, line by line.

/// A difference that can be sent as JSON, or printed.
public struct TextDifference: Hashable, Sendable, Codable, CustomStringConvertible {
  /// What became of a line.
  public enum Kind: String, Sendable, Codable {
    /// In both texts, only in the old one, or only in the new one.
    case same, removed, added
  }
  /// A line of either text.
  public struct Line: Hashable, Sendable, Codable {
    /// What became of it.
    public var kind: Kind
    /// Without its end.
    public var text: String
  }
  /// All lines of both texts, in order; where lines were replaced, the removed ones come first.
  public var lines: [Line]

  /// Of two texts, line by line.
  public init(_ old: String, _ new: String) {
    let before = Self.lines(of: old), after = Self.lines(of: new)
    let difference = after.difference(from: before)
    var removed: Set<Int> = [], added: Set<Int> = []
    for change in difference {
      switch change {
      case .remove(let offset, _, _): removed.insert(offset)
      case .insert(let offset, _, _): added.insert(offset)
      }
    }
    var lines: [Line] = []
    var i = 0, k = 0
    while i < before.count || k < after.count {
      if i < before.count, removed.contains(i) {
        lines.append(Line(kind: .removed, text: before[i]))
        i += 1
      } else if k < after.count, added.contains(k) {
        lines.append(Line(kind: .added, text: after[k]))
        k += 1
      } else {
        lines.append(Line(kind: .same, text: before[i]))
        i += 1
        k += 1
      }
    }
    self.lines = lines
  }

  private static func lines(of text: String) -> [String] {
    text.isEmpty ? [] : text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
  }

  /// Whether the texts are the same.
  public var isEmpty: Bool { lines.allSatisfy { $0.kind == .same } }

  /// Each line after "  ", "- " or "+ ".
  public var description: String {
    lines.map { line in
      switch line.kind {
      case .same: "  \(line.text)"
      case .removed: "- \(line.text)"
      case .added: "+ \(line.text)"
      }
    }.joined(separator: "\n")
  }
}
