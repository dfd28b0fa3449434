// Stencils of operators: on small integers, on doubles, and otherwise the send that they stand for.

import CGccJit
import IR

extension Stencils.Writer {
  func writeArithmetic() {
    func sum(_ name: StencilName, _ builtin: String, _ floats: Int, constant: Bool) {
      stencil(name) { s in
        let x = s.register(.b), y = constant ? s.hole(.value) : s.register(.c)
        withIntegers(s, x, y, constant: constant) {
          addOrSubtract(s, x, y, builtin)
        } else: {
          ofDoubles(s, x, y, floats)
        }
      }
    }
    for constant in [false, true] {
      sum(constant ? .addImmediate : .add, "__builtin_saddl_overflow", OVID_JIT_BINARY_PLUS, constant: constant)
      sum(
        constant ? .subtractImmediate : .subtract, "__builtin_ssubl_overflow", OVID_JIT_BINARY_MINUS, constant: constant
      )
    }
    binary(.multiply, doubles: OVID_JIT_BINARY_MULT, multiply)
    binary(.divide, doubles: OVID_JIT_BINARY_DIVIDE, divide)
    binary(.modulo, doubles: nil) { s, x, y in
      let d = divisor(s, x, y)
      let r = s.keep(s.c.binary(OVID_JIT_BINARY_MODULO, s.c.shiftRight(x, s.constant(1)), d))
      let corrected = s.c.add(r, s.c.moduloCorrection(r, d))
      finish(s, s.c.or(s.c.shiftLeft(corrected, s.constant(1)), s.constant(1)))
    }
    binary(.bitAnd, doubles: nil) { s, x, y in finish(s, s.c.and(x, y)) }
    writeComparisons()
  }

  // Of small integers; they end.

  func addOrSubtract(_ s: StencilWriter, _ x: RValue, _ y: RValue, _ builtin: String) {
    checked(s, builtin, x, s.c.subtract(y, s.constant(1))) {
      $0
    } else: {
      s.sendOperator(x, y)
    }
  }
  func multiply(_ s: StencilWriter, _ x: RValue, _ y: RValue) {
    let (half, whole) = (s.c.shiftRight(x, s.constant(1)), s.c.subtract(y, s.constant(1)))
    checked(s, "__builtin_smull_overflow", half, whole) {
      s.c.or($0, s.constant(1))
    } else: {
      s.sendOperator(x, y)
    }
  }
  func divide(_ s: StencilWriter, _ x: RValue, _ y: RValue) {
    let d = divisor(s, x, y)
    let quotient = s.c.binary(OVID_JIT_BINARY_DIVIDE, s.c.shiftRight(x, s.constant(1)), d)
    finish(s, s.c.or(s.c.shiftLeft(quotient, s.constant(1)), s.constant(1)))
  }

  func finish(_ s: StencilWriter, _ value: RValue) {
    s.put(value)
    s.go(to: .next)
  }

  /// `doubles`: the same of two doubles; nil: that is sent.
  private func binary(
    _ name: StencilName, doubles: Int?, _ integers: @escaping (StencilWriter, RValue, RValue) -> Void
  ) {
    stencil(name) { s in
      let x = s.register(.b), y = s.register(.c)
      withIntegers(s, x, y, constant: false) {
        integers(s, x, y)
      } else: {
        if let doubles { ofDoubles(s, x, y, doubles) } else { s.sendOperator(x, y) }
      }
    }
  }

  /// Both paths must end.
  func withIntegers(
    _ s: StencilWriter, _ x: RValue, _ y: RValue, constant: Bool, _ then: () -> Void, else otherwise: () -> Void
  ) {
    s.require(isInteger(s, constant ? x : s.c.and(x, y))) { otherwise() }
    then()
  }

  func checked(
    _ s: StencilWriter, _ builtin: String, _ x: RValue, _ y: RValue, _ tagged: (RValue) -> RValue,
    else otherwise: () -> Void
  ) {
    let result = s.variable(s.c.word)
    let overflow = s.keep(s.c.call(builtin, [x, y, s.c.j.lvalue_get_address(result, nil)]), s.c.bool)
    s.require(s.c.not(overflow)) { otherwise() }
    finish(s, tagged(s.c.read(result)))
  }

  /// Neither 0 nor -1, which may leave the small integers.
  func divisor(_ s: StencilWriter, _ x: RValue, _ y: RValue) -> RValue {
    let d = s.keep(s.c.shiftRight(y, s.constant(1)))
    s.require(s.c.both(s.c.unequal(d, s.constant(0)), s.c.unequal(d, s.constant(-1)))) { s.sendOperator(x, y) }
    return d
  }

