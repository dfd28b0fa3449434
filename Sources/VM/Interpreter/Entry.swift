// Entry into the interpreter from native code: compiled code, primitives, Swift, the deoptimizer.

import MachineLayout

/// `Method.entry` of everything without native code of its own.
let interpretEntry: NativeEntry = { thread, frame, method in
  enterFromNative(thread, frame, method.assumingMemoryBound(to: UInt64.self))
}

/// Activates `method0` in frame `h0`, whose words 0 and 1 and arguments are set.
func enterFromNative(_ thread: Words, _ h0: Words, _ method0: Words) -> UInt64 {
  var h = h0
  var method = method0
  let back = h0[0] | 1
  var here: UInt8 = 0
  let stackPointer = withUnsafeMutablePointer(to: &here) { UInt64(UInt(bitPattern: $0)) }
  if stackPointer &- thread[Thread.Slot.nativeLimit.rawValue] > UInt64(Int64.max)
    || thread[Thread.Slot.nativeLimit.rawValue] == 0
  {
    h[0] = back
    h[1] = bits(method)
    h[2] = UInt64.max
    if !nativeStackHasRoom(thread, h, stackPointer) { return 0 }
  }
  while true {
    h[0] = back
    h[1] = bits(method)
    h[2] = UInt64.max
    switch Method(method).kind {
    case .interpreted:
      let status = activate(thread, h, method)
      if status == 2 { continue }
      return status == 0 ? 0 : interpret(thread, h, method, 0)
    case .native:
      let entry = Method(method).entry
      return entry(thread, h, UnsafeMutableRawPointer(method))
    case .blockValue:
      let body = blockBody(h, method)
      if body == 0 { return wrongBlockArguments(thread, h, method) }
      method = words(body)
    case .restart:
      return restartFromNative(thread, h)
    default:
      let target = resolveSpecial(thread, h, method)
      if target <= 1 { return target == 0 ? 0 : thread[Thread.Slot.answer.rawValue] }
      h = words(thread[Thread.Slot.nextFrame.rawValue])
      method = words(target)
    }
  }
}

/// Raises "Stack overflow" if there is no room.
@inline(never)
private func nativeStackHasRoom(_ thread: Words, _ h: Words, _ stackPointer: UInt64) -> Bool {
  if thread[Thread.Slot.nativeLimit.rawValue] == 0 {
    thread[Thread.Slot.nativeLimit.rawValue] = NativeStack().limit
    if stackPointer >= thread[Thread.Slot.nativeLimit.rawValue] { return true }
  }
  Universe.of(thread).raiseStackOverflow(h)
  return false
}

/// `restart` with `perform:` in compiled code, which cannot start again; but the interpreter's frames of it can.
@inline(never)
private func restartFromNative(_ thread: Words, _ h: Words) -> UInt64 {
  let universe = Universe.of(thread)
  guard let sender = Frame(h).sender, sender.isCompiled, let restart = universe.hooks.restart else {
    return universe.raise(.other("restart needs an activation of a method or block that sends it"), h)
  }
  restart(sender.words)
  return Value.nil.bits
}

extension Universe {
  /// Interprets from frame `h` (the innermost of those rebuilt by the deoptimizer: words 0 to 2 and registers set),
  /// executing the instruction at its pc, until the nearest frame with bit 0 of word 0 set returns. Answers its
  /// value, or 0 to unwind.
  public static func resume(_ thread: Words, _ h: Words) -> UInt64 {
    interpret(thread, h, words(h[1]), Int(h[2]))
  }

  /// Lets frame `h`, of interpreted code, start again when it is resumed.
  public static func restart(_ thread: Words, _ h: Words) {
    restartFrame(thread, h, words(h[1]))
    h[2] = 0
  }

  /// As `resume`, but the innermost of those frames is being unwound.
  public static func resumeUnwinding(_ thread: Words, _ h: Words) -> UInt64 {
    switch unwindFrames(thread, h) {
    case .leaves: return 0
    case .answers: return thread[Thread.Slot.answer.rawValue]
    case .continues: return resume(thread, words(thread[Thread.Slot.nextFrame.rawValue]))
    }
  }
}
