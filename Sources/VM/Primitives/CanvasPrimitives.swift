// Canvas: drawing into a frame's bytes, and looking at what happened in front of it. A row's operation says which
// arguments it takes, in order; the rest is the library's.

let canvasRows: [PrimitiveRow] = [
  PrimitiveRow("Canvas", "openWidth:height:") { native(canvasOpen, $0, $1, $2) },
  PrimitiveRow("Canvas", "width:height:") { native(canvasSetSize, $0, $1, $2) },
  PrimitiveRow("Canvas", "width") { native(canvasWidth, $0, $1, $2) },
  PrimitiveRow("Canvas", "height") { native(canvasHeight, $0, $1, $2) },
  PrimitiveRow("Canvas", "clear") { native(canvasClear, $0, $1, $2) },
  PrimitiveRow("Canvas", "present") { native(canvasPresent, $0, $1, $2) },
  PrimitiveRow("Canvas", "frameNumber") { native(canvasFrameNumber, $0, $1, $2) },
  PrimitiveRow("Canvas", "commands") { native(canvasCommands, $0, $1, $2) },
  PrimitiveRow("Canvas", "lastFrame") { native(canvasLastFrame, $0, $1, $2) },
  drawing("fillRGBA:") { native({ $0.drawColor(.fill, $1, $2) }, $0, $1, $2) },
  drawing("strokeRGBA:") { native({ $0.drawColor(.stroke, $1, $2) }, $0, $1, $2) },
  drawing("backgroundRGBA:") { native({ $0.drawColor(.background, $1, $2) }, $0, $1, $2) },
  drawing("noFill") { native({ $0.draw(.noFill, $1, $2) }, $0, $1, $2) },
  drawing("noStroke") { native({ $0.draw(.noStroke, $1, $2) }, $0, $1, $2) },
  drawing("lineWidth:") { native({ $0.draw(.lineWidth, $1, $2) }, $0, $1, $2) },
  drawing("alpha:") { native({ $0.draw(.alpha, $1, $2) }, $0, $1, $2) },
  drawing("fontSize:") { native({ $0.draw(.fontSize, $1, $2) }, $0, $1, $2) },
  drawing("textAlign:") { native(canvasTextAlign, $0, $1, $2) },
  drawing("save") { native(canvasSave, $0, $1, $2) },
  drawing("restore") { native(canvasRestore, $0, $1, $2) },
  drawing("translateX:y:") { native({ $0.draw(.translate, $1, $2) }, $0, $1, $2) },
  drawing("rotate:") { native({ $0.draw(.rotate, $1, $2) }, $0, $1, $2) },
  drawing("scaleX:y:") { native({ $0.draw(.scale, $1, $2) }, $0, $1, $2) },
  drawing("rectangleX:y:width:height:") { native({ $0.draw(.rectangle, $1, $2) }, $0, $1, $2) },
  drawing("rectangleX:y:width:height:radius:") { native({ $0.draw(.roundRectangle, $1, $2) }, $0, $1, $2) },
  drawing("circleX:y:radius:") { native({ $0.draw(.circle, $1, $2) }, $0, $1, $2) },
  drawing("ellipseX:y:radiusX:radiusY:") { native({ $0.draw(.ellipse, $1, $2) }, $0, $1, $2) },
  drawing("arcX:y:radius:from:to:") { native({ $0.draw(.arc, $1, $2) }, $0, $1, $2) },
  drawing("lineX:y:toX:y:") { native({ $0.draw(.line, $1, $2) }, $0, $1, $2) },
  drawing("polygonOf:") { native({ $0.drawPoints(.polygon, $1, $2) }, $0, $1, $2) },
  drawing("polylineOf:") { native({ $0.drawPoints(.polyline, $1, $2) }, $0, $1, $2) },
  drawing("string:x:y:") { native(canvasText, $0, $1, $2) },
  drawing("beginPath") { native({ $0.draw(.beginPath, $1, $2) }, $0, $1, $2) },
  drawing("moveToX:y:") { native({ $0.draw(.moveTo, $1, $2) }, $0, $1, $2) },
  drawing("lineToX:y:") { native({ $0.draw(.lineTo, $1, $2) }, $0, $1, $2) },
  drawing("curveX:y:toX:y:") { native({ $0.draw(.quadraticTo, $1, $2) }, $0, $1, $2) },
  drawing("curveX:y:x:y:toX:y:") { native({ $0.draw(.cubicTo, $1, $2) }, $0, $1, $2) },
  drawing("closePath") { native({ $0.draw(.closePath, $1, $2) }, $0, $1, $2) },
  drawing("drawPath") { native({ $0.draw(.drawPath, $1, $2) }, $0, $1, $2) },
]

