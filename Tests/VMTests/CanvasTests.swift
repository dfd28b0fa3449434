// The bytes of a frame, which others read: docs/canvas.md.

import Testing

@testable import VM

@Suite struct CanvasTests {
  /// The frame that these statements draw on `c`.
  private func frame(_ statements: String) throws -> [UInt8] {
    try TestMachine.run([]) { (machine) throws -> [UInt8] in
      #expect(try machine.eval("| c | c := Canvas width: 300 height: 200. \(statements) c present. 1") == "1")
      return machine.universe.canvases.lastFrame ?? []
    }
  }
  private static func float(_ number: Float) -> [UInt8] {
    let bits = number.bitPattern
    return [UInt8(bits & 255), UInt8(bits >> 8 & 255), UInt8(bits >> 16 & 255), UInt8(bits >> 24)]
  }

  @Test func headerAndOperations() throws {
    let bytes = try frame(
      "c present. c fill: '#01020304'; circleX: 1 y: -2.5 radius: 3; text: 'hä' x: 0 y: 4; textAlign: #right; save.")
    let header: [UInt8] = [1, 0, 44, 1, 200, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0]
    let fill: [UInt8] = [0x01, 1, 2, 3, 4]
    let circle: [UInt8] = [0x23] + [1, -2.5, 3].flatMap(Self.float)
    let text: [UInt8] = [0x29] + [0, 4].flatMap(Self.float) + [3, 0, 0, 0, 0x68, 0xC3, 0xA4]
    #expect(bytes == header + fill + circle + text + [0x08, 2, 0x10])
  }

  /// A frame needs none of those before it.
  @Test func aFrameBeginsWithThePen() throws {
    let bytes = try frame("c noFill; stroke: #black; lineWidth: 2; present. c polyline: #(1 2 3 4).")
    let pen: [UInt8] = [0x02, 0x03, 0, 0, 0, 255, 0x05] + Self.float(2)
    #expect(Array(bytes[16...]) == pen + [0x28, 2, 0, 0, 0] + [1, 2, 3, 4].flatMap(Self.float))
  }

  /// Codes are for good: pages and recordings know them.
  @Test func codes() {
    let codes = DrawingOperation.allCases.map { "\($0) \(String($0.rawValue, radix: 16))" }
    #expect(
      codes == [
        "fill 1", "noFill 2", "stroke 3", "noStroke 4", "lineWidth 5", "alpha 6", "fontSize 7", "textAlign 8",
        "save 10", "restore 11", "translate 12", "rotate 13", "scale 14", "background 20", "rectangle 21",
        "roundRectangle 22", "circle 23", "ellipse 24", "arc 25", "line 26", "polygon 27", "polyline 28", "text 29",
        "beginPath 30", "moveTo 31", "lineTo 32", "quadraticTo 33", "cubicTo 34", "closePath 35", "drawPath 36",
      ])
  }

  @Test func whatIsNoFrame() throws {
    #expect(DrawingReader([]) == nil)
    #expect(DrawingReader([2] + Array(repeating: 0, count: 15)) == nil)
    let header: [UInt8] = [1] + Array(repeating: 0, count: 15)
    let empty = try #require(DrawingReader(header))
    #expect(empty.commands() == [])
    // Unknown; cut off; more points or bytes than there are; no such alignment.
    let broken: [[UInt8]] = [
      [0xEE], [0x01, 1], [0x23, 0, 0, 0, 0], [0x27, 255, 255, 255, 255], [0x29] + Array(repeating: 255, count: 13),
      [0x08, 3],
    ]
    for bytes in broken {
      let reader = try #require(DrawingReader(header + bytes))
      #expect(reader.commands() == nil, "\(bytes)")
    }
  }

  @Test func everyOperationIsReadAsItWasWritten() throws {
    var drawing = Drawing(number: 7, width: 10, height: 20)
    for operation in DrawingOperation.allCases {
      switch operation.operands.first {
      case .color: drawing.add(operation, color: 0x0102_03FF)
      case .alignment: drawing.add(operation, alignment: 1)
      case .points: drawing.add(operation, points: [1, 2, 3, 4])
      case _ where operation == .text:
        Array("text".utf8).withUnsafeBufferPointer { drawing.add(operation, x: 1, y: 2, utf8: $0) }
      case nil: drawing.add(operation)
      default:
        operation.operands.map { _ in Float(0.5) }.withUnsafeBufferPointer { drawing.add(operation, $0) }
      }
    }
    let bytes = drawing.finish()
    let reader = try #require(DrawingReader(bytes))
    #expect([reader.canvas, reader.width, reader.height, reader.frame] == [7, 10, 20, 1])
    let commands = try #require(reader.commands())
    #expect(commands.map(\.operation) == DrawingOperation.allCases)
    #expect(commands[0].operands == [.color("#010203")])
    #expect(commands.last { $0.operation == .scale }?.operands == [.number(0.5), .number(0.5)])
    #expect(commands.last { $0.operation == .text }?.operands == [.number(1), .number(2), .string("text")])
    #expect(commands.last { $0.operation == .textAlign }?.operands == [.alignment("center")])
  }

  /// Points whose coordinates are kept unboxed are the same points.
  @Test func unboxedCoordinates() throws {
    let commands = try TestMachine.run([]) { machine in
      let universe = machine.universe
      _ = try machine.eval("1.5 @ 2.5")
      let point = try #require(universe.classes.named("Point"))
      for word in [point.fieldBase, point.fieldBase + 1] {
        universe.unboxedFields.unbox(of: point.index, word: word, frame: universe.bottomFrame)
      }
      return try machine.eval(
        "| c | c := Canvas new. c polygon: (Array with: 1.5 @ 2.5 with: 3.5 @ 4.0). c commands printString")
    }
    #expect(commands == "#(#(#polygon 1.5 2.5 3.5 4))")
  }

  @Test func eventsThatNoBrowserSends() {
    let input = CanvasInput()
    for event in [
      CanvasEvent(.pointerMove, x: .nan), CanvasEvent(.pointerMove, y: .infinity),
      CanvasEvent(.pointerDown, button: -1), CanvasEvent(.keyDown),
      CanvasEvent(.keyDown, key: String(repeating: "a", count: 65)),
    ] { #expect(!event.isSound, "\(event)") }
    for i in 0..<5000 { input.add(CanvasEvent(i % 2 == 0 ? .pointerDown : .pointerUp, x: Double(i))) }
    var events: [CanvasEvent] = []
    while let event = input.take() { events.append(event) }
    #expect(events.count == CanvasInput.limit && events.last?.x == 4999)
    // Of moves in a row, the last one counts.
    for i in 0..<10 { input.add(CanvasEvent(.pointerMove, x: Double(i))) }
    #expect(input.take()?.x == 9 && input.take() == nil)
    for i in 0..<100 { input.add(CanvasEvent(.keyDown, key: "\(i)")) }
    #expect(input.current.keys.count == 32)
  }
}
