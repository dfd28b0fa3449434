// Canvas: pointer, keys and events.

let canvasEventRows: [PrimitiveRow] = [
  PrimitiveRow("Canvas", "pointerX") { native(canvasPointerX, $0, $1, $2) },
  PrimitiveRow("Canvas", "pointerY") { native(canvasPointerY, $0, $1, $2) },
  PrimitiveRow("Canvas", "buttons") { native(canvasButtons, $0, $1, $2) },
  PrimitiveRow("Canvas", "keys") { native(canvasKeys, $0, $1, $2) },
  PrimitiveRow("Canvas", "isKeyDown:") { native(canvasIsKeyDown, $0, $1, $2) },
  PrimitiveRow("Canvas", "takeEvent") { native(canvasTakeEvent, $0, $1, $2) },
  PrimitiveRow("Canvas", "awaitEventFor:") { native(canvasAwaitEvent, $0, $1, $2) },
]

private func canvasPointerX(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let sheet = universe.sheet(receiver0(h), h, m) else { return 0 }
  return universe.answer(universe.makeDouble(sheet.input.current.x, h))
}

private func canvasPointerY(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let sheet = universe.sheet(receiver0(h), h, m) else { return 0 }
  return universe.answer(universe.makeDouble(sheet.input.current.y, h))
}

/// Those that are pressed: 0 is the main one.
private func canvasButtons(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let sheet = universe.sheet(receiver0(h), h, m) else { return 0 }
  let buttons = sheet.input.current.buttons.sorted()
  return universe.answer(
    universe.makeArray(buttons.count, h) { words in
      for (i, button) in buttons.enumerated() { words[i] = Value(integer: button).bits }
    })
}

private func canvasKeys(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let sheet = universe.sheet(receiver0(h), h, m) else { return 0 }
  let keys = sheet.input.current.keys
  return universe.answer(universe.makeStrings(keys, before: [], h))
}

private func canvasIsKeyDown(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let sheet = universe.sheet(receiver1(h), h, m) else { return 0 }
  guard let key = universe.string(argument1(h)) else {
    return universe.wrongArgument(h, m, needs: "the name of a key", not: argument1(h))
  }
  return Value(sheet.input.current.keys.contains(key)).bits
}

/// #(kind x y button key) of the oldest event, taken out; nil if there is none.
private func canvasTakeEvent(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let sheet = universe.sheet(receiver0(h), h, m) else { return 0 }
  guard let event = sheet.input.take() else { return Value.nil.bits }
  return universe.answer(universe.makeEvent(event, h))
}

extension Universe {
  /// An array of these values, which are not in the nursery, and of the texts after them.
  fileprivate func makeStrings(_ texts: [String], before: [Value], _ h: Words) -> Value? {
    let mark = handles.count
    defer { handles.pop(to: mark) }
    guard let array = makeArray(before.count + texts.count, h).map({ handles.push($0) }) else { return nil }
    let base = elementBase(handles[array])
    for (i, value) in before.enumerated() { heap.store(handles[array].object, base + i, value) }
    for (i, text) in texts.enumerated() {
      guard let string = makeString(text, h) else { return nil }
      heap.store(handles[array].object, base + before.count + i, string)
    }
    return handles[array]
  }

  fileprivate func makeEvent(_ event: CanvasEvent, _ h: Words) -> Value? {
    let kind = symbol(event.kind.rawValue)
    // What needs a box is nearly 0.
    func number(_ d: Double) -> Value { Value(immediateDouble: d) ?? zero[0] }
    return makeStrings(
      [event.key], before: [kind, number(event.x), number(event.y), Value(integer: event.button)], h)
  }
}

/// Waits for an event, so many milliseconds at most. Answers whether there is one.
private func canvasAwaitEvent(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let sheet = universe.sheet(receiver1(h), h, m) else { return 0 }
  guard let end = deadline(argument1(h)) else { return notMilliseconds(universe, h, m) }
  let input = sheet.input
  universe.canvases.awaitEvents(true)
  while !input.hasEvents, ContinuousClock.now < end {
    if !universe.scheduler.wait(until: end, orFor: { input.hasEvents }, h) { return 0 }
    universe.canvases.awaitEvents(true)
  }
  return Value(input.hasEvents).bits
}
