// The encoding of values (VM/Objects/Value.swift), for all who make code.

import CGccJit

extension JitContext {
  private var exponentShift: RValue { constant(1 << 60) }

  /// The low bits are 10; in the form for which GCC finds the shorter code.
  func isImmediateDouble(_ x: RValue) -> RValue {
    equal(and(subtract(x, constant(2)), constant(3)), constant(0))
  }
  /// Requires an immediate double.
  func immediateDouble(_ x: RValue) -> RValue {
    bitcast(subtract(or(logicalShiftRight(x, 3), shiftLeft(x, constant(61))), exponentShift), double)
  }
  /// The bits of a double as `immediateWord` wants them; those of 0.0 are the exponent's shift.
  func shiftedBits(_ d: RValue) -> RValue { add(bitcast(d, word), exponentShift) }
  func isShiftedZero(_ bits: RValue) -> RValue { equal(bits, exponentShift) }
  /// The word of an immediate double, if `isImmediateDouble` says that it is one.
  func immediateWord(_ bits: RValue) -> RValue { or(shiftLeft(bits, constant(3)), logicalShiftRight(bits, 61)) }

  /// What is to be added to the remainder `r` of a division by `b`, so that it has the divisor's sign.
  func moduloCorrection(_ r: RValue, _ b: RValue) -> RValue {
    let isOff = both(unequal(r, constant(0)), compare(OVID_JIT_COMPARISON_LT, xor(r, b), constant(0)))
    return and(negate(cast(isOff, word)), b)
  }
}
