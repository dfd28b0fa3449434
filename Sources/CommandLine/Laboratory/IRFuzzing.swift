// `ovid fuzz --ir`: random graphs, before and after each pass of the optimizer, and compiled.

import ArgumentParser
import Foundation
import GraphFuzzing
import Laboratory

struct IRFuzzing {
  let seed: UInt64
  let seconds: Double?
  let count: Int?
  /// Where a failure is kept.
  let folder: String
  /// For making it smaller.
  let reduceSeconds: Double

  func run() throws {
    var reported = 0.0
    let outcome = GraphFuzzer(seed: seed, seconds: seconds, count: count).run { outcome in
      guard outcome.seconds - reported > 10 else { return }
      reported = outcome.seconds
      print(summary(outcome))
      fflush(nil)
    }
    if let failure = outcome.failure { return try keep(failure) }
    let missing = outcome.operationsThatNeverOccurred
    print(summary(outcome) + (missing.isEmpty ? "" : "; never made: \(missing.joined(separator: ", "))"))
  }

  private func keep(_ found: GraphFailure) throws {
    var failure = found
    if reduceSeconds > 0 {
      print("\(found.summary); reducing it …")
      failure = found.reduced(until: Date(timeIntervalSinceNow: reduceSeconds))
    }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let path = "\(folder)/graph-\(failure.seed).ir"
    try failure.text.write(toFile: path, atomically: true, encoding: .utf8)
    complain(
      "\(failure.summary). A graph of \(failure.instructionCount) instructions is kept in \(path); "
        + "ovid fuzz --ir --program \(path) runs it again.")
    throw ExitCode(ExitStatus.failure)
  }

  /// A graph that was kept.
  static func check(_ path: String) throws {
    if let failure = try GraphFailure.check(text: String(contentsOfFile: path, encoding: .utf8)) {
      print(failure.text, terminator: "")
      complain(failure.summary)
      throw ExitCode(ExitStatus.failure)
    }
    print("all forms of the graph do the same")
  }

  private func summary(_ outcome: GraphFuzzer.Outcome) -> String {
    "\(outcome.graphs) graphs from seed \(seed): \(outcome.evaluated) evaluated (\(outcome.evaluatedPerMinute) a minute), "
      + "\(outcome.compiled) compiled, the same results"
  }
}