private func drawing(_ selector: String, _ function: @escaping NativeEntry) -> PrimitiveRow {
  PrimitiveRow("Canvas", selector, function)
}

extension Universe {
  /// What is drawn on a canvas. Nil: the error is raised.
  func sheet(_ receiver: Value, _ h: Words, _ m: UnsafeMutableRawPointer) -> CanvasBoard.Sheet? {
    guard let word = numberPlace(receiver) else {
      _ = wrongReceiver(h, m, receiver)
      return nil
    }
    let number = receiver.object[word]
    if number.isInteger, let sheet = canvases.sheet(number.integer) { return sheet }
    _ = raise(
      .other(
        number == .nil
          ? "This canvas is not open: make it with Canvas new, or Canvas width: 800 height: 600"
          : "This canvas is forgotten: only the \(CanvasBoard.limit) that were used last are kept"), h)
    return nil
  }

  /// The body word of a canvas's number; nil if it is no canvas.
  private func numberPlace(_ receiver: Value) -> Int? {
    guard receiver.isPointer, receiver != .none else { return nil }
    return canvases.place(ofNumberIn: receiver.classIndex) {
      guard let canvas = library.loaded("Canvas"), classes.inherits(receiver.classIndex, from: canvas.index) else {
        return nil
      }
      return classes[receiver.classIndex].bodyWord(ofField: "number")
    }
  }

  /// The canvas, if its frame has room for so many bytes more. Nil: the error is raised.
  fileprivate func sheet(
    _ receiver: Value, room count: Int, _ h: Words, _ m: UnsafeMutableRawPointer
  ) -> CanvasBoard.Sheet? {
    guard let sheet = sheet(receiver, h, m) else { return nil }
    if sheet.drawing.hasRoom(for: count) { return sheet }
    _ = raise(
      .other(
        "A frame has more than \(Drawing.limit >> 20) MB of drawing: send present to show it and begin another one, or "
          + "clear to drop it"), h)
    return nil
  }

  /// An operation whose arguments are numbers.
  fileprivate func draw(_ operation: DrawingOperation, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
    let operands = operation.operands, count = operands.count
    let receiver = Value(bits: h[-1 - count])
    guard let sheet = sheet(receiver, room: 32, h, m) else { return 0 }
    return withUnsafeTemporaryAllocation(of: Float.self, capacity: max(1, count)) { numbers in
      for i in 0..<count {
        let argument = Value(bits: h[i - count])
        guard let number = number(argument), operands[i].allows(number) else {
          return wrongArgument(h, m, needs: operands[i].requirement, not: argument)
        }
        numbers[i] = Float(number)
      }
      if count == 0 {
        sheet.drawing.add(operation)
      } else {
        sheet.drawing.add(operation, UnsafeBufferPointer(rebasing: numbers[..<count]))
      }
      return receiver.bits
    }
  }

  /// The argument is an integer with the bytes red, green, blue and alpha.
  fileprivate func drawColor(_ operation: DrawingOperation, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
    let color = argument1(h)
    guard let sheet = sheet(receiver1(h), room: 32, h, m) else { return 0 }
    guard color.isInteger, let bytes = UInt32(exactly: color.integer) else {
      return wrongArgument(h, m, needs: DrawingOperation.Operand.color.requirement, not: color)
    }
    sheet.drawing.add(operation, color: bytes)
    return h[-2]
  }

