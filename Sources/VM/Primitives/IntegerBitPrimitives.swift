// Integer, bit by bit: operations on the two's complement value.

import BigInt

let integerBitRows: [PrimitiveRow] = [
  PrimitiveRow("Integer", "&") { native(integerAnd, $0, $1, $2) },
  PrimitiveRow("Integer", "|") { native(integerOr, $0, $1, $2) },
  PrimitiveRow("Integer", "bitXor:") { native(integerXor, $0, $1, $2) },
  PrimitiveRow("Integer", "<<") { native(integerShiftLeft, $0, $1, $2) },
  PrimitiveRow("Integer", ">>>") { native(integerShiftRight, $0, $1, $2) },
  PrimitiveRow("Integer", "as32BitSignedValue") { native(integerAs32BitSigned, $0, $1, $2) },
  PrimitiveRow("Integer", "as32BitUnsignedValue") { native(integerAs32BitUnsigned, $0, $1, $2) },
]

/// An operation on two's complement words, word by word. BigInt's own `&` and `^` answer 0 where the result is a
/// negative power of 2^64 (version 6.0.0): they keep as many words of the result as the longer magnitude has, and its
/// magnitude needs one more.
func bitwise(_ a: BigInt, _ b: BigInt, _ operation: (UInt, UInt) -> UInt) -> BigInt {
  let x = Array(a.words), y = Array(b.words)
  let beyondX: UInt = a.sign == .minus ? .max : 0
  let beyondY: UInt = b.sign == .minus ? .max : 0
  // The last word of either has its sign, and so has that of the result.
  return BigInt(
    words: (0..<max(1, x.count, y.count)).map {
      operation($0 < x.count ? x[$0] : beyondX, $0 < y.count ? y[$0] : beyondY)
    })
}

extension Universe {
  @inline(never)
  private func slowBits(
    _ frame: Words, _ method: UnsafeMutableRawPointer, _ operation: (UInt, UInt) -> UInt
  ) -> UInt64 {
    guard let a = bigInteger(receiver1(frame)) else { return wrongReceiver(frame, method, receiver1(frame)) }
    guard let b = bigInteger(argument1(frame)) else {
      return wrongArgument(frame, method, needs: "an integer", not: argument1(frame))
    }
    return answer(makeInteger(bitwise(a, b, operation), frame))
  }

  fileprivate func and(_ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 { slowBits(h, m) { $0 & $1 } }
  fileprivate func or(_ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 { slowBits(h, m) { $0 | $1 } }
  fileprivate func xor(_ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 { slowBits(h, m) { $0 ^ $1 } }
}

private func integerAnd(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let a = receiver1(h), b = argument1(h)
  if a.bits & b.bits & 1 != 0 { return a.bits & b.bits }
  return universe.and(h, m)
}

private func integerOr(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let a = receiver1(h), b = argument1(h)
  if a.bits & b.bits & 1 != 0 { return a.bits | b.bits }
  return universe.or(h, m)
}

private func integerXor(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let a = receiver1(h), b = argument1(h)
  if a.bits & b.bits & 1 != 0 { return (a.bits ^ b.bits) | 1 }
  return universe.xor(h, m)
}

/// Shifts by more bits than this are errors.
private let longestShift = 1 << 28

extension Universe {
  /// The argument of a shift. Nil: an error was raised, and the primitive must answer what is in `answer`.
  fileprivate func shiftCount(_ h: Words, _ m: UnsafeMutableRawPointer) -> Int? {
    let count = argument1(h)
    if count.isInteger && count.integer >= 0 && count.integer <= longestShift { return count.integer }
    if let big = bigInteger(count) {
      thread[.answer] = raise(.wrongArgument(big.sign == .minus ? "Negative shift." : "Shift too big."), h)
    } else {
      thread[.answer] = wrongArgument(h, m, needs: "a whole number", not: count)
    }
    return nil
  }
}

private func integerShiftLeft(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let a = receiver1(h), b = argument1(h)
  if a.bits & b.bits & 1 != 0, b.integer >= 0, b.integer < 62 {
    // One more bit than the shift: the result has to be a small integer itself.
    let value = a.integer, shifted = value << (b.integer + 1)
    if shifted >> (b.integer + 1) == value { return Value(integer: shifted >> 1).bits }
  }
  guard let big = universe.bigInteger(a) else { return universe.wrongReceiver(h, m, a) }
  guard let count = universe.shiftCount(h, m) else { return universe.thread[.answer] }
  if big.isZero || count == 0 { return a.bits }
  return universe.answer(universe.makeInteger(big << count, h))
}

/// Logical on 64 bits; an integer that needs more than 64 keeps its sign.
private func integerShiftRight(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let a = receiver1(h), b = argument1(h)
  if a.bits & b.bits & 1 != 0, b.integer >= 0, b.integer <= longestShift, a.integer >= 0 || b.integer >= 2 {
    return Value(integer: b.integer > 63 ? 0 : Int(UInt64(bitPattern: Int64(a.integer)) >> UInt64(b.integer))).bits
  }
  guard let big = universe.bigInteger(a) else { return universe.wrongReceiver(h, m, a) }
  guard let count = universe.shiftCount(h, m) else { return universe.thread[.answer] }
  if count == 0 { return a.bits }
  if big.sign == .minus, let small = Int64(exactly: big) {
    let shifted = count > 63 ? 0 : UInt64(bitPattern: small) >> UInt64(count)
    return universe.answer(universe.makeInteger(BigInt(shifted), h))
  }
  // BigInt's >> does not round down.
  let floor = big.sign == .minus ? -1 - ((-1 - big) >> count) : big >> count
  return universe.answer(universe.makeInteger(floor, h))
}

extension Universe {
  fileprivate func low64(_ value: Value) -> UInt64? {
    if value.isInteger { return UInt64(bitPattern: Int64(value.integer)) }
    guard isInteger(value) else { return nil }
    return value.object.words[2]
  }
}

private func integerAs32BitSigned(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let low = universe.low64(receiver0(h)) else {
    return universe.wrongReceiver(h, m, receiver0(h))
  }
  return Value(integer: Int(Int32(truncatingIfNeeded: low))).bits
}

private func integerAs32BitUnsigned(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let low = universe.low64(receiver0(h)) else {
    return universe.wrongReceiver(h, m, receiver0(h))
  }
  return Value(integer: Int(UInt32(truncatingIfNeeded: low))).bits
}
