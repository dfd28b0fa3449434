// Integers are kept shifted left by one, so that the hardware's overflow flag is the 63-bit check: tagging sets
// the low bit, and a raw value times 2 is always even.

import CGccJit
import IR

extension FunctionLowering {
  func emitInteger(_ v: ValueID) {
    let node = graph[v]
    let a = operand(v, 0)
    let one = c.constant(1)
    switch node.op {
    case .tagInt: assign(local(v), c.or(a, one))
    case .untagInt: assign(local(v), c.subtract(a, one))
    case .isInt: assign(local(v), c.unequal(c.and(a, one), c.constant(0)))
    case .guardInt:
      emitGuard(v, c.unequal(c.and(a, one), c.constant(0)))
      assign(local(v), c.subtract(a, one))
    default: emitArithmetic(v, a, operand(v, 1))
    }
  }

  private func emitArithmetic(_ v: ValueID, _ a: RValue, _ b: RValue) {
    let node = graph[v]
    let one = c.constant(1)
    switch node.op {
    case .compareInt: assign(local(v), c.compare(comparison(node), a, b))
    // As unsigned numbers, negative ones are greater than all counts.
    case .isInBounds: assign(local(v), c.unsignedGreater(b, a))
    case .addInt: emitChecked(v, "__builtin_saddl_overflow", a, b)
    case .subtractInt: emitChecked(v, "__builtin_ssubl_overflow", a, b)
    case .multiplyInt:
      // One factor is halved; the constant one if there is one.
      if let k = constantInt(graph.operand(v, 1)) {
        emitChecked(v, "__builtin_smull_overflow", a, c.constant(k))
      } else {
        emitChecked(v, "__builtin_smull_overflow", c.shiftRight(a, one), b)
      }
    case .divideInt: emitDivide(v, a, b)
    case .remainderInt: assign(local(v), c.binary(OVID_JIT_BINARY_MODULO, a, b))
    case .remainderIntUnsigned:
      let u = c.unsignedWord
      assign(local(v), c.cast(c.binary(OVID_JIT_BINARY_MODULO, c.cast(a, u), c.cast(b, u), u), c.word))
    case .moduloInt: emitModulo(v, a, b)
    case .addIntUnchecked: assign(local(v), c.add(a, b))
    case .subtractIntUnchecked: assign(local(v), c.subtract(a, b))
    case .andInt: assign(local(v), c.and(a, b))
    case .orInt: assign(local(v), c.or(a, b))
    case .xorInt: assign(local(v), c.xor(a, b))
    case .shiftLeftInt:
      let count = c.shiftRight(b, one)
      assign(local(v), c.shiftLeft(a, count))
      emitGuard(v, c.equal(c.shiftRight(value(v), count), a))
    default: assign(local(v), c.and(c.shiftRight(a, c.shiftRight(b, one)), c.constant(-2)))
    }
  }

  private func emitChecked(_ v: ValueID, _ builtin: String, _ a: RValue, _ b: RValue) {
    let overflow = c.call(builtin, [a, b, c.j.lvalue_get_address(local(v), nil)])
    let flag = temporary(c.bool, "overflow")
    assign(flag, overflow)
    emitGuard(v, c.not(c.read(flag)))
  }

  /// Truncates. The smallest integer divided by -1 leaves 63 bits.
  private func emitDivide(_ v: ValueID, _ a: RValue, _ b: RValue) {
    let quotient = temporary(c.word, "quotient")
    assign(quotient, c.binary(OVID_JIT_BINARY_DIVIDE, a, b))
    if constantInt(graph.operand(v, 1)).map({ $0 == -1 }) ?? true {
      emitGuard(v, c.unequal(c.read(quotient), c.constant(1 << 62)))
    }
    assign(local(v), c.shiftLeft(c.read(quotient), c.constant(1)))
  }

  /// The result has the divisor's sign.
  private func emitModulo(_ v: ValueID, _ a: RValue, _ b: RValue) {
    if let k = constantInt(graph.operand(v, 1)), k > 0, k & (k - 1) == 0 {
      assign(local(v), c.and(a, c.constant(k << 1 - 1)))
      return
    }
    let remainder = temporary(c.word, "remainder")
    assign(remainder, c.binary(OVID_JIT_BINARY_MODULO, a, b))
    let r = c.read(remainder)
    assign(local(v), c.add(r, c.moduloCorrection(r, b)))
  }

  func comparison(_ node: Node) -> Int {
    switch node.comparison ?? .equal {
    case .less: return OVID_JIT_COMPARISON_LT
    case .lessOrEqual: return OVID_JIT_COMPARISON_LE
    case .greater: return OVID_JIT_COMPARISON_GT
    case .greaterOrEqual: return OVID_JIT_COMPARISON_GE
    case .equal: return OVID_JIT_COMPARISON_EQ
    case .notEqual: return OVID_JIT_COMPARISON_NE
    }
  }
}
