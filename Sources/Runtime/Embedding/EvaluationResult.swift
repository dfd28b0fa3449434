// How an evaluation ends.

/// What an expression answered, as plain values: nothing here refers to an object of the machine.
public struct EvaluationResult: Sendable, Hashable, CustomStringConvertible {
  /// The values that have a Swift counterpart; everything else is known by its class and its text.
  public enum Value: Sendable, Hashable {
    /// nil.
    case `nil`
    /// True or false.
    case boolean(Bool)
    /// An integer of 64 bits.
    case integer(Int)
    /// Beyond 64 bits: in decimal.
    case bigInteger(String)
    /// A double.
    case double(Double)
    /// A string.
    case string(String)
    /// A symbol, without `#`.
    case symbol(String)
    /// Anything else.
    case object
  }
  /// The answer, if it has a counterpart in Swift.
  public var value: Value
  /// Name of the class of the answer.
  public var className: String
  /// What the answer's `printString` says, and of strings and symbols the text itself. `...` at the end: it was cut.
  public var description: String
}

/// How an evaluation ended without an answer.
public enum EvaluationFailure: Error, Sendable {
  case syntax(String)
  /// `system exit:` or an uncaught error, which has printed its message.
  case exit(status: Int)
  case interrupted
}
