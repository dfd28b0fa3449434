// Block: running one, and looking at one.

import MachineLayout

let blockRows: [PrimitiveRow] = [
  PrimitiveRow("Block", "value", activates: .blockValue),
  PrimitiveRow("Block", "value:", activates: .blockValue),
  PrimitiveRow("Block", "value:with:", activates: .blockValue),
  PrimitiveRow("Block1", "value", activates: .blockValue),
  PrimitiveRow("Block2", "value:", activates: .blockValue),
  PrimitiveRow("Block3", "value:with:", activates: .blockValue),
  PrimitiveRow("Block1", "valueHandling", activates: .blockValue),
  PrimitiveRow("Block1", "valueEnsuring", activates: .blockValue),
  PrimitiveRow("Block", "restart", activates: .restart),
  PrimitiveRow("Block", "numArgs") { native(blockArgumentCount, $0, $1, $2) },
  PrimitiveRow("Object", "loopAgain") { native(objectLoopAgain, $0, $1, $2) },
]

private func blockArgumentCount(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let block = receiver0(h)
  let blocks = WellKnownClass.block1.rawValue...WellKnownClass.block3.rawValue
  guard blocks.contains(block.classIndex) else { return universe.wrongReceiver(h, m, block) }
  return Value(integer: Method(block.object[BlockLayout.method].rawAddress).argumentCount).bits
}

/// Whether `restart`, sent to the receiver, restarts. If not, sends it. See LoopPart.
private func objectLoopAgain(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let block = receiver0(h), restart = universe.selectors.restart
  if universe.classes.lookup(block.classIndex, restart)?.kind == .restart { return Value.true.bits }
  return universe.send(block, restart, frame: h) == 0 ? 0 : Value.false.bits
}
