// What is compared between implementations.

enum Quantity: String, CaseIterable, Codable, Sendable {
  case peak, firstIteration, firstTen, until50, until80, until95, memory

  /// What one process says about it: microseconds, or kilobytes.
  func values(_ process: ProcessSample) -> [Double] {
    switch self {
    // The second half: when everything hot is compiled.
    case .peak: return Measurement(runs: [process.times]).steady
    case .firstIteration: return process.times.first.map { [$0] } ?? []
    case .firstTen: return process.times.count < 10 ? [] : [process.times.prefix(10).reduce(0, +)]
    case .until50, .until80, .until95:
      return SpeedCurve(process).time(until: part ?? 1).map { [$0] } ?? []
    case .memory: return process.peakKilobytes.map { [Double($0)] } ?? []
    }
  }

  /// Of the peak.
  private var part: Double? {
    switch self {
    case .until50: return 0.5
    case .until80: return 0.8
    case .until95: return 0.95
    default: return nil
    }
  }

  var title: String {
    switch self {
    case .peak: return "Peak"
    case .firstIteration: return "First iteration"
    case .firstTen: return "First ten iterations"
    case .until50: return "Time until half of the peak"
    case .until80: return "Time until 80 % of the peak"
    case .until95: return "Time until 95 % of the peak"
    case .memory: return "Memory"
    }
  }

  var note: String {
    switch self {
    case .peak:
      return "In ms for an iteration: the median of the second half of the iterations; ± is half the distance of the "
        + "quartiles, over all processes."
    case .firstIteration: return "In ms: the median over the processes."
    case .firstTen: return "In ms: the sum of the first ten iterations, median over the processes."
    case .until50, .until80, .until95:
      return
        "In ms, from the start of the process to the first iteration that is as fast as that part of the process's own "
        + "peak, with those after it: the median over the processes. An iteration is the resolution."
    case .memory: return "In MB: the most that was resident at once, median over the processes."
    }
  }

  /// In milliseconds or megabytes.
  func text(_ value: Double) -> String { Figure.text(value / (self == .memory ? 1024 : 1000)) }
}
