// Block: looking at one. value … and restart are activated by the interpreter itself.

let blockRows: [PrimitiveRow] = [
  PrimitiveRow("Block", "numArgs", blockArgumentCount)
]

private func blockArgumentCount(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let universe = Universe.of(t), block = receiver0(h)
  let blocks = WellKnownClass.block1.rawValue...WellKnownClass.block3.rawValue
  guard blocks.contains(block.classIndex) else { return universe.wrongReceiver(h, m, block) }
  return Value(integer: Method(block.object[BlockLayout.method].rawAddress).argumentCount).bits
}
