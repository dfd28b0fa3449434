// Runs the suite: for each benchmark, process after process, the implementations by turns, so that all of them meet
// the same weather.

import Foundation
import Ovid

struct SuiteRunner {
  let implementations: [Implementation]
  let iterations: Int
  let runs: Int
  /// Seconds that one process may take.
  static let timeout = 900.0
  /// Starts a process; tests put their own in its place.
  var start: (Implementation, [String]) throws -> ChildProcess.Outcome = { implementation, words in
    try ChildProcess.run(
      implementation.executable, words, timeout: SuiteRunner.timeout, directory: implementation.directory)
  }

  func measure(_ benchmark: SuiteBenchmark) -> SuiteReport.Row {
    var results = implementations.map { SuiteReport.Result(implementation: $0.name) }
    for run in 0..<runs {
      for turn in implementations.indices {
        // Another one begins each time: a process should not always follow the same neighbour.
        let i = (turn + run) % implementations.count
        guard results[i].refusal == nil else { continue }
        do { results[i].processes.append(try process(implementations[i], benchmark)) } catch {
          results[i].refusal = "\(error)"
        }
      }
    }
    return SuiteReport.Row(
      benchmark: benchmark.name, innerIterations: benchmark.innerIterations, results: results)
  }

  private func process(_ implementation: Implementation, _ benchmark: SuiteBenchmark) throws -> ProcessSample {
    if let file = implementation.reportFile { unlink(file) }
    let words = implementation.words + [benchmark.name, "\(iterations)", "\(benchmark.innerIterations)"]
    let outcome = try start(implementation, words)
    let times = try HarnessOutput.times(outcome, of: benchmark.name, iterations: iterations)
    let outside = max(0, outcome.wallMilliseconds * 1000 - times.reduce(0, +))
    guard let file = implementation.reportFile else {
      return ProcessSample(times: times, outsideMicroseconds: outside, peakKilobytes: outcome.peakKilobytes)
    }
    let report: RunReport
    do { report = try RunReport.read(file) } catch {
      throw Refusal.unreadable("the report of \(implementation.name) in \(file) cannot be read")
    }
    return ProcessSample(
      times: times, outsideMicroseconds: outside, peakKilobytes: report.peakKilobytes,
      compiler: CompilerFigures(report.statistics),
      collector: CollectorFigures(report.statistics))
  }
}
