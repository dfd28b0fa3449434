// The name that somebody may have meant.

public enum NearName {
  /// The closest of the candidates that is not far from the word; the first by name among equals, so that the answer is
  /// the same in every run.
  public static func closest(to word: String, among candidates: some Sequence<String>) -> String? {
    let limit = word.count < 4 ? 1 : 2
    var best: (distance: Int, name: String)?
    // An operator is no slip of a word.
    let letters = Array(word), isWord = word.first?.isLetter
    for name in candidates where abs(name.count - letters.count) <= limit && name.first?.isLetter == isWord {
      guard let distance = distance(letters, Array(name), limit), distance > 0 else { continue }
      if best.map({ (distance, name) < ($0.distance, $0.name) }) ?? true { best = (distance, name) }
    }
    return best?.name
  }

  /// Insertions, removals, replacements and swaps of neighbours that make one word of the other; nil: more than the limit.
  private static func distance(_ a: [Character], _ b: [Character], _ limit: Int) -> Int? {
    var rows = [Array(0...b.count)]
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var best = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, rows[i - 1][j - 1] + 1) }
        row.append(best)
      }
      // A swap goes back two rows.
      if let least = row.min(), let before = rows[i].min(), min(least, before) > limit { return nil }
      rows.append(row)
    }
    return rows[a.count][b.count] <= limit ? rows[a.count][b.count] : nil
  }
}
