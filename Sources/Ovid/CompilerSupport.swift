// Whether this machine can compile: libgccjit is looked for when it is first needed, never linked.

import Runtime

public enum CompilerSupport: Sendable, Hashable {
  /// `path` is nil if the dynamic linker found it without telling where.
  case found(version: String, path: String?)
  case missing(reason: String)

  /// Looks for libgccjit, and loads it if it is there.
  public static func probe() -> CompilerSupport { .missing(reason: "not wired yet") }
}
