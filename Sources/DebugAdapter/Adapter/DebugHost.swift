// Who runs programs for the adapter, and finds sessions that run already.

import EditorProtocols
import LiveSession

/// The arguments of `launch`.
public struct LaunchArguments: Decodable, Sendable, Equatable {
  /// A class, or the path of its file.
  public var program: String
  public var args: [String]?
  /// Folders that are searched for classes.
  public var classPath: [String]?
  /// Flags of the machine, as `ovid run` has them.
  public var flags: [String]?
  /// Where relative paths begin.
  public var cwd: String?
  public var stopOnEntry: Bool?
  /// Nothing stops it, errors that nobody handles neither.
  public var noDebug: Bool?

  public init(program: String) { self.program = program }
}

/// A session to debug.
public struct DebugTarget: Sendable {
  public var link: any SessionLink
  /// The session is not needed any more.
  public var end: @Sendable () -> Void

  public init(link: any SessionLink, end: @escaping @Sendable () -> Void = {}) {
    self.link = link
    self.end = end
  }
}

public struct DebugHost: Sendable {
  /// Loads a program and does not start it yet. May take long.
  public var launch: @Sendable (LaunchArguments) throws -> DebugTarget
  /// A session that somebody else has begun, by its address or what else it is found by; nil: the only one.
  public var attach: @Sendable (_ session: String?) throws -> DebugTarget

  public init(
    launch: @escaping @Sendable (LaunchArguments) throws -> DebugTarget,
    attach: @escaping @Sendable (_ session: String?) throws -> DebugTarget
  ) {
    self.launch = launch
    self.attach = attach
  }
}
