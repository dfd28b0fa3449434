// Stencils of constants, variables, fields, environments and blocks.

import IR

extension Stencils.Writer {
  func writeMoves() {
    stencil(.move) { s in
      s.put(s.register(.b))
      s.go(to: .next)
    }
    stencil(.loadConstant) { s in
      s.put(s.hole(.value))
      s.go(to: .next)
    }
    stencil(.loadLiteral) { s in
      s.put(s.word(s.c.add(s.word(s.method, layout.literals), s.hole(.entry))))
      s.go(to: .next)
    }
    stencil(.loadGlobal) { s in
      let v = s.keep(s.word(s.word(s.c.add(s.word(s.method, layout.globals), s.hole(.entry)))))
      s.require(s.c.unequal(v, s.constant(0))) { s.leave() }
      s.put(v)
      s.go(to: .next)
    }
    stencil(.loadWord) { s in
      s.put(s.word(s.c.add(s.register(.b), s.hole(.place))))
      s.go(to: .next)
    }
    stencil(.storeWord) { s in
      let object = s.register(.a), v = s.register(.c)
      requireNoBarrier(s, object, v)
      s.set(s.c.add(object, s.hole(.place)), to: v)
      s.go(to: .next)
    }
    stencil(.loadDouble) { s in
      let bits = s.keep(s.c.add(s.word(s.c.add(s.register(.b), s.hole(.place))), s.constant(1 << 60)))
      let v = s.keep(s.c.immediateWord(bits))
      s.require(s.c.isImmediateDouble(v)) { s.leave() }
      s.put(v)
      s.go(to: .next)
    }
    stencil(.storeDouble) { s in
      let v = s.register(.c)
      s.require(s.c.isImmediateDouble(v)) { s.leave() }
      s.set(s.c.add(s.register(.a), s.hole(.place)), to: s.c.bitcast(s.c.immediateDouble(v), s.c.word))
      s.go(to: .next)
    }
    stencil(.closeHome) { s in
      s.set(s.register(.a), layout.environmentHome, to: nilWord(s))
      s.go(to: .next)
    }
    stencil(.newEnvironment) { s in newEnvironment(s) { nilWord(s) } }
    stencil(.newInnerEnvironment) { s in newEnvironment(s) { s.register(.b) } }
    stencil(.newMethodBlock) { s in newBlock(s, { s.register(.receiver) }, { nilWord(s) }) }
    stencil(.newMethodClosure) { s in newBlock(s, { s.register(.receiver) }, { s.register(.c) }) }
    func outerSelf(_ s: StencilWriter) -> RValue { s.keep(s.word(s.register(.receiver), layout.blockReceiver)) }
    stencil(.newBlockBlock) { s in newBlock(s, { outerSelf(s) }, { nilWord(s) }) }
    stencil(.newBlockClosure) { s in newBlock(s, { outerSelf(s) }, { s.register(.c) }) }
  }

  /// A store of a pointer into an old object is remembered, by the interpreter.
  func requireNoBarrier(_ s: StencilWriter, _ object: RValue, _ v: RValue) {
    let mask = layout.runtime.headerOld | layout.runtime.headerRemembered
    let isUnknown = s.c.equal(
      s.c.and(s.word(object), s.constant(bits: mask)), s.constant(bits: layout.runtime.headerOld))
    s.require(s.c.not(s.c.both(isUnknown, isPointer(s, v)))) { s.leave() }
  }

  /// Room in the nursery, or the interpreter makes the object.
  private func allocate(_ s: StencilWriter, _ bytes: RValue) -> RValue {
    let top = s.keep(s.word(s.thread, layout.runtime.allocationTop))
    let end = s.keep(s.c.add(top, bytes))
    s.require(s.c.not(s.c.unsignedGreater(end, s.word(s.thread, layout.runtime.allocationLimit)))) { s.leave() }
    s.set(s.thread, layout.runtime.allocationTop, to: end)
    return top
  }

  private func newEnvironment(_ s: StencilWriter, _ outer: () -> RValue) {
    let p = allocate(s, s.hole(.bytes))
    s.set(p, to: s.constant(bits: layout.environmentHeader))
    s.set(p, 1, to: s.hole(.value))
    s.set(p, layout.environmentOuter, to: outer())
    s.set(p, layout.environmentHome, to: s.word(s.thread, layout.runtime.processMark))
    s.loop(below: s.hole(.count)) { i in
      s.set(s.c.add(p, s.c.shiftLeft(i, s.constant(3))), layout.environmentVariables, to: nilWord(s))
    }
    s.put(p)
    s.go(to: .next)
  }

  private func newBlock(_ s: StencilWriter, _ receiver: () -> RValue, _ environment: () -> RValue) {
    let p = allocate(s, s.constant(8 * layout.blockWords))
    let block = s.keep(s.word(s.c.add(s.word(s.method, layout.blocks), s.hole(.entry))))
    s.set(p, to: s.c.shiftLeft(s.hole(.value), s.constant(layout.classShift)))
    s.set(p, layout.blockMethod, to: s.c.or(block, s.constant(1)))
    s.set(p, layout.blockReceiver, to: receiver())
    s.set(p, layout.blockEnvironment, to: environment())
    s.put(p)
    s.go(to: .next)
  }
}
