// `ovid fuzz --ir`: random graphs, before and after each pass of the optimizer, and compiled.

import ArgumentParser
import Foundation
import GraphFuzzing

struct IRFuzzing {
  let seed: UInt64
  let seconds: Double?
  let count: Int?
  /// Where a failure is kept.
  let folder: String

  func run() throws {
    var reported = 0.0
    let outcome = GraphFuzzer(seed: seed, seconds: seconds, count: count).run { outcome in
      guard outcome.seconds - reported > 10 else { return }
      reported = outcome.seconds
      print(summary(outcome))
      fflush(nil)
    }
    if let failure = outcome.failure {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let path = "\(folder)/graph-\(seed &+ UInt64(outcome.graphs - 1)).txt"
      try failure.write(toFile: path, atomically: true, encoding: .utf8)
      complain("\(failure.split(separator: "\n").first ?? ""). Kept in \(path).")
      throw ExitCode(ExitStatus.failure)
    }
    let missing = outcome.operationsThatNeverOccurred
    print(summary(outcome) + (missing.isEmpty ? "" : "; never made: \(missing.joined(separator: ", "))"))
  }

  private func summary(_ outcome: GraphFuzzer.Outcome) -> String {
    "\(outcome.graphs) graphs from seed \(seed): \(outcome.evaluated) evaluated (\(outcome.evaluatedPerMinute) a minute), "
      + "\(outcome.compiled) compiled, the same results"
  }
}
