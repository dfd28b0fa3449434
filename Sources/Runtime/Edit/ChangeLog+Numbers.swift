// The numbers of a log's entries, and entries of the log that this machine appends to: a log may be long, so that of most
// of its lines only the number is read.

import Foundation

/// Numbers in the order of the entries. Logs of earlier versions, and of machines that wrote at the same time, have
/// numbers twice: those go on counting.
struct EntryNumbers {
  private(set) var last = 0
  mutating func next(_ written: Int) -> Int {
    last = max(written, last + 1)
    return last
  }
}

extension ChangeLog.Entry {
  /// A receipt of another version of Ovid counts as none.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      accept: try container.decode(Int.self, forKey: .accept),
      author: try container.decode(String.self, forKey: .author),
      time: try container.decode(Double.self, forKey: .time),
      changes: try container.decode([Change].self, forKey: .changes),
      replaced: try container.decodeIfPresent([ChangeLog.Replaced].self, forKey: .replaced),
      classes: try container.decodeIfPresent([ClassDifference].self, forKey: .classes),
      takingBack: try container.decodeIfPresent(TakingBack.self, forKey: .takingBack),
      receipt: try? container.decodeIfPresent(Receipt.self, forKey: .receipt))
  }

  /// Bytes of its texts.
  var byteCount: Int {
    let changes = changes.reduce(0) { sum, change in
      switch change {
      case .method(_, _, let text, _), .classSource(let text, _): sum + text.utf8.count
      case .primitive, .removeMethod, .addField, .removeField, .removeClass, .renameClass: sum
      }
    }
    return (replaced ?? []).reduce(changes) { $0 + ($1.text?.utf8.count ?? 0) }
      + (classes ?? []).reduce(0) { $0 + ($1.before?.text?.utf8.count ?? 0) }
  }
}

extension ChangeLog {
  /// Calls `body` with each line that begins as an entry does, and its number, until that answers false.
  func forEachLine(_ body: (_ number: Int, _ line: Data) -> Bool) {
    var numbers = EntryNumbers()
    var rest = Data()
    var offset: off_t = 0
    var chunk = Data(count: Self.chunkBytes)
    while true {
      let n = chunk.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress!, Self.chunkBytes, offset) }
      if n < 0 && errno == EINTR { continue }
      if n <= 0 { return }
      offset += off_t(n)
      rest.append(chunk.prefix(n))
      var start = rest.startIndex
      while let end = rest[start...].firstIndex(of: Self.lineEnd) {
        let line = rest[start..<end]
        start = end + 1
        guard line.starts(with: Self.beginning) else { continue }
        let digits = line.dropFirst(Self.beginning.count).prefix { $0 >= 0x30 && $0 <= 0x39 }
        guard let written = Int(String(decoding: digits, as: UTF8.self)) else { continue }
        if !body(numbers.next(written), line) { return }
      }
      rest = Data(rest[start...])
    }
  }
  private static let chunkBytes = 1 << 20
}
