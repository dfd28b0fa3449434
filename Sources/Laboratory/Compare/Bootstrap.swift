// How sure a ratio of medians is: the percentile bootstrap of two levels, processes and the iterations in them
// (Kalibera and Jones, "Quantifying performance changes with effect size confidence intervals", 2012).

/// The values of one quantity, a list for each process.
struct Sample: Equatable {
  var processes: [[Double]]

  var isEmpty: Bool { processes.isEmpty }
  /// The median of the medians of the processes.
  var median: Double { Self.median(processes.map(Self.median)) }

  /// The median of processes, and iterations in them, that are drawn again with replacement.
  func resampledMedian(_ random: inout SeededRandom) -> Double {
    Self.median(
      processes.map { _ in
        let process = processes.randomElement(using: &random) ?? []
        return Self.median(process.map { _ in process.randomElement(using: &random) ?? .nan })
      })
  }

  private static func median(_ values: [Double]) -> Double { Measurement.quantile(values, 0.5) }
}

/// What was measured of two programs in one run, or of one program in two.
struct RatioSample: Equatable {
  var a: Sample
  var b: Sample

  /// nil if there is nothing to compare.
  init?(_ a: Sample, _ b: Sample) {
    guard !a.isEmpty, !b.isEmpty, a.median > 0, b.median > 0 else { return nil }
    self.a = a
    self.b = b
  }

  var ratio: Double { a.median / b.median }

  func resampled(_ random: inout SeededRandom) -> Double {
    a.resampledMedian(&random) / b.resampledMedian(&random)
  }
}

/// The geometric mean of ratios, with the bounds within which it lies in 95 % of the resamples.
struct ConfidentMean: Codable, Equatable {
  var ratio: Double
  /// nil if something ran in one process only: how much processes differ is then not known.
  var bounds: Bounds?
  /// Ratios.
  var count: Int

  struct Bounds: Codable, Equatable {
    var low: Double
    var high: Double
  }

  /// The same ratios and seed are the same bounds. nil without ratios.
  init?(_ ratios: [RatioSample], resamples: Int = 1000, seed: UInt64 = 1) {
    guard !ratios.isEmpty else { return nil }
    ratio = Measurement.geometricMean(ratios.map(\.ratio))
    count = ratios.count
    guard ratios.allSatisfy({ $0.a.processes.count > 1 && $0.b.processes.count > 1 }) else { return }
    var random = SeededRandom(seed: seed)
    let means = (0..<resamples).map { _ in Measurement.geometricMean(ratios.map { $0.resampled(&random) }) }
      .filter { $0.isFinite && $0 > 0 }
    guard !means.isEmpty else { return }
    bounds = Bounds(low: Measurement.quantile(means, 0.025), high: Measurement.quantile(means, 0.975))
  }

  var interval: String? { bounds.map { "\(Figure.text($0.low))–\(Figure.text($0.high))" } }
}

/// Ovid to one peer in one quantity, over all benchmarks of which both have results.
struct MeanRatio: Codable, Equatable {
  /// Nil: Ovid.
  var own: String?
  var peer: String
  var quantity: Quantity
  var mean: ConfidentMean

  var line: String {
    "\(quantity.title), \(own ?? "ovid") to \(peer): \(Figure.text(mean.ratio)) ("
      + (mean.interval.map { "95 %: \($0); " } ?? "") + "\(mean.count) benchmark\(mean.count == 1 ? "" : "s"))"
  }
}

extension SuiteReport {
  /// nil if one of them has no valid result.
  func ratio(_ row: Row, _ quantity: Quantity, of own: String? = nil, to peer: String) -> RatioSample? {
    guard let own = row[own ?? ovid], let other = row[peer] else { return nil }
    return RatioSample(own.sample(quantity), other.sample(quantity))
  }

  /// With the means filled in.
  func summarized() -> SuiteReport {
    var result = self
    result.means = pairs.flatMap { own, peer in
      Quantity.allCases.compactMap { quantity in
        ConfidentMean(rows.compactMap { ratio($0, quantity, of: own, to: peer) })
          .map { MeanRatio(own: own == ovid ? nil : own, peer: peer, quantity: quantity, mean: $0) }
      }
    }
    return result
  }

  func mean(_ quantity: Quantity, of own: String? = nil, to peer: String) -> ConfidentMean? {
    means.first { ($0.own ?? ovid) == (own ?? ovid) && $0.peer == peer && $0.quantity == quantity }?.mean
  }
}
