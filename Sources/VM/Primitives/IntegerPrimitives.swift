// Integer: small ones (63 bits) in place, anything larger through BigInt; mixed with doubles, both become doubles.

import BigInt
import Foundation
import MachineLayout

let integerRows: [PrimitiveRow] = [
  PrimitiveRow("Integer", "+") { native(integerAdd, $0, $1, $2) },
  PrimitiveRow("Integer", "-") { native(integerSubtract, $0, $1, $2) },
  PrimitiveRow("Integer", "*") { native(integerMultiply, $0, $1, $2) },
  PrimitiveRow("Integer", "/") { native(integerDivide, $0, $1, $2) },
  PrimitiveRow("Integer", "//") { native(integerDoubleDivide, $0, $1, $2) },
  PrimitiveRow("Integer", "%") { native(integerModulo, $0, $1, $2) },
  PrimitiveRow("Integer", "rem:") { native(integerRemainder, $0, $1, $2) },
  PrimitiveRow("Integer", "=") { native(integerEqual, $0, $1, $2) },
  PrimitiveRow("Integer", "==") { native(integerIdentical, $0, $1, $2) },
  PrimitiveRow("Integer", "~=") { native(integerNotEqual, $0, $1, $2) },
  PrimitiveRow("Integer", "<>") { native(integerNotEqual, $0, $1, $2) },
  PrimitiveRow("Integer", "<") { native(integerLess, $0, $1, $2) },
  PrimitiveRow("Integer", ">") { native(integerGreater, $0, $1, $2) },
  PrimitiveRow("Integer", "<=") { native(integerLessOrEqual, $0, $1, $2) },
  PrimitiveRow("Integer", ">=") { native(integerGreaterOrEqual, $0, $1, $2) },
  PrimitiveRow("Integer", "sqrt") { native(integerSquareRoot, $0, $1, $2) },
  PrimitiveRow("Integer", "atRandom") { native(integerAtRandom, $0, $1, $2) },
  PrimitiveRow("Integer", "asString") { native(integerAsString, $0, $1, $2) },
  PrimitiveRow("Integer", "asDouble") { native(integerAsDouble, $0, $1, $2) },
  PrimitiveRow("Integer", "hashcode") { native(integerHashcode, $0, $1, $2) },
  PrimitiveRow("Integer class", "fromString:") { native(integerFromString, $0, $1, $2) },
]

// MARK: Arithmetic

/// The operands of a binary operation that are not both small integers.
enum NumberPair {
  case integers(BigInt, BigInt)
  case doubles(Double, Double)
  /// One of them is no number.
  case neither
}

extension Universe {
  func numberPair(_ a: Value, _ b: Value) -> NumberPair {
    if let x = bigInteger(a), let y = bigInteger(b) { return .integers(x, y) }
    if let x = number(a), let y = number(b) { return .doubles(x, y) }
    return .neither
  }
  /// Integers and doubles as doubles; nil for anything else.
  func number(_ value: Value) -> Double? {
    if value.isInteger { return Double(value.integer) }
    return double(value) ?? bigInteger(value).map { Double(nearest: $0) }
  }

  /// Result of a binary operation beyond small integers.
  @inline(never)
  func slowArithmetic(
    _ frame: Words, _ method: UnsafeMutableRawPointer,
    integers: (LongArithmetic, BigInt, BigInt) throws(LongArithmetic.Stop) -> BigInt,
    doubles: (Double, Double) -> Double
  ) -> UInt64 {
    switch numberPair(receiver1(frame), argument1(frame)) {
    case .integers(let a, let b):
      let result = long(frame) { arithmetic throws(LongArithmetic.Stop) in try integers(arithmetic, a, b) }
      return answer(result.flatMap { makeInteger($0, frame) })
    case .doubles(let a, let b):
      if isBeyondDoubles(a, receiver1(frame)) || isBeyondDoubles(b, argument1(frame)) {
        return beyondDoubles(frame)
      }
      return answer(makeDouble(doubles(a, b), frame))
    case .neither: return notNumbers(frame, method)
    }
  }

  /// `number`, made of `value`, is infinite only because the integer has no double.
  func isBeyondDoubles(_ number: Double, _ value: Value) -> Bool { number.isInfinite && double(value) == nil }

  @inline(never)
  func beyondDoubles(_ frame: Words) -> UInt64 { raise(.other("Can't represent as double."), frame) }

  @inline(never)
  func notNumbers(_ frame: Words, _ method: UnsafeMutableRawPointer) -> UInt64 {
    if number(receiver1(frame)) == nil { return wrongReceiver(frame, method, receiver1(frame)) }
    return wrongArgument(frame, method, needs: "a number", not: argument1(frame))
  }

  /// 0, to unwind, if an error was raised instead of making the value.
  @inline(__always) func answer(_ value: Value?) -> UInt64 { value?.bits ?? 0 }
}

private func integerAdd(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let a = receiver1(h), b = argument1(h)
  if a.bits & b.bits & 1 != 0, let v = Value(exactInteger: a.integer &+ b.integer) { return v.bits }
  return universe.slowArithmetic(h, m, integers: { $1 + $2 }, doubles: { $0 + $1 })
}

