// What the suite's harness prints, in every language the same: a line for each iteration, or an error.

import Foundation

/// Why the times of a process do not count.
enum Refusal: Error, Equatable, CustomStringConvertible {
  /// The process says that its result is not the verified one.
  case wrongResult(String)
  /// It crashed, hung, or ended with an error.
  case failed(ending: String, said: String)
  /// It ended well, but not with a time for each iteration.
  case incomplete(found: Int, expected: Int)
  /// What it measured itself could not be read.
  case unreadable(String)

  var description: String {
    switch self {
    case .wrongResult(let line): return "wrong result: \(line)"
    case .failed(let ending, let said): return said.isEmpty ? ending : "\(ending): \(said)"
    case .incomplete(let found, let expected): return "printed \(found) times for \(expected) iterations"
    case .unreadable(let reason): return reason
    }
  }
}

enum HarnessOutput {
  /// Parts of lines in which the harness, in one of its languages, says that a result is wrong or not known.
  private static let complaints = ["incorrect result", "No verification result", "ERROR"]

  /// Microseconds of each iteration.
  static func times(
    _ outcome: ChildProcess.Outcome, of benchmark: String, iterations: Int
  ) throws(Refusal) -> [Double] {
    let lines = (outcome.output + "\n" + outcome.errors).split(separator: "\n")
      .map { $0.trimmingCharacters(in: .whitespaces) }
    if let line = lines.first(where: { line in complaints.contains { line.contains($0) } }) {
      throw .wrongResult(shortened(line))
    }
    guard outcome.isSuccess else {
      throw .failed(ending: outcome.ending, said: shortened(lines.last { !$0.isEmpty } ?? ""))
    }
    let times = times(in: outcome.output, of: benchmark)
    guard times.count == iterations else { throw .incomplete(found: times.count, expected: iterations) }
    return times
  }

  /// The times in lines such as `Sieve: iterations=1 runtime: 1234us`. The line of the sum has another form.
  static func times(in output: String, of benchmark: String) -> [Double] {
    let start = "\(benchmark): iterations=1 runtime: "
    return output.split(whereSeparator: \.isNewline).compactMap { line in
      guard line.hasPrefix(start), line.hasSuffix("us") else { return nil }
      let number = line.dropFirst(start.count).dropLast(2)
      guard number.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }) else { return nil }
      return Double(number)
    }
  }

  private static func shortened(_ line: String) -> String {
    line.count <= 160 ? line : line.prefix(159) + "…"
  }
}
