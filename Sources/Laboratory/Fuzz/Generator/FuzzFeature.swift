// What programs may contain. Each program goes without some of it, so that what is rare has room, and what is broken
// does not hide everything else (swarm testing: Groce et al., ISSTA 2012).

public enum FuzzFeature: String, CaseIterable, Sendable {
  // Kinds of edits.
  case hardWired, fields, points, methods, removals, accessors, classSide, globals, newClasses, replacing, refused,
    accepts
  // Kinds of statements.
  case exceptions, overflows, objects, blocks, escaping, blockLoops, longs, returns
  // Loops that are compiled while they run (`HotGenerator.swift`).
  case virtuals, handlers, edges
  // Activations that are edited under a policy (`PolicyGenerator.swift`).
  case policies
  // Processes (`ProcessGenerator.swift`).
  case workers, sharing, endings, secondEditor, foreignHomes

  static let hot: [FuzzFeature] = [.virtuals, .handlers, .edges]
  static let processes: [FuzzFeature] = [.workers, .sharing, .endings, .secondEditor, .foreignHomes]

  /// Those of one program.
  static func some(_ random: inout SeededRandom, without excluded: Set<FuzzFeature>) -> Set<FuzzFeature> {
    let chance = random.one(of: [40, 70, 90, 100])
    var result = Set(
      allCases.filter { !hot.contains($0) && !processes.contains($0) && $0 != .policies && random.chance(chance) })
    // A program waits for an accept in a loop: what that sends must not count.
    result.subtract(random.chance(50) ? [.hardWired] : [.accepts])
    return result.subtracting(excluded)
  }

  /// Those of the hot loops; none in every third program.
  static func someHot(_ random: inout SeededRandom, without excluded: Set<FuzzFeature>) -> Set<FuzzFeature> {
    guard !random.chance(33) else { return [] }
    return Set(hot.filter { _ in random.chance(60) }).subtracting(excluded)
  }

  /// In every third program. What is redefined of the library counts how often it is sent.
  static func somePolicies(
    _ random: inout SeededRandom, beside features: Set<FuzzFeature>, without excluded: Set<FuzzFeature>
  ) -> Set<FuzzFeature> {
    random.chance(33) && !features.contains(.hardWired) ? Set([.policies]).subtracting(excluded) : []
  }

  /// Those of processes; none in every fourth program. What keeps them apart are methods of the library: those must stay as
  /// they are, or the result would depend on whose turn it is.
  static func someProcesses(
    _ random: inout SeededRandom, beside features: Set<FuzzFeature>, without excluded: Set<FuzzFeature>
  ) -> Set<FuzzFeature> {
    guard !random.chance(25), !features.contains(.hardWired) else { return [] }
    return Set(processes.filter { _ in random.chance(60) }).subtracting(excluded)
  }
}
