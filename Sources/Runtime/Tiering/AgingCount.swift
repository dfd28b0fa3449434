// Failures that count against a unit, for a while: what went wrong an hour ago says little of now.

/// A count of which one is forgotten in each period. Times are microseconds (`Clock`).
struct AgingCount {
  private let period: Int
  private var count = 0
  /// When the oldest that counts was noted, or the last one was forgotten.
  private var since = 0

  init(period: Int) { self.period = period }

  func value(_ now: Int) -> Int { max(0, count - (now - since) / period) }

  /// Answers the count.
  mutating func add(_ now: Int) -> Int {
    let left = value(now)
    since = left == 0 ? now : since + (count - left) * period
    count = left + 1
    return count
  }
}
