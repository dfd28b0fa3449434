// Whether this machine can compile: libgccjit is looked for when it is first needed, never linked.

import Runtime

public enum CompilerSupport: Sendable, Hashable {
  /// The major version of the GCC that libgccjit belongs to.
  case found(version: Int)
  case missing(reason: String)

  /// Looks for libgccjit, and loads it if it is there.
  public static func probe() -> CompilerSupport {
    let state = Runtime.compilerState()
    if let version = state.version { return .found(version: version) }
    return .missing(reason: state.problem ?? "libgccjit could not be loaded")
  }

  /// The folder for the compiler's temporary files, the bytes that are free there (nil if it is not there), and how
  /// many it needs. With less, nothing is compiled until there is room again.
  public static func temporaryFiles() -> (folder: String, room: Int?, needed: Int) { Runtime.temporaryFiles() }
}
