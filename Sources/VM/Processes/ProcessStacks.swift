// Whose stack is whose, for those who tell people what runs where.

extension Universe {
  /// The number of the process that runs.
  public var runningProcess: Int { scheduler.current.id }

  /// Visits the stack of every process that has begun, with the process's number, in order. The top frame of the one that
  /// runs is `top`.
  public func forEachProcessStack(running top: Words, _ body: (_ process: Int, StackFrames) -> Void) {
    for process in scheduler.all {
      if process === scheduler.current {
        body(process.id, StackFrames(from: top))
      } else if let fiber = process.fiber {
        body(process.id, StackFrames(from: fiber.top))
      }
    }
  }
}
