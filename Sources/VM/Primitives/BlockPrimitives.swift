// Block: looking at one. value … and restart are activated by the interpreter itself.

let blockRows: [PrimitiveRow] = [
  PrimitiveRow("Block", "numArgs") { native(blockArgumentCount, $0, $1, $2) }
]

private func blockArgumentCount(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let block = receiver0(h)
  let blocks = WellKnownClass.block1.rawValue...WellKnownClass.block3.rawValue
  guard blocks.contains(block.classIndex) else { return universe.wrongReceiver(h, m, block) }
  return Value(integer: Method(block.object[BlockLayout.method].rawAddress).argumentCount).bits
}
