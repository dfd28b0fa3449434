// How far a search for activations that handle exceptions has got, so that nobody looks at the same frames again and
// again.
//
// A walk goes from frame to frame and looks closer only at those that may matter, which methods and compiled code know of
// themselves. And while an exception is being signalled, a primitive waits on the stack (`ExceptionHandler class
// waitingFor:`): nothing below it changes until it returns, so what one search finds there is kept for the next ones.
// Signals within signals then take time in proportion to the frames that each has added.

/// Where a walk from the innermost activation outwards has got to.
struct ActivationWalk {
  /// The next frame; nil behind the outermost.
  var frame: Frame?
  /// Only what is outside of this activation counts, if there is one.
  var outside: ActivationPlace?
}

/// What is known of the activations below a frame that waits.
final class HandlerSearch {
  /// The primitive's.
  let frame: Words
  /// Those that count from there, innermost first, as far as somebody has asked.
  var found: [ActivationPlace] = []
  var walk: ActivationWalk
  /// Where the walk has ended, if it has: at an older search, outside of an activation.
  var rest: (search: Int, outside: ActivationPlace?)?

  init(_ frame: Words) {
    self.frame = frame
    walk = ActivationWalk(frame: Frame(frame))
  }
}

extension ActivationWalk {
  /// Passes over frames that cannot matter, up to `end`. Nothing but reads of frames: there may be millions.
  mutating func pass(to end: Words?) {
    let inner = outside?.frame
    while let next = frame, next.words != end {
      if let inner { if next.words == inner { return } } else if next.mayProtect { return }
      frame = next.sender
    }
  }

  mutating func advance() { frame = frame?.sender }
}
