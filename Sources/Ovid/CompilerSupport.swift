// Whether this machine can compile: libgccjit is looked for when it is first needed, never linked.

import Runtime

/// Whether libgccjit is there. Any thread.
public enum CompilerSupport: Sendable, Hashable {
  /// The major version of the GCC that libgccjit belongs to.
  case found(version: Int)
  /// It could not be loaded: everything is interpreted. The reason is a sentence.
  case missing(reason: String)

  /// Looks for libgccjit, and loads it into this process if it is there.
  public static func probe() -> CompilerSupport { CompilerSupport(Inspector.compilerState()) }

  init(_ state: (version: Int?, problem: String?)) {
    self =
      state.version.map { .found(version: $0) }
      ?? .missing(reason: state.problem ?? "libgccjit could not be loaded")
  }

  /// Whether what is warm has baseline code without waiting for GCC.
  public static var hasStencils: Bool { Inspector.hasStencils }

  /// The folder for the temporary files of the compile worker, the bytes that are free there (nil if it is not there),
  /// and how many it needs. With less, nothing is compiled until there is room again.
  public static func temporaryFiles() -> (folder: String, room: Int?, needed: Int) { Inspector.temporaryFiles() }
}
