// Loads, stores, the write barrier, allocation, and strings.

import CGccJit
import IR

/// Body word of a string's first bytes, after the counts of bytes and scalars.
private let stringFirstWord = 2
/// Arrays that have more elements are not allocated inline.
private let inlineElements = 500

extension FunctionLowering {
  /// Objects have one header word before body word 0.
  private func slot(_ object: RValue, _ bodyWord: Int) -> LValue { c.memory(object, 1 + bodyWord) }

  func emitMemory(_ v: ValueID) {
    let node = graph[v]
    let bodyWord = Int(node.immediate & 0xFFFF_FFFF)
    switch node.op {
    case .loadCell: assign(local(v), c.read(c.memory(c.read(tableEntry(node.immediate)), 0)))
    case .loadSlot: assign(local(v), c.read(slot(operand(v, 0), bodyWord)))
    case .loadDouble: assign(local(v), c.bitcast(c.read(slot(operand(v, 0), bodyWord)), c.double))
    case .storeDouble: assign(slot(operand(v, 0), bodyWord), c.bitcast(operand(v, 1), c.word))
    case .loadLength: assign(local(v), c.subtract(c.read(slot(operand(v, 0), bodyWord)), c.constant(1)))
    case .loadElement:
      assign(local(v), c.read(element(operand(v, 0), operand(v, 1), bodyWord)))
    case .loadByte: assign(local(v), c.shiftLeft(byte(operand(v, 0), operand(v, 1), bodyWord), c.constant(1)))
    case .loadCharacter:
      let offset = c.shiftLeft(byte(operand(v, 0), operand(v, 1), stringFirstWord), c.constant(3))
      assign(local(v), c.read(c.memory(c.add(threadWord(layout.characters), offset), 0)))
    case .storeSlot:
      assign(slot(operand(v, 0), bodyWord), operand(v, 1))
      emitBarrier(node, operand(v, 0), graph.operand(v, 1))
    default:
      assign(element(operand(v, 0), operand(v, 1), bodyWord), operand(v, 2))
      emitBarrier(node, operand(v, 0), graph.operand(v, 2))
    }
  }

  /// A shifted index times 4 is a byte offset.
  private func element(_ object: RValue, _ index: RValue, _ bodyWord: Int) -> LValue {
    c.memory(c.add(object, c.shiftLeft(index, c.constant(2))), 1 + bodyWord)
  }

  private func byte(_ object: RValue, _ index: RValue, _ bodyWord: Int) -> RValue {
    let address = c.add(object, c.shiftRight(index, c.constant(1)))
    return c.cast(c.read(c.byteMemory(c.add(address, c.constant(8 * (1 + bodyWord))))), c.word)
  }

  private func emitBarrier(_ node: Node, _ object: RValue, _ stored: ValueID) {
    if node.immediate & Op.noBarrier != 0 { return }
    let slow = newBlock("remember")
    let on = newBlock("stored")
    if graph[stored].op == .tagFloat {
      // Where it was tagged it is known whether it had to be boxed: GCC joins the tests.
      let boxed = newBlock("boxed")
      endWithBranch(c.expect(c.isImmediateDouble(value(stored)), true), on, boxed)
      block = boxed
    }
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

  /// Bumps, then fills in a loop. The count is shifted: times 4 it is bytes.
  func emitAllocateArray(_ v: ValueID, _ b: BlockID, _ position: Int) {
    let header = UInt64(UInt32(truncatingIfNeeded: graph[v].immediate)) << 32
    let count = operand(v, 0)
    let top = temporary(c.word, "top")
    let (small, fast, slow, fill) = (newBlock("small"), newBlock("bump"), newBlock("allocateSlow"), newBlock("fill"))
    endWithBranch(
      c.expect(c.compare(OVID_JIT_COMPARISON_GT, count, c.constant(inlineElements << 1)), false), slow, small)
    block = small
    assign(local(v), threadWord(layout.allocationTop))
    assign(top, c.add(value(v), c.add(c.shiftLeft(count, c.constant(2)), c.constant(16))))
    endWithBranch(c.expect(c.unsignedGreater(c.read(top), threadWord(layout.allocationLimit)), false), slow, fast)
    block = fast
    assign(c.element(thread, layout.allocationTop), c.read(top))
    assign(c.memory(value(v), 0), c.constant(bits: header))
    endWithJump(fill)
    block = slow
    let bodyWords = c.add(c.shiftRight(count, c.constant(1)), c.constant(1))
    emitSafepoint(v, b, position, result: local(v)) {
      callRuntime(layout.allocateSlow, "ppww", [thread, frame, c.constant(bits: header), bodyWords])
    }
    assign(top, c.add(value(v), c.add(c.shiftLeft(count, c.constant(2)), c.constant(16))))
    endWithJump(fill)
    block = fill
    assign(slot(value(v), 0), c.or(count, c.constant(1)))
    let next = temporary(c.word, "next")
    assign(next, c.add(value(v), c.constant(16)))
    let (test, store, done) = (newBlock("more"), newBlock("clear"), newBlock("cleared"))
    endWithJump(test)
    block = test
    endWithBranch(c.equal(c.read(next), c.read(top)), done, store)
    block = store
    assign(c.memory(c.read(next), 0), c.constant(bits: layout.nilWord))
    assign(next, c.add(c.read(next), c.constant(8)))
    endWithJump(test)
    block = done
  }

  // MARK: Strings

  func emitEqualStrings(_ v: ValueID) {
    let (a, b) = (operand(v, 0), operand(v, 1))
    let byteCount = c.read(slot(a, 0))
    let blocks = (0..<5).map { newBlock("equal\($0)") }
    let (others, sameCount, words, long, done) = (blocks[0], blocks[1], blocks[2], blocks[3], blocks[4])
    assign(local(v), c.equal(a, b))
    endWithBranch(value(v), done, others)
    block = others
    endWithBranch(c.equal(byteCount, c.read(slot(b, 0))), sameCount, done)
    block = sameCount
    endWithBranch(c.equal(byteCount, c.constant(1)), long, words)
    // Texts of the same length differ in the first eight bytes, mostly.
    block = words
    endWithBranch(c.equal(c.read(slot(a, stringFirstWord)), c.read(slot(b, stringFirstWord))), long, done)
    block = long
    assign(local(v), c.unequal(callRuntime(layout.equalStrings, "ww", [a, b]), c.constant(0)))
    endWithJump(done)
    block = done
  }

  func emitEqualsShortString(_ v: ValueID) {
    let word = graph[v].immediate
    let count = ShortString.byteCount(word)
    let sameCount = c.equal(c.read(slot(operand(v, 0), 0)), c.constant(count << 1 | 1))
    // A string without bytes has no word of them.
    if count == 0 { return assign(local(v), sameCount) }
    let bytes = c.read(slot(operand(v, 0), stringFirstWord))
    assign(local(v), c.both(sameCount, c.equal(bytes, c.constant(Int(ShortString.bytes(word))))))
  }
}
