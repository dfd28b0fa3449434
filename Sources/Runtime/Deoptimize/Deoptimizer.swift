// What compiled code calls when it cannot go on: from one compiled frame to the interpreter frames it stands for, and what
// is learned from it. The interpreter goes on then until the outermost of them returns, and its value is the value of the
// compiled function.

import Bytecode
import IR
import MachineLayout
import Optimizer
import VM

/// VM thread.
final class Deoptimizer {
  private let universe: Universe
  private let program: RuntimeProgram
  private let installed: InstalledCode
  private let tiering: Tiering
  private let stress: Stress
  private let counters: Counters
  private let codeHistory: CodeHistory
  private let notices: Notices
  private let rebuilder: FrameRebuilder
  /// Failures of one guard until its speculation is given up.
  private let limit: Int

  private var nativeStack = NativeStackGuard()
  /// The compiled frame whose innermost activation starts again when it is deoptimized.
  private var restarting: Words?

  init(_ machine: Machine, _ tiering: Tiering, _ stress: Stress, _ overrides: FrameOverrides) {
    universe = machine.universe
    program = machine.program
    installed = machine.installed
    counters = machine.counters
    codeHistory = machine.codeHistory
    notices = machine.notices
    limit = machine.options.deoptLimit
    self.tiering = tiering
    self.stress = stress
    rebuilder = FrameRebuilder(universe: machine.universe, overrides: overrides)
  }

  /// The program goes on on this native stack.
  func begin(_ stack: NativeStack) { nativeStack.begin(stack, isLent: universe.handlesNativeOverflow) }

  /// Whether the native stack has room for another activation.
  var hasRoom: Bool { nativeStack.hasRoom }

  // MARK: Deoptimizing

  /// Compiled code cannot go on at safepoint `index`. Answers what its function answers.
  func deoptimize(_ frame: Words, _ index: Int) -> UInt64 {
    guard let code = installed.code(frame), code.metadata.safepoints.indices.contains(index) else {
      return universe.raise(.other("internal error: deoptimization without a state"), frame)
    }
    let safepoint = code.metadata.safepoints[index]
    var reason = DeoptReason(rawValue: Int64(safepoint.reason)) ?? .unsupported
    if stress.takeDeoptimization(), !code.isInvalidated { reason = .stress }
    counters.figures.count(reason)
    code.deoptimizations += 1
    if let inner = safepoint.frames.last {
      codeHistory.noteDeoptimization(
        reason == .invalidated && !code.isInvalidated ? .othersRan : .failed(reason), method: inner.method,
        pc: inner.originPC)
      notices.trace(
        .deopt,
        "\(reason) in \(code.name) at \(universe.methods[inner.method].name), "
          + "line \(installed.line(inner.method, inner.originPC)), \(safepoint.frames.count) frames")
      learn(reason, inner, code)
    }
    guard hasRoom else {
      frame[2] = UInt64(index)
      return overflow(frame)
    }
    guard let innermost = rebuild(frame, code, index, unwinding: false) else { return 0 }
    if takeRestart(of: frame) { Universe.restart(universe.thread.words, innermost) }
    if code.key.osrPC != nil {
      // The interpreter that entered this loop is right below on the native stack: back to it.
      universe.thread[.resumeFrame] = UInt64(UInt(bitPattern: innermost))
      return Word.resumeInPlace
    }
    code.nativeActivations += 1
    defer { code.nativeActivations -= 1 }
    return Universe.resume(universe.thread.words, innermost)
  }

  private func rebuild(_ frame: Words, _ code: CompiledCode, _ index: Int, unwinding: Bool) -> Words? {
    guard let innermost = rebuilder.rebuild(frame, code, index, unwinding: unwinding) else { return nil }
    let safepoint = code.metadata.safepoints[index]
    counters.figures.framesRebuilt += safepoint.frames.count
    counters.figures.objectsRebuilt += safepoint.virtuals.count
    return innermost
  }

  private func overflow(_ frame: Words) -> UInt64 {
    if universe.handlesNativeOverflow {
      // Again, in its handler: nobody is left to ask.
      universe.output.printError(universe.traceback(frame) + VMError.stackOverflow.message + "\n")
      return universe.terminate(status: 1, because: .error)
    }
    // Others may run before it is handled; then this process has its turn again.
    universe.handlesNativeOverflow = true
    nativeStack.isLent = true
    defer {
      nativeStack.isLent = false
      universe.handlesNativeOverflow = false
    }
    return universe.raise(.stackOverflow, frame)
  }

  // MARK: Restarting

  /// The call in which frame `frame` waits has asked for its innermost activation to start again: it deoptimizes when
  /// that call returns, and is restarted then.
  func restart(_ frame: Words) {
    guard let code = installed.code(frame) else { return }
    restarting = frame
    tiering.invalidate(code, because: "it performs restart", .fromStart)
  }

  private func takeRestart(of frame: Words) -> Bool {
    guard restarting == frame else { return false }
    restarting = nil
    return true
  }

  // MARK: Unwinding

  /// Code in which `on:do:` or `ensure:` is inlined, whose call at safepoint `index` has answered 0. Answers what the
  /// function of the frame answers.
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
    counters.figures.count(.unwound)
    code.deoptimizations += 1
    notices.trace(.deopt, "unwound in \(code.name), \(safepoint.frames.count) frames")
    if let inner = safepoint.frames.last {
      codeHistory.noteDeoptimization(.failed(.unwound), method: inner.method, pc: inner.originPC)
    }
    for i in concerned where i > 0 { learnUnwinding(to: safepoint.frames[i - 1], code) }
    // Not asked for room on the native stack: unwinding makes some.
    guard let innermost = rebuild(frame, code, index, unwinding: true) else { return 0 }
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

  // MARK: Learning

  /// Counts the failure of a guard; the code that keeps failing is compiled again without the speculation.
  private func learn(_ reason: DeoptReason, _ inner: FrameDescription, _ code: CompiledCode) {
    guard reason.isLearned, isGivenUp(reason, inner) else { return }
    if reason == .notDouble, let field = doubleField(inner.method, inner.originPC) { tiering.box(field) }
    giveUp(code, "\(reason) failed \(limit) times in \(universe.methods[inner.method].name)")
  }

  /// Where activations are unwound to again and again, they are called and not inlined.
  private func learnUnwinding(to caller: FrameDescription, _ code: CompiledCode) {
    if isGivenUp(.unwound, caller) {
      giveUp(code, "unwound \(limit) times in \(universe.methods[caller.method].name)")
    }
  }

  private func isGivenUp(_ reason: DeoptReason, _ place: FrameDescription) -> Bool {
    program.feedbackStore.record(method: place.method, pc: place.originPC, reason: reason.rawValue, limit: limit)
  }

  private func giveUp(_ code: CompiledCode, _ why: String) {
    tiering.noteFailedSpeculation(of: code)
    tiering.invalidate(code, because: why, .speculationFailed)
  }

  /// The field of unboxed doubles that this instruction accesses, if it does.
  private func doubleField(_ method: Int, _ pc: Int) -> FieldPlace? {
    let info = universe.methods[method]
    guard let i = info.chunk?.instructions[pc], i.opcode?.fieldAccess?.isDouble == true else { return nil }
    return i.fieldPlace.map { FieldPlace(classIndex: info.holderIndex, word: $0) }
  }
}
