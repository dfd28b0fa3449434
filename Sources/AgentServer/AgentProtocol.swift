// The versions of the Model Context Protocol that are spoken.

public enum AgentProtocol {
  /// Newest first.
  public static let versions = ["2025-06-18", "2025-03-26", "2024-11-05"]

  /// The version that is spoken with a client that wants `wanted`: that, if it is known, and the newest otherwise.
  public static func version(for wanted: String?) -> String {
    wanted.flatMap { versions.contains($0) ? $0 : nil } ?? versions[0]
  }
}
