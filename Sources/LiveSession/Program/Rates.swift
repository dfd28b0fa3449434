// How fast the program goes: what happens in a second, from the machine's counters.

import Foundation
import Ovid
import Synchronization

final class Rates: Sendable {
  private struct Sample {
    var time: Double
    var figures: LiveFigures
    var sends: Double?
  }
  private let last = Mutex<(sample: Sample?, rates: [String: Double])>((nil, [:]))

  /// Of the last second.
  var rates: [String: Double] { last.withLock { $0.rates } }

  /// - Parameter sends: what the program counts itself.
  func note(_ figures: LiveFigures, sends: Double?, at time: Double) -> [String: Double] {
    let new = Sample(time: time, figures: figures, sends: sends)
    return last.withLock { last in
      let rates = last.sample.map { Self.rates($0, new) } ?? [:]
      last = (new, rates)
      return rates
    }
  }

  private static func rates(_ old: Sample, _ new: Sample) -> [String: Double] {
    let seconds = max(new.time - old.time, 0.001)
    let a = old.figures.statistics, b = new.figures.statistics
    func rate(_ path: KeyPath<Statistics, Int>) -> Double { Double(b[keyPath: path] - a[keyPath: path]) / seconds }
    var rates = [
      "polls": rate(\.polls), "compiles": rate(\.compiles) + rate(\.osrCompiles),
      "deoptimizations": rate(\.totalDeoptimizations), "invalidations": rate(\.invalidations),
      "collections": rate(\.collections), "switches": rate(\.processSwitches),
      "cpu": max(0, new.figures.processorSeconds - old.figures.processorSeconds) / seconds,
      "heap": Double(new.figures.heapBytes),
    ]
    if let before = old.sends, let after = new.sends, after >= before { rates["sends"] = (after - before) / seconds }
    return rates
  }
}
