// Integer, bit by bit: operations on the two's complement value.

import BigInt

let integerBitRows: [PrimitiveRow] = [
  PrimitiveRow("Integer", "&", integerAnd),
  PrimitiveRow("Integer", "|", integerOr),
  PrimitiveRow("Integer", "bitXor:", integerXor),
  PrimitiveRow("Integer", "<<", integerShiftLeft),
  PrimitiveRow("Integer", ">>>", integerShiftRight),
  PrimitiveRow("Integer", "as32BitSignedValue", integerAs32BitSigned),
  PrimitiveRow("Integer", "as32BitUnsignedValue", integerAs32BitUnsigned),
]

extension Universe {
  @inline(never)
  private func slowBits(
    _ frame: Words, _ method: UnsafeMutableRawPointer, _ operation: (BigInt, BigInt) -> BigInt
  ) -> UInt64 {
    guard let a = bigInteger(receiver1(frame)) else { return wrongReceiver(frame, method, receiver1(frame)) }
    guard let b = bigInteger(argument1(frame)) else {
      return wrongArgument(frame, method, needs: "an integer", not: argument1(frame))
    }
    return answer(makeInteger(operation(a, b), frame))
  }

  fileprivate func and(_ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 { slowBits(h, m) { $0 & $1 } }
  fileprivate func or(_ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 { slowBits(h, m) { $0 | $1 } }
  fileprivate func xor(_ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 { slowBits(h, m) { $0 ^ $1 } }
}

private func integerAnd(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let a = receiver1(h), b = argument1(h)
  if a.bits & b.bits & 1 != 0 { return a.bits & b.bits }
  return Universe.of(t).and(h, m)
}

private func integerOr(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let a = receiver1(h), b = argument1(h)
  if a.bits & b.bits & 1 != 0 { return a.bits | b.bits }
  return Universe.of(t).or(h, m)
}

private func integerXor(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let a = receiver1(h), b = argument1(h)
  if a.bits & b.bits & 1 != 0 { return (a.bits ^ b.bits) | 1 }
  return Universe.of(t).xor(h, m)
}

/// Shifts by more bits than this are out of memory at once.
private let longestShift = 1 << 28

private func integerShiftLeft(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let a = receiver1(h), b = argument1(h), universe = Universe.of(t)
  guard let big = universe.bigInteger(a) else { return universe.wrongReceiver(h, m, a) }
  guard b.isInteger, b.integer >= 0 else {
    return universe.wrongArgument(h, m, needs: "a number of bits", not: b)
  }
  if big.isZero { return a.bits }
  if b.integer > longestShift { return universe.raise(.outOfMemory, h) }
  return universe.answer(universe.makeInteger(big << b.integer, h))
}

/// Logical on 64 bits; an integer that needs more than 64 keeps its sign.
private func integerShiftRight(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let a = receiver1(h), b = argument1(h), universe = Universe.of(t)
  guard let big = universe.bigInteger(a) else { return universe.wrongReceiver(h, m, a) }
  guard b.isInteger, b.integer >= 0 else {
    return universe.wrongArgument(h, m, needs: "a number of bits", not: b)
  }
  if big.sign == .minus && big.bitWidth <= 64 {
    let shifted = b.integer > 63 ? 0 : UInt64(truncatingIfNeeded: big) >> UInt64(b.integer)
    return universe.answer(universe.makeInteger(BigInt(shifted), h))
  }
  return universe.answer(universe.makeInteger(b.integer > big.bitWidth ? BigInt(big.sign == .minus ? -1 : 0) : big >> b.integer, h))
}

extension Universe {
  fileprivate func low64(_ value: Value) -> UInt64? {
    if value.isInteger { return UInt64(bitPattern: Int64(value.integer)) }
    guard isInteger(value) else { return nil }
    return value.object.words[2]
  }
}

private func integerAs32BitSigned(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let low = Universe.of(t).low64(receiver0(h)) else {
    return Universe.of(t).wrongReceiver(h, m, receiver0(h))
  }
  return Value(integer: Int(Int32(truncatingIfNeeded: low))).bits
}

private func integerAs32BitUnsigned(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let low = Universe.of(t).low64(receiver0(h)) else {
    return Universe.of(t).wrongReceiver(h, m, receiver0(h))
  }
  return Value(integer: Int(UInt32(truncatingIfNeeded: low))).bits
}
