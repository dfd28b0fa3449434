// When to stop trying: what went wrong with each unit lately, and which units are left to the interpreter therefore.

/// Failures of one kind, counted for each unit, of which one is forgotten in each period (microseconds).
struct Setbacks {
  private let period: Int
  private var counts: [CompileKey: AgingCount] = [:]

  init(period: Int) { self.period = period }

  func count(_ key: CompileKey) -> Int { counts[key]?.value(Clock.microseconds()) ?? 0 }
  /// Answers the count.
  mutating func add(_ key: CompileKey) -> Int {
    counts[key, default: AgingCount(period: period)].add(Clock.microseconds())
  }
  mutating func clear(_ key: CompileKey) { counts[key] = nil }
  mutating func forget(_ dead: Set<Int>) { counts = counts.filter { !dead.contains($0.key.method) } }
}

/// Units that are left to the interpreter, until some time or for good, and why.
struct RestingUnits {
  private var units: [CompileKey: (until: Int, why: String)] = [:]

  /// For so many microseconds; nil: for good.
  mutating func add(_ key: CompileKey, _ why: String, for time: Int?) {
    units[key] = (time.map { Clock.microseconds() + $0 } ?? .max, why)
  }
  mutating func contains(_ key: CompileKey) -> Bool {
    guard let rest = units[key] else { return false }
    if Clock.microseconds() < rest.until { return true }
    units[key] = nil
    return false
  }
  func reason(of method: Int) -> String? { units.first { $0.key.method == method }?.value.why }
  mutating func forget(_ dead: Set<Int>) { units = units.filter { !dead.contains($0.key.method) } }
}
