// Which statement of a method's new text is one of its old text.

/// Statements as their texts, in order.
struct StatementMatching {
  /// For each of the old ones, the new one; nil: it is gone.
  private(set) var newIndex: [Int?]

  /// The order stays; of all such matchings, the one in which texts are most alike. What is left between two matches, and of
  /// the same number on both sides, was edited in place.
  init(from old: [String], to new: [String]) {
    newIndex = Array(repeating: nil, count: old.count)
    let old = old.map(Self.words), new = new.map(Self.words)
    // best[i][j]: likeness of what is behind i and j.
    var best = Array(repeating: Array(repeating: 0.0, count: new.count + 1), count: old.count + 1)
    var likeness = Array(repeating: Array(repeating: 0.0, count: new.count), count: old.count)
    for i in old.indices.reversed() {
      for j in new.indices.reversed() {
        likeness[i][j] = Self.likeness(old[i], new[j])
        let matched = likeness[i][j] < Self.least ? 0 : likeness[i][j] + best[i + 1][j + 1]
        best[i][j] = max(matched, best[i + 1][j], best[i][j + 1])
      }
    }
    var i = 0, j = 0, gap = (old: 0, new: 0)
    func close(_ endOld: Int, _ endNew: Int) {
      guard endOld - gap.old == endNew - gap.new else { return }
      for k in gap.old..<endOld { newIndex[k] = gap.new + k - gap.old }
    }
    while i < old.count, j < new.count {
      if likeness[i][j] >= Self.least, best[i][j] == likeness[i][j] + best[i + 1][j + 1] {
        close(i, j)
        newIndex[i] = j
        (i, j) = (i + 1, j + 1)
        gap = (i, j)
      } else if best[i][j] == best[i + 1][j] {
        i += 1
      } else {
        j += 1
      }
    }
    close(old.count, new.count)
  }

  /// Two texts are of one statement if so much of their words is the same.
  private static let least = 0.6

  private static func words(_ text: String) -> [Substring] {
    Array(text.split { !$0.isLetter && !$0.isNumber && ":=^+-*/<>~&|".contains($0) == false }.prefix(100))
  }

  /// From 0 to 1: the words that both begin and end with.
  private static func likeness(_ a: [Substring], _ b: [Substring]) -> Double {
    if a == b { return 1 }
    let shorter = min(a.count, b.count)
    var head = 0, tail = 0
    while head < shorter, a[head] == b[head] { head += 1 }
    while tail < shorter - head, a[a.count - 1 - tail] == b[b.count - 1 - tail] { tail += 1 }
    return Double(head + tail) / Double(max(a.count, b.count))
  }
}