  func ofDoubles(_ s: StencilWriter, _ x: RValue, _ y: RValue, _ operation: Int) {
    let (dx, dy) = numbers(s, x, y)
    let result = s.keep(s.c.binary(operation, dx, dy, s.c.double), s.c.double)
    let bits = s.keep(s.c.shiftedBits(result))
    let v = s.keep(s.c.immediateWord(bits))
    s.require(s.c.isImmediateDouble(v)) {
      s.require(s.c.isShiftedZero(bits)) { s.sendOperator(x, y) }
      noteDouble(s)
      finish(s, zeroBox(s))
    }
    noteDouble(s)
    s.put(v)
    s.goOn(with: result)
  }

  /// Of numbers that need no box, or the one of 0.0; anything else is sent.
  func numbers(_ s: StencilWriter, _ x: RValue, _ y: RValue) -> (RValue, RValue) {
    func isNumber(_ v: RValue) -> RValue {
      let isBoxed = s.c.equal(v, zeroBox(s))
      return s.c.binary(
        OVID_JIT_BINARY_LOGICAL_OR, s.c.unequal(s.c.and(v, s.constant(3)), s.constant(0)), isBoxed, s.c.bool)
    }
    s.require(s.c.both(isNumber(x), isNumber(y))) { s.sendOperator(x, y) }
    func double(_ v: RValue) -> RValue {
      s.choose(
        isInteger(s, v), s.c.double, { s.c.cast(s.c.shiftRight(v, s.constant(1)), s.c.double) },
        {
          s.choose(
            isPointer(s, v), s.c.double, { s.c.constant(0.0) }, { s.c.immediateDouble(v) })
        })
    }
    return (double(x), double(y))
  }

  func noteDouble(_ s: StencilWriter) {
    noteDouble(s, s.keep(s.c.add(s.word(s.method, layout.sites), s.hole(.site))))
  }

  // MARK: Comparison

  private func writeComparisons() {
    typealias Row = (value: StencilName, fused: StencilName, constant: StencilName, code: Int, ofDoubles: Bool)
    let rows: [Row] = [
      (.less, .lessBranch, .lessImmediateBranch, OVID_JIT_COMPARISON_LT, true),
      (.lessOrEqual, .lessOrEqualBranch, .lessOrEqualImmediateBranch, OVID_JIT_COMPARISON_LE, true),
      (.greater, .greaterBranch, .greaterImmediateBranch, OVID_JIT_COMPARISON_GT, true),
      (.greaterOrEqual, .greaterOrEqualBranch, .greaterOrEqualImmediateBranch, OVID_JIT_COMPARISON_GE, true),
      (.equal, .equalBranch, .equalImmediateBranch, OVID_JIT_COMPARISON_EQ, true),
      (.notEqual, .notEqualBranch, .notEqualImmediateBranch, OVID_JIT_COMPARISON_NE, false),
    ]
    for row in rows {
      for (name, isConstant, isFused) in [
        (row.value, false, false), (row.fused, false, true), (row.constant, true, true),
      ] {
        stencil(name) { s in
          let x = s.register(.b), y = isConstant ? s.hole(.value) : s.register(.c)
          withIntegers(s, x, y, constant: isConstant) {
            conclude(s, s.c.compare(row.code, x, y), isFused)
          } else: {
            if row.ofDoubles {
              let (dx, dy) = numbers(s, x, y)
              noteDouble(s)
              conclude(s, s.c.compare(row.code, dx, dy), isFused)
            } else {
              s.sendOperator(x, y)
            }
          }
        }
      }
    }
    for (name, isFused) in [(StencilName.identical, false), (.identicalBranch, true)] {
      stencil(name) { s in
        let x = s.register(.b), y = s.register(.c)
        s.when(s.c.equal(x, y)) { conclude(s, s.c.constant(true), isFused) }
        s.when(isPointer(s, s.c.or(x, y))) {
          // Big integers and boxed doubles are compared by the method.
          let isNumber = s.c.compare(OVID_JIT_COMPARISON_LE, pointerClass(s, x), s.constant(layout.doubleClass))
          s.require(s.c.not(isNumber)) { s.sendOperator(x, y) }
          conclude(s, s.c.constant(false), isFused)
        }
        // Numbers of different classes, too.
        let isNumber = s.c.unequal(s.c.and(x, s.constant(3)), s.constant(0))
        let isMixed = s.c.both(isNumber, isInteger(s, s.c.xor(x, y)))
        s.require(s.c.not(isMixed)) { s.sendOperator(x, y) }
        conclude(s, s.c.constant(false), isFused)
      }
    }
  }

  func conclude(_ s: StencilWriter, _ condition: RValue, _ isFused: Bool) {
    if isFused {
      s.when(condition) { s.go(to: .holds) }
      s.go(to: .fails)
    } else {
      s.when(condition) { finish(s, s.constant(bits: layout.runtime.trueWord)) }
      finish(s, s.constant(bits: layout.runtime.falseWord))
    }
  }
}
