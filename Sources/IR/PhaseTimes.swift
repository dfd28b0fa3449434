// How long each phase of compiling took: a plain value that travels with what was compiled, from whichever thread or
// process it was in, and adds up.

public struct PhaseTimes: Sendable, Hashable, Codable {
  public struct Phase: Sendable, Hashable, Codable {
    public let name: String
    public var nanoseconds: Int
  }
  /// In the order in which they were first measured. A phase that comes by twice is there once, with the sum.
  public private(set) var phases: [Phase] = []

  public init() {}

  public var nanoseconds: Int { phases.reduce(0) { $0 + $1.nanoseconds } }

  public mutating func add(_ nanoseconds: Int, to name: String) {
    if let i = phases.firstIndex(where: { $0.name == name }) {
      phases[i].nanoseconds += nanoseconds
    } else {
      phases.append(Phase(name: name, nanoseconds: nanoseconds))
    }
  }

  public mutating func add(_ other: PhaseTimes) {
    for phase in other.phases { add(phase.nanoseconds, to: phase.name) }
  }

  /// Runs `body`, which must not touch this value, as the phase `name`.
  public mutating func measure<T, E: Error>(_ name: String, _ body: () throws(E) -> T) throws(E) -> T {
    let start = ContinuousClock.now
    defer {
      let (seconds, attoseconds) = start.duration(to: .now).components
      add(Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000), to: name)
    }
    return try body()
  }

  /// A row for each phase: its name, and its time with the share of all.
  public var rows: [(name: String, time: String)] {
    let all = max(1, nanoseconds)
    return phases.map { phase in
      let micros = phase.nanoseconds / 1000
      let fraction = String(micros % 1000)
      let time = "\(micros / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
      let share = (phase.nanoseconds * 100 + all / 2) / all
      return (phase.name, "\(time) ms, \(share) %")
    }
  }
}

extension PhaseTimes: CustomStringConvertible {
  public var description: String {
    let rows = rows
    let width = rows.map(\.name.count).max() ?? 0
    return rows.map { $0.name + String(repeating: " ", count: width - $0.name.count) + "  " + $0.time }
      .joined(separator: "\n")
  }
}
