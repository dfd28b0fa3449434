// What the evaluator asks of who owns the memory. Everything else it does as machine code does, through the words of
// the thread (docs/contracts.md), so that whoever runs the one can run the other.

public protocol EvaluationHost: AnyObject {
  /// What is in a word of the body of the object at this address; nil if there is no such object or word.
  func content(of object: UInt64, word: Int) -> WordContent?
  /// The bytes and elements of the object at this address; nil if it has none.
  func count(of object: UInt64) -> Int?
  /// The graph cannot go on: a pass or its builder has gone wrong. The activation unwinds.
  func failed(_ fault: EvaluationFault, frame: UnsafeMutablePointer<UInt64>)
}

public enum WordContent: Sendable {
  case tagged
  /// A field of unboxed doubles.
  case double
  /// Bytes, or the bits of a boxed double.
  case raw
}

/// What an operation requires does not hold: the graph is wrong, whatever it would compute.
public struct EvaluationFault: Error, Sendable, CustomStringConvertible {
  public var graph: String
  public var instruction: String
  public var requirement: String
  public var description: String { "evaluating \(graph): \(instruction): \(requirement)" }
}