  fileprivate func drawPoints(_ operation: DrawingOperation, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
    let array = argument1(h), operand = DrawingOperation.Operand.points
    guard isArray(array) else { return wrongArgument(h, m, needs: operand.requirement, not: array) }
    guard let sheet = sheet(receiver1(h), room: 32 + 16 * count(array), h, m) else { return 0 }
    var numbers: [Float] = []
    numbers.reserveCapacity(2 * count(array))
    for element in elements(array) {
      let value = Value(bits: element)
      if let number = number(value) {
        guard DrawingOperation.Operand.coordinate.allows(number) else {
          return wrongArgument(h, m, needs: operand.requirement, not: value)
        }
        numbers.append(Float(number))
      } else if let (x, y) = place(of: value), numbers.count % 2 == 0 {
        numbers.append(x)
        numbers.append(y)
      } else {
        return wrongArgument(h, m, needs: operand.requirement, not: value)
      }
    }
    guard numbers.count % 2 == 0 else {
      return raise(.wrongArgument("\(methods[Method(m)].name) needs an even number of numbers, x y x y"), h)
    }
    sheet.drawing.add(operation, points: numbers)
    return h[-2]
  }

  /// What an instance of Point says, or of a class with fields of these names; nil if it is none, or cannot be drawn.
  private func place(of value: Value) -> (Float, Float)? {
    guard value.isPointer, value != .none else { return nil }
    let info = classes[value.classIndex]
    guard let x = info.bodyWord(ofField: "x"), let y = info.bodyWord(ofField: "y") else { return nil }
    func coordinate(_ word: Int) -> Float? {
      let bits = value.object.words[1 + word]
      let number =
        isDoubleField(value.object, word) ? Double(bitPattern: bits) : self.number(value.object[word]) ?? .nan
      return DrawingOperation.Operand.coordinate.allows(number) ? Float(number) : nil
    }
    return coordinate(x).flatMap { x in coordinate(y).map { (x, $0) } }
  }
}

// MARK: Size and frames

private func canvasOpen(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard
    universe.library.loaded("Canvas").map({ universe.classes.inherits(receiver2(h).classIndex, from: $0.index) })
      == true, let word = universe.classes[receiver2(h).classIndex].bodyWord(ofField: "number")
  else { return universe.wrongReceiver(h, m, receiver2(h)) }
  guard let (width, height) = universe.size(h, m) else { return 0 }
  receiver2(h).object[word] = Value(integer: universe.canvases.open(width: width, height: height))
  return h[-3]
}

extension Universe {
  /// Both arguments as whole pixels. Nil: the error is raised.
  fileprivate func size(_ h: Words, _ m: UnsafeMutableRawPointer) -> (Int, Int)? {
    for value in [first2(h), second2(h)] where !value.isInteger || !Drawing.sizes.contains(value.integer) {
      _ = wrongArgument(h, m, needs: "whole pixels from 1 to \(Drawing.sizes.upperBound)", not: value)
      return nil
    }
    return (first2(h).integer, second2(h).integer)
  }
}

private func canvasSetSize(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let sheet = universe.sheet(receiver2(h), h, m), let (width, height) = universe.size(h, m) else { return 0 }
  sheet.drawing.width = width
  sheet.drawing.height = height
  return h[-3]
}

private func canvasWidth(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  universe.sheet(receiver0(h), h, m).map { Value(integer: $0.drawing.width).bits } ?? 0
}

private func canvasHeight(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  universe.sheet(receiver0(h), h, m).map { Value(integer: $0.drawing.height).bits } ?? 0
}

private func canvasClear(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let sheet = universe.sheet(receiver0(h), h, m) else { return 0 }
  sheet.drawing.clear()
  return h[-1]
}

private func canvasPresent(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let sheet = universe.sheet(receiver0(h), h, m) else { return 0 }
  universe.canvases.present(sheet)
  return h[-1]
}

private func canvasFrameNumber(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  universe.sheet(receiver0(h), h, m).map { Value(integer: $0.drawing.frames).bits } ?? 0
}

// MARK: Operations with arguments of other kinds

