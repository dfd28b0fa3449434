// Speed over time, from the start of a process to its peak. An iteration is the resolution: nothing is known of the speed
// within one.

/// What one process did, as moments and the speed from there on.
struct SpeedCurve: Equatable {
  struct Point: Equatable {
    /// Microseconds since the start of the process, when an iteration begins.
    var start: Double
    var end: Double
    /// Of that iteration, as a part of the peak.
    var speed: Double
  }
  var points: [Point] = []

  /// How many iterations in a row say that a speed is reached, by their median: one alone may be luck.
  static let sustained = 3

  /// The peak is the median of the second half, as everywhere. Empty if it is not known when the first iteration began.
  init(_ process: ProcessSample) {
    guard let outside = process.outsideMicroseconds, !process.times.isEmpty else { return }
    let peak = Measurement.quantile(Measurement(runs: [process.times]).steady, 0.5)
    var now = outside
    for time in process.times {
      points.append(Point(start: now, end: now + time, speed: time > 0 ? peak / time : 1))
      now += time
    }
  }

  /// Microseconds since the start of the process until an iteration begins that is as fast as this part of the peak, and
  /// so are those after it. Nil if that never happened.
  func time(until part: Double) -> Double? {
    for (i, point) in points.enumerated() where point.speed >= part {
      let next = points[i..<min(i + Self.sustained, points.count)].map(\.speed)
      if Measurement.quantile(next, 0.5) >= part { return point.start }
    }
    return nil
  }

  /// The median of the speeds that several processes have at a moment; nil as long as one of them has none.
  static func speed(of curves: [SpeedCurve], at time: Double) -> Double? {
    let speeds = curves.compactMap { curve in curve.points.last { $0.start <= time }?.speed }
    return speeds.count == curves.count && !curves.isEmpty ? Measurement.quantile(speeds, 0.5) : nil
  }
}
