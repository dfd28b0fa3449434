// A frame that is being drawn, as the bytes that are sent. Every frame can be shown without the ones before it, so that
// one that nobody has seen yet can be left out: it begins with the pen as the one before has left it, if that is not the
// one that every frame begins with, and with the coordinate system of the canvas.

public struct Drawing {
  public static let version: UInt8 = 1
  static let headerBytes = 16
  /// Of one frame.
  static let limit = 4 << 20
  /// Coordinate systems that can be saved within each other.
  static let saveLimit = 1000
  static let sizes = 1...8192

  private struct Pen: Equatable {
    var fill: UInt32? = 0x0000_00FF
    var stroke: UInt32?
    var lineWidth: Float = 1
    var alpha: Float = 1
    var fontSize: Float = 16
    var alignment: UInt8 = 0
  }

  let number: Int
  var width: Int
  var height: Int
  /// Frames that were finished.
  private(set) var frames = 0
  private(set) var bytes: [UInt8] = []
  private var pen = Pen()
  private var saved: [Pen] = []

  init(number: Int, width: Int, height: Int) {
    self.number = number
    self.width = width
    self.height = height
  }

  func hasRoom(for count: Int) -> Bool { bytes.count + count <= Self.limit }
  var canSave: Bool { saved.count < Self.saveLimit }
  var canRestore: Bool { !saved.isEmpty }
  /// The frame so far.
  var current: [UInt8] {
    var copy = self
    return copy.finish()
  }

  // MARK: Operations

  mutating func add(_ operation: DrawingOperation) {
    begin()
    switch operation {
    case .noFill: pen.fill = nil
    case .noStroke: pen.stroke = nil
    case .save: saved.append(pen)
    case .restore: pen = saved.removeLast()
    default: break
    }
    bytes.append(operation.rawValue)
  }

  mutating func add(_ operation: DrawingOperation, color: UInt32) {
    begin()
    switch operation {
    case .fill: pen.fill = color
    case .stroke: pen.stroke = color
    default: break
    }
    bytes.append(operation.rawValue)
    // Red comes first.
    append(color.byteSwapped)
  }

  mutating func add(_ operation: DrawingOperation, alignment: UInt8) {
    begin()
    pen.alignment = alignment
    bytes.append(operation.rawValue)
    bytes.append(alignment)
  }

  /// `numbers` as many as the operation has operands.
  mutating func add(_ operation: DrawingOperation, _ numbers: UnsafeBufferPointer<Float>) {
    begin()
    switch operation {
    case .lineWidth: pen.lineWidth = numbers[0]
    case .alpha: pen.alpha = numbers[0]
    case .fontSize: pen.fontSize = numbers[0]
    default: break
    }
    bytes.append(operation.rawValue)
    append(numbers)
  }

  /// x and y of the points in turns.
  mutating func add(_ operation: DrawingOperation, points: [Float]) {
    begin()
    bytes.append(operation.rawValue)
    append(UInt32(points.count / 2))
    points.withUnsafeBufferPointer { append($0) }
  }

  mutating func add(_ operation: DrawingOperation, x: Float, y: Float, utf8: UnsafeBufferPointer<UInt8>) {
    begin()
    bytes.append(operation.rawValue)
    append(x.bitPattern)
    append(y.bitPattern)
    append(UInt32(utf8.count))
    bytes.append(contentsOf: utf8)
  }

  // MARK: Frames

  /// What was drawn since the last frame is dropped; the pen stays.
  mutating func clear() {
    bytes.removeAll(keepingCapacity: true)
    saved = []
  }

  /// The frame's bytes; another one begins.
  mutating func finish() -> [UInt8] {
    begin()
    frames += 1
    writeHeader()
    let finished = bytes
    bytes = []
    bytes.reserveCapacity(finished.count + 64)
    saved = []
    return finished
  }

  private mutating func begin() {
    if !bytes.isEmpty { return }
    bytes.append(contentsOf: repeatElement(0, count: Self.headerBytes))
    let first = Pen(), pen = pen
    if pen.fill != first.fill { if let color = pen.fill { add(.fill, color: color) } else { add(.noFill) } }
    if pen.stroke != first.stroke, let color = pen.stroke { add(.stroke, color: color) }
    let numbers: [(DrawingOperation, Float, Float)] = [
      (.lineWidth, pen.lineWidth, first.lineWidth), (.alpha, pen.alpha, first.alpha),
      (.fontSize, pen.fontSize, first.fontSize),
    ]
    for (operation, number, usual) in numbers where number != usual {
      withUnsafePointer(to: number) { add(operation, UnsafeBufferPointer(start: $0, count: 1)) }
    }
    if pen.alignment != first.alignment { add(.textAlign, alignment: pen.alignment) }
  }

  private mutating func writeHeader() {
    bytes[0] = Self.version
    write(UInt16(width), at: 2)
    write(UInt16(height), at: 4)
    write(UInt32(truncatingIfNeeded: number), at: 8)
    write(UInt32(truncatingIfNeeded: frames), at: 12)
  }

  // MARK: Bytes

  private mutating func write(_ number: some FixedWidthInteger, at offset: Int) {
    withUnsafeBytes(of: number.littleEndian) { raw in for (i, byte) in raw.enumerated() { bytes[offset + i] = byte } }
  }
  private mutating func append(_ number: UInt32) {
    withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
  }
  private mutating func append(_ numbers: UnsafeBufferPointer<Float>) {
    // The machines that this runs on are little-endian.
    bytes.append(contentsOf: UnsafeRawBufferPointer(numbers))
  }
}
