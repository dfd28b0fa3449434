// When an accept takes effect in activations that run the versions it replaces.

import VM

/// What becomes of an activation of a method that an accept replaces. (What sends find is the new version in any case, from
/// the next send on.)
public enum AcceptPolicy: String, Hashable, Sendable, Codable, CaseIterable {
  /// It finishes with the old code.
  case next
  /// It is left (what `ensure:` protects is run) and starts again with the new code, same receiver and arguments: of each
  /// process, the outermost of them.
  case restart
  /// It goes on in the new code when it comes to the head of the loop that it is in, with its variables by name.
  case migrate
}

/// What an accept with a policy does to an activation.
public struct PolicyEffect: Hashable, Sendable, Codable, CustomStringConvertible {
  /// The process that it belongs to.
  public var process: Int
  /// The method whose old version it runs.
  public var method: MethodKey
  /// The line of its text that it was at.
  public var line: Int
  /// What has become of it.
  public var policy: AcceptPolicy

  public var description: String {
    switch policy {
    case .next: "process \(process): \(method), line \(line), finishes with the old code"
    case .restart: "process \(process): \(method), line \(line), starts again with the new code"
    case .migrate: "process \(process): \(method), line \(line), goes on in the new code at the head of its loop"
    }
  }
}

/// What an accept would do (`VirtualMachine.dryRun`); nothing has changed.
public struct DryRun: Sendable, Codable {
  /// An activation that would run an old version.
  public struct OldActivation: Hashable, Sendable, Codable {
    /// The process that it belongs to.
    public var process: Int
    /// The method whose old version it would run.
    public var method: MethodKey
    /// Whether it is a block of the method.
    public var isBlock: Bool
    /// Where it is, from 1.
    public var line: Int
    /// Why it could not start again, or go on in the new code; nil: it could.
    public var restartObstacle: String?
    /// Why it cannot go over to the new version, in words; nil: it can.
    public var migrationObstacle: String?
  }
  /// Why it would be refused; empty: it would be made.
  public var errors: [AcceptError] = []
  /// The compiled units that would be invalidated, as far as they rely on methods that it replaces or removes, or on fields
  /// that move.
  public var invalidated: [String] = []
  /// Those that would run old versions, innermost first within each process.
  public var activations: [OldActivation] = []
}
