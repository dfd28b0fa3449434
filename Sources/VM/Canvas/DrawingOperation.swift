// What a frame is made of: the codes of the operations and their operands. docs/canvas.md describes the same bytes for
// those who read frames elsewhere.

public enum DrawingOperation: UInt8, CaseIterable, Sendable {
  // The pen.
  case fill = 0x01, noFill, stroke, noStroke, lineWidth, alpha, fontSize, textAlign
  // The coordinate system.
  case save = 0x10, restore, translate, rotate, scale
  // Shapes.
  case background = 0x20, rectangle, roundRectangle, circle, ellipse, arc, line, polygon, polyline, text
  // Paths.
  case beginPath = 0x30, moveTo, lineTo, quadraticTo, cubicTo, closePath, drawPath

  /// In the frame's bytes, little-endian.
  public enum Operand: Sendable {
    /// Float32.
    case coordinate, angle, factor
    /// Float32, not negative.
    case length
    /// Float32 from 0 to 1.
    case fraction
    /// UInt8 each: red, green, blue, alpha.
    case color
    /// UInt8: 0 left, 1 center, 2 right.
    case alignment
    /// UInt32 and as many pairs of Float32.
    case points
    /// UInt32 and as many bytes of UTF-8.
    case string
  }

  public var operands: [Operand] {
    switch self {
    case .noFill, .noStroke, .save, .restore, .beginPath, .closePath, .drawPath: []
    case .fill, .stroke, .background: [.color]
    case .lineWidth, .fontSize: [.length]
    case .alpha: [.fraction]
    case .textAlign: [.alignment]
    case .translate, .moveTo, .lineTo: [.coordinate, .coordinate]
    case .rotate: [.angle]
    case .scale: [.factor, .factor]
    case .rectangle: [.coordinate, .coordinate, .length, .length]
    case .roundRectangle: [.coordinate, .coordinate, .length, .length, .length]
    case .circle: [.coordinate, .coordinate, .length]
    case .ellipse: [.coordinate, .coordinate, .length, .length]
    case .arc: [.coordinate, .coordinate, .length, .angle, .angle]
    case .line, .quadraticTo: [.coordinate, .coordinate, .coordinate, .coordinate]
    case .cubicTo: [.coordinate, .coordinate, .coordinate, .coordinate, .coordinate, .coordinate]
    case .polygon, .polyline: [.points]
    case .text: [.coordinate, .coordinate, .string]
    }
  }
}

extension DrawingOperation.Operand {
  /// What an argument must be, in words.
  var requirement: String {
    switch self {
    case .coordinate: "a number from -1000000000 to 1000000000"
    case .length: "a size from 0 to 1000000000"
    case .fraction: "a number from 0 to 1"
    case .angle: "an angle in radians, from -1000000000 to 1000000000"
    case .factor: "a factor from -1000000000 to 1000000000"
    case .color: "a color"
    case .alignment: "#left, #center or #right"
    case .points: "points: an Array of Points, or of numbers x y x y"
    case .string: "a text"
    }
  }

  /// Of those that are a Float32.
  func allows(_ number: Double) -> Bool {
    switch self {
    case .length: (0...1e9).contains(number)
    case .fraction: (0...1).contains(number)
    default: (-1e9...1e9).contains(number)
    }
  }
}
