// The one way along the frames of a stack. A stack belongs to a process: who asks what a process is doing (tracebacks,
// searches for handlers, unwinding) walks its stack, `StackFrames(from:)`; who asks what is alive or running at all (the
// collector, the method trace, what stands in the way of a change of shape) walks all, `forEachStack`.

import MachineLayout

/// The frames of a stack from one of them down, innermost first. Walking it allocates nothing, and a frame may be changed
/// once it has been reached.
public struct StackFrames: Sequence, IteratorProtocol {
  /// The next one.
  public private(set) var current: Frame?
  public init(from top: Words) { current = Frame(top) }

  public mutating func next() -> Frame? {
    guard let frame = current else { return nil }
    current = frame.sender
    return frame
  }
}

extension Universe {
  /// Visits the stack of every process. The top frame of the one that runs is `top`.
  public func forEachStack(running top: Words, _ body: (StackFrames) -> Void) {
    body(StackFrames(from: top))
    scheduler.forEachWaitingFrame { body(StackFrames(from: $0)) }
  }
}
