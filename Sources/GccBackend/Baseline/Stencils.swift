// The stencils: what baseline code does for each instruction, on the interpreter's frame. Only fast paths are here; what
// is rare leaves the instruction to the interpreter (`leave`), which runs it from its beginning: nothing may have been
// changed before that.

import CGccJit
import IR

enum Stencils {
  /// Writes all of them into a context.
  static func write(to imports: StencilImports) {
    let all = Stencils.Writer(imports)
    all.writeShared()
    all.writeMoves()
    all.writeSends()
    all.writeArrays()
    all.writeArithmetic()
    all.writeControl()
  }

  struct Writer {
    let imports: StencilImports
    var layout: BaselineLayout { imports.layout }
    init(_ imports: StencilImports) { self.imports = imports }

    func stencil(_ name: StencilName, parameters: Int = 3, _ body: (StencilWriter) -> Void) {
      body(StencilWriter(imports, name, parameterCount: parameters))
    }
  }
}

// MARK: Shared code

extension Stencils.Writer {
  func writeShared() {
    stencil(.exit) { s in
      s.set(s.thread, layout.nextFrame, to: s.frame)
      s.end(answering: s.constant(bits: layout.resumeInPlace))
    }
    stencil(.answer) { s in answer(s, s.frame, s.method) }
    // From here on the frame is the callee's, and the method the one that it is to run; the callee's word 0 is set.
    stencil(.callInterpreted) { s in
      s.set(s.frame, 1, to: s.method)
      s.set(s.thread, layout.nextFrame, to: s.frame)
      s.end(answering: s.constant(bits: layout.callInPlace))
    }
    stencil(.callNative) { s in
      let back = s.keep(s.word(s.frame))
      s.set(s.frame, 0, to: s.c.or(back, s.constant(1)))
      s.set(s.frame, 1, to: s.method)
      let value = s.call(address: s.word(s.method, layout.entry), [s.thread, s.frame, s.method])
      s.require(s.c.unequal(value, s.constant(0))) {
        s.set(s.thread, layout.nextFrame, to: back)
        s.end(answering: s.constant(0))
      }
      answer(s, back, value)
    }
    stencil(.evaluateBlock) { s in
      let count = s.keep(s.word(s.method, layout.argumentCount))
      let block = s.word(s.c.subtract(s.frame, s.c.shiftLeft(s.c.add(count, s.constant(1)), s.constant(3))))
      let body = s.keep(s.c.and(s.word(s.keep(block), layout.blockMethod), s.constant(-2)))
      s.require(s.c.equal(s.word(body, layout.argumentCount), count)) { s.go(to: .callInterpreted, s.frame, s.method) }
      activate(s, s.frame, body)
    }
    // The third argument is the site.
    stencil(.sendMissed) { s in
      let site = s.method
      let count = s.c.and(s.word(site), s.constant(0xFFFF))
      let receiver = s.word(s.c.subtract(s.frame, s.c.shiftLeft(s.c.add(count, s.constant(1)), s.constant(3))))
      let index = classIndex(s, s.keep(receiver))
      for k in stride(from: layout.siteEntries, to: layout.siteWords, by: 2) {
        let entry = s.keep(s.word(site, k))
        s.when(s.c.equal(s.c.cast(entry, s.c.half), s.c.cast(index, s.c.half))) {
          s.set(site, k, to: s.c.add(entry, s.constant(1 << 32)))
          activate(s, s.frame, s.keep(s.word(site, k + 1)))
        }
      }
      let target = s.call(address: s.word(s.thread, layout.siteLookup), [s.thread, site, index])
      activate(s, s.frame, target)
    }
    stencil(.operatorSend, parameters: 4) { s in
      let target = s.call(
        address: s.word(s.thread, layout.operatorSend), [s.thread, s.frame, s.method, s.fourth])
      let callee = s.keep(s.word(s.thread, layout.nextFrame))
      s.set(callee, to: s.frame)
      activate(s, callee, target)
    }
    for (name, count) in [(StencilName.enter0, 0), (.enter1, 1), (.enter2, 2), (.enter3, 3), (.enter4, 4)] {
      stencil(name) { s in enter(s) { for k in 0..<count { s.set(s.frame, layout.headerWords + k, to: nilWord(s)) } } }
    }
    stencil(.enterMany) { s in
      enter(s) {
        s.loop(below: s.hole(.localCount)) { i in
          s.set(s.c.add(s.frame, s.c.shiftLeft(i, s.constant(3))), layout.headerWords, to: nilWord(s))
        }
      }
    }
    stencil(.leave) { s in s.leave() }
  }

