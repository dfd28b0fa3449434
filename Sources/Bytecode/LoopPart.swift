// The rests of the core library's definitions of loops (`LoopParts.som`): what remains to be done of one by an activation
// that was in it, inlined, when something that the loop sends was redefined. That a loop runs to its end with the
// definition it started with, whatever has become of that, is the reason why these are methods of their own.

public enum LoopPart: String, CaseIterable, Sendable {
  /// From the point where the definition begins, or restarts.
  case whileTrue = "loopWhileTrue:"
  case whileFalse = "loopWhileFalse:"
  /// From the comparison on; sent to the counter.
  case upTo = "loopTo:do:"
  case upToBy = "loopTo:by:do:"
  case downTo = "loopDownTo:do:"
  case times = "loopTimesTo:do:"
  /// Sent to the value of a condition: false if the loop ends.
  case goesOn = "loopGoesOn"
  case goesOnUnless = "loopGoesOnUnless"
  /// Sent to a block of the loop, at the end of an iteration: whether `restart` restarts. If it does something else, that
  /// has been done.
  case again = "loopAgain"

  /// What tracebacks call it.
  public var methodName: String {
    switch self {
    case .whileTrue, .goesOn, .again: "Block>>whileTrue:"
    case .whileFalse, .goesOnUnless: "Block>>whileFalse:"
    case .upTo: "Integer>>to:do:"
    case .upToBy: "Integer>>to:by:do:"
    case .downTo: "Integer>>downTo:do:"
    case .times: "Integer>>timesRepeat:"
    }
  }
}
