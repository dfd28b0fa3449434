// Reads the bytes of a frame, for `Canvas>>commands` and for tests.

/// One operation of a frame.
public struct DrawingCommand: Equatable, Sendable {
  public enum Operand: Equatable, Sendable {
    case number(Float)
    /// `#rrggbb`, or `#rrggbbaa` if one can see through it.
    case color(String)
    case string(String)
    /// left, center or right.
    case alignment(String)
  }
  public var operation: DrawingOperation
  /// The points of a polygon one after the other: x, y, x, y.
  public var operands: [Operand]
}

public struct DrawingReader {
  public private(set) var width = 0
  public private(set) var height = 0
  public private(set) var canvas = 0
  public private(set) var frame = 0
  private let bytes: [UInt8]
  private var next = Drawing.headerBytes
  static let alignments = ["left", "center", "right"]

  /// Nil: these are no frame of this version.
  public init?(_ bytes: [UInt8]) {
    guard bytes.count >= Drawing.headerBytes, bytes[0] == Drawing.version else { return nil }
    self.bytes = bytes
    width = number(2, 2)
    height = number(4, 2)
    canvas = number(8, 4)
    frame = number(12, 4)
  }

  /// The operations in order; nil if the bytes end in the middle of one, or have one that is not known.
  public func commands() -> [DrawingCommand]? {
    var reader = self
    return reader.readAll()
  }

  private mutating func readAll() -> [DrawingCommand]? {
    var result: [DrawingCommand] = []
    while next < bytes.count {
      guard let operation = DrawingOperation(rawValue: bytes[next]) else { return nil }
      next += 1
      var operands: [DrawingCommand.Operand] = []
      for operand in operation.operands { guard read(operand, into: &operands) else { return nil } }
      result.append(DrawingCommand(operation: operation, operands: operands))
    }
    return result
  }

  private mutating func read(
    _ operand: DrawingOperation.Operand, into result: inout [DrawingCommand.Operand]
  ) -> Bool {
    switch operand {
    case .coordinate, .angle, .factor, .length, .fraction:
      guard let number = float() else { return false }
      result.append(.number(number))
    case .color:
      guard let range = take(4) else { return false }
      let shown = bytes[range.upperBound - 1] == 255 ? range.dropLast() : range
      result.append(.color("#" + shown.map { bytes[$0] < 16 ? "0" + hex($0) : hex($0) }.joined()))
    case .alignment:
      guard let range = take(1), bytes[range.lowerBound] < Self.alignments.count else { return false }
      result.append(.alignment(Self.alignments[Int(bytes[range.lowerBound])]))
    case .points:
      guard let count = take(4).map({ number($0.lowerBound, 4) }), count <= (bytes.count - next) / 8 else {
        return false
      }
      for _ in 0..<2 * count { float().map { result.append(.number($0)) } }
    case .string:
      guard let count = take(4).map({ number($0.lowerBound, 4) }), let range = take(count) else { return false }
      result.append(.string(String(decoding: bytes[range], as: UTF8.self)))
    }
    return true
  }

  private func hex(_ index: Int) -> String { String(bytes[index], radix: 16) }

  private mutating func take(_ count: Int) -> Range<Int>? {
    guard count <= bytes.count - next else { return nil }
    defer { next += count }
    return next..<next + count
  }
  private mutating func float() -> Float? {
    take(4).map { Float(bitPattern: UInt32(number($0.lowerBound, 4))) }
  }
  private func number(_ offset: Int, _ count: Int) -> Int {
    (0..<count).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
  }
}