  /// Polls, full stacks and counters that run out are the interpreter's business.
  private func enter(_ s: StencilWriter, _ emptyVariables: () -> Void) {
    let counter = s.keep(s.c.subtract(s.word(s.method, layout.counter), s.constant(1)))
    let end = s.c.add(s.frame, s.hole(.frameBytes))
    let isRare = s.c.binary(
      OVID_JIT_BINARY_LOGICAL_OR, s.c.unsignedGreater(end, s.word(s.thread, layout.runtime.limit)),
      s.c.equal(counter, s.constant(0)), s.c.bool)
    s.require(s.c.not(isRare)) { s.go(to: .callInterpreted, s.frame, s.method) }
    s.set(s.method, layout.counter, to: counter)
    s.set(s.frame, 1, to: s.method)
    emptyVariables()
    s.go(to: .next)
  }

  func activate(_ s: StencilWriter, _ callee: RValue, _ target: RValue) {
    s.go(toAddress: s.word(target, layout.baselineEntry), callee, target)
  }

  /// `value` is what the send at the pc of frame `back` answers.
  func answer(_ s: StencilWriter, _ back: RValue, _ value: RValue) {
    let method = s.keep(s.word(back, 1))
    let pc = s.keep(s.word(back, 2))
    func entry(_ table: RValue, _ index: RValue) -> RValue { s.c.add(table, s.c.shiftLeft(index, s.constant(3))) }
    let instruction = s.word(entry(s.word(method, layout.code), pc))
    // Operand a, a signed half word.
    let a = s.c.shiftRight(s.c.shiftLeft(instruction, s.constant(32)), s.constant(48))
    s.set(entry(back, a), to: value)
    let table = s.keep(s.word(method, layout.baseline))
    s.require(s.c.unequal(table, s.constant(0))) {
      s.set(back, 2, to: s.c.add(pc, s.constant(1)))
      s.go(to: .exit, back, method)
    }
    s.go(toAddress: s.word(entry(table, pc), 1), back, method)
  }

  func nilWord(_ s: StencilWriter) -> RValue { s.constant(bits: layout.runtime.nilWord) }

  func classIndex(_ s: StencilWriter, _ v: RValue) -> RValue {
    let c = s.c
    return s.choose(
      isPointer(s, v), c.word, { pointerClass(s, v) },
      {
        s.choose(
          isInteger(s, v), c.word, { s.constant(layout.integerClass) },
          {
            s.choose(
              c.equal(c.and(v, s.constant(3)), s.constant(2)), c.word, { s.constant(layout.doubleClass) },
              {
                // nil, false and true, four bits for each.
                let shift = c.shiftLeft(c.logicalShiftRight(v, 3), s.constant(2))
                return c.and(c.shiftRight(s.constant(0x453), shift), s.constant(7))
              })
          })
      })
  }
  func isPointer(_ s: StencilWriter, _ v: RValue) -> RValue { s.c.equal(s.c.and(v, s.constant(7)), s.constant(0)) }
  func isInteger(_ s: StencilWriter, _ v: RValue) -> RValue { s.c.unequal(s.c.and(v, s.constant(1)), s.constant(0)) }
  func pointerClass(_ s: StencilWriter, _ v: RValue) -> RValue {
    s.c.and(s.c.logicalShiftRight(s.word(v), layout.classShift), s.constant(layout.classIndexMask))
  }
}
