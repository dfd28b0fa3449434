// Starts benchmark programs and their peers, each in a process of its own, and reads their times.

import Foundation
import Ovid
import SourceTools

public struct BenchmarkRunner {
  /// The folder with the programs and `peers/`.
  let folder: String
  let runs: Int
  /// The `ovid` that runs them.
  let executable: String

  public init(folder: String, runs: Int, executable: String = ChildProcess.own) {
    self.folder = folder
    self.runs = runs
    self.executable = executable
  }

  struct Failure: Error, CustomStringConvertible { let description: String }

  /// Programs of the folder that are benchmarks, by name.
  public func programs() throws -> [String] {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
      throw Failure(
        description:
          "no folder \(folder): run `ovid bench` in the repository, or name it with --programs FOLDER")
    }
    let found = names.filter { $0.hasSuffix(".som") }.map { String($0.dropLast(4)) }.filter { name in
      (try? SomFiles.text("\(folder)/\(name).som"))?.contains("\(name) = Benchmark") == true
    }
    guard !found.isEmpty else {
      throw Failure(description: "\(folder) has no benchmarks (Name = Benchmark ( … ))")
    }
    return found.sorted()
  }

  /// The folder, and the one in it for the classes of this program alone, if it has some.
  func classPath(of program: String) -> String {
    var isFolder: ObjCBool = false
    let own = "\(folder)/\(program)"
    guard FileManager.default.fileExists(atPath: own, isDirectory: &isFolder), isFolder.boolValue else {
      return folder
    }
    return "\(folder):\(own)"
  }

  /// One process of one of our programs.
  func ovid(_ program: String, iterations: Int, size: Int? = nil, flags: [String] = []) throws -> [Double] {
    try measured(program, iterations: iterations, size: size, flags: flags).times
  }

  /// The same, with what it reports at its end.
  func measured(
    _ program: String, iterations: Int, size: Int? = nil, flags: [String] = []
  ) throws -> (times: [Double], report: RunReport) {
    let words =
      flags + ["-cp", classPath(of: program), "\(folder)/\(program).som", "\(iterations)"]
      + (size.map { ["\($0)"] } ?? [])
    return try reported(words, of: "\(program) \(flags.joined(separator: " "))")
  }

  /// One process of one of our programs that is no benchmark; `only` picks its lines of one name.
  func lines(_ program: String, _ arguments: [String], only: String) throws -> (times: [Double], report: RunReport) {
    try reported(["\(folder)/\(program).som"] + arguments, of: program, only: only)
  }

  /// `ovid run` with these words, without code of earlier runs, and what it reports at its end.
  private func reported(
    _ words: [String], of what: String, only: String? = nil
  ) throws -> (times: [Double], report: RunReport) {
    let file = "\(NSTemporaryDirectory())ovid-report-\(getpid()).json"
    defer { unlink(file) }
    let found = try times(executable, ["run", "--no-cache", "--stats-file", file] + words, of: what, only: only)
    return (found, try RunReport.read(file))
  }

  /// One process of a peer; `only` picks its lines of one name.
  func peer(_ path: String, _ arguments: [String], only: String? = nil) throws -> [Double] {
    try times(path, arguments, of: path, only: only)
  }

  private func times(_ path: String, _ words: [String], of what: String, only: String? = nil) throws
    -> [Double]
  {
    let outcome = try ChildProcess.run(path, words, timeout: 300)
    let times = Measurement.iterations(in: outcome.output, only: only)
    // A process of the program may have ended with an error while its main one went on.
    guard outcome.isSuccess, !times.isEmpty, !outcome.errors.contains("Traceback (most recent call") else {
      let said = (outcome.errors + outcome.output).split(separator: "\n").suffix(3).joined(separator: " / ")
      throw Failure(description: "\(what) \(outcome.ending): \(said)")
    }
    return times
  }

  /// All runs of one program, and the counters of the last.
  public func measure(
    _ program: String, iterations: Int, flags: [String] = [], runs: Int? = nil
  ) throws -> (Measurement, Statistics?) {
    var result = Measurement(runs: [])
    var statistics: Statistics?
    for _ in 0..<(runs ?? self.runs) {
      let (times, report) = try measured(program, iterations: iterations, flags: flags)
      result.runs.append(times)
      result.peakKilobytes.append(report.peakKilobytes)
      statistics = report.statistics
    }
    return (result, statistics)
  }

  /// Two programs by turns, so that both meet the same weather: the ratio of their best medians.
  func ratio(_ a: () throws -> [Double], _ b: () throws -> [Double]) throws -> (
    ratio: Double, a: Double, b: Double
  ) {
    var first = Measurement(runs: []), second = Measurement(runs: [])
    for _ in 0..<runs {
      first.runs.append(try a())
      second.runs.append(try b())
    }
    return (first.bestMedian / second.bestMedian, first.bestMedian, second.bestMedian)
  }
}
