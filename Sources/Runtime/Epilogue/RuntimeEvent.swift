// What happens to a change after its receipt: its epilogue, until it is settled.

import VM

/// Something that has happened to the program's code.
public enum RuntimeEvent: Sendable, Codable {
  /// Changes were made.
  case accepted(Receipt)
  /// A unit of compiled code is part of the program; running loops enter it at their next iteration.
  case installed(name: String, isLoop: Bool)
  /// A send ran new code of this accept for the first time, so long after the request. `sender`: nil if the machine itself
  /// sent it.
  case effect(receipt: Int, method: MethodKey, microseconds: Int, sender: CallPlace?)
  /// Code that the accept had invalidated is compiled again.
  case reoptimized(receipt: Int, name: String, microseconds: Int)
  /// No activation runs a version any more that the accept has replaced or removed. Told once of each accept, when it is
  /// noticed: that may be later by as much as it took, but for a quarter of a second at most (deep stacks apart).
  case settled(receipt: Int, microseconds: Int)
  /// An error that nobody handled has ended the probation of this accept. `by`: the undo; if that was refused, it stays.
  case takenBack(receipt: Int, by: Receipt, error: String)
  /// For debuggers.
  case debug(DebugEvent)
}

/// Where a send is.
public struct CallPlace: Hashable, Sendable, Codable {
  /// "Class>>selector", a block's with [].
  public var caller: String
  /// From 1.
  public var line: Int
  /// The number of the process.
  public var process: Int
}

extension RuntimeEvent {
  /// Of what follows a receipt: its number, and a line for people.
  public var epilogue: (receipt: Int, text: String)? {
    switch self {
    case .accepted, .installed, .debug: return nil
    case .takenBack(let receipt, let by, let error):
      let what = by.succeeded ? "taken back by accept \(by.id)" : "not taken back (\(by))"
      return (receipt, "accept \(receipt): \(what), since: \(error)")
    case .effect(let receipt, let method, let microseconds, let sender):
      let place = sender.map { ", sent in \($0.caller), line \($0.line), process \($0.process)" } ?? ""
      return (receipt, "accept \(receipt): \(method) ran first \(microseconds) µs after it was asked for\(place)")
    case .reoptimized(let receipt, let name, let microseconds):
      return (receipt, "accept \(receipt): \(name) is optimized again, \(microseconds) µs after")
    case .settled(let receipt, let microseconds):
      return (receipt, "accept \(receipt): settled \(microseconds) µs after: nothing runs what it has replaced")
    }
  }
}
