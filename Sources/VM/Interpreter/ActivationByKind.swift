// How methods are activated, taken over by compiled code, and left when something fails.

import Bytecode
import MachineLayout

/// Counts an activation of linked bytecode in frame `callee`, whose words 0 and 1 are set, and empties its variables.
/// 1: it can run; 2: look at the method again; 0: unwind.
@inline(__always)
func activate(_ thread: Words, _ callee: Words, _ m: Words) -> UInt64 {
  let counter = m[Method.Slot.counter.rawValue] &- 1
  m[Method.Slot.counter.rawValue] = counter
  if bits(callee) &+ m[Method.Slot.frameBytes.rawValue] > thread[Thread.Slot.limit.rawValue] || counter == 0 {
    // No registers yet.
    callee[2] = UInt64.max
    let status = enterSlow(thread, callee, m)
    if status != 1 { return status }
  }
  var k = Int(truncatingIfNeeded: m[Method.Slot.localCount.rawValue])
  while k > 0 {
    callee[k &+ 2] = Word.nil
    k &-= 1
  }
  return 1
}

/// The method of the block that is the receiver in frame `callee`, if it takes the arguments of `m`; else 0.
@inline(__always)
func blockBody(_ callee: Words, _ m: Words) -> UInt64 {
  let argumentCount = m[Method.Slot.argumentCount.rawValue]
  let block = words(callee[-(Int(truncatingIfNeeded: argumentCount) &+ 1)])
  let body = block[1 &+ BlockLayout.method] & ~1
  return words(body)[Method.Slot.argumentCount.rawValue] == argumentCount ? body : 0
}

extension Interpreter {
  /// A frame for linked bytecode.
  @inline(__always)
  mutating func push() -> Step {
    let m = words(target)
    callee[0] = bits(frame)
    callee[1] = target
    let status = activate(thread, callee, m)
    if status != 1 { return status == 0 ? .unwind : .call }
    frame = callee
    method = m
    code = words(m[MethodSlot.code.rawValue])
    pc = 0
    return next
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
    let body = blockBody(callee, words(target))
    if body != 0 {
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
    if !countsDown() { return next }
    savePC()
    if let compiled = compiledLoop(0) { return takenOver(by: compiled) }
    return next
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
      return next
    }
    if value == Word.unwindInPlace {
      frame[0] = back
      return .unwind
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
      return next
    }
  }
}
