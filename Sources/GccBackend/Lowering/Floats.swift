// Doubles: arithmetic, and both directions between the tagged forms (immediate, boxed) and the raw one. The
// encoding of immediate doubles is in JitContext+Values.swift.

import CGccJit
import IR

extension FunctionLowering {
  func emitFloat(_ v: ValueID) {
    let node = graph[v]
    switch node.op {
    case .addFloat: assign(local(v), arithmetic(v, OVID_JIT_BINARY_PLUS))
    case .subtractFloat: assign(local(v), arithmetic(v, OVID_JIT_BINARY_MINUS))
    case .multiplyFloat: assign(local(v), arithmetic(v, OVID_JIT_BINARY_MULT))
    case .divideFloat: assign(local(v), arithmetic(v, OVID_JIT_BINARY_DIVIDE))
    case .sqrtFloat: assign(local(v), c.call("__builtin_sqrt", [operand(v, 0)]))
    // Ordered comparisons are false for NaN, `notEqual` is true.
    case .compareFloat: assign(local(v), c.compare(comparison(node), operand(v, 0), operand(v, 1)))
    case .intToFloat: assign(local(v), c.cast(c.shiftRight(operand(v, 0), c.constant(1)), c.double))
    case .floatToInt: emitFloatToInt(v)
    case .isFloat:
      let x = operand(v, 0)
      let isBoxed = c.both(
        c.equal(c.and(x, c.constant(7)), c.constant(0)), c.classWordIs(x, layout.doubleClassWord))
      assign(local(v), c.binary(OVID_JIT_BINARY_LOGICAL_OR, c.isImmediateDouble(x), isBoxed, c.bool))
    case .guardDouble: emitGuardDouble(v)
    case .guardFloat: emitUnbox(v, isChecked: true)
    default: emitUnbox(v, isChecked: false)
    }
  }

  private func arithmetic(_ v: ValueID, _ op: Int) -> RValue {
    c.binary(op, operand(v, 0), operand(v, 1), c.double)
  }

  /// Truncates; NaN and what does not fit into 63 bits deoptimizes.
  private func emitFloatToInt(_ v: ValueID) {
    let d = operand(v, 0)
    let limit = 4_611_686_018_427_387_904.0
    emitGuard(
      v,
      c.both(
        c.compare(OVID_JIT_COMPARISON_GE, d, c.constant(-limit)),
        c.compare(OVID_JIT_COMPARISON_LT, d, c.constant(limit))))
    assign(local(v), c.shiftLeft(c.cast(d, c.word), c.constant(1)))
  }

  private func emitUnbox(_ v: ValueID, isChecked: Bool) {
    let x = operand(v, 0)
    let immediate = newBlock("immediate")
    let other = newBlock("boxed")
    let done = newBlock("unboxed")
    endWithBranch(c.expect(c.isImmediateDouble(x), true), immediate, other)
    block = other
    if isChecked {
      let cold = deoptBlock(v)
      require(c.equal(c.and(x, c.constant(7)), c.constant(0)), else: cold)
      require(c.classWordIs(x, layout.doubleClassWord), else: cold)
    }
    assign(local(v), c.bitcast(c.read(c.memory(x, 2)), c.double))
    endWithJump(done)
    block = immediate
    assign(local(v), c.immediateDouble(x))
    endWithJump(done)
    block = done
    if isChecked { emitCountdown(deoptBlock(v)) }
  }

  /// What stands for nil is no number: what is one, needs one instruction.
  private func emitGuardDouble(_ v: ValueID) {
    let d = operand(v, 0)
    let cold = deoptBlock(v)
    let (noNumber, on) = (newBlock("noNumber"), newBlock("double"))
    assign(local(v), d)
    endWithBranch(c.expect(c.compare(OVID_JIT_COMPARISON_EQ, d, d), true), on, noNumber)
    block = noNumber
    require(c.unequal(c.bitcast(d, c.word), c.constant(bits: layout.unboxedNil)), else: cold)
    endWithJump(on)
    block = on
    emitCountdown(cold)
  }

  func emitTagFloat(_ v: ValueID, _ b: BlockID, _ position: Int) {
    let d = operand(v, 0)
    let bits = temporary(c.word, "bits")
    assign(bits, c.shiftedBits(d))
    let (slow, done) = (newBlock("box"), newBlock("tagged"))
    let (zero, new) = (newBlock("zero"), newBlock("newBox"))
    assign(local(v), c.immediateWord(c.read(bits)))
    endWithBranch(c.expect(c.isImmediateDouble(value(v)), true), done, slow)
    block = slow
    endWithBranch(c.isShiftedZero(c.read(bits)), zero, new)
    block = zero
    assign(local(v), c.read(c.memory(threadWord(layout.zero), 0)))
    endWithJump(done)
    block = new
    emitSafepoint(v, b, position, result: local(v)) {
      callRuntime(layout.boxDouble, "ppd", [thread, frame, d])
    }
    endWithJump(done)
    block = done
  }
}