private func integerSubtract(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let a = receiver1(h), b = argument1(h)
  if a.bits & b.bits & 1 != 0, let v = Value(exactInteger: a.integer &- b.integer) { return v.bits }
  return universe.slowArithmetic(h, m, integers: { $1 - $2 }, doubles: { $0 - $1 })
}

private func integerMultiply(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let a = receiver1(h), b = argument1(h)
  if a.bits & b.bits & 1 != 0 {
    let (product, overflow) = a.integer.multipliedReportingOverflow(by: b.integer)
    if !overflow, let v = Value(exactInteger: product) { return v.bits }
  }
  return universe.slowArithmetic(
    h, m, integers: { arithmetic, a, b throws(LongArithmetic.Stop) in try arithmetic.product(a, b) },
    doubles: { $0 * $1 })
}

private let smallZero = Value(integer: 0)

/// Truncates.
private func integerDivide(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let a = receiver1(h), b = argument1(h)
  if b == smallZero { return universe.raise(.divisionByZero, h) }
  if a.bits & b.bits & 1 != 0, let v = Value(exactInteger: a.integer / b.integer) { return v.bits }
  return universe.slowArithmetic(
    h, m,
    integers: { arithmetic, a, b throws(LongArithmetic.Stop) in
      try arithmetic.quotientAndRemainder(a, b).quotient
    }, doubles: { $0 / $1 })
}

private func integerDoubleDivide(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  if argument1(h) == smallZero { return universe.raise(.divisionByZero, h) }
  switch universe.numberPair(receiver1(h), argument1(h)) {
  case .integers(let a, let b):
    var quotient = Double(nearest: a) / Double(nearest: b)
    if max(a.magnitude.bitWidth, b.magnitude.bitWidth) > 1000 {
      // Too big for doubles, perhaps, although the quotient is not.
      let exact = universe.long(h) { arithmetic throws(LongArithmetic.Stop) in try arithmetic.doubleQuotient(a, b) }
      guard let exact else { return 0 }
      quotient = exact
    }
    return universe.answer(universe.makeDouble(quotient, h))
  case .doubles(let a, let b):
    if universe.isBeyondDoubles(a, receiver1(h)) || universe.isBeyondDoubles(b, argument1(h)) {
      return universe.beyondDoubles(h)
    }
    return universe.answer(universe.makeDouble(a / b, h))
  case .neither: return universe.notNumbers(h, m)
  }
}

/// Has the sign of the divisor.
private func integerModulo(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let a = receiver1(h), b = argument1(h)
  if b == smallZero { return universe.raise(.divisionByZero, h) }
  if a.bits & b.bits & 1 != 0 {
    let r = a.integer % b.integer
    return Value(integer: r != 0 && (r < 0) != (b.integer < 0) ? r + b.integer : r).bits
  }
  return universe.slowArithmetic(
    h, m,
    integers: { arithmetic, a, b throws(LongArithmetic.Stop) in
      let r = try arithmetic.quotientAndRemainder(a, b).remainder
      return !r.isZero && (r.sign == .minus) != (b.sign == .minus) ? r + b : r
    },
    doubles: { fmod($0, $1) })
}

/// Has the sign of the dividend.
private func integerRemainder(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let a = receiver1(h), b = argument1(h)
  if b == smallZero { return universe.raise(.divisionByZero, h) }
  if a.bits & b.bits & 1 != 0 { return Value(integer: a.integer % b.integer).bits }
  return universe.slowArithmetic(
    h, m,
    integers: { arithmetic, a, b throws(LongArithmetic.Stop) in
      try arithmetic.quotientAndRemainder(a, b).remainder
    }, doubles: { fmod($0, $1) })
}

// MARK: Comparison

extension Universe {
  @inline(never)
  func slowComparison(
    _ frame: Words, _ method: UnsafeMutableRawPointer, integers: (BigInt, BigInt) -> Bool,
    doubles: (Double, Double) -> Bool
  ) -> UInt64 {
    switch comparedPair(receiver1(frame), argument1(frame)) {
    case .integers(let a, let b): return Value(integers(a, b)).bits
    case .doubles(let a, let b): return Value(doubles(a, b)).bits
    case .neither: return notNumbers(frame, method)
    }
  }

  /// The operands of a comparison. An infinite double is not what an integer beyond doubles is nearest to: it is
  /// compared with 0 in its place.
  func comparedPair(_ a: Value, _ b: Value) -> NumberPair {
    let pair = numberPair(a, b)
    guard case .doubles(let x, let y) = pair, x.isInfinite, y.isInfinite else { return pair }
    return .doubles(isBeyondDoubles(x, a) ? 0 : x, isBeyondDoubles(y, b) ? 0 : y)
  }

  /// Equality of numbers by value; false if one is no number.
  func equalNumbers(_ a: Value, _ b: Value) -> Bool {
    if a.bits & b.bits & 1 != 0 { return a == b }
    switch comparedPair(a, b) {
    case .integers(let x, let y): return x == y
    case .doubles(let x, let y): return x == y
    case .neither: return false
    }
  }

