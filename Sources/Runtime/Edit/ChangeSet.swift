// The first value of an accept: what an editor, a watcher or the program itself asks for. It is made as a whole or not at
// all.

import VM

public typealias Change = VM.Change
public typealias MethodKey = VM.MethodKey

/// One atomic set of changes.
public struct ChangeSet: Sendable, Codable {
  /// In the order in which they are made.
  public var changes: [Change]
  /// Who asks, for the log and other editors.
  public var author: String
  /// What becomes of activations that run what it replaces.
  public var policy: AcceptPolicy
  /// Seconds in which an error that nobody handles, in a method that it has changed, takes it back; nil: never.
  public var probation: Double?
  /// What has moved on since the editor read it (`Change.method`, `basedOn`) is refused, and not only told.
  public var refusesStale = false

  /// Under the policy `next`, without a time on probation, if nothing else is said.
  public init(_ changes: [Change], author: String = "", policy: AcceptPolicy = .next, probation: Double? = nil) {
    self.changes = changes
    self.author = author
    self.policy = policy
    self.probation = probation
  }
}
