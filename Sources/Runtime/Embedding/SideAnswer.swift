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
  /// How long it took, waiting included.
  public var microseconds: Int
}

/// How an evaluation beside the program has come out.
public enum SideAnswer: Sendable {
  /// It has a value.
  case value(SideValue)
  /// It has stopped itself; the debugger has its process.
  case stopped(StopReport)
  /// The text cannot be compiled; nothing was run.
  case refused([AcceptError])
  /// An error has ended it.
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
  /// The text is wrong; nothing was run.
  case refused([AcceptError])
  /// It is under way; its answer comes.
  case evaluating(SideEvaluation)
}

/// The value of a watched expression.
public struct WatchedValue: Sendable, Codable {
  /// The number that it was given.
  public var id: Int
  /// What the value prints as; nil: an error.
  public var text: String?
  /// If it is a number.
  public var number: Double?
  /// What has ended it; nil: it has a value.
  public var error: String?
  /// It was given up because it took too long.
  public var isTooSlow: Bool?
  /// How long it took.
  public var microseconds: Int

  init(id: Int) {
    self.id = id
    microseconds = 0
  }
}
