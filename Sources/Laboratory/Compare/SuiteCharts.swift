// The charts of a comparison as SVG: bars on a logarithmic scale, and warm-up curves.

import Foundation

/// Where a value lies on a logarithmic axis.
struct LogScale: Equatable {
  /// Powers of two, or of ten.
  var base: Double
  var low: Double
  var high: Double
  var length: Double

  /// Around all values that are positive and finite.
  init(_ values: [Double], base: Double, length: Double) {
    let usable = values.filter { $0 > 0 && $0.isFinite }
    let smallest = usable.min() ?? 1, largest = usable.max() ?? base
    self.base = base
    self.length = length
    low = pow(base, (log(smallest) / log(base)).rounded(.down))
    high = max(pow(base, (log(largest) / log(base)).rounded(.up)), low * base)
  }

  func position(_ value: Double) -> Double {
    guard value > 0, value.isFinite else { return 0 }
    return min(max(log(value / low) / log(high / low), 0), 1) * length
  }

  var ticks: [Double] {
    let first = Int((log(low) / log(base)).rounded()), last = Int((log(high) / log(base)).rounded())
    return (first...last).map { pow(base, Double($0)) }
  }
}

struct SuiteCharts {
  let report: SuiteReport

  /// Series are named by their place, so that the same colour is the same implementation everywhere.
  func series(_ name: String) -> String {
    "s\(report.implementations.firstIndex { $0.name == name }.map { $0 % 5 } ?? 4)"
  }

  static func n(_ x: Double) -> String { String(format: "%.1f", x) }
  static func tick(_ x: Double) -> String { x >= 1 ? String(format: "%.0f", x) : String(format: "%g", x) }

  static func text(_ x: Double, _ y: Double, _ text: String, anchor: String = "start") -> String {
    "<text x=\"\(n(x))\" y=\"\(n(y))\" text-anchor=\"\(anchor)\">\(Markup.escaped(text))</text>"
  }

  var legend: String {
    "<p class=\"legend\">"
      + report.implementations.map { implementation in
        "<span class=\"\(series(implementation.name))\">■</span> \(Markup.escaped(implementation.name))"
      }.joined(separator: " &nbsp; ") + "</p>"
  }

  /// Peak times as multiples of the first peer's, which is the line at 1; without a peer, in ms.
  var bars: String {
    let reference = report.peers.first
    let shown = report.implementations.map(\.name).filter { $0 != reference }
    func value(_ row: SuiteReport.Row, _ name: String) -> Double? {
      guard let result = row[name] else { return nil }
      guard let reference else {
        let sample = result.sample(.peak)
        return sample.isEmpty ? nil : sample.median / 1000
      }
      return row[reference].flatMap { RatioSample(result.sample(.peak), $0.sample(.peak))?.ratio }
    }
    let values = report.rows.flatMap { row in shown.compactMap { value(row, $0) } }
    let scale = LogScale(values + (reference == nil ? [] : [1]), base: reference == nil ? 10 : 2, length: 560)
    let left = 110.0, barHeight = 11.0, gap = 10.0
    let origin = reference == nil ? scale.low : 1
    var y = 24.0
    var marks: [String] = []
    for row in report.rows {
      marks.append(Self.text(left - 8, y + barHeight * Double(shown.count) / 2 + 4, row.benchmark, anchor: "end"))
      for name in shown {
        if let value = value(row, name) {
          let from = left + scale.position(origin), to = left + scale.position(value)
          marks.append(
            "<rect class=\"\(series(name))\" x=\"\(Self.n(min(from, to)))\" y=\"\(Self.n(y))\" "
              + "width=\"\(Self.n(max(abs(to - from), 1)))\" height=\"\(Self.n(barHeight - 1))\">"
              + "<title>\(Markup.escaped("\(row.benchmark), \(name): \(Figure.text(value))"))</title></rect>")
          marks.append(Self.text(max(from, to) + 4, y + barHeight - 2, Figure.text(value)))
        } else {
          marks.append(Self.text(left + scale.position(origin) + 4, y + barHeight - 2, "\(name): not compared"))
        }
        y += barHeight
      }
      y += gap
    }
    let axis = scale.ticks.map { tick in
      let x = left + scale.position(tick)
      return "<line class=\"\(tick == origin ? "origin" : "grid")\" x1=\"\(Self.n(x))\" y1=\"18\" "
        + "x2=\"\(Self.n(x))\" y2=\"\(Self.n(y))\"/>" + Self.text(x, 12, Self.tick(tick), anchor: "middle")
    }
    return Self.svg(width: left + scale.length + 60, height: y + 4, axis + marks)
  }

  /// One small chart for each benchmark: the time of each iteration, each process thin, their median thick.
  var curves: String {
    "<div class=\"curves\">" + report.rows.map(curve).joined(separator: "\n") + "</div>"
  }

  private func curve(_ row: SuiteReport.Row) -> String {
    let width = 240.0, left = 44.0, top = 22.0
    let valid = row.results.filter { $0.refusal == nil && !$0.processes.isEmpty }
    let all = valid.flatMap { $0.processes.flatMap(\.times) }.map { $0 / 1000 }
    let scale = LogScale(all, base: 10, length: 130)
    let count = max(valid.map { $0.times.warmUp.count }.max() ?? 0, 2)
    func line(_ times: [Double], _ style: String) -> String {
      let points = times.enumerated().map { i, time in
        let x = left + Double(i) / Double(count - 1) * width
        return "\(Self.n(x)),\(Self.n(top + scale.length - scale.position(time / 1000)))"
      }
      return "<polyline class=\"\(style)\" points=\"\(points.joined(separator: " "))\"/>"
    }
    var parts = [Self.text(left, 13, "\(row.benchmark), ms")]
    parts += scale.ticks.map { tick in
      let y = top + scale.length - scale.position(tick)
      return "<line class=\"grid\" x1=\"\(Self.n(left))\" y1=\"\(Self.n(y))\" x2=\"\(Self.n(left + width))\" "
        + "y2=\"\(Self.n(y))\"/>" + Self.text(left - 5, y + 4, Self.tick(tick), anchor: "end")
    }
    for result in valid {
      if result.processes.count > 1 {
        parts += result.processes.map { line($0.times, "thin \(series(result.implementation))") }
      }
      parts.append(line(result.times.warmUp, "thick \(series(result.implementation))"))
    }
    if valid.isEmpty { parts.append(Self.text(left + 10, top + 60, "refused")) }
    parts.append(Self.text(left + width, top + scale.length + 16, "\(count) iterations", anchor: "end"))
    return Self.svg(width: left + width + 8, height: top + scale.length + 22, parts)
  }

  static func svg(width: Double, height: Double, _ parts: [String]) -> String {
    "<svg viewBox=\"0 0 \(n(width)) \(n(height))\" width=\"\(n(width))\" height=\"\(n(height))\" role=\"img\">\n"
      + parts.joined(separator: "\n") + "\n</svg>"
  }
}
