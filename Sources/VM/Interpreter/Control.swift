// Jumps, loops, guards and returns.

import Bytecode
import MachineLayout

extension Interpreter {
  @inline(__always)
  mutating func jump(to destination: Int) -> Step {
    pc = destination
    return .next
  }

  /// A condition that is neither true nor false is sent its message, by the generic variant.
  @inline(__always)
  mutating func jump(_ i: Instruction, if jumping: UInt64, unless falling: UInt64) -> Step {
    let v = self[i.a]
    if v == jumping { return jump(to: i.wide) }
    if v == falling { return jump(to: pc &+ 1) }
    return changeOver()
  }

  /// What the inlined variant takes for granted.
  @inline(__always)
  mutating func check(_ holds: Bool) -> Step { holds ? jump(to: pc &+ 1) : changeOver() }

  /// Goes on in the other variant of the method.
  @inline(__always)
  mutating func changeOver() -> Step {
    savePC()
    if switchVariantSlow(thread, frame) == 0 { return .unwind }
    enter(frame)
    return .next
  }

  /// Whoever has set the breakpoint at `pc` is asked. Answers the instruction to be run, without bits to unwind.
  @inline(__always)
  mutating func reachBreakpoint() -> Instruction {
    savePC()
    let bits = breakpointSlow(thread, frame)
    // It may be an activation of another version now.
    enter(frame)
    return Instruction(bits: bits)
  }

  /// Where a loop goes round: polls, and counts.
  @inline(__always)
  mutating func loopJump(to header: Int) -> Step {
    let isHot = countsDown()
    if !isHot && thread[ThreadSlot.poll.rawValue] == 0 {
      pc = header
      return next
    }
    frame[2] = UInt64(UInt(bitPattern: header))
    if thread[ThreadSlot.poll.rawValue] != 0, loopPollSlow(thread, frame) == 0 { return .unwind }
    if isHot, let compiled = compiledLoop(header) { return takenOver(by: compiled) }
    // The instructions may be others since the poll.
    code = words(method[MethodSlot.code.rawValue])
    pc = header
    return next
  }

  /// Code that takes the frame over at `header`, if there is some.
  @inline(__always)
  func compiledLoop(_ header: Int) -> UInt64? {
    let compiled = hotLoopSlow(thread, frame, method, header)
    return compiled == 0 ? nil : compiled
  }

  /// True when the method's counter has run out.
  @inline(__always)
  func countsDown() -> Bool {
    let counter = method[MethodSlot.counter.rawValue] &- 1
    method[MethodSlot.counter.rawValue] = counter
    return counter == 0
  }

  // MARK: Returns

  @inline(__always)
  mutating func `return`(_ value: UInt64) -> Step {
    let back = frame[0]
    if back & 1 != 0 { return .leave(value) }
    enter(words(back))
    return answer(value)
  }

  /// What the send at `pc` answers.
  @inline(__always)
  mutating func answer(_ value: UInt64) -> Step {
    _ = put(value, Instruction(bits: code[pc]))
    return next
  }

  @inline(__always)
  mutating func returnNonLocal(_ i: Instruction) -> Step {
    savePC()
    let environment = self[i.c]
    if words(environment)[1 &+ EnvironmentLayout.home] == thread[ThreadSlot.processMark.rawValue] {
      thread[ThreadSlot.unwindTarget.rawValue] = environment
      thread[ThreadSlot.unwindValue.rawValue] = self[i.b]
      return .unwind
    }
    callee = escapedBlock(thread, frame, method)
    target = callee[1]
    return .call
  }

  @inline(__always)
  mutating func returnEscaped(_ value: UInt64) -> Step {
    let around = placeAroundEscaped(thread, frame)
    if around == 0 { return self.return(value) }
    savePC()
    thread[ThreadSlot.unwindTarget.rawValue] = around
    thread[ThreadSlot.unwindValue.rawValue] = value
    return .unwind
  }
}
