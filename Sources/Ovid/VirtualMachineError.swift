// Errors of the embedding interface: each says what happened and where.

public enum VirtualMachineError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A class could not be loaded: unknown, unreadable, or not SOM. The text is complete.
  case load(String)
  /// An expression or method text is not SOM.
  case syntax(String)
  /// The expression ended the program, by `system exit:` or by an error, which the machine has printed on its error
  /// output. The machine can be used again.
  case exit(status: Int)
  /// `VirtualMachine.interrupt` has ended the expression, which has printed its traceback.
  case interrupted
  /// The call came from the machine's own thread: from an output sink or an event handler.
  case calledFromWithin(operation: String)
  /// There is no thread for programs to run on, or too little address space for its stack.
  case noThread(String)

  public var description: String {
    switch self {
    case .load(let text), .syntax(let text): return text
    case .interrupted: return "the expression was interrupted"
    case .calledFromWithin(let operation):
      return
        "\(operation) cannot be called from an output sink or an event handler of the same machine, which waits for "
        + "it to return: call it from another thread"
    case .noThread(let text): return text
    case .exit(let status): return "the expression ended the program with status \(status)"
    }
  }
}
