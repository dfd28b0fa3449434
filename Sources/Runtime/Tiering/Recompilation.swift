// When a method whose code is no longer valid is compiled again.

enum Recompilation: Int {
  /// There is code to enter.
  case atOnce = 1
  /// What it speculated on failed, or which fields hold doubles: it is hot, and its profile knows better now.
  case speculationFailed = 50
  /// Its code came too late: something that it relies on had changed meanwhile.
  case outdated = 100
  /// An edit broke it: the profile may become another.
  case changed = 200
  /// Interpreted for a while, as at the start.
  case fromStart = 0

  /// Calls and turns of loops until then: never more than before it was compiled first.
  func calls(_ options: Options) -> Int {
    self == .fromStart ? options.compileThreshold : min(options.compileThreshold, rawValue)
  }
}
