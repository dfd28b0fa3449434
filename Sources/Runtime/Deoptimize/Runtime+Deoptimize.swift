// What compiled code calls when it cannot go on, and what the virtual machine learns from it.

import IR
import MachineLayout
import VM

extension Runtime {
  /// Puts this runtime's functions into the thread's table; the rest is the VM's own.
  func installFunctions() {
    typealias Deoptimize = @convention(c) (Words, Words, Int) -> UInt64
    typealias HotEntry = @convention(c) (Words, UnsafeMutableRawPointer) -> Void
    typealias HotLoop = @convention(c) (Words, Words, UnsafeMutableRawPointer, Int) -> UInt64
    let deoptimize: Deoptimize = { thread, frame, index in
      let runtime = Runtime.of(thread)
      return index & CodeMetadata.unwinding == 0
        ? runtime.deoptimize(frame, index) : runtime.unwind(frame, index & ~CodeMetadata.unwinding)
    }
    let hotEntry: HotEntry = { Runtime.of($0).hotEntry(Method($1)) }
    let hotLoop: HotLoop = { Runtime.of($0).hotLoop($1, Method($2), $3) }
    let thread = universe.thread
    thread[.deoptimize] = UInt64(UInt(bitPattern: unsafeBitCast(deoptimize, to: UnsafeRawPointer.self)))
    thread[.hotEntry] = UInt64(UInt(bitPattern: unsafeBitCast(hotEntry, to: UnsafeRawPointer.self)))
    thread[.hotLoop] = UInt64(UInt(bitPattern: unsafeBitCast(hotLoop, to: UnsafeRawPointer.self)))
  }

  /// Compiled code cannot go on at a safepoint. Answers what its function answers.
  func deoptimize(_ frame: Words, _ index: Int) -> UInt64 {
    guard let code = installed.code(frame), code.metadata.safepoints.indices.contains(index) else {
      return universe.raise(.other("internal error: deoptimization without a state"), frame)
    }
    let safepoint = code.metadata.safepoints[index]
    var reason = DeoptReason(rawValue: Int64(safepoint.reason)) ?? .unsupported
    if stress.takeDeoptimization(universe.thread), !code.isInvalidated { reason = .stress }
    counters.count(reason)
    code.deoptimizations += 1
    if let inner = safepoint.frames.last {
      trace(
        .deopt,
        "\(reason) in \(code.name) at \(universe.methods[inner.method].name), "
          + "line \(installed.line(inner.method, inner.originPC)), \(safepoint.frames.count) frames")
      learn(reason, inner, code)
    }
    guard nativeStack.hasRoom else {
      frame[2] = UInt64(index)
      return overflow(frame)
    }
    guard let innermost = deoptimizer.rebuild(frame, code, safepoint) else { return 0 }
    counters.framesRebuilt += safepoint.frames.count
    counters.objectsRebuilt += safepoint.virtuals.count
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

  /// The call in which frame `frame` waits has asked for its innermost activation to start again: it deoptimizes when
  /// that call returns, and is restarted then.
  func restart(_ frame: Words) {
    guard let code = installed.code(frame) else { return }
    restarting = frame
    invalidate(code, because: "it performs restart", .fromStart)
  }

  private func takeRestart(of frame: Words) -> Bool {
    guard restarting == frame else { return false }
    restarting = nil
    return true
  }

  private func overflow(_ frame: Words) -> UInt64 {
    if tiering.handlesOverflow {
      // Again, in its handler: nobody is left to ask.
      universe.output.printError(universe.traceback(frame) + VMError.stackOverflow.message + "\n")
      return universe.terminate(status: 1, because: .error)
    }
    tiering.handlesOverflow = true
    let lent = nativeStack.lend()
    defer {
      nativeStack.takeBack(lent)
      tiering.handlesOverflow = false
    }
    return universe.raise(.stackOverflow, frame)
  }

  /// Counts the failure of a guard; the code that keeps failing is compiled again without the speculation.
  private func learn(_ reason: DeoptReason, _ inner: FrameDescription, _ code: CompiledCode) {
    guard reason.isLearned else { return }
    let givenUp = program.feedbackStore.record(
      method: inner.method, pc: inner.originPC, reason: reason.rawValue, limit: options.deoptLimit)
    if givenUp {
      if reason == .notDouble, let field = doubleField(inner.method, inner.originPC) {
        tiering.unwantedDoubles.insert(field)
        interrupt()
      }
      noteFailedSpeculation(of: code)
      invalidate(
        code, because: "\(reason) failed \(options.deoptLimit) times in \(universe.methods[inner.method].name)",
        .speculationFailed)
    }
  }
}