  /// `==`: the same object, except that numbers have no identity beside their value (a double or a big integer
  /// may be boxed any number of times, and the optimizer decides how often).
  public func identical(_ a: Value, _ b: Value) -> Bool {
    if a == b { return true }
    guard a.isPointer, b.isPointer else { return false }
    let x = a.object, y = b.object
    guard x.classWord == y.classWord, x.classWord.formatBits == ObjectFormat.words.rawValue, x[0] == y[0]
    else { return false }
    for i in 0..<x[0].integer where x.words[2 + i] != y.words[2 + i] { return false }
    return true
  }
}

private func integerEqual(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let a = receiver1(h), b = argument1(h)
  if a.bits & b.bits & 1 != 0 { return Value(a == b).bits }
  return Value(universe.equalNumbers(a, b)).bits
}

private func integerIdentical(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  Value(universe.identical(receiver1(h), argument1(h))).bits
}

private func integerNotEqual(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let a = receiver1(h), b = argument1(h)
  if a.bits & b.bits & 1 != 0 { return Value(a != b).bits }
  return Value(!universe.equalNumbers(a, b)).bits
}

private func integerLess(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let a = receiver1(h), b = argument1(h)
  if a.bits & b.bits & 1 != 0 { return Value(a.integer < b.integer).bits }
  return universe.slowComparison(h, m, integers: { $0 < $1 }, doubles: { $0 < $1 })
}

private func integerGreater(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let a = receiver1(h), b = argument1(h)
  if a.bits & b.bits & 1 != 0 { return Value(a.integer > b.integer).bits }
  return universe.slowComparison(h, m, integers: { $0 > $1 }, doubles: { $0 > $1 })
}

private func integerLessOrEqual(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let a = receiver1(h), b = argument1(h)
  if a.bits & b.bits & 1 != 0 { return Value(a.integer <= b.integer).bits }
  return universe.slowComparison(h, m, integers: { $0 <= $1 }, doubles: { $0 <= $1 })
}

private func integerGreaterOrEqual(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let a = receiver1(h), b = argument1(h)
  if a.bits & b.bits & 1 != 0 { return Value(a.integer >= b.integer).bits }
  return universe.slowComparison(h, m, integers: { $0 >= $1 }, doubles: { $0 >= $1 })
}

// MARK: Conversion

/// An Integer if the root is whole, a Double otherwise.
private func integerSquareRoot(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let big = universe.bigInteger(receiver0(h)) else { return universe.wrongReceiver(h, m, receiver0(h)) }
  if big.sign == .minus { return universe.answer(universe.makeDouble(.nan, h)) }
  let result = universe.long(h) { arithmetic throws(LongArithmetic.Stop) in try arithmetic.squareRoot(big) }
  guard let (root, rest) = result else { return 0 }
  if rest.isZero { return universe.answer(universe.makeInteger(root, h)) }
  // Beyond the range of doubles the root may still be in it.
  let double = big.bitWidth > 1000 ? Double(nearest: root) : Double(nearest: big).squareRoot()
  return universe.answer(universe.makeDouble(double, h))
}

private func integerAtRandom(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let limit = universe.bigInteger(receiver0(h)) else { return universe.wrongReceiver(h, m, receiver0(h)) }
  guard limit > 0 else {
    return universe.raise(.wrongArgument("Integer>>atRandom needs a positive receiver, not \(limit)"), h)
  }
  return universe.answer(universe.makeInteger(BigInt(BigUInt.randomInteger(lessThan: limit.magnitude)), h))
}

private func integerAsString(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let value = receiver0(h)
  if value.isInteger { return universe.answer(universe.makeString(String(value.integer), h)) }
  guard let big = universe.bigInteger(value) else { return universe.wrongReceiver(h, m, value) }
  let text = universe.long(h) { arithmetic throws(LongArithmetic.Stop) in try arithmetic.decimalText(big) }
  return universe.answer(text.flatMap { universe.makeString($0, h) })
}

private func integerAsDouble(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let number = universe.number(receiver0(h)) else { return universe.wrongReceiver(h, m, receiver0(h)) }
  return universe.answer(universe.makeDouble(number, h))
}

/// The value itself: equal to the hash of a double of the same value.
private func integerHashcode(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 { h[-1] }

private func integerFromString(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard universe.isString(argument1(h)) else {
    return universe.wrongArgument(h, m, needs: "a string", not: argument1(h))
  }
  if let short = NumberText.parseShortInteger(universe.bytes(argument1(h))) { return Value(integer: short).bits }
  let bytes = Array(universe.bytes(argument1(h)))
  let parsed = universe.long(h) { arithmetic throws(LongArithmetic.Stop) in
    try NumberText.parseInteger(bytes, arithmetic)
  }
  guard let parsed else { return 0 }
  guard let big = parsed else {
    let text = universe.string(argument1(h)) ?? ""
    return universe.raise(.wrongArgument("'\(text)' cannot be converted to an Integer."), h)
  }
  return universe.answer(universe.makeInteger(big, h))
}
