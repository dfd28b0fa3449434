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
    all.writeShortcuts()
    all.writePrimitives()
    all.writeArithmetic()
    all.writeDoubles()
    all.writeControl()
    // Only its name matters.
    let mark = StencilWriter(imports, symbol: StencilLibrary.layoutSymbol(imports.layout), .words3)
    mark.end(answering: mark.thread)
  }

  struct Writer {
    let imports: StencilImports
    var layout: BaselineLayout { imports.layout }
    init(_ imports: StencilImports) { self.imports = imports }

    func stencil(_ name: StencilName, _ signature: StencilSignature = .words3, _ body: (StencilWriter) -> Void) {
      body(StencilWriter(imports, name, signature))
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
    stencil(.takeAnswer, .words4) { s in
      takeAnswer(s, s.frame, s.method, s.fourth)
      let next = s.c.add(s.word(s.frame, 2), s.constant(1))
      s.go(toAddress: s.word(tableEntry(s, s.word(s.method, layout.baseline), next)), s.frame, s.method)
    }
    stencil(.remember) { s in
      _ = s.call(address: s.word(s.thread, layout.runtime.remember), [s.thread, s.method])
      let method = s.keep(s.word(s.frame, 1))
      let next = s.c.add(s.word(s.frame, 2), s.constant(1))
      s.go(toAddress: s.word(tableEntry(s, s.word(method, layout.baseline), next)), s.frame, method)
    }
    stencil(.putAnswer, .words4) { s in
      s.put(s.fourth)
      s.go(to: .next)
    }
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
      activateByClass(s, site, classIndex(s, s.keep(receiver)))
    }
    stencil(.operatorSend) { s in
      let site = s.method
      let left = classIndex(s, s.keep(s.word(s.frame, -2)))
      let right = classIndex(s, s.keep(s.word(s.frame, -1)))
      // Integer is 1, Double 2.
      let others = s.c.or(s.c.subtract(left, s.constant(1)), s.c.subtract(right, s.constant(1)))
      s.when(s.c.equal(others, s.constant(1))) {
        noteDouble(s, site)
        activateByClass(s, site, left)
      }
      activateByClass(s, site, left)
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

  /// By the inline cache of a site, or a lookup.
  private func activateByClass(_ s: StencilWriter, _ site: RValue, _ index: RValue) {
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

  /// The optimizer then expects doubles there.
  func noteDouble(_ s: StencilWriter, _ site: RValue) {
    s.set(site, layout.siteFlags, to: s.c.or(s.word(site, layout.siteFlags), s.constant(bits: layout.sawDouble)))
  }

  /// `value` is what the send at the pc of frame `back` answers.
  func answer(_ s: StencilWriter, _ back: RValue, _ value: RValue) {
    let method = s.keep(s.word(back, 1))
    let table = s.keep(s.word(method, layout.baseline))
    s.require(s.c.unequal(table, s.constant(0))) {
      takeAnswer(s, back, method, value)
      s.set(back, 2, to: s.c.add(s.word(back, 2), s.constant(1)))
      s.go(to: .exit, back, method)
    }
    s.go(toAddress: s.word(tableEntry(s, table, s.word(back, 2)), 1), back, method, value)
  }

  /// Writes it into the register that the instruction at the pc names.
  private func takeAnswer(_ s: StencilWriter, _ back: RValue, _ method: RValue, _ value: RValue) {
    let code = s.word(method, layout.code)
    let instruction = s.word(s.c.add(code, s.c.shiftLeft(s.word(back, 2), s.constant(3))))
    // Operand a, a signed half word.
    let a = s.c.shiftRight(s.c.shiftLeft(instruction, s.constant(32)), s.constant(48))
    s.set(s.c.add(back, s.c.shiftLeft(a, s.constant(3))), to: value)
  }

  /// Of the table of baseline code: for each pc the address of its code, and one for what its send answers.
  private func tableEntry(_ s: StencilWriter, _ table: RValue, _ pc: RValue) -> RValue {
    s.c.add(table, s.c.shiftLeft(pc, s.constant(4)))
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
