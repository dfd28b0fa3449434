// `--against`: what changed since an earlier comparison, benchmark by benchmark.

struct SuiteDifference {
  struct Row {
    var benchmark: String
    /// Why there is nothing to compare, if so.
    var obstacle: String?
    /// New to old.
    var peak: RatioSample?
    var firstTen: RatioSample?
    var memory: RatioSample?
    /// The first peer, new to old: what the machine itself did meanwhile.
    var peer: RatioSample?
    var deoptimizations: (old: Int, new: Int)?

    /// nil if the interval of the ratio contains 1, or one process alone says nothing.
    var verdict: String? {
      guard let peak, let bounds = ConfidentMean([peak])?.bounds else { return nil }
      return bounds.high < 1 ? "faster" : bounds.low > 1 ? "slower" : nil
    }
  }

  /// Where the earlier one is from.
  var origin: String
  /// The first peer that both have.
  var peer: String?
  var rows: [Row]

  init(from old: SuiteReport, to new: SuiteReport) {
    let common = new.peers.first { old.peers.contains($0) }
    origin = "\(old.date.prefix(10)), \(old.machine), \(old.implementations.first?.version ?? "ovid")"
    peer = common
    rows = new.rows.map { row in
      guard let earlier = old.rows.first(where: { $0.benchmark == row.benchmark }) else {
        return Row(benchmark: row.benchmark, obstacle: "not in the earlier file")
      }
      guard earlier.innerIterations == row.innerIterations else {
        return Row(
          benchmark: row.benchmark,
          obstacle: "\(earlier.innerIterations) inner iterations then, \(row.innerIterations) now")
      }
      guard let then = earlier[old.ovid], let now = row[new.ovid] else {
        return Row(benchmark: row.benchmark, obstacle: "no result of ovid")
      }
      if let refusal = now.refusal { return Row(benchmark: row.benchmark, obstacle: "refused now: \(refusal)") }
      if let refusal = then.refusal { return Row(benchmark: row.benchmark, obstacle: "refused then: \(refusal)") }
      func ratio(_ quantity: Quantity, _ a: SuiteReport.Result?, _ b: SuiteReport.Result?) -> RatioSample? {
        guard let a, let b else { return nil }
        return RatioSample(a.sample(quantity), b.sample(quantity))
      }
      var result = Row(benchmark: row.benchmark)
      result.peak = ratio(.peak, now, then)
      result.firstTen = ratio(.firstTen, now, then)
      result.memory = ratio(.memory, now, then)
      result.peer = common.flatMap { ratio(.peak, row[$0], earlier[$0]) }
      if let a = then.compiler, let b = now.compiler {
        result.deoptimizations = (a.deoptimizations, b.deoptimizations)
      }
      return result
    }
  }

  var table: ReportTable {
    func text(_ ratio: RatioSample?) -> String { ratio.map { Figure.text($0.ratio) } ?? "–" }
    func ms(_ sample: Sample?) -> String { sample.map { Quantity.peak.text($0.median) } ?? "–" }
    var lines = rows.map { row in
      [
        row.benchmark, ms(row.peak?.b), ms(row.peak?.a), text(row.peak),
        row.peak.flatMap { ConfidentMean([$0])?.interval } ?? "–",
        text(row.firstTen), text(row.memory), row.deoptimizations.map { "\($0.old) → \($0.new)" } ?? "–",
      ] + (peer == nil ? [] : [text(row.peer)]) + [row.obstacle ?? row.verdict ?? ""]
    }
    func mean(_ ratios: [RatioSample]) -> String { ConfidentMean(ratios).map { Figure.text($0.ratio) } ?? "–" }
    let peaks = ConfidentMean(rows.compactMap(\.peak))
    lines.append(
      [
        "geometric mean", "", "", peaks.map { Figure.text($0.ratio) } ?? "–", peaks?.interval ?? "–",
        mean(rows.compactMap(\.firstTen)), mean(rows.compactMap(\.memory)), "",
      ] + (peer == nil ? [] : [mean(rows.compactMap(\.peer))]) + [""])
    return ReportTable(
      title: "Against the earlier run",
      note: "Ratios are new to old, of \(origin). Intervals are of 95 %"
        + (peer.map { "; the column \($0) is what that did meanwhile." } ?? "."),
      columns: [
        "benchmark", "old ms", "new ms", "peak", "interval", "first ten", "memory", "deopts",
      ] + (peer.map { [$0] } ?? []) + ["verdict"],
      rows: lines)
  }
}
