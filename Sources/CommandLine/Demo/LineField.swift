// One line that a person edits, as text and cursor; knows nothing of terminals but the bytes that keys send.

struct LineField: Equatable {
  private(set) var text: [Character] = []
  private(set) var cursor = 0
  /// Lines that were entered, the latest last, and which of them is shown.
  private var entered: [[Character]] = []
  private var shown: Int?
  /// The start of a key's bytes, or of a character's.
  private var partial: [UInt8] = []

  enum Event: Equatable {
    case entered(String)
    /// Ctrl-C; Ctrl-D in an empty line.
    case end
  }

  /// Takes what was read, and answers what came of it.
  mutating func take(_ bytes: some Sequence<UInt8>) -> [Event] {
    bytes.compactMap { take($0) }
  }

  private mutating func take(_ byte: UInt8) -> Event? {
    if !partial.isEmpty {
      partial.append(byte)
      takePartial()
      return nil
    }
    switch byte {
    case 0x03: return .end
    case 0x04 where text.isEmpty: return .end
    case 0x0D, 0x0A: return enter()
    case 0x7F, 0x08: if cursor > 0 { remove((cursor - 1)..<cursor) }
    case 0x04: if cursor < text.count { remove(cursor..<(cursor + 1)) }
    case 0x01: cursor = 0
    case 0x05: cursor = text.count
    case 0x0B: remove(cursor..<text.count)
    case 0x15: remove(0..<cursor)
    case 0x17: remove(wordStart..<cursor)
    case 0x1B, 0xC0...0xFF: partial = [byte]
    case 0x20..<0x7F: insert(Character(UnicodeScalar(byte)))
    default: break
    }
    return nil
  }

  private mutating func takePartial() {
    if partial[0] == 0x1B {
      // ESC [ letter, ESC O letter, ESC [ number ~; anything else is no key of ours.
      guard partial.count > 2 else {
        if partial[1] != 0x5B, partial[1] != 0x4F { partial = [] }
        return
      }
      guard let last = partial.last, (0x40...0x7E).contains(last) else { return }
      defer { partial = [] }
      switch last {
      case UInt8(ascii: "A"): show(-1)
      case UInt8(ascii: "B"): show(1)
      case UInt8(ascii: "C"): cursor = min(text.count, cursor + 1)
      case UInt8(ascii: "D"): cursor = max(0, cursor - 1)
      case UInt8(ascii: "H"): cursor = 0
      case UInt8(ascii: "F"): cursor = text.count
      case UInt8(ascii: "~") where partial[2] == UInt8(ascii: "3"):
        if cursor < text.count { remove(cursor..<(cursor + 1)) }
      default: break
      }
      return
    }
    let wanted = partial[0] >= 0xF0 ? 4 : partial[0] >= 0xE0 ? 3 : 2
    if partial.count < wanted { return }
    defer { partial = [] }
    if let character = String(validating: partial, as: UTF8.self)?.first { insert(character) }
  }

  private mutating func enter() -> Event {
    let line = String(text)
    if !text.isEmpty, entered.last != text { entered.append(text) }
    text = []
    cursor = 0
    shown = nil
    return .entered(line)
  }

  private mutating func insert(_ character: Character) {
    text.insert(character, at: cursor)
    cursor += 1
  }

  private mutating func remove(_ range: Range<Int>) {
    text.removeSubrange(range)
    cursor = range.lowerBound
  }

  private var wordStart: Int {
    var i = cursor
    while i > 0, text[i - 1] == " " { i -= 1 }
    while i > 0, text[i - 1] != " " { i -= 1 }
    return i
  }

  /// An earlier line, or a later one; behind the last is an empty one.
  private mutating func show(_ step: Int) {
    let next = (shown ?? entered.count) + step
    guard (0...entered.count).contains(next) else { return }
    shown = next
    text = next == entered.count ? [] : entered[next]
    cursor = text.count
  }

  /// The part of the line that fits in `width` columns, and the column of the cursor in it, from 0.
  func window(_ width: Int) -> (text: String, cursor: Int) {
    let start = max(0, cursor - width + 1)
    return (String(text[start..<min(text.count, start + width)]), cursor - start)
  }
}
