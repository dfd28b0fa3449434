// What an evaluation beside the program has come to: plain values, which can be sent as JSON.

import Foundation

/// A value that was evaluated.
public struct SideValue: Sendable, Codable {
  /// It can be asked for its parts (`DebugController.inspect`) until many others have come.
  public var value: ValueReport
  /// What its `printString` says, if that was wanted; of literals as they are written. `...` at the end: it was cut.
  public var text: String?
  /// Why it has none.
  public var printProblem: String?
  public var microseconds: Int
}

public enum SideAnswer: Sendable {
  case value(SideValue)
  /// It has stopped itself; the debugger has its process.
  case stopped(StopReport)
  /// The text cannot be compiled; nothing was run.
  case refused([AcceptError])
  case failed(DebugError)
  /// Somebody has cancelled it.
  case cancelled
  /// The program has ended, and all its processes with it.
  case ended
}

/// What becomes of an input.
public enum SideInput: Sendable {
  /// White space or comments.
  case nothing
  /// It was a class.
  case accepted(Receipt)
  /// With more lines it may be right.
  case incomplete([AcceptError])
  case refused([AcceptError])
  /// It is under way; its answer comes.
  case evaluating(SideEvaluation)
}

/// The value of a watched expression.
public struct WatchedValue: Sendable, Codable {
  public var id: Int
  public var text: String?
  /// If it is a number.
  public var number: Double?
  public var error: String?
  /// It was given up because it took too long.
  public var isTooSlow: Bool?
  public var microseconds: Int

  init(id: Int) {
    self.id = id
    microseconds = 0
  }
}
