// Safepoints: sends, polls, and the slow paths of allocations.

import IR

extension FunctionLowering {
  /// Emits a call that can collect, unwind and (for effect `calls`) invalidate: what lives across it is home and
  /// reloaded afterwards. `call` answers the called function's result, which is assigned to `result`.
  func emitSafepoint(
    _ v: ValueID, _ b: BlockID, _ position: Int, result: LValue, _ call: () -> RValue
  ) {
    let members = plan.across[v] ?? []
    for m in members where !plan.isEager(m) {
      if case .word(let w) = plan.home(m), w > 0 { assign(frameWord(w), value(m)) }
    }
    let (index, stores, kept) = describeSafepoint(v, members)
    store(kept, from: plan.keptBase)
    assign(frameWord(2), c.constant(index))
    assign(result, call())
    let unwind: JitBlock
    if protects(v) {
      unwind = emitDeopt(index | CodeMetadata.unwinding, stores)
    } else {
      unwind = plan.liveness.unwindsThroughHome(b, position) ? unwindThroughHome() : unwindPlainly()
    }
    require(c.unequal(c.read(result), c.constant(0)), else: unwind)
    if graph[v].op.info.effect == .calls && !options.elideEditability {
      let cold = emitDeopt(index, stores)
      require(c.equal(c.read(tableWord(0)), c.constant(0)), else: cold)
      // Only if it has changed nothing is what was read before the poll still true.
      if graph[v].op == .poll { require(c.equal(c.read(result), c.constant(1)), else: cold) }
      emitCountdown(cold)
    }
    for m in members {
      if case .word(let w) = plan.home(m) { assign(local(m), c.read(frameWord(w))) }
    }
  }

  func emitSend(_ v: ValueID, _ b: BlockID, _ position: Int) {
    let node = graph[v]
    let operands = graph.operands(v)
    for (i, o) in operands.enumerated() { assign(frameWord(plan.frameSize + i), value(o)) }
    let callee = plan.frameSize + operands.count
    let header = c.j.lvalue_get_address(frameWord(callee), nil)
    assign(frameWord(callee), c.or(c.bitcast(frame, c.word), c.constant(1)))
    if node.op == .send {
      emitSafepoint(v, b, position, result: local(v)) {
        callRuntime(layout.genericSend, "ppw", [thread, header, c.read(tableEntry(node.immediate))])
      }
    } else {
      let target = temporary(c.word, "target")
      if node.op == .callBlock {
        // The method's address looks like a small integer there.
        assign(target, c.subtract(c.read(c.memory(operand(v, 0), 1)), c.constant(1)))
      } else {
        assign(target, c.read(tableEntry(node.immediate)))
      }
      assign(frameWord(callee + 1), c.read(target))
      emitSafepoint(v, b, position, result: local(v)) {
        c.call(address: c.read(c.memory(c.read(target), 0)), "ppw", [thread, header, c.read(target)])
      }
    }
  }

  func emitPoll(_ v: ValueID, _ b: BlockID, _ position: Int) {
    if options.elideEditability { return }
    let slow = newBlock("poll")
    let on = newBlock("polled")
    let word = c.read(c.element(opaque(thread), layout.poll))
    endWithBranch(c.expect(c.unequal(word, c.constant(0)), false), slow, on)
    block = slow
    emitSafepoint(v, b, position, result: temporary(c.word, "answer")) {
      callRuntime(layout.loopPoll, "pp", [thread, frame])
    }
    endWithJump(on)
    block = on
  }

  /// The same pointer, but GCC must not know that: what is read through it is read each time. (libgccjit accepts
  /// volatile types and ignores them; without this the poll of a loop without calls is hoisted out of it.)
  private func opaque(_ pointer: RValue) -> RValue {
    let copy = temporary(c.wordPointer, "opaque")
    let assembly = c.j.block_add_extended_asm(block, nil, "")
    c.j.extended_asm_set_volatile_flag(assembly, 1)
    c.j.extended_asm_add_output_operand(assembly, nil, "=r", copy)
    c.j.extended_asm_add_input_operand(assembly, nil, "0", pointer)
    return c.read(copy)
  }

  /// `return 0`, shared.
  func unwindPlainly() -> JitBlock {
    if let unwindBlock { return unwindBlock }
    let b = newBlock("unwind")
    c.j.block_end_with_return(b, nil, c.constant(0))
    unwindBlock = b
    return b
  }

  /// The compiled method's own activation may be the target.
  func unwindThroughHome() -> JitBlock {
    if let unwindThroughHomeBlock { return unwindThroughHomeBlock }
    let home = graph.homeEnvironment!
    let saved = block
    let b = newBlock("unwindHome")
    block = b
    var environment = value(home)
    if case .word(let w) = plan.home(home) { environment = c.read(frameWord(w)) }
    let answer = callRuntime(layout.unwindThroughHome, "ppw", [thread, frame, environment])
    c.j.block_end_with_return(block, nil, answer)
    block = saved
    unwindThroughHomeBlock = b
    return b
  }
}
