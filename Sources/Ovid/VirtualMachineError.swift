// Errors of the embedding interface: each says what happened and what to do about it.

public enum VirtualMachineError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The program or a class of it could not be loaded: unknown, unreadable, or not SOM. The text is complete.
  case load(String)
  /// An expression or method text is not SOM.
  case syntax(String)
  /// The program ended with an error while the expression was evaluated; its own message, as it was printed.
  case program(message: String, status: Int)
  /// `quit()` was called, or the expression ran `system exit:`.
  case ended(status: Int)
  /// Something of the machine itself could not be set up.
  case setup(String)

  public var description: String {
    switch self {
    case .load(let text), .syntax(let text), .setup(let text): return text
    case .program(let message, _): return message
    case .ended(let status): return "the virtual machine has ended (status \(status)); make a new one to go on"
    }
  }
}
