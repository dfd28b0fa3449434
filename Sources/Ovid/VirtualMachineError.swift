// Errors of the embedding interface: each says what happened and where.

public enum VirtualMachineError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A class could not be loaded: unknown, unreadable, or not SOM. The text is complete.
  case load(String)
  /// An expression or method text is not SOM.
  case syntax(String)
  /// The expression ended the program, by `system exit:` or by an error, which the machine has printed on its error
  /// output. The machine can be used again.
  case exit(status: Int)

  public var description: String {
    switch self {
    case .load(let text), .syntax(let text): return text
    case .exit(let status): return "the expression ended the program with status \(status)"
    }
  }
}
