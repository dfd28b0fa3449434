// Unwinding through interpreted frames: they are left until the target, which may be the activation whose home an
// environment is (`^`), one that handles exceptions, or a block that has escaped. Blocks that must run on the way are run.

import Bytecode
import MachineLayout

/// What becomes of the native activation whose frames are unwound.
enum Unwinding {
  /// It has no frames left: answer 0.
  case leaves
  /// Its outermost frame returns the value in `answer`.
  case answers
  /// Go on in the frame in `nextFrame`, at its pc.
  case continues
}

/// Leaves frames from `top` on, an interpreted one, up to and including the target.
@inline(never)
func unwindFrames(_ thread: Words, _ top: Words) -> Unwinding {
  var h = top
  while true {
    let method = Method(words(h[1]))
    var isTarget = false
    let homeRegister = Int(method[.homeRegister])
    if homeRegister != 0 {
      let environment = h[homeRegister]
      if environment & 7 == 0 && environment != 0 {
        words(environment)[1 + EnvironmentLayout.home] = Value.nil.bits
        isTarget = environment == thread[Thread.Slot.unwindTarget.rawValue]
      }
    }
    var again = Value.none
    if !isTarget && method[.protects] & Method.isProtecting != 0 {
      (isTarget, again) = Universe.of(thread).unwindProtected(h, method)
    } else if !isTarget {
      // Of an escaped block, or one that a debugger has chosen.
      isTarget = ActivationToken.number(thread[Thread.Slot.unwindTarget.rawValue], in: h) != nil
    }
    let back = h[0]
    if isTarget {
      let value = thread[Thread.Slot.unwindValue.rawValue]
      let isRestart = thread[Thread.Slot.unwindTarget.rawValue] & ActivationToken.restart != 0
      thread[Thread.Slot.unwindTarget.rawValue] = 0
      thread[Thread.Slot.unwindValue.rawValue] = 0
      if isRestart {
        Universe.of(thread).begin(Value(bits: value).integer, in: h)
      } else if again != .none {
        if again != .nil { h[-(method.argumentCount + 1)] = again.bits }
        restartFrame(thread, h, method.words)
        h[2] = 0
      } else {
        thread[Thread.Slot.answer.rawValue] = value
        if back & 1 != 0 { return .answers }
        h = words(back)
        let pc = Int(h[2])
        let instruction = Instruction(bits: words(words(h[1])[Method.Slot.code.rawValue])[pc])
        h[instruction.a] = value
        h[2] = UInt64(pc + 1)
      }
      thread[Thread.Slot.nextFrame.rawValue] = bits(h)
      return .continues
    }
    if back & 1 != 0 { return .leaves }
    h = words(back)
  }
}

/// The target of an unwinding that ends at an activation that handles exceptions, or at that of an escaped block: an
/// immediate word.
public enum ActivationToken {
  /// Set if the activation is to start again, with the value as its receiver unless that is nil.
  static let again: UInt64 = 2
  /// Set if it is to start from its beginning, with the method whose id is the value.
  static let restart: UInt64 = 4
  private static let addressMask: UInt64 = (1 << 52) - 1

  /// The activation of frame `h`; of a compiled frame, the one with this number (0 is the outermost).
  public static func make(_ h: Words, _ number: Int = 0) -> UInt64 { UInt64(number) << 52 | bits(h) | 1 }
  /// The number of the activation, if it is one of frame `h`.
  public static func number(_ token: UInt64, in h: Words) -> Int? {
    token & addressMask & ~(again | restart) == bits(h) | 1 ? Int(token >> 52) : nil
  }
  /// The same target, now that the activation has become the frame `h`.
  public static func moved(_ token: UInt64, to h: Words) -> UInt64 { make(h) | token & (again | restart) }
}

extension Universe {
  /// From now on everything is left up to activation `number` of frame `h`, which ends with this value.
  public func unwind(to h: Words, _ number: Int, answering value: Value) {
    thread[.unwindTarget] = ActivationToken.make(h, number)
    thread[.unwindValue] = value.bits
  }
  /// The same, and it starts again, with the same receiver and arguments, as an activation of `method`: its own, or
  /// another version of that.
  public func unwind(to h: Words, _ number: Int, restarting method: MethodInfo) {
    thread[.unwindTarget] = ActivationToken.make(h, number) | ActivationToken.restart
    thread[.unwindValue] = Value(integer: method.id).bits
  }
  /// From now on everything is left up to whoever has asked for it by this number; see `isAbandoned`.
  public func unwind(toEvaluation number: Int) {
    thread[.unwindTarget] = UnwindReason.abandon(number).bits
    thread[.unwindValue] = Value.nil.bits
  }
  /// Whether that is what unwinds; then it has come to its end.
  public func endUnwinding(toEvaluation number: Int) -> Bool {
    guard thread[.unwindTarget] == UnwindReason.abandon(number).bits else { return false }
    thread[.unwindTarget] = 0
    thread[.unwindValue] = 0
    return true
  }

  /// Makes frame `h`, which has a receiver and arguments, the beginning of an activation of a method with linked bytecode;
  /// of the one that it was, should that be gone.
  fileprivate func begin(_ id: Int, in h: Words) {
    let method = methods.find(id)?.method ?? Frame(h).method
    h[1] = bits(method.words)
    h[2] = 0
    for i in 0..<Int(method[.localCount]) { h[Frame.headerWords + i] = Value.nil.bits }
  }

  /// Something unwinds through frame `h`, whose method protects what it evaluates. Answers whether it ends here, and
  /// if the frame is to start again, its receiver (nil: the one it has).
  fileprivate func unwindProtected(_ h: Words, _ method: Method) -> (isTarget: Bool, again: Value) {
    let pc = Int(Int64(bitPattern: h[2]))
    guard !endsAtOnce, let chunk = methods[method].chunk else { return (false, .none) }
    switch chunk.protection(at: pc) {
    case .handling?:
      let token = thread[.unwindTarget]
      guard ActivationToken.number(token, in: h) != nil else { return (false, .none) }
      return (true, token & ActivationToken.again == 0 ? .none : Value(bits: thread[.unwindValue]))
    case .ensuring?: runEnsured(h, words: Int(chunk.depth[pc]))
    case nil: break
    }
    // A debugger can choose it, too.
    return (ActivationToken.number(thread[.unwindTarget], in: h) != nil, .none)
  }

  /// Evaluates the last argument of frame `h` while something unwinds through it. If the argument is left itself, by
  /// `^` or an exception, that takes over.
  private func runEnsured(_ h: Words, words inUse: Int) {
    let mark = handles.push(Value(bits: thread[.unwindTarget]))
    handles.push(Value(bits: thread[.unwindValue]))
    thread[.unwindTarget] = 0
    thread[.unwindValue] = 0
    let evaluate = { self.send(argument1(h), self.selectors.value, frame: h, words: inUse) }
    // It may be a stack overflow that unwinds: then there is little room up here.
    if (isStackNearlyFull(h) ? withStackReserve(evaluate) ?? evaluate() : evaluate()) != 0 {
      thread[.unwindTarget] = handles[mark].bits
      thread[.unwindValue] = handles[mark + 1].bits
    }
    handles.pop(to: mark)
  }
}
