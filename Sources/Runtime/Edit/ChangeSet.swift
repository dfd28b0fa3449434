// The first value of an accept: what an editor, a watcher or the program itself asks for. It is made as a whole or not at
// all.

import VM

public typealias Change = VM.Change
public typealias MethodKey = VM.MethodKey

/// One atomic set of changes.
public struct ChangeSet: Sendable, Codable {
  public var changes: [Change]
  /// Who asks, for the log and other editors.
  public var author: String
  public init(_ changes: [Change], author: String = "") {
    self.changes = changes
    self.author = author
  }
}
