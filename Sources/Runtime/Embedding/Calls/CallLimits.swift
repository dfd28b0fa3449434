// What a call may take.

/// What one request may take. Who takes more is ended, with `VirtualMachineError.limitExceeded`, and the machine can be
/// used again. Of the process that the request runs in: what it forks is not counted, and goes on.
public struct CallLimits: Sendable, Hashable {
  /// Seconds on the clock, waiting included.
  public var seconds: Double?
  /// Entries of methods and turns of loops. They are counted one by one, so such a call takes several times as long.
  public var polls: Int?
  /// Bytes by which the heap of the machine may grow, garbage not included; looked at every few milliseconds.
  public var memory: Int?
  /// Bytes that it may print on the standard output; looked at every few milliseconds.
  public var output: Int?

  /// - Parameters: nil is no limit.
  public init(seconds: Double? = nil, polls: Int? = nil, memory: Int? = nil, output: Int? = nil) {
    self.seconds = seconds
    self.polls = polls
    self.memory = memory
    self.output = output
  }
  /// None at all.
  public static let none = CallLimits()

  var isNone: Bool { self == .none }
}

/// The limit that a call has come to.
public enum CallLimit: Sendable, Hashable, CustomStringConvertible {
  /// With the limit that was set.
  case seconds(Double), polls(Int), memory(Int), output(Int)

  public var description: String {
    switch self {
    case .seconds(let n): "\(n) seconds"
    case .polls(let n): "\(n) method entries and loop turns"
    case .memory(let n): "\(n) bytes of memory"
    case .output(let n): "\(n) bytes of output"
    }
  }
}
