// What an expression answered, as plain Swift values: nothing here refers to an object of the machine.

public struct EvaluationResult: Sendable, Hashable, CustomStringConvertible {
  /// The values that have a Swift counterpart; everything else is known by its class and its text.
  public enum Value: Sendable, Hashable {
    case `nil`
    case boolean(Bool)
    case integer(Int)
    /// Beyond 64 bits: in decimal.
    case bigInteger(String)
    case double(Double)
    case string(String)
    case symbol(String)
    case object
  }
  public var value: Value
  /// Name of the class of the answer.
  public var className: String
  /// What the answer's `asString` says.
  public var description: String

  public init(value: Value, className: String, description: String) {
    self.value = value
    self.className = className
    self.description = description
  }
}
