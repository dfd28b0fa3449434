// Starts benchmark programs and their peers, each in a process of its own, and reads their times.

import Foundation
import Ovid

struct BenchmarkRunner {
  /// The folder with the programs and `peers/`.
  let folder: String
  let runs: Int

  struct Failure: Error, CustomStringConvertible { let description: String }

  /// Programs of the folder that are benchmarks, by name.
  func programs() throws -> [String] {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
      throw Failure(
        description: "no folder \(folder): run `ovid bench` in the repository, or name it with --programs FOLDER")
    }
    let found = names.filter { $0.hasSuffix(".som") }.map { String($0.dropLast(4)) }.filter { name in
      (try? ProgramFile.text("\(folder)/\(name).som"))?.contains("\(name) = Benchmark") == true
    }
    guard !found.isEmpty else { throw Failure(description: "\(folder) has no benchmarks (Name = Benchmark ( … ))") }
    return found.sorted()
  }

  /// One process of one of our programs.
  func ovid(
    _ program: String, iterations: Int, size: Int? = nil, flags: [String] = [], statistics: String? = nil
  ) throws -> (times: [Double], kilobytes: Int) {
    var words = ["run"] + flags
    if let statistics { words += ["--stats-file", statistics] }
    words += ["-cp", folder, "\(folder)/\(program).som", "\(iterations)"] + (size.map { ["\($0)"] } ?? [])
    return try times(ChildProcess.own, words, of: "\(program) \(flags.joined(separator: " "))")
  }

  /// One process of a peer; `only` picks its lines of one name.
  func peer(_ path: String, _ arguments: [String], only: String? = nil) throws -> [Double] {
    try times(path, arguments, of: path, only: only).times
  }

  private func times(
    _ path: String, _ words: [String], of what: String, only: String? = nil
  ) throws -> (times: [Double], kilobytes: Int) {
    let outcome = try ChildProcess.run(path, words, timeout: 300)
    let times = Measurement.iterations(in: outcome.output, only: only)
    guard outcome.isSuccess, !times.isEmpty else {
      let said = (outcome.errors + outcome.output).split(separator: "\n").suffix(3).joined(separator: " / ")
      throw Failure(description: "\(what) \(outcome.ending): \(said)")
    }
    return (times, outcome.peakKilobytes)
  }

  /// All runs of one program.
  func measure(
    _ program: String, iterations: Int, size: Int? = nil, flags: [String] = [], runs: Int? = nil
  ) throws -> Measurement {
    var result = Measurement(runs: [])
    for _ in 0..<(runs ?? self.runs) {
      let (times, kilobytes) = try ovid(program, iterations: iterations, size: size, flags: flags)
      result.runs.append(times)
      result.peakKilobytes.append(kilobytes)
    }
    return result
  }

  /// Two programs by turns, so that both meet the same weather: the ratio of their medians.
  func ratio(_ a: () throws -> [Double], _ b: () throws -> [Double]) throws -> (ratio: Double, a: Double, b: Double) {
    var first = Measurement(runs: []), second = Measurement(runs: [])
    for _ in 0..<runs {
      first.runs.append(try a())
      second.runs.append(try b())
    }
    return (first.median / second.median, first.median, second.median)
  }

  /// The counters that one run of a program left.
  func statistics(_ program: String, iterations: Int) throws -> Statistics? {
    let file = "\(NSTemporaryDirectory())ovid-stats-\(getpid()).json"
    defer { unlink(file) }
    _ = try ovid(program, iterations: iterations, statistics: file)
    guard let data = FileManager.default.contents(atPath: file) else { return nil }
    return try? JSONDecoder().decode(Statistics.self, from: data)
  }
}
