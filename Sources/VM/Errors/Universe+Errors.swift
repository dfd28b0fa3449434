// Raising errors in the running program, and ending it.

import MachineLayout

extension Universe {
  /// Raises an error at frame `frame` (the top frame): offers it to the program, else prints the traceback to
  /// standard error and unwinds everything. Answers what the raising function must answer: 0 to unwind, or a
  /// value with which a handler lets the program go on.
  /// - Parameter upstream: a last line after the message, where upstream's tests ask for one in their own words.
  public func raise(_ error: VMError, _ frame: Words, upstream: String? = nil) -> UInt64 {
    if let answer = hooks.handleError?(error, frame) { return answer }
    if error != .interrupted, !isTerminating {
      raisedError = error
      let answer = hooks.unhandled?(error.sentence, frame)
      raisedError = nil
      if let answer { return answer }
    }
    output.printError(traceback(frame) + error.sentence + "\n" + (upstream.map { $0 + "\n" } ?? ""))
    return terminate(status: 1, because: error == .interrupted ? .interrupted : .error)
  }

  /// Raises an error where there is no way to go on: the caller unwinds.
  func raiseUnresumable(_ error: VMError, _ frame: Words) {
    if raise(error, frame) == 0 { return }
    output.printError(traceback(frame) + error.message + ", and this cannot be resumed\n")
    _ = terminate(status: 1, because: .error)
  }

  /// Unwinds everything and ends the program with `status`. Answers 0.
  public func terminate(status: Int, because ending: Ending = .exit) -> UInt64 {
    self.ending = ending
    thread[.unwindTarget] = UnwindReason.terminate.bits
    thread[.unwindValue] = Value(integer: status).bits
    return 0
  }

  /// Ends the program because it sent `exit:`. From the core library's `error:` that is an error.
  func exit(status: Int, _ frame: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
    let method = Frame(frame).sender.flatMap(innermostActivation)?.method
    let isError =
      method.map { $0.holderIndex == WellKnownClass.object.rawValue && symbols.name($0.selector) == "error:" } ?? false
    if !isError, !options.capabilities.exit { return notPermitted(frame, m, "end itself with a status") }
    return terminate(status: status, because: isError ? .error : .exit)
  }

  /// True while an ending of the program unwinds.
  public var isTerminating: Bool { thread[.unwindTarget] == UnwindReason.terminate.bits }

  /// True while an ending unwinds that is not to be held up: what `ensure:` protects is not run then.
  public var endsAtOnce: Bool { isTerminating && (ending == .exit || ending == .stopped) }
}

/// Why a program ended before its time.
public enum Ending: Sendable, Hashable {
  /// It asked for it: `system exit:`.
  case exit
  /// An error that nobody handled; its message is printed.
  case error
  /// `Process>>terminate`: the process ends, and the program with its main one.
  case process
  /// Somebody outside interrupted it.
  case interrupted
  /// Somebody outside ended the machine.
  case stopped
}
