// Loads, stores, the write barrier, and allocation.

import IR

extension FunctionLowering {
  /// Objects have one header word before body word 0.
  private func slot(_ object: RValue, _ bodyWord: Int) -> LValue { c.memory(object, 1 + bodyWord) }

  func emitMemory(_ v: ValueID) {
    let node = graph[v]
    let bodyWord = Int(node.immediate & 0xFFFF_FFFF)
    switch node.op {
    case .loadCell: assign(local(v), c.read(c.memory(c.read(tableEntry(node.immediate)), 0)))
    case .loadSlot: assign(local(v), c.read(slot(operand(v, 0), bodyWord)))
    case .loadLength: assign(local(v), c.subtract(c.read(slot(operand(v, 0), 0)), c.constant(1)))
    case .loadElement:
      assign(local(v), c.read(element(operand(v, 0), operand(v, 1), bodyWord)))
    case .loadByte:
      let address = c.add(operand(v, 0), c.shiftRight(operand(v, 1), c.constant(1)))
      let byte = c.read(c.byteMemory(c.add(address, c.constant(8 * (1 + bodyWord)))))
      assign(local(v), c.shiftLeft(c.cast(byte, c.word), c.constant(1)))
    case .storeSlot:
      assign(slot(operand(v, 0), bodyWord), operand(v, 1))
      emitBarrier(node, operand(v, 0))
    default:
      assign(element(operand(v, 0), operand(v, 1), bodyWord), operand(v, 2))
      emitBarrier(node, operand(v, 0))
    }
  }

  /// A shifted index times 4 is a byte offset.
  private func element(_ object: RValue, _ index: RValue, _ bodyWord: Int) -> LValue {
    c.memory(c.add(object, c.shiftLeft(index, c.constant(2))), 1 + bodyWord)
  }

  private func emitBarrier(_ node: Node, _ object: RValue) {
    if node.immediate & Op.noBarrier != 0 { return }
    let slow = newBlock("remember")
    let on = newBlock("stored")
    let bits = c.and(
      c.read(c.memory(object, 0)), c.constant(bits: layout.headerOld | layout.headerRemembered))
    endWithBranch(c.expect(c.equal(bits, c.constant(bits: layout.headerOld)), false), slow, on)
    block = slow
    c.j.block_add_eval(block, nil, callRuntime(layout.remember, "pw", [thread, object]))
    endWithJump(on)
    block = on
  }

  func emitAllocate(_ v: ValueID, _ b: BlockID, _ position: Int) {
    let operands = graph.operands(v)
    let classWord = UInt64(UInt32(truncatingIfNeeded: graph[v].immediate)) << 32
    let top = temporary(c.word, "top")
    let (fast, slow, fill) = (newBlock("bump"), newBlock("allocateSlow"), newBlock("fill"))
    assign(local(v), threadWord(layout.allocationTop))
    assign(top, c.add(value(v), c.constant(8 * (1 + operands.count))))
    endWithBranch(
      c.expect(c.unsignedGreater(c.read(top), threadWord(layout.allocationLimit)), false), slow, fast)
    block = fast
    assign(c.element(thread, layout.allocationTop), c.read(top))
    assign(c.memory(value(v), 0), c.constant(bits: classWord))
    endWithJump(fill)
    block = slow
    emitSafepoint(v, b, position, result: local(v)) {
      callRuntime(
        layout.allocateSlow, "ppww", [thread, frame, c.constant(bits: classWord), c.constant(operands.count)])
    }
    endWithJump(fill)
    block = fill
    for (i, o) in operands.enumerated() { assign(slot(value(v), i), value(o)) }
  }
}
