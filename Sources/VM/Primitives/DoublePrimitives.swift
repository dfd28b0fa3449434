// Double: IEEE 754 binary64. Integer operands are converted.

import BigInt
import Foundation

let doubleRows: [PrimitiveRow] = [
  PrimitiveRow("Double", "+") { native(doubleAdd, $0, $1, $2) },
  PrimitiveRow("Double", "-") { native(doubleSubtract, $0, $1, $2) },
  PrimitiveRow("Double", "*") { native(doubleMultiply, $0, $1, $2) },
  PrimitiveRow("Double", "/") { native(doubleDivide, $0, $1, $2) },
  PrimitiveRow("Double", "//") { native(doubleDivide, $0, $1, $2) },
  PrimitiveRow("Double", "%") { native(doubleModulo, $0, $1, $2) },
  PrimitiveRow("Double", "=") { native(doubleEqual, $0, $1, $2) },
  PrimitiveRow("Double", "==") { native(doubleIdentical, $0, $1, $2) },
  PrimitiveRow("Double", "~=") { native(doubleNotEqual, $0, $1, $2) },
  PrimitiveRow("Double", "<>") { native(doubleNotEqual, $0, $1, $2) },
  PrimitiveRow("Double", "<") { native(doubleLess, $0, $1, $2) },
  PrimitiveRow("Double", ">") { native(doubleGreater, $0, $1, $2) },
  PrimitiveRow("Double", "<=") { native(doubleLessOrEqual, $0, $1, $2) },
  PrimitiveRow("Double", ">=") { native(doubleGreaterOrEqual, $0, $1, $2) },
  PrimitiveRow("Double", "raisedTo:") { native(doubleRaised, $0, $1, $2) },
  PrimitiveRow("Double", "sqrt") { native(doubleSquareRoot, $0, $1, $2) },
  PrimitiveRow("Double", "sin") { native(doubleSine, $0, $1, $2) },
  PrimitiveRow("Double", "cos") { native(doubleCosine, $0, $1, $2) },
  PrimitiveRow("Double", "ln") { native(doubleLogarithm, $0, $1, $2) },
  PrimitiveRow("Double", "round") { native(doubleRound, $0, $1, $2) },
  PrimitiveRow("Double", "asInteger") { native(doubleAsInteger, $0, $1, $2) },
  PrimitiveRow("Double", "asString") { native(doubleAsString, $0, $1, $2) },
  PrimitiveRow("Double", "hashcode") { native(doubleHashcode, $0, $1, $2) },
  PrimitiveRow("Double class", "PositiveInfinity") { native(doublePositiveInfinity, $0, $1, $2) },
  PrimitiveRow("Double class", "fromString:") { native(doubleFromString, $0, $1, $2) },
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
    if a.isInfinite, case .doubles(let x, let y) = comparedPair(receiver1(h), argument1(h)) {
      return Value(operation(x, y)).bits
    }
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

private func doubleAdd(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  universe.doubleArithmetic(h, m) { $0 + $1 }
}
private func doubleSubtract(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  universe.doubleArithmetic(h, m) { $0 - $1 }
}
private func doubleMultiply(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  universe.doubleArithmetic(h, m) { $0 * $1 }
}
/// By 0.0 as IEEE 754 has it; the integer 0 is an error for every dividend.
private func doubleDivide(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  if argument1(h) == Value(integer: 0) { return universe.raise(.divisionByZero, h) }
  return universe.doubleArithmetic(h, m) { $0 / $1 }
}
/// Has the sign of the dividend.
private func doubleModulo(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  universe.doubleArithmetic(h, m) { fmod($0, $1) }
}

private func doubleRaised(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  universe.doubleArithmetic(h, m) { pow($0, $1) }
}

private func doubleEqual(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  Value(universe.equalNumbers(receiver1(h), argument1(h))).bits
}
private func doubleNotEqual(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  Value(!universe.equalNumbers(receiver1(h), argument1(h))).bits
}
private func doubleIdentical(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  Value(universe.identical(receiver1(h), argument1(h))).bits
}
private func doubleLess(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  universe.doubleComparison(h, m) { $0 < $1 }
}
private func doubleGreater(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  universe.doubleComparison(h, m) { $0 > $1 }
}
private func doubleLessOrEqual(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  universe.doubleComparison(h, m) { $0 <= $1 }
}
private func doubleGreaterOrEqual(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  universe.doubleComparison(h, m) { $0 >= $1 }
}

private func doubleSquareRoot(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  universe.doubleFunction(h, m) { $0.squareRoot() }
}
private func doubleSine(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  universe.doubleFunction(h, m) { sin($0) }
}
private func doubleCosine(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  universe.doubleFunction(h, m) { cos($0) }
}
private func doubleLogarithm(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  universe.doubleFunction(h, m) { log($0) }
}
private func doubleRound(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  universe.wholeInteger(h, m, .toNearestOrAwayFromZero)
}
private func doubleAsInteger(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  universe.wholeInteger(h, m, .towardZero)
}

private func doubleAsString(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let d = universe.double(receiver0(h)) else { return universe.wrongReceiver(h, m, receiver0(h)) }
  return universe.answer(universe.makeString(NumberText.print(d), h))
}

/// That of the integer, for a whole number, since they are equal.
private func doubleHashcode(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let d = universe.double(receiver0(h)) else { return universe.wrongReceiver(h, m, receiver0(h)) }
  if let big = BigInt(exactly: d) { return universe.answer(universe.makeInteger(big, h)) }
  return Value(integer: Int(truncatingIfNeeded: (d.bitPattern ^ d.bitPattern >> 29) & 0x3FFF_FFFF)).bits
}

private func doublePositiveInfinity(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  return universe.answer(universe.makeDouble(.infinity, h))
}

private func doubleFromString(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard universe.isString(argument1(h)) else {
    return universe.wrongArgument(h, m, needs: "a string", not: argument1(h))
  }
  return universe.answer(universe.makeDouble(NumberText.parseDouble(universe.bytes(argument1(h))), h))
}
