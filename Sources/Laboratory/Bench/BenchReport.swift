// What one `ovid bench` measured, as it is printed and as it is written to a file.

import Foundation
import Ovid

/// Everything that one `ovid bench` measured.
public struct BenchReport: Codable {
  public struct Row: Codable {
    var name: String
    var compiled: Measurement
    var interpreted: Measurement
    var statistics: Statistics?

    public init(
      name: String, compiled: Measurement, interpreted: Measurement, statistics: Statistics?
    ) {
      self.name = name
      self.compiled = compiled
      self.interpreted = interpreted
      self.statistics = statistics
    }

    public static let header =
      column("program", 20) + column("compiled", 14, right: true) + column("±", 8, right: true)
      + column("interpreted", 14, right: true) + column("speed-up", 10, right: true)
      + column("first", 12, right: true) + column("compiles", 10, right: true)
      + column("deopts", 8, right: true)
      + column("pause", 10, right: true) + column("memory", 10, right: true)

    public var line: String {
      let compiles = statistics.map { "\($0.compiles)+\($0.osrCompiles)" } ?? "–"
      let deopts = statistics.map { "\($0.totalDeoptimizations)" } ?? "–"
      return column(name, 20) + column(ms(compiled.median), 14, right: true)
        + column(String(format: "%.1f %%", compiled.spread), 8, right: true)
        + column(ms(interpreted.median), 14, right: true)
        + column(String(format: "%.1f", interpreted.median / compiled.median), 10, right: true)
        + column(ms(compiled.warmUp.first ?? .nan), 12, right: true) + column(compiles, 10, right: true)
        + column(deopts, 8, right: true)
        + column(statistics.map { ms(Double($0.longestPauseMicroseconds)) } ?? "–", 10, right: true)
        + column(String(format: "%d MB", compiled.peakMemory / 1024), 10, right: true) + "  " + curve
    }
    private func ms(_ us: Double) -> String { String(format: "%.2f ms", us / 1000) }

    /// The warm-up: the time of each iteration, from the fastest (low) to the slowest.
    private var curve: String {
      let times = compiled.warmUp
      guard let low = times.min(), let high = times.max(), high > low else { return "" }
      let marks = Array("▁▂▃▄▅▆▇█")
      return String(times.map { marks[min(7, Int(($0 - low) / (high - low) * 8))] })
    }
  }

  public internal(set) var machine = machineText()
  var date = ISO8601DateFormatter().string(from: Date())
  public var rows: [Row] = []
  public var figures: [Figure] = []

  public init() {}

  public func write(_ path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    try encoder.encode(self).write(to: URL(fileURLWithPath: path))
  }

  static func machineText() -> String {
    let model = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?
      .split(separator: "\n").first { $0.hasPrefix("model name") }?
      .split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
    return
      "\(model ?? "unknown processor"), \(ProcessInfo.processInfo.activeProcessorCount) cores, \(VirtualMachine.version)"
  }
}
