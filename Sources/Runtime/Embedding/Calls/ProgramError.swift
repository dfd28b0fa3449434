// An error of the program as a value.

/// An error that no handler of the program took, seen from Swift.
///
/// Nothing in it needs the machine, but for `exception`.
public struct ProgramError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The class of the exception: `ZeroDivide`, `MessageNotUnderstood`, …
  public let className: String
  /// What the exception says, without its class.
  public let message: String
  /// The activations that were under way, the innermost first: that is the one that failed. At most `tracebackLimit`.
  public let traceback: [Activation]
  /// The exception itself; nil for errors of the virtual machine, which makes none where nothing handles it.
  public let exception: ProgramValue?
  /// If Swift code has thrown it: that error.
  public let underlying: (any Error & Sendable)?

  /// Where one activation was.
  public struct Activation: Sendable, Hashable, CustomStringConvertible {
    /// `Account>>deposit:`; of a block, `Account>>deposit:[]`.
    public let name: String
    /// Its place in the source; nil for primitives.
    public let place: SourcePlace?
    public var description: String { place.map { "\(name), \($0.file):\($0.line):\($0.column)" } ?? name }
  }
  /// So many activations are kept.
  public static let tracebackLimit = 200

  /// `ZeroDivide: Division by zero (in Account>>share:, Account.som:3:20)`
  public var description: String {
    "\(className): \(message)" + (traceback.first.map { " (in \($0))" } ?? "")
  }

  public static func == (one: Self, other: Self) -> Bool {
    one.className == other.className && one.message == other.message && one.traceback == other.traceback
  }
  public func hash(into hasher: inout Hasher) {
    hasher.combine(className)
    hasher.combine(message)
  }
}
