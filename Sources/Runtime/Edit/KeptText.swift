// What is newer in a class's file than what was to be written there: it stays (docs/live-editing.md, row 15,
// with the file as the other editor), and whoever wanted to write is told both.

public struct KeptText: Hashable, Sendable, Codable, CustomStringConvertible {
  /// "Foo>>bar", "the fields of Foo", "the superclass of Foo".
  public var place: String
  /// What stays; nil: there is no such method any more.
  public var kept: String?
  /// What was not written; nil: the method was removed.
  public var other: String?
  public var description: String {
    "\(place) was edited in its file since, and stays there: \(kept ?? "removed"); not written: \(other ?? "removed")"
  }
}
