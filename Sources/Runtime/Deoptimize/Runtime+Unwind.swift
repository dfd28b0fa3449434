// Unwinding through compiled code in which on:do: or ensure: is inlined.

import Bytecode
import IR
import VM

extension Runtime {
  /// The call at safepoint `index` has answered 0. Answers what the function of the frame answers.
  func unwind(_ frame: Words, _ index: Int) -> UInt64 {
    guard let code = installed.code(frame), code.metadata.safepoints.indices.contains(index), !universe.endsAtOnce
    else { return 0 }
    let safepoint = code.metadata.safepoints[index]
    let target = ActivationToken.number(universe.thread[.unwindTarget], in: frame)
    let concerned = safepoint.frames.indices.filter { i in
      let chunk = universe.methods[safepoint.frames[i].method].chunk
      return i == target || chunk?.protection(at: safepoint.frames[i].originPC) == .ensuring
    }
    if concerned.isEmpty {
      return home(of: frame, code, safepoint).map { universe.unwind(throughHome: $0) } ?? 0
    }
    counters.count(.unwound)
    code.deoptimizations += 1
    trace(.deopt, "unwound in \(code.name), \(safepoint.frames.count) frames")
    for i in concerned where i > 0 { learn(of: safepoint.frames[i - 1], code) }
    // Not asked for room on the native stack: unwinding makes some.
    guard let innermost = deoptimizer.rebuild(frame, code, safepoint, unwinding: true) else { return 0 }
    counters.framesRebuilt += safepoint.frames.count
    counters.objectsRebuilt += safepoint.virtuals.count
    code.nativeActivations += 1
    defer { code.nativeActivations -= 1 }
    return Universe.resumeUnwinding(universe.thread.words, innermost)
  }

  /// The environment of the compiled method itself, if it was ever allocated.
  private func home(of frame: Words, _ code: CompiledCode, _ safepoint: Safepoint) -> Value? {
    guard let outermost = safepoint.frames.first, let home = universe.methods[outermost.method].chunk?.homeRegister,
      let register = outermost.registers.first(where: { $0.register == Int(home) }),
      case .value(let value) = StateReader(frame: frame, code: code).read(register.location), value.isPointer
    else { return nil }
    return value
  }

  /// Where activations are unwound to again and again, they are called and not inlined.
  private func learn(of caller: FrameDescription, _ code: CompiledCode) {
    let givenUp = program.feedbackStore.record(
      method: caller.method, pc: caller.originPC, reason: DeoptReason.unwound.rawValue, limit: options.deoptLimit)
    if givenUp {
      noteFailedSpeculation(of: code)
      invalidate(
        code, because: "unwound \(options.deoptLimit) times in \(universe.methods[caller.method].name)",
        .speculationFailed)
    }
  }
}
