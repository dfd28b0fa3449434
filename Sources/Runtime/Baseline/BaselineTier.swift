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
  /// Methods (ids) that became warm meanwhile.
  private var waiting: [Int] = []
  /// What the compiler's thread has made.
  private let made = Guarded<StencilLibrary?>(nil)

  init(_ machine: Machine, _ compiling: CompilerService) {
    options = machine.options
    universe = machine.universe
    counters = machine.counters
    notices = machine.notices
    self.compiling = compiling
  }

  /// The counter of a method has run out: it gets baseline code, and other code when it has run ten times as often, since by
  /// then it is known what is sent where. True: the compiler has to wait.
  func warm(_ method: Method) -> Bool {
    if !options.baseline { return false }
    let info = universe.methods[method]
    let last = options.compileThreshold
    let ends = [options.baselineThreshold, 10 * options.baselineThreshold, last].map { min($0, last) }
    let reached = info.stage == 0 ? ends[0] : info.stage
    if info.kind == .interpreted, info.baseline == nil || reached == ends[1] { assemble(info) }
    guard let next = ends.first(where: { $0 > reached }) else { return false }
    universe.lock.withLock { info.stage = next }
    method[.counter] = UInt64(next - reached)
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
    if case .waiting = state { waiting.append(info.id) }
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
        block: assembler.address(.evaluateBlock), threshold: options.baselineThreshold)
      state = .ready(assembler)
      for id in waiting {
        if let info = universe.methods.find(id), info.baseline == nil, info.kind == .interpreted { assemble(info) }
      }
    } catch {
      notices.tell("\(error); no method has baseline code")
      state = .absent
    }
    waiting = []
  }
}
