// ExceptionHandler: finding handlers on the stack, and going back to one. See `Handlers.swift`.

let exceptionRows: [PrimitiveRow] = [
  PrimitiveRow("ExceptionHandler class", "outside:", handlerOutside),
  PrimitiveRow("ExceptionHandler", "return:", handlerReturn),
  PrimitiveRow("ExceptionHandler", "retry:", handlerRetry),
  PrimitiveRow("System", "hasHandlers", systemHasHandlers),
  PrimitiveRow("System", "unhandled:", systemUnhandled),
  PrimitiveRow("System", "printErrorTrace", systemPrintErrorTrace),
]

/// The next handler outside of the given one, or around the sender if that is nil; nil if there is none.
private func handlerOutside(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let universe = Universe.of(t), inner = argument1(h)
  let outside = universe.activationToken(ofHandler: inner)
  if outside == nil && inner != .nil {
    return universe.wrongArgument(h, m, needs: "a handler or nil", not: inner)
  }
  guard let index = universe.classIndex(ofClassObject: receiver1(h)), universe.classes[index].format == .fields,
    index > WellKnownClass.allCases.count
  else { return universe.wrongReceiver(h, m, receiver1(h)) }
  guard let found = universe.handling(from: h, outside: outside ?? 0) else { return Value.nil.bits }
  let mark = universe.handles.count
  defer { universe.handles.pop(to: mark) }
  guard let made = universe.instantiate(index, h) else { return 0 }
  let handler = universe.handles.push(made)
  let info = universe.classes[index]
  func set(_ name: String, _ value: Value?) -> Bool {
    guard let value else { return false }
    if let field = info.fieldNames.firstIndex(of: name) {
      universe.heap.store(universe.handles[handler].object, info.fieldBase + field, value)
    }
    return true
  }
  let names = Universe.handlerFields
  guard set(names.activation, Value(bits: found.token)),
    set(names.exceptionClass, universe.argument(-2, of: found, h)),
    set(names.action, universe.argument(-1, of: found, h))
  else { return 0 }
  return universe.handles[handler].bits
}

extension Universe {
  /// Unwinds to the activation that a handler stands for.
  fileprivate func unwind(_ h: Words, _ m: UnsafeMutableRawPointer, flags: UInt64) -> UInt64 {
    guard let token = activationToken(ofHandler: receiver1(h)) else { return wrongReceiver(h, m, receiver1(h)) }
    guard isHandling(token, from: h) else {
      return raise(.other("The block that this handler protects has ended already"), h)
    }
    thread[.unwindTarget] = token | flags
    thread[.unwindValue] = h[-1]
    return 0
  }
}

private func handlerReturn(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  Universe.of(t).unwind(h, m, flags: 0)
}

private func handlerRetry(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let universe = Universe.of(t), block = argument1(h)
  let blocks = WellKnownClass.block1.rawValue...WellKnownClass.block3.rawValue
  guard block == .nil || blocks.contains(block.classIndex) else {
    return universe.wrongArgument(h, m, needs: "a block", not: block)
  }
  return universe.unwind(h, m, flags: ActivationToken.again)
}

private func systemHasHandlers(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  Value(Universe.of(t).handling(from: h) != nil).bits
}

/// An error of the virtual machine that no handler wants ends the program.
private func systemUnhandled(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let universe = Universe.of(t)
  universe.output.printError(universe.errorTraceback(h) + (universe.string(argument1(h)) ?? "Error") + "\n")
  return universe.terminate(status: 1)
}

private func systemPrintErrorTrace(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let universe = Universe.of(t)
  universe.output.printError(universe.errorTraceback(h))
  return h[-1]
}
