// Stencils of jumps, loops, guards and returns.

import CGccJit
import IR

extension Stencils.Writer {
  func writeControl() {
    stencil(.jump) { s in s.go(to: .target) }
    stencil(.loopJump) { s in
      let counter = s.keep(s.c.subtract(s.word(s.method, layout.counter), s.constant(1)))
      let isQuiet = s.c.both(
        s.c.unequal(counter, s.constant(0)), s.c.equal(s.word(s.thread, layout.runtime.poll), s.constant(0)))
      s.require(isQuiet) { s.leave() }
      s.set(s.method, layout.counter, to: counter)
      s.go(to: .target)
    }
    let (yes, no) = (layout.runtime.trueWord, layout.runtime.falseWord)
    for (name, jumping, falling) in [(StencilName.jumpIfTrue, yes, no), (.jumpIfFalse, no, yes)] {
      stencil(name) { s in
        let v = s.register(.a)
        s.when(s.c.equal(v, s.constant(bits: jumping))) { s.go(to: .target) }
        s.require(s.c.equal(v, s.constant(bits: falling))) { s.leave() }
        s.go(to: .next)
      }
    }
    for (name, comparison) in [
      (StencilName.jumpIfNil, OVID_JIT_COMPARISON_EQ), (.jumpIfNotNil, OVID_JIT_COMPARISON_NE),
    ] {
      stencil(name) { s in
        s.when(s.c.compare(comparison, s.register(.a), nilWord(s))) { s.go(to: .target) }
        s.go(to: .next)
      }
    }
    for (name, mask) in [(StencilName.guardInteger, 3), (.guardSmallInteger, 1)] {
      stencil(name) { s in
        s.require(s.c.unequal(s.c.and(s.register(.a), s.constant(mask)), s.constant(0))) { s.leave() }
        s.go(to: .next)
      }
    }
    stencil(.answerRegister) { s in
      let v = s.register(.a)
      let back = s.keep(s.word(s.frame))
      s.require(s.c.equal(s.c.and(back, s.constant(1)), s.constant(0))) { s.end(answering: v) }
      answer(s, back, v)
    }
  }
}
