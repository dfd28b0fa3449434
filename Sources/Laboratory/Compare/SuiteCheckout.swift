// A checkout of https://github.com/smarr/are-we-fast-yet. It is only read.

import Foundation

public struct SuiteCheckout {
  let path: String

  public struct Problem: Error, CustomStringConvertible, Equatable { public let description: String }

  public init(_ path: String) throws(Problem) {
    self.path = URL(fileURLWithPath: path).standardizedFileURL.path
    guard FileManager.default.fileExists(atPath: "\(self.path)/benchmarks/SOM/Harness.som") else {
      throw Problem(
        description: "\(path) has no benchmarks/SOM/Harness.som: name a checkout of "
          + "https://github.com/smarr/are-we-fast-yet")
    }
  }

  func folder(_ language: String) -> String { "\(path)/benchmarks/\(language)" }

  /// What `ovid run` needs to find the classes of all benchmarks.
  var classPath: String {
    let root = folder("SOM")
    let inner = ["Core", "CD", "DeltaBlue", "Havlak", "Json", "NBody", "Richards"]
    return ([root] + inner.map { "\(root)/\($0)" }).joined(separator: ":")
  }

  /// The commit, abbreviated; nil if git does not say.
  var commit: String? {
    guard let git = ChildProcess.find("git"),
      let outcome = try? ChildProcess.run(git, ["-C", path, "rev-parse", "--short", "HEAD"]), outcome.isSuccess
    else { return nil }
    return outcome.output.trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
