// Lines and UTF-16 columns, as editors count them, and byte offsets, as Ovid does.

import EditorProtocols
import Syntax

/// A line and a column, both from 0; the column counts UTF-16 code units.
public struct TextPosition: Sendable, Hashable, Comparable {
  public var line: Int
  public var character: Int
  public init(_ line: Int, _ character: Int) {
    self.line = line
    self.character = character
  }
  public static func < (a: TextPosition, b: TextPosition) -> Bool { (a.line, a.character) < (b.line, b.character) }
}

/// The lines of one text. They end with LF, CRLF, or CR.
public struct TextPositions: Sendable {
  private let bytes: [UInt8]
  private let lineStarts: [Int]

  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
    lineStarts = bytes.withUnsafeBufferPointer { bytes in
      var starts = [0]
      for i in bytes.indices {
        let isEnd = bytes[i] == 0x0A || bytes[i] == 0x0D && !(i + 1 < bytes.count && bytes[i + 1] == 0x0A)
        if isEnd { starts.append(i + 1) }
      }
      return starts
    }
  }

  public var lineCount: Int { lineStarts.count }

  /// The offset of a position. One behind the end of its line is that end; one within a character is before it.
  public func offset(_ position: TextPosition) -> Int {
    if position.line < 0 { return 0 }
    guard position.line < lineStarts.count else { return bytes.count }
    var offset = lineStarts[position.line]
    let end = lineEnd(position.line)
    var left = position.character
    while offset < end, left > 0 {
      let width = Self.width(bytes[offset])
      left -= width == 4 ? 2 : 1
      if left < 0 { break }
      offset = min(offset + width, end)
    }
    return offset
  }

  public func position(_ offset: Int) -> TextPosition {
    let offset = min(max(offset, 0), bytes.count)
    var low = 0, high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    var units = 0
    var i = lineStarts[low]
    while i < offset {
      let width = Self.width(bytes[i])
      units += width == 4 ? 2 : 1
      i += width
    }
    return TextPosition(low, units)
  }

  /// Where a line's text ends, without its line end.
  public func lineEnd(_ line: Int) -> Int {
    guard line + 1 < lineStarts.count else { return bytes.count }
    var end = lineStarts[line + 1]
    while end > lineStarts[line], bytes[end - 1] == 0x0A || bytes[end - 1] == 0x0D { end -= 1 }
    return end
  }

  public func lineStart(_ line: Int) -> Int { lineStarts[min(max(line, 0), lineStarts.count - 1)] }

  /// Of the character that begins with a byte; 1 for what begins none.
  private static func width(_ byte: UInt8) -> Int {
    byte < 0xC0 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
  }

  // MARK: As JSON

  public func json(_ range: SourceRange) -> JSON {
    var result: [UInt8] = []
    result.reserveCapacity(80)
    write(range, to: &result)
    return .written(result)
  }

  func write(_ range: SourceRange, to result: inout [UInt8]) {
    func write(_ offset: Int) {
      let place = position(offset)
      result += #"{"character":"#.utf8
      result += String(place.character).utf8
      result += #","line":"#.utf8
      result += String(place.line).utf8
      result.append(UInt8(ascii: "}"))
    }
    result += #"{"end":"#.utf8
    write(max(range.start, range.end))
    result += #","start":"#.utf8
    write(range.start)
    result.append(UInt8(ascii: "}"))
  }
}

extension TextPosition {
  public var json: JSON { ["line": .integer(line), "character": .integer(character)] }

  public init?(_ json: JSON?) {
    guard let line = json?["line"]?.integer, let character = json?["character"]?.integer, line >= 0, character >= 0
    else { return nil }
    self.init(line, character)
  }
}