private func canvasTextAlign(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let sheet = universe.sheet(receiver1(h), room: 32, h, m) else { return 0 }
  guard let name = universe.string(argument1(h)), let index = DrawingReader.alignments.firstIndex(of: name) else {
    return universe.wrongArgument(
      h, m, needs: DrawingOperation.Operand.alignment.requirement, not: argument1(h))
  }
  sheet.drawing.add(.textAlign, alignment: UInt8(index))
  return h[-2]
}

private func canvasSave(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let sheet = universe.sheet(receiver0(h), room: 32, h, m) else { return 0 }
  guard sheet.drawing.canSave else {
    return universe.raise(
      .other("Canvas>>save was sent \(Drawing.saveLimit) times without a restore: send restore after each"), h)
  }
  sheet.drawing.add(.save)
  return h[-1]
}

private func canvasRestore(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let sheet = universe.sheet(receiver0(h), room: 32, h, m) else { return 0 }
  guard sheet.drawing.canRestore else {
    return universe.raise(.other("Canvas>>restore needs a save before it, in the same frame"), h)
  }
  sheet.drawing.add(.restore)
  return h[-1]
}

/// More bytes than this nobody reads.
private let longestText = 10_000

private func canvasText(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let receiver = Value(bits: h[-4]), text = Value(bits: h[-3])
  guard universe.isString(text) else {
    return universe.wrongArgument(h, m, needs: DrawingOperation.Operand.string.requirement, not: text)
  }
  var place: [Float] = []
  for argument in [Value(bits: h[-2]), Value(bits: h[-1])] {
    guard let number = universe.number(argument), DrawingOperation.Operand.coordinate.allows(number) else {
      return universe.wrongArgument(h, m, needs: DrawingOperation.Operand.coordinate.requirement, not: argument)
    }
    place.append(Float(number))
  }
  let utf8 = universe.bytes(text)
  guard utf8.count <= longestText else {
    return universe.raise(.wrongArgument("A text on a canvas can have \(longestText) bytes, not \(utf8.count)"), h)
  }
  guard let sheet = universe.sheet(receiver, room: 32 + utf8.count, h, m) else { return 0 }
  sheet.drawing.add(.text, x: place[0], y: place[1], utf8: utf8)
  return receiver.bits
}

// MARK: What was drawn

private func canvasCommands(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let sheet = universe.sheet(receiver0(h), h, m) else { return 0 }
  return universe.answer(universe.commands(sheet.drawing.current, h))
}

private func canvasLastFrame(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let sheet = universe.sheet(receiver0(h), h, m) else { return 0 }
  return universe.answer(universe.commands(sheet.shown, h))
}

extension Universe {
  /// An array with an array for each operation: its name, and its operands. Nil: no memory; the error is raised.
  fileprivate func commands(_ frame: [UInt8], _ h: Words) -> Value? {
    let commands = DrawingReader(frame)?.commands() ?? []
    let mark = handles.count
    defer { handles.pop(to: mark) }
    guard let all = makeArray(commands.count, h).map({ handles.push($0) }) else { return nil }
    for (i, command) in commands.enumerated() {
      guard let one = makeArray(1 + command.operands.count, h).map({ handles.push($0) }) else { return nil }
      store(symbol("\(command.operation)"), at: 0, of: one)
      for (j, operand) in command.operands.enumerated() {
        guard let value = value(operand, h) else { return nil }
        store(value, at: j + 1, of: one)
      }
      store(handles[one], at: i, of: all)
      handles.pop(to: one)
    }
    return handles[all]
  }

  private func store(_ value: Value, at index: Int, of array: Int) {
    heap.store(handles[array].object, elementBase(handles[array]) + index, value)
  }

  /// Numbers as they were meant: 0.1, not the nearest that fits into 32 bits.
  private func value(_ operand: DrawingCommand.Operand, _ h: Words) -> Value? {
    switch operand {
    case .number(let number):
      if let whole = Int(exactly: number) { return Value(integer: whole) }
      return makeDouble(Double("\(number)") ?? Double(number), h)
    case .color(let text), .string(let text): return makeString(text, h)
    case .alignment(let name): return symbol(name)
    }
  }
}
