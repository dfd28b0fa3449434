// The chart of speed over time of a comparison, as SVG.

extension SuiteCharts {
  /// One small chart for each benchmark: the speed of each iteration at its time.
  var speeds: String {
    "<div class=\"curves\">" + report.rows.map(speed).joined(separator: "\n") + "</div>"
  }

  private func speed(_ row: SuiteReport.Row) -> String {
    let width = 240.0, height = 130.0, left = 44.0, top = 22.0
    let shown = row.results.filter { $0.refusal == nil }
      .map { (name: $0.implementation, curves: $0.processes.map(SpeedCurve.init).filter { !$0.points.isEmpty }) }
      .filter { !$0.curves.isEmpty }
    let moments = shown.flatMap { $0.curves.flatMap { $0.points.flatMap { [$0.start, $0.end] } } }.map { $0 / 1000 }
    let scale = LogScale(moments, base: 10, length: width)
    func y(_ speed: Double) -> Double { top + height * (1 - min(max(speed, 0), Self.highestSpeed) / Self.highestSpeed) }
    func line(_ corners: [(time: Double, speed: Double)], _ style: String) -> String {
      let points = corners.map { "\(Self.n(left + scale.position($0.time / 1000))),\(Self.n(y($0.speed)))" }
      return "<polyline class=\"\(style)\" points=\"\(points.joined(separator: " "))\"/>"
    }
    var parts = [Self.text(left, 13, "\(row.benchmark), % of the peak")]
    for percent in [0.0, 50, 80, 95] {
      let height = Self.n(y(percent / 100))
      parts.append(
        "<line class=\"grid\" x1=\"\(Self.n(left))\" y1=\"\(height)\" x2=\"\(Self.n(left + width))\" y2=\"\(height)\"/>"
      )
      parts.append(Self.text(left - 5, y(percent / 100) + 4, Self.tick(percent), anchor: "end"))
    }
    parts += scale.ticks.map {
      Self.text(left + scale.position($0), top + height + 16, "\(Self.tick($0)) ms", anchor: "middle")
    }
    for (name, curves) in shown {
      if curves.count > 1 {
        parts += curves.map { curve in
          line(curve.points.flatMap { [($0.start, $0.speed), ($0.end, $0.speed)] }, "thin \(series(name))")
        }
      }
      let moments = curves.flatMap { $0.points.flatMap { [$0.start, $0.end] } }.sorted()
      let median = moments.compactMap { time in SpeedCurve.speed(of: curves, at: time).map { (time: time, speed: $0) } }
      parts.append(line(median, "thick \(series(name))"))
    }
    if shown.isEmpty { parts.append(Self.text(left + 10, top + 60, "not known")) }
    return Self.svg(width: left + width + 24, height: top + height + 22, parts)
  }

  /// As a part of the peak: some iterations are faster than the median.
  private static let highestSpeed = 1.2
}
