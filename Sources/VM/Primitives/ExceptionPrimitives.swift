// ExceptionHandler: finding handlers on the stack, and going back to one. See `Handlers.swift`.

import MachineLayout

let exceptionRows: [PrimitiveRow] = [
  PrimitiveRow("ExceptionHandler class", "next:outside:") { native(handlerNextOutside, $0, $1, $2) },
  PrimitiveRow("ExceptionHandler class", "waitingFor:") { native(handlerWaitingFor, $0, $1, $2) },
  PrimitiveRow("ExceptionHandler", "return:") { native(handlerReturn, $0, $1, $2) },
  PrimitiveRow("ExceptionHandler", "retry:") { native(handlerRetry, $0, $1, $2) },
  PrimitiveRow("System", "hasHandlers") { native(systemHasHandlers, $0, $1, $2) },
  PrimitiveRow("System", "unhandled:") { native(systemUnhandled, $0, $1, $2) },
]

/// An array of so many handlers outside of the given one, or around the sender if that is nil; fewer if there are no
/// more.
private func handlerNextOutside(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let count = first2(h), inner = second2(h)
  let id = universe.handlers.id(inner)
  if id == nil && inner != .nil {
    return universe.wrongArgument(h, m, needs: "a handler or nil", not: inner)
  }
  let outside = id.flatMap(universe.handlers.activation)
  guard count.isInteger, count.integer > 0 else {
    return universe.wrongArgument(h, m, needs: "a positive number of handlers", not: count)
  }
  guard let index = universe.classIndex(ofClassObject: receiver2(h)), universe.classes[index].format == .fields,
    index > WellKnownClass.allCases.count
  else { return universe.wrongReceiver(h, m, receiver2(h)) }
  // Outside of one that has ended there is nothing to be found.
  let found =
    id != nil && outside == nil ? [] : universe.handlers.find(from: h, outside: outside, limit: count.integer)
  let mark = universe.handles.count
  defer { universe.handles.pop(to: mark) }
  guard let array = universe.makeArray(found.count, h) else { return 0 }
  let result = universe.handles.push(array)
  for (i, activation) in found.enumerated() {
    guard let handler = universe.makeHandler(index, activation, h) else { return 0 }
    let array = universe.handles[result]
    universe.heap.store(array.object, universe.elementBase(array) + i, handler)
  }
  return universe.handles[result].bits
}

extension Universe {
  /// An instance of class `index`, ExceptionHandler. Nil: out of memory was raised.
  fileprivate func makeHandler(_ index: Int, _ activation: ActivationPlace, _ top: Words) -> Value? {
    let mark = handles.count
    defer { handles.pop(to: mark) }
    guard let made = instantiate(index, top) else { return nil }
    let handler = handles.push(made)
    let info = classes[index]
    func set(_ name: String, _ value: Value?) -> Bool {
      guard let value else { return false }
      if let word = info.bodyWord(ofField: name) { heap.store(handles[handler].object, word, value) }
      return true
    }
    let names = Handlers.fields
    guard set(names.activation, Value(integer: handlers.id(of: activation, top: top))),
      set(names.exceptionClass, argument(-2, of: activation, top)),
      set(names.action, argument(-1, of: activation, top))
    else { return nil }
    return handles[handler]
  }
}

extension Universe {
  /// Unwinds to the activation that a handler stands for.
  fileprivate func unwind(_ h: Words, _ m: UnsafeMutableRawPointer, flags: UInt64) -> UInt64 {
    guard let id = handlers.id(receiver1(h)) else { return wrongReceiver(h, m, receiver1(h)) }
    guard let activation = handlers.activation(id), handlers.isHandling(activation, from: h) else {
      return raise(.other("The block that this handler protects has ended already"), h)
    }
    thread[.unwindTarget] = ActivationToken.make(activation.frame, activation.number) | flags
    thread[.unwindValue] = h[-1]
    return 0
  }
}

/// Evaluates a block. What searches find below this activation meanwhile is kept until it ends.
private func handlerWaitingFor(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  universe.handlers.waiting(at: h) { universe.evaluate(argument1(h), frame: h) }
    ?? universe.wrongArgument(h, m, needs: "a block without arguments", not: argument1(h))
}

private func handlerReturn(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  universe.unwind(h, m, flags: 0)
}

private func handlerRetry(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let block = argument1(h)
  let blocks = WellKnownClass.block1.rawValue...WellKnownClass.block3.rawValue
  guard block == .nil || blocks.contains(block.classIndex) else {
    return universe.wrongArgument(h, m, needs: "a block", not: block)
  }
  return universe.unwind(h, m, flags: ActivationToken.again)
}

private func systemHasHandlers(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  Value(!universe.handlers.find(from: h).isEmpty).bits
}

/// An error of the virtual machine that no handler wants ends the program.
private func systemUnhandled(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let message = universe.string(argument1(h)) ?? "Error"
  if let answer = universe.hooks.unhandled?(message, h) { return answer }
  universe.output.printError(universe.traceback(h) + message + "\n")
  return universe.terminate(status: 1, because: .error)
}
