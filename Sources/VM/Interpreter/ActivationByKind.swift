// How methods are activated, taken over by compiled code, and left when something fails.

import Bytecode
import MachineLayout

extension Interpreter {
  /// A frame for linked bytecode.
  @inline(__always)
  mutating func push() -> Step {
    let m = words(target)
    callee[0] = bits(frame)
    callee[1] = target
    let counter = m[MethodSlot.counter.rawValue] &- 1
    m[MethodSlot.counter.rawValue] = counter
    if bits(callee) &+ m[MethodSlot.frameBytes.rawValue] > thread[ThreadSlot.limit.rawValue] || counter == 0 {
      // No registers yet.
      callee[2] = UInt64.max
      let status = enterSlow(thread, callee, m)
      if status != 1 { return status == 0 ? .unwind : .call }
    }
    var k = Int(truncatingIfNeeded: m[MethodSlot.localCount.rawValue])
    while k > 0 {
      callee[k &+ 2] = Word.nil
      k &-= 1
    }
    frame = callee
    method = m
    code = words(m[MethodSlot.code.rawValue])
    pc = 0
    return .next
  }

  /// A primitive, or compiled code.
  @inline(__always)
  mutating func callNative() -> Step {
    callee[0] = bits(frame) | 1
    callee[1] = target
    let m = words(target)
    let entry = unsafeBitCast(UInt(m[MethodSlot.entry.rawValue]), to: NativeEntry.self)
    return answered(entry(thread, callee, UnsafeMutableRawPointer(m)))
  }

  @inline(__always)
  mutating func evaluateBlock() -> Step {
    let argumentCount = words(target)[MethodSlot.argumentCount.rawValue]
    let block = callee[-(Int(truncatingIfNeeded: argumentCount) &+ 1)]
    let body = words(block)[1 &+ BlockLayout.method] & ~1
    if words(body)[MethodSlot.argumentCount.rawValue] == argumentCount {
      target = body
      return .call
    }
    linkCallee()
    return answered(wrongBlockArguments(thread, callee, words(target)))
  }

  /// The running activation, which has sent it, starts again: a loop like any other.
  @inline(__always)
  mutating func restart() -> Step {
    restartFrame(thread, frame, method)
    pc = 0
    if !countsDown() { return .next }
    savePC()
    if let compiled = compiledLoop(0) { return takenOver(by: compiled) }
    return .next
  }

  /// What stands for a method of another kind: see `SpecialMethods.swift`.
  @inline(__always)
  mutating func resolve() -> Step {
    linkCallee()
    target = resolveSpecial(thread, callee, words(target))
    // It raised an error that was answered with a value, or has unwound.
    if target == 1 { return answer(thread[ThreadSlot.answer.rawValue]) }
    if target == 0 { return .unwind }
    callee = words(thread[ThreadSlot.nextFrame.rawValue])
    return .call
  }

  /// `callee` as a frame that those who walk the stack may see.
  @inline(__always)
  private func linkCallee() {
    callee[0] = bits(frame)
    callee[1] = target
    callee[2] = UInt64.max
  }

  /// What native code has answered for the send at `pc`; 0: it failed.
  @inline(__always)
  private mutating func answered(_ value: UInt64) -> Step { value == 0 ? .unwind : answer(value) }

  /// Compiled code goes on with this frame; it answers what the frame returns, unless it gives it back.
  @inline(__always)
  mutating func takenOver(by compiled: UInt64) -> Step {
    let back = frame[0]
    frame[0] = back | 1
    let entry = unsafeBitCast(UInt(compiled), to: NativeEntry.self)
    let value = entry(thread, frame, UnsafeMutableRawPointer(method))
    if value == Word.resumeInPlace {
      frame[0] = back
      enter(words(thread[ThreadSlot.resumeFrame.rawValue]))
      return .next
    }
    if back & 1 != 0 { return .leave(value) }
    enter(words(back))
    return answered(value)
  }

  @inline(__always)
  mutating func unwind() -> Step {
    switch unwindFrames(thread, frame) {
    case .leaves: return .leave(0)
    case .answers: return .leave(thread[ThreadSlot.answer.rawValue])
    case .continues:
      enter(words(thread[ThreadSlot.nextFrame.rawValue]))
      return .next
    }
  }
}
