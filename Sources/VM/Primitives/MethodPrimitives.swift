// Method and Primitive: what a method object tells, and running it.

let methodRows: [PrimitiveRow] = [
  PrimitiveRow("Method", "invokeOn:with:", activates: .invokeOn),
  PrimitiveRow("Primitive", "invokeOn:with:", activates: .invokeOn),
  PrimitiveRow("Method", "signature") { native(methodSignature, $0, $1, $2) },
  PrimitiveRow("Method", "holder") { native(methodHolder, $0, $1, $2) },
  PrimitiveRow("Primitive", "signature") { native(methodSignature, $0, $1, $2) },
  PrimitiveRow("Primitive", "holder") { native(methodHolder, $0, $1, $2) },
]

private func methodSignature(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let method = universe.method(receiver0(h)) else { return universe.wrongReceiver(h, m, receiver0(h)) }
  return universe.symbol(method.selector).bits
}

private func methodHolder(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let method = universe.method(receiver0(h)) else { return universe.wrongReceiver(h, m, receiver0(h)) }
  return universe.classes.object(method.holderIndex).bits
}
