// Block: what must happen however a block is left. value … and restart are activated by the interpreter itself.

let blockRows: [PrimitiveRow] = [
  PrimitiveRow("Block", "ensure:", blockEnsure),
  PrimitiveRow("Block", "ifCurtailed:", blockIfCurtailed),
  PrimitiveRow("Block", "numArgs", blockArgumentCount),
]

/// Evaluates the receiver, then the argument in any case; except where the whole program ends.
private func blockEnsure(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let universe = Universe.of(t)
  let value = universe.send(receiver1(h), universe.selectors.value, frame: h)
  if value == 0 { return universe.unwind(through: h) }
  let mark = universe.handles.push(Value(bits: value))
  let second = universe.send(argument1(h), universe.selectors.value, frame: h)
  let result = universe.handles[mark]
  universe.handles.pop(to: mark)
  return second == 0 ? 0 : result.bits
}

private func blockIfCurtailed(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let universe = Universe.of(t)
  let value = universe.send(receiver1(h), universe.selectors.value, frame: h)
  return value == 0 ? universe.unwind(through: h) : value
}

private func blockArgumentCount(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let universe = Universe.of(t), block = receiver0(h)
  let blocks = WellKnownClass.block1.rawValue...WellKnownClass.block3.rawValue
  guard blocks.contains(block.classIndex) else { return universe.wrongReceiver(h, m, block) }
  return Value(integer: Method(block.object[BlockLayout.method].rawAddress).argumentCount).bits
}

extension Universe {
  /// Evaluates the argument of the primitive frame while something unwinds through it, then goes on unwinding. If
  /// the argument is left itself, by `^` or an exception, that takes over.
  fileprivate func unwind(through frame: Words) -> UInt64 {
    if isTerminating { return 0 }
    let mark = handles.push(Value(bits: thread[.unwindTarget]))
    handles.push(Value(bits: thread[.unwindValue]))
    thread[.unwindTarget] = 0
    thread[.unwindValue] = 0
    // It may be a stack overflow that unwinds: then there is little room up here.
    let evaluate = { self.send(argument1(frame), self.selectors.value, frame: frame) }
    if (withStackReserve(evaluate) ?? evaluate()) != 0 {
      thread[.unwindTarget] = handles[mark].bits
      thread[.unwindValue] = handles[mark + 1].bits
    }
    handles.pop(to: mark)
    return 0
  }
}
