// Double: IEEE 754 binary64. Integer operands are converted.

import BigInt
import Foundation

let doubleRows: [PrimitiveRow] = [
  PrimitiveRow("Double", "+", doubleAdd),
  PrimitiveRow("Double", "-", doubleSubtract),
  PrimitiveRow("Double", "*", doubleMultiply),
  PrimitiveRow("Double", "/", doubleDivide),
  PrimitiveRow("Double", "//", doubleDivide),
  PrimitiveRow("Double", "%", doubleModulo),
  PrimitiveRow("Double", "=", doubleEqual),
  PrimitiveRow("Double", "==", doubleIdentical),
  PrimitiveRow("Double", "~=", doubleNotEqual),
  PrimitiveRow("Double", "<>", doubleNotEqual),
  PrimitiveRow("Double", "<", doubleLess),
  PrimitiveRow("Double", ">", doubleGreater),
  PrimitiveRow("Double", "<=", doubleLessOrEqual),
  PrimitiveRow("Double", ">=", doubleGreaterOrEqual),
  PrimitiveRow("Double", "sqrt", doubleSquareRoot),
  PrimitiveRow("Double", "sin", doubleSine),
  PrimitiveRow("Double", "cos", doubleCosine),
  PrimitiveRow("Double", "round", doubleRound),
  PrimitiveRow("Double", "asInteger", doubleAsInteger),
  PrimitiveRow("Double", "asString", doubleAsString),
  PrimitiveRow("Double", "hashcode", doubleHashcode),
  PrimitiveRow("Double class", "PositiveInfinity", doublePositiveInfinity),
  PrimitiveRow("Double class", "fromString:", doubleFromString),
]

extension Universe {
  @inline(__always)
  fileprivate func doubleArithmetic(
    _ h: Words, _ m: UnsafeMutableRawPointer, _ operation: (Double, Double) -> Double
  ) -> UInt64 {
    guard let a = number(receiver1(h)), let b = number(argument1(h)) else { return notNumbers(h, m) }
    if isBeyondDoubles(b, argument1(h)) { return beyondDoubles(h) }
    return answer(makeDouble(operation(a, b), h))
  }

  @inline(__always)
  fileprivate func doubleComparison(
    _ h: Words, _ m: UnsafeMutableRawPointer, _ operation: (Double, Double) -> Bool
  ) -> UInt64 {
    guard let a = number(receiver1(h)), let b = number(argument1(h)) else { return notNumbers(h, m) }
    return Value(operation(a, b)).bits
  }

  @inline(__always)
  fileprivate func doubleFunction(
    _ h: Words, _ m: UnsafeMutableRawPointer, _ operation: (Double) -> Double
  ) -> UInt64 {
    guard let d = double(receiver0(h)) else { return wrongReceiver(h, m, receiver0(h)) }
    return answer(makeDouble(operation(d), h))
  }

  /// A whole double as an integer of any size; infinities and NaN are errors.
  fileprivate func wholeInteger(
    _ h: Words, _ m: UnsafeMutableRawPointer, _ rule: FloatingPointRoundingRule
  ) -> UInt64 {
    guard let d = double(receiver0(h))?.rounded(rule) else { return wrongReceiver(h, m, receiver0(h)) }
    if let i = Int(exactly: d) { return answer(makeInteger(i, h)) }
    guard let big = BigInt(exactly: d) else {
      return raise(.wrongArgument("\(NumberText.print(d)) has no integer value"), h)
    }
    return answer(makeInteger(big, h))
  }
}

private func doubleAdd(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  Universe.of(t).doubleArithmetic(h, m) { $0 + $1 }
}
private func doubleSubtract(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  Universe.of(t).doubleArithmetic(h, m) { $0 - $1 }
}
private func doubleMultiply(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  Universe.of(t).doubleArithmetic(h, m) { $0 * $1 }
}
/// By 0.0 as IEEE 754 has it; the integer 0 is an error for every dividend.
private func doubleDivide(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  if argument1(h) == Value(integer: 0) { return Universe.of(t).raise(.divisionByZero, h) }
  return Universe.of(t).doubleArithmetic(h, m) { $0 / $1 }
}
/// Has the sign of the dividend.
private func doubleModulo(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  Universe.of(t).doubleArithmetic(h, m) { fmod($0, $1) }
}

private func doubleEqual(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  Value(Universe.of(t).equalNumbers(receiver1(h), argument1(h))).bits
}
private func doubleNotEqual(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  Value(!Universe.of(t).equalNumbers(receiver1(h), argument1(h))).bits
}
private func doubleIdentical(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  Value(Universe.of(t).identical(receiver1(h), argument1(h))).bits
}
private func doubleLess(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  Universe.of(t).doubleComparison(h, m) { $0 < $1 }
}
private func doubleGreater(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  Universe.of(t).doubleComparison(h, m) { $0 > $1 }
}
private func doubleLessOrEqual(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  Universe.of(t).doubleComparison(h, m) { $0 <= $1 }
}
private func doubleGreaterOrEqual(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  Universe.of(t).doubleComparison(h, m) { $0 >= $1 }
}

private func doubleSquareRoot(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  Universe.of(t).doubleFunction(h, m) { $0.squareRoot() }
}
private func doubleSine(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  Universe.of(t).doubleFunction(h, m) { sin($0) }
}
private func doubleCosine(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  Universe.of(t).doubleFunction(h, m) { cos($0) }
}
private func doubleRound(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  Universe.of(t).wholeInteger(h, m, .toNearestOrAwayFromZero)
}
private func doubleAsInteger(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  Universe.of(t).wholeInteger(h, m, .towardZero)
}

private func doubleAsString(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let universe = Universe.of(t)
  guard let d = universe.double(receiver0(h)) else { return universe.wrongReceiver(h, m, receiver0(h)) }
  return universe.answer(universe.makeString(NumberText.print(d), h))
}

/// That of the integer, for a whole number, since they are equal.
private func doubleHashcode(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let universe = Universe.of(t)
  guard let d = universe.double(receiver0(h)) else { return universe.wrongReceiver(h, m, receiver0(h)) }
  if let big = BigInt(exactly: d) { return universe.answer(universe.makeInteger(big, h)) }
  return Value(integer: Int(truncatingIfNeeded: (d.bitPattern ^ d.bitPattern >> 29) & 0x3FFF_FFFF)).bits
}

private func doublePositiveInfinity(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let universe = Universe.of(t)
  return universe.answer(universe.makeDouble(.infinity, h))
}

private func doubleFromString(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let universe = Universe.of(t)
  guard universe.isString(argument1(h)) else {
    return universe.wrongArgument(h, m, needs: "a string", not: argument1(h))
  }
  return universe.answer(universe.makeDouble(NumberText.parseDouble(universe.bytes(argument1(h))), h))
}
