// The stress options that the runtime itself carries out: --deopt-every makes compiled code find itself
// invalidated at every N-th poll, --redefine-every replaces a random method by itself.

import VM

struct Stress {
  private let deoptEvery: Int
  private let redefineEvery: Int
  private var untilDeopt: Int
  private var untilRedefine: Int
  private var random: UInt64 = 0x9E37_79B9_7F4A_7C15

  init(_ options: Options) {
    deoptEvery = options.jit ? options.deoptEvery : 0
    redefineEvery = options.redefineEvery
    untilDeopt = deoptEvery
    untilRedefine = redefineEvery
  }

  var isOn: Bool { deoptEvery > 0 || redefineEvery > 0 }

  /// Every entry and every back edge polls while stress is on. Guards count down in compiled code.
  func arm(_ runtime: Runtime) {
    if isOn { runtime.interrupt() }
    runtime.universe.thread[.deoptCountdown] = UInt64(deoptEvery)
  }

  mutating func poll(_ runtime: Runtime, _ frame: Words) {
    guard isOn else { return }
    if deoptEvery > 0 {
      untilDeopt -= 1
      if untilDeopt <= 0 {
        untilDeopt = deoptEvery
        // The polling loop itself, or, at a method entry, the compiled caller after the call.
        if let (_, code) = runtime.cache.compiledFrames(from: frame).first { code.table[0] = 1 }
      }
    }
    if redefineEvery > 0 {
      untilRedefine -= 1
      if untilRedefine <= 0 {
        untilRedefine = redefineEvery
        runtime.redefineRandomMethod(nextRandom())
      }
    }
    arm(runtime)
  }

  private mutating func nextRandom() -> UInt64 {
    random ^= random << 13
    random ^= random >> 7
    random ^= random << 17
    return random
  }
}
