// Stencils of constants, variables, fields, environments and blocks.

import IR

extension Stencils.Writer {
  func writeMoves() {
    func load(_ name: StencilName, _ keeping: StencilName, _ value: (StencilWriter) -> RValue) {
      stencil(name) { s in
        s.put(value(s))
        s.go(to: .next)
      }
      stencil(keeping, .double) { s in
        s.put(value(s))
        s.goOn(with: s.fourth)
      }
    }
    load(.move, .moveKeeping) { $0.register(.b) }
    load(.loadConstant, .loadConstantKeeping) { $0.hole(.value) }
    load(.loadLiteral, .loadLiteralKeeping) { s in
      s.word(s.c.add(s.word(s.method, layout.literals), s.hole(.entry)))
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
      s.set(s.c.add(object, s.hole(.place)), to: v)
      goOn(s, remembering: object, v)
    }
    stencil(.loadDouble) { s in
      putUnboxed(s, s.keep(s.word(s.c.add(s.register(.b), s.hole(.place))))) { s.leave() }
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

  /// To the next instruction, behind the store of `v` into an object: that is remembered if it is an old one.
  func goOn(_ s: StencilWriter, remembering object: RValue, _ v: RValue) {
    let mask = layout.runtime.headerOld | layout.runtime.headerRemembered
    let isUnknown = s.c.equal(
      s.c.and(s.word(object), s.constant(bits: mask)), s.constant(bits: layout.runtime.headerOld))
    s.require(s.c.not(s.c.both(isUnknown, isPointer(s, v)))) {
      s.savePC()
      s.go(to: .remember, s.frame, object)
    }
    s.go(to: .next)
  }

  /// Ends with the value of an unboxed field in its register. Nil, and what needs a box, is for `otherwise`.
  func putUnboxed(_ s: StencilWriter, _ raw: RValue, else otherwise: () -> Void) {
    let bits = s.keep(s.c.add(raw, s.constant(1 << 60)))
    let v = s.keep(s.c.immediateWord(bits))
    s.require(s.c.isImmediateDouble(v)) {
      s.require(s.c.isShiftedZero(bits)) { otherwise() }
      s.put(zeroBox(s))
      s.go(to: .next)
    }
    s.put(v)
    s.goOn(with: s.c.bitcast(raw, s.c.double))
  }
  func zeroBox(_ s: StencilWriter) -> RValue { s.word(s.word(s.thread, layout.runtime.zero)) }

  /// Room in the nursery, or somebody else makes the object.
  func allocate(_ s: StencilWriter, _ bytes: RValue, else otherwise: () -> Void) -> RValue {
    let top = s.keep(s.word(s.thread, layout.runtime.allocationTop))
    let end = s.keep(s.c.add(top, bytes))
    s.require(s.c.not(s.c.unsignedGreater(end, s.word(s.thread, layout.runtime.allocationLimit)))) { otherwise() }
    s.set(s.thread, layout.runtime.allocationTop, to: end)
    return top
  }

  private func newEnvironment(_ s: StencilWriter, _ outer: () -> RValue) {
    let p = allocate(s, s.hole(.bytes)) { s.leave() }
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
    let p = allocate(s, s.constant(8 * layout.blockWords)) { s.leave() }
    let block = s.keep(s.word(s.c.add(s.word(s.method, layout.blocks), s.hole(.entry))))
    s.set(p, to: s.c.shiftLeft(s.hole(.value), s.constant(layout.classShift)))
    s.set(p, layout.blockMethod, to: s.c.or(block, s.constant(1)))
    s.set(p, layout.blockReceiver, to: receiver())
    s.set(p, layout.blockEnvironment, to: environment())
    s.put(p)
    s.go(to: .next)
  }
}
