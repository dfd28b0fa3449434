// What `untagInt` makes of no integer. Passes may compute with it before the test that would have prevented it, as they do
// when they move computations in front of a loop; but nothing may depend on it.

enum Poison {
  /// Integers are even, truth values 0 or 1, and no arithmetic makes this NaN.
  static let int: UInt64 = 1
  static let bool: UInt64 = 2
  static let float: UInt64 = 0x7FF4_0000_506F_6973
}

extension Evaluation {
  /// Whether the instruction only passes on what it was given: then that is its value. What else uses it is wrong.
  func isPoisoned(_ v: ValueID) throws(Exit) -> Bool {
    guard graph.operands(v).contains(where: isPoison) else { return false }
    try require(graph[v].op.info.isSpeculable, v, "it needs an integer that was none")
    switch graph[v].type {
    case .int: set(v, Poison.int)
    case .bool: set(v, Poison.bool)
    case .float: set(v, Poison.float)
    // Where nobody looks.
    case .tagged, .none: set(v, layout.nilWord)
    }
    return true
  }

  private func isPoison(_ v: ValueID) -> Bool {
    switch graph[v].type {
    case .int: word(v) & 1 != 0
    case .bool: word(v) == Poison.bool
    case .float: word(v) == Poison.float
    default: false
    }
  }
}
