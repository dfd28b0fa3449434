// A named text to parse, as UTF-8 bytes. Every offset in the syntax tree is an offset into these bytes.

public struct SourceText: Sendable {
  /// File name, or another name by which messages refer to the text.
  public let name: String
  public let bytes: [UInt8]
  /// Part of the bundled core library: the classes that such code names are the library's own.
  public let isBundled: Bool

  public init(name: String, bytes: [UInt8], isBundled: Bool = false) {
    self.name = name
    self.bytes = bytes
    self.isBundled = isBundled
  }

  public init(name: String, _ text: String) {
    self.name = name
    self.bytes = Array(text.utf8)
    isBundled = false
  }

  /// The whole text; malformed UTF-8 is repaired with replacement characters.
  public var string: String { String(decoding: bytes, as: UTF8.self) }

  /// The text of a range, clamped to the bounds.
  public subscript(range: SourceRange) -> String {
    let start = min(max(range.start, 0), bytes.count)
    let end = min(max(range.end, start), bytes.count)
    return String(decoding: bytes[start..<end], as: UTF8.self)
  }

  /// Line and column of an offset, both from 1; a column counts Unicode scalars. Lines end with LF.
  public func position(of offset: Int) -> (line: Int, column: Int) {
    let end = min(max(offset, 0), bytes.count)
    return bytes.withUnsafeBufferPointer { buffer in
      var line = 1
      var lineStart = 0
      for i in 0..<end where buffer[i] == 0x0A {
        line += 1
        lineStart = i + 1
      }
      var column = 1
      for i in lineStart..<end where buffer[i] & 0xC0 != 0x80 { column += 1 }
      return (line, column)
    }
  }

  /// Unicode scalars before an offset in its line.
  public func column(of offset: Int) -> Int {
    var start = offset
    while start > 0, bytes[start - 1] != 0x0A { start -= 1 }
    return bytes[start..<offset].count { $0 & 0xC0 != 0x80 }
  }

  /// The line (from 1) without its line end, or nil if there is no such line.
  public func line(_ number: Int) -> String? {
    var line = 1
    var start = 0
    while line < number {
      guard let end = bytes[start...].firstIndex(of: 0x0A) else { return nil }
      start = end + 1
      line += 1
    }
    guard number >= 1 else { return nil }
    var end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
    if end > start, bytes[end - 1] == 0x0D { end -= 1 }
    return String(decoding: bytes[start..<end], as: UTF8.self)
  }
}
