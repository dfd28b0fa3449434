// Errors of the embedding interface: each says what happened and where.

/// Why a request to a machine was not carried out, or how what it ran has ended.
public enum VirtualMachineError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A class could not be loaded: unknown, unreadable, or not SOM. The text is complete.
  case load(String)
  /// An expression or method text is not SOM.
  case syntax(String)
  /// An error that nothing in the program handled. It has ended the request, and nothing else; nothing was printed.
  case failed(ProgramError)
  /// The program ended itself by `system exit:`, or `VirtualMachine.quit` did. The machine can be used again.
  case exit(status: Int)
  /// `VirtualMachine.interrupt` has ended it.
  case interrupted
  /// The task or the call was cancelled.
  case cancelled
  /// It has taken more than its `CallLimits` allow. The machine can be used again.
  case limitExceeded(CallLimit)
  /// The call came from the machine's own thread: from an output sink or an event handler.
  case calledFromWithin(operation: String)
  /// A value is not what was asked for, or cannot be given to the program. The text is complete.
  case wrongType(String)
  /// A value of one machine was given to another one.
  case valueOfAnotherMachine
  /// The machine that the value belongs to is not there any more.
  case machineIsGone
  /// Swift code that the program has called goes on though the program is leaving it: let the error through.
  case unwinding
  /// There is no thread for programs to run on, or too little address space for its stack.
  case noThread(String)

  public var description: String {
    switch self {
    case .load(let text), .syntax(let text), .wrongType(let text), .noThread(let text): return text
    case .failed(let error): return error.description
    case .interrupted: return "the expression was interrupted"
    case .cancelled: return "the call was cancelled"
    case .limitExceeded(let limit): return "the call was ended: it has taken more than \(limit)"
    case .calledFromWithin(let operation):
      return
        "\(operation) cannot be called from an output sink or an event handler of the same machine, which waits for "
        + "it to return: call it from another thread"
    case .valueOfAnotherMachine:
      return "the value belongs to another machine: read it, and give this one a Swift value"
    case .machineIsGone:
      return "the machine that the value belongs to is gone: keep the VirtualMachine as long as values"
    case .unwinding: return "the program is leaving the Swift code that it has called: let this error through"
    case .exit(let status): return "the expression ended the program with status \(status)"
    }
  }
}
