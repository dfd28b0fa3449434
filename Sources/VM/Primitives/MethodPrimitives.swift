// Method and Primitive: what a method object tells. invokeOn:with: is activated by the interpreter itself.

let methodRows: [PrimitiveRow] = [
  PrimitiveRow("Method", "signature", methodSignature),
  PrimitiveRow("Method", "holder", methodHolder),
  PrimitiveRow("Primitive", "signature", methodSignature),
  PrimitiveRow("Primitive", "holder", methodHolder),
]

private func methodSignature(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let universe = Universe.of(t)
  guard let method = universe.method(receiver0(h)) else { return universe.wrongReceiver(h, m, receiver0(h)) }
  return universe.symbol(method.selector).bits
}

private func methodHolder(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let universe = Universe.of(t)
  guard let method = universe.method(receiver0(h)) else { return universe.wrongReceiver(h, m, receiver0(h)) }
  return universe.classes.object(method.holderIndex).bits
}
