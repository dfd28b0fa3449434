// Constants, variables, fields, globals, environments and blocks.

import Bytecode
import MachineLayout

extension Interpreter {
  @inline(__always)
  mutating func loadLiteral(_ i: Instruction) -> Step {
    put(words(method[MethodSlot.literals.rawValue])[i.ub], i)
  }

  /// A field of an object, or a variable of an environment: body word `place`.
  @inline(__always)
  mutating func store(_ value: UInt64, in holder: UInt64, at place: Int) -> Step {
    let object = words(holder)
    object[1 &+ place] = value
    if object[0] & 0xC == HeaderBits.old && value & 7 == 0 { rememberSlow(thread, object) }
    pc &+= 1
    return .next
  }

  @inline(__always)
  mutating func loadDoubleField(_ i: Instruction) -> Step {
    let raw = words(self[i.b])[1 &+ i.c]
    if let immediate = Value(immediateDouble: Double(bitPattern: raw)) { return put(immediate.bits, i) }
    savePC()
    return putMade(boxFieldSlow(thread, frame, raw), i)
  }

  @inline(__always)
  mutating func storeDoubleField(_ i: Instruction) -> Step {
    let v = Value(bits: self[i.c])
    if v.isImmediateDouble {
      words(self[i.a])[1 &+ i.b] = v.immediateDouble.bitPattern
      pc &+= 1
      return .next
    }
    savePC()
    // Where the class no longer keeps the field as a double, it is another instruction now.
    if storeDoubleFieldSlow(thread, frame, i.a, i.b, v) == 1 { pc &+= 1 }
    return .next
  }

  @inline(__always)
  mutating func loadGlobal(_ i: Instruction) -> Step {
    let v = words(words(method[MethodSlot.globals.rawValue])[i.ub])[0]
    if v != 0 { return put(v, i) }
    savePC()
    if loadLibraryGlobal(thread, method, i.ub) { return .next }
    callee = unknownGlobal(thread, frame, method, i.ub)
    target = callee[1]
    return .call
  }

  // MARK: Environments and blocks

  @inline(__always)
  mutating func newEnvironment(_ i: Instruction) -> Step {
    let count = i.uc
    if let p = allocate(words: count &+ 4) {
      p[0] = (UInt64(WellKnownClass.environment.rawValue) | UInt64(ObjectFormat.indexable.rawValue) &<< 24) &<< 32
      p[1] = Value(integer: count &+ 2).bits
      p[1 &+ EnvironmentLayout.outer] = i.b == 0 ? Word.nil : self[i.b]
      p[1 &+ EnvironmentLayout.home] = thread[ThreadSlot.processMark.rawValue]
      var k = 0
      while k < count {
        p[1 &+ EnvironmentLayout.firstVariable &+ k] = Word.nil
        k &+= 1
      }
      return put(bits(p), i)
    }
    savePC()
    return putMade(newEnvironmentSlow(thread, frame, i.b, count), i)
  }

  @inline(__always)
  mutating func closeHome(_ i: Instruction) -> Step {
    words(self[i.a])[1 &+ EnvironmentLayout.home] = Word.nil
    pc &+= 1
    return .next
  }

  @inline(__always)
  mutating func newBlock(_ i: Instruction) -> Step {
    let block = words(words(method[MethodSlot.blocks.rawValue])[i.ub])
    if let p = allocate(words: 1 &+ BlockLayout.size) {
      // Block1 takes no arguments.
      p[0] = (UInt64(WellKnownClass.block1.rawValue) &+ block[MethodSlot.argumentCount.rawValue]) &<< 32
      p[1 &+ BlockLayout.method] = bits(block) | 1
      p[1 &+ BlockLayout.receiver] =
        method[MethodSlot.isBlock.rawValue] == 0 ? receiver : words(receiver)[1 &+ BlockLayout.receiver]
      p[1 &+ BlockLayout.environment] = i.c == 0 ? Word.nil : self[i.c]
      return put(bits(p), i)
    }
    savePC()
    return putMade(newBlockSlow(thread, frame, method, block, i.c), i)
  }

  /// Room in the nursery, or nil.
  @inline(__always)
  private func allocate(words count: Int) -> Words? {
    let top = thread[ThreadSlot.allocationTop.rawValue]
    let end = top &+ UInt64(count) &* 8
    if end > thread[ThreadSlot.allocationLimit.rawValue] { return nil }
    thread[ThreadSlot.allocationTop.rawValue] = end
    return words(top)
  }

  /// What a slow path has made; 0 if it has failed.
  @inline(__always)
  private mutating func putMade(_ value: UInt64, _ i: Instruction) -> Step { value == 0 ? .unwind : put(value, i) }
}
