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
    } else if !isTarget && method[.protects] & Method.isLeftByParts != 0 {
      isTarget = ActivationToken.number(thread[Thread.Slot.unwindTarget.rawValue], in: h) != nil
    }
    let back = h[0]
    if isTarget {
      let value = thread[Thread.Slot.unwindValue.rawValue]
      thread[Thread.Slot.unwindTarget.rawValue] = 0
      thread[Thread.Slot.unwindValue.rawValue] = 0
      if again != .none {
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
  private static let addressMask: UInt64 = (1 << 52) - 1

  /// The activation of frame `h`; of a compiled frame, the one with this number (0 is the outermost).
  public static func make(_ h: Words, _ number: Int = 0) -> UInt64 { UInt64(number) << 52 | bits(h) | 1 }
  /// The number of the activation, if it is one of frame `h`.
  public static func number(_ token: UInt64, in h: Words) -> Int? {
    token & addressMask & ~again == bits(h) | 1 ? Int(token >> 52) : nil
  }
  /// The same target, now that the activation has become the frame `h`.
  public static func moved(_ token: UInt64, to h: Words) -> UInt64 { make(h) | token & again }
}

extension Universe {
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
    return (false, .none)
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
