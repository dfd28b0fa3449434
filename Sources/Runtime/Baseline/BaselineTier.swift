// The tier between interpreter and compiler: which methods have baseline code, and where its stencils come from.

import Foundation
import GccBackend
import IR
import VM

/// VM thread.
final class BaselineTier {
  private enum State {
    /// Nobody has asked for stencils yet; they are being made; there they are; there are none.
    case idle, waiting
    case ready(BaselineAssembler)
    case absent
  }
  private let options: Options
  private let universe: Universe
  private let compiling: CompilerService
  private let counters: Counters
  private let notices: Notices
  private var state = State.idle
  /// What the compiler's thread has made.
  private let made = Guarded<StencilLibrary?>(nil)

  init(_ machine: Machine, _ compiling: CompilerService) {
    options = machine.options
    universe = machine.universe
    counters = machine.counters
    notices = machine.notices
    self.compiling = compiling
  }

  /// The counter of a method has run out: it gets baseline code, if it has none. True: it was for the first time, and what
  /// is compiled has to wait.
  func warm(_ method: Method) -> Bool {
    if !options.baseline { return false }
    let info = universe.methods[method]
    let isFirst = !info.isWarm
    universe.lock.withLock { info.isWarm = true }
    if info.baseline == nil, info.kind == .interpreted { assemble(info) }
    guard isFirst, options.compileThreshold > options.baselineThreshold else { return false }
    method[.counter] = UInt64(options.compileThreshold - options.baselineThreshold)
    return true
  }

  /// At a poll: what was made meanwhile.
  func takeStencils() {
    guard case .waiting = state, let library = made.get() else { return }
    begin(library)
  }

  var bytesInUse: Int {
    if case .ready(let assembler) = state { return assembler.area.bytesInUse }
    return 0
  }

  private func assemble(_ info: MethodInfo) {
    if case .idle = state { askForStencils() }
    guard case .ready(let assembler) = state else { return }
    let start = DispatchTime.now().uptimeNanoseconds
    do throws(ObjectImageError) {
      guard let code = try assembler.assemble(info) else { return }
      info.baseline = code
    } catch {
      // What was wrong once is wrong for all.
      notices.tell("\(error); no method has baseline code from now on")
      state = .absent
      return
    }
    counters.figures.baselineCompiles += 1
    counters.figures.baselineInstructions += info.chunk?.instructions.count ?? 0
    counters.figures.baselineNanoseconds += Int(DispatchTime.now().uptimeNanoseconds - start)
  }

  private func askForStencils() {
    if let library = compiling.stencilsAtHand() { return begin(library) }
    state = .waiting
    compiling.makeStencils { [made] in made.set($0) }
  }

  private func begin(_ library: StencilLibrary) {
    do throws(ObjectImageError) {
      let assembler = try BaselineAssembler(library, universe)
      universe.methods.connect(
        interpreted: assembler.address(.callInterpreted), native: assembler.address(.callNative),
        block: assembler.address(.evaluateBlock))
      state = .ready(assembler)
    } catch {
      notices.tell("\(error); no method has baseline code")
      state = .absent
    }
  }
}
