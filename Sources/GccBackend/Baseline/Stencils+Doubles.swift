// Stencils of operators where doubles have been seen. The chain of operations does not go through the registers in the
// frame: each result is written there as a value, as ever, and handed on as a double, too, which an instruction right
// behind takes instead (`StencilExit.nextDouble`). What is not two immediate doubles goes the usual way.

import CGccJit
import IR

extension Stencils.Writer {
  private typealias Row = (
    name: StencilName, left: StencilName, right: StencilName, code: Int,
    integers: (StencilWriter, RValue, RValue) -> Void
  )

  func writeDoubles() {
    let rows: [Row] = [
      (
        .addDoubles, .addLeft, .addRight, OVID_JIT_BINARY_PLUS,
        { self.addOrSubtract($0, $1, $2, "__builtin_saddl_overflow") }
      ),
      (
        .subtractDoubles, .subtractLeft, .subtractRight, OVID_JIT_BINARY_MINUS,
        { self.addOrSubtract($0, $1, $2, "__builtin_ssubl_overflow") }
      ),
      (.multiplyDoubles, .multiplyLeft, .multiplyRight, OVID_JIT_BINARY_MULT, { self.multiply($0, $1, $2) }),
      (.divideDoubles, .divideLeft, .divideRight, OVID_JIT_BINARY_DIVIDE, { self.divide($0, $1, $2) }),
    ]
    for row in rows {
      stencil(row.name) { s in
        let x = s.register(.b), y = s.register(.c)
        s.require(s.c.both(s.c.isImmediateDouble(x), s.c.isImmediateDouble(y))) {
          withIntegers(s, x, y, constant: false) {
            row.integers(s, x, y)
          } else: {
            ofDoubles(s, x, y, row.code)
          }
        }
        let result = s.keep(
          s.c.binary(row.code, s.c.immediateDouble(x), s.c.immediateDouble(y), s.c.double), s.c.double)
        putDouble(s, result) { ofDoubles(s, x, y, row.code) }
      }
      stencil(row.left, .double) { s in
        let y = s.register(.c)
        s.require(s.c.isImmediateDouble(y)) { s.go(to: .again) }
        putDouble(s, s.keep(s.c.binary(row.code, s.fourth, s.c.immediateDouble(y), s.c.double), s.c.double)) {
          s.go(to: .again)
        }
      }
      stencil(row.right, .double) { s in
        let x = s.register(.b)
        s.require(s.c.isImmediateDouble(x)) { s.go(to: .again) }
        putDouble(s, s.keep(s.c.binary(row.code, s.c.immediateDouble(x), s.fourth, s.c.double), s.c.double)) {
          s.go(to: .again)
        }
      }
    }
    for (name, code) in [
      (StencilName.lessDoublesBranch, OVID_JIT_COMPARISON_LT), (.lessOrEqualDoublesBranch, OVID_JIT_COMPARISON_LE),
      (.greaterDoublesBranch, OVID_JIT_COMPARISON_GT), (.greaterOrEqualDoublesBranch, OVID_JIT_COMPARISON_GE),
      (.equalDoublesBranch, OVID_JIT_COMPARISON_EQ),
    ] {
      stencil(name) { s in
        let x = s.register(.b), y = s.register(.c)
        s.require(s.c.both(s.c.isImmediateDouble(x), s.c.isImmediateDouble(y))) {
          withIntegers(s, x, y, constant: false) {
            conclude(s, s.c.compare(code, x, y), true)
          } else: {
            let (dx, dy) = numbers(s, x, y)
            conclude(s, s.c.compare(code, dx, dy), true)
          }
        }
        conclude(s, s.c.compare(code, s.c.immediateDouble(x), s.c.immediateDouble(y)), true)
      }
    }
  }

  private func putDouble(_ s: StencilWriter, _ result: RValue, else otherwise: () -> Void) {
    let v = s.keep(s.c.immediateWord(s.keep(s.c.shiftedBits(result))))
    s.require(s.c.isImmediateDouble(v)) { otherwise() }
    s.put(v)
    s.goOn(with: result)
  }
}
