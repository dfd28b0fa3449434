// The stress options that the runtime itself carries out. --deopt-every: compiled code counts its safepoints and
// guards down, and deoptimizes at 0; here the count starts again. --redefine-every: every method entry and back
// edge polls, and every N-th poll replaces a random method by itself.

import VM

final class Stress {
  private let deoptEvery: Int
  private let redefineEvery: Int
  private var untilRedefine: Int
  private var random: UInt64 = 0x9E37_79B9_7F4A_7C15

  init(_ options: Options) {
    deoptEvery = options.jit ? options.deoptEvery : 0
    redefineEvery = options.redefineEvery
    untilRedefine = redefineEvery
  }

  func arm(_ runtime: Runtime) {
    if redefineEvery > 0 { runtime.interrupt() }
    runtime.universe.thread[.deoptCountdown] = UInt64(deoptEvery)
  }

  /// True if the count ran out: this deoptimization is none of the program's.
  func takeDeoptimization(_ thread: Thread) -> Bool {
    guard deoptEvery > 0, thread[.deoptCountdown] == 0 else { return false }
    thread[.deoptCountdown] = UInt64(deoptEvery)
    return true
  }

  func poll(_ runtime: Runtime, _ frame: Words) {
    guard redefineEvery > 0 else { return }
    untilRedefine -= 1
    if untilRedefine <= 0 {
      untilRedefine = redefineEvery
      runtime.redefineRandomMethod(nextRandom(), frame)
    }
    runtime.interrupt()
  }

  private func nextRandom() -> UInt64 {
    random ^= random << 13
    random ^= random >> 7
    random ^= random << 17
    return random
  }
}
