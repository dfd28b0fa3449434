// The stress options that the runtime itself carries out. --deopt-every: compiled code counts its safepoints and
// guards down, and deoptimizes at 0; here the count starts again. --redefine-every: every method entry and back
// edge polls, and every N-th poll replaces a random method by itself.

import VM

/// VM thread.
final class Stress {
  private let universe: Universe
  private let counters: Counters
  private let deoptEvery: Int
  private let redefineEvery: Int
  private var untilRedefine: Int
  private var random: UInt64 = 0x9E37_79B9_7F4A_7C15

  init(_ machine: Machine) {
    universe = machine.universe
    counters = machine.counters
    deoptEvery = machine.options.jit ? machine.options.deoptEvery : 0
    redefineEvery = machine.options.redefineEvery
    untilRedefine = redefineEvery
  }

  func arm() {
    if redefineEvery > 0 { universe.requestPoll() }
    universe.thread[.deoptCountdown] = UInt64(deoptEvery)
  }

  /// True if the count ran out: this deoptimization is none of the program's.
  func takeDeoptimization() -> Bool {
    guard deoptEvery > 0, universe.thread[.deoptCountdown] == 0 else { return false }
    universe.thread[.deoptCountdown] = UInt64(deoptEvery)
    return true
  }

  func poll(_ accepts: Accepts, _ frame: Words) {
    guard redefineEvery > 0 else { return }
    untilRedefine -= 1
    if untilRedefine <= 0 {
      untilRedefine = redefineEvery
      redefineMethod(nextRandom(), accepts, frame)
    }
    universe.requestPoll()
  }

  /// Replaces some method by itself.
  private func redefineMethod(_ random: UInt64, _ accepts: Accepts, _ frame: Words) {
    let classes = universe.classes.infos.compactMap { $0 }.filter { $0.isCurrent && $0.isLoaded && !$0.isRemoved }
    guard !classes.isEmpty else { return }
    let info = classes[Int(random % UInt64(classes.count))]
    let candidates = info.selectors.compactMap { info.methods[$0] }.map { universe.methods[$0] }
      .filter { $0.primitive == nil && $0.sourceText != nil && !universe.fieldPlaces.usesRemoved($0) }
    guard !candidates.isEmpty else { return }
    let method = candidates[Int((random >> 32) % UInt64(candidates.count))]
    guard let text = method.sourceText else { return }
    let key = universe.key(method.selector, in: info.index)
    let change = Change.method(key.className, text, classSide: key.isClassSide)
    _ = accepts.make(AcceptRequest(set: ChangeSet([change], author: "stress"), origin: .stress), frame)
    counters.figures.redefinitions += 1
  }

  private func nextRandom() -> UInt64 {
    random ^= random << 13
    random ^= random >> 7
    random ^= random << 17
    return random
  }
}
