// The name that somebody may have meant.

public enum NearName {
  /// The closest of the candidates that is not far from the word; the first by name among equals, so that the answer is
  /// the same in every run. Candidates may be many: most are passed over by their length and the characters that they have.
  public static func closest(to word: String, among candidates: some Sequence<String>) -> String? {
    let limit = word.count < 4 ? 1 : 2
    var best: (distance: Int, name: String)?
    // An operator is no slip of a word.
    let isWord = word.first?.isLetter
    let bytes = Array(word.utf8), mark = Marks(bytes), letters = Array(word)
    var rows = Rows()
    for name in candidates {
      let found: Int?
      if let mark, let other = name.utf8.withContiguousStorageIfAvailable({ Marks($0) }) ?? Marks(Array(name.utf8)) {
        guard mark.mayBeNear(other, limit) else { continue }
        found = rows.distance(bytes, Array(name.utf8), limit)
      } else {
        guard abs(name.count - letters.count) <= limit else { continue }
        found = rows.distance(letters, Array(name), limit)
      }
      guard let found, found > 0, name.first?.isLetter == isWord else { continue }
      if best.map({ (found, name) < ($0.distance, $0.name) }) ?? true { best = (found, name) }
    }
    return best?.name
  }

  /// What tells quickly that two words are far from each other.
  private struct Marks {
    private let count: Int
    /// A bit for each character; some share one.
    private let characters: UInt64

    /// nil: not all of it is ASCII.
    init?(_ bytes: some Collection<UInt8>) {
      var characters: UInt64 = 0
      for byte in bytes {
        if byte >= 0x80 { return nil }
        characters |= 1 << UInt64(byte & 0x3F)
      }
      self.characters = characters
      count = bytes.count
    }

    /// A change of one character takes away a bit at most, and sets one.
    func mayBeNear(_ other: Marks, _ limit: Int) -> Bool {
      abs(count - other.count) <= limit && (characters ^ other.characters).nonzeroBitCount <= 2 * limit
    }
  }

  /// The last three rows of the table of distances.
  private struct Rows {
    private var before: [Int] = []
    private var last: [Int] = []
    private var row: [Int] = []

    /// Insertions, removals, replacements and swaps of neighbours that make one word of the other; nil: more than the limit.
    mutating func distance<E: Equatable>(_ a: [E], _ b: [E], _ limit: Int) -> Int? {
      before = Array(repeating: 0, count: b.count + 1)
      row = before
      last = Array(0...b.count)
      for i in a.indices {
        row[0] = i + 1
        var least = i + 1
        for j in b.indices {
          var best = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
          if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, before[j - 1] + 1) }
          row[j + 1] = best
          least = min(least, best)
        }
        // A swap goes back two rows.
        if least > limit, (last.min() ?? 0) > limit { return nil }
        (before, last, row) = (last, row, before)
      }
      return last[b.count] <= limit ? last[b.count] : nil
    }
  }
}
