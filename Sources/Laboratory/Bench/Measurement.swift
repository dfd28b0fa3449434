// Numbers of repeated runs, and what is said about them.

import Foundation

/// Microseconds of each iteration, for each run of a program.
public struct Measurement: Codable, Equatable {
  var runs: [[Double]]
  var peakKilobytes: [Int] = []

  /// The second half of every run: what is left when everything hot is compiled.
  var steady: [Double] { runs.flatMap { $0.suffix(max(1, $0.count / 2)) } }
  /// Microseconds.
  var median: Double { Measurement.quantile(steady, 0.5) }
  /// Microseconds: the steady median of the fastest run. Where code and stacks happen to lie makes the same loop
  /// up to a third slower in some processes than in others; this compares programs, not places.
  var bestMedian: Double {
    runs.map { Measurement.quantile(Array($0.suffix(max(1, $0.count / 2))), 0.5) }.min() ?? .nan
  }
  /// Half of the distance between the quartiles, in percent of the median.
  var spread: Double {
    let m = median
    return m > 0 ? (Measurement.quantile(steady, 0.75) - Measurement.quantile(steady, 0.25)) / 2 / m * 100 : 0
  }
  /// The median of each iteration over the runs, first to last.
  var warmUp: [Double] {
    let n = runs.map(\.count).min() ?? 0
    return (0..<n).map { i in Measurement.quantile(runs.map { $0[i] }, 0.5) }
  }
  var peakMemory: Int { peakKilobytes.max() ?? 0 }

  /// `q` from 0 to 1, with linear interpolation.
  static func quantile(_ values: [Double], _ q: Double) -> Double {
    guard !values.isEmpty else { return .nan }
    let sorted = values.sorted()
    let x = q * Double(sorted.count - 1)
    let low = Int(x.rounded(.down))
    let high = min(low + 1, sorted.count - 1)
    return sorted[low] + (sorted[high] - sorted[low]) * (x - Double(low))
  }

  static func geometricMean(_ values: [Double]) -> Double {
    values.isEmpty ? .nan : exp(values.map { log($0) }.reduce(0, +) / Double(values.count))
  }

  /// The microseconds in lines such as `Sort: 1234us` or `fib: 99 us (832040)`; `only` picks one name.
  static func iterations(in output: String, only: String? = nil) -> [Double] {
    output.split(separator: "\n").compactMap { line in
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2, only == nil || parts[0] == only! else { return nil }
      let text = parts[1].drop { $0 == " " }
      let digits = text.prefix { $0.isASCII && $0.isNumber }
      guard text.dropFirst(digits.count).drop(while: { $0 == " " }).hasPrefix("us") else { return nil }
      return Double(digits)
    }
  }
}

/// One promise of the project, and what was measured.
public struct Figure: Codable, Equatable {
  var name: String
  var measured: Double?
  var limit: Double
  /// True: at most the limit; false: at least.
  var isUpperLimit: Bool
  var unit: String
  /// What was compared, or why there is no number.
  var detail: String

  public var isMet: Bool? { measured.map { isUpperLimit ? $0 <= limit : $0 >= limit } }

  public var line: String {
    let value = measured.map { Figure.text($0) + unit } ?? "–"
    let sign = isUpperLimit ? "≤" : "≥"
    let verdict = isMet.map { $0 ? "met" : "MISSED" } ?? "not measured"
    return column(name, 46) + column(value, 12, right: true) + "  "
      + column("\(sign) \(Figure.text(limit))\(unit)", 12)
      + column(verdict, 14) + detail
  }

  static func text(_ x: Double) -> String { String(format: x < 10 ? "%.2f" : x < 100 ? "%.1f" : "%.0f", x) }
}

/// `text` in a column of a table.
func column(_ text: String, _ width: Int, right: Bool = false) -> String {
  let space = String(repeating: " ", count: max(0, width - text.count))
  return right ? space + text : text + space
}
