// Raising errors in the running program, and ending it.

extension Universe {
  /// Raises an error at frame `frame` (the top frame): offers it to the program, else prints the traceback to
  /// standard error and unwinds everything. Answers what the raising function must answer: 0 to unwind, or a
  /// value with which a handler lets the program go on.
  /// - Parameter upstream: a last line after the message, where upstream's tests ask for one in their own words.
  public func raise(_ error: VMError, _ frame: Words, upstream: String? = nil) -> UInt64 {
    if let answer = hooks.handleError?(error, frame) { return answer }
    output.flush()
    output.printError(traceback(frame) + error.sentence + "\n" + (upstream.map { $0 + "\n" } ?? ""))
    return terminate(status: 1)
  }

  /// Raises an error where there is no way to go on: the caller unwinds.
  func raiseUnresumable(_ error: VMError, _ frame: Words) {
    if raise(error, frame) == 0 { return }
    output.printError(traceback(frame) + error.message + ", and this cannot be resumed\n")
    _ = terminate(status: 1)
  }

  /// Unwinds everything and ends the program with `status`. Answers 0.
  public func terminate(status: Int) -> UInt64 {
    thread[.unwindTarget] = UnwindReason.terminate.bits
    thread[.unwindValue] = Value(integer: status).bits
    return 0
  }

  /// True while an ending of the program unwinds.
  public var isTerminating: Bool { thread[.unwindTarget] == UnwindReason.terminate.bits }
}
