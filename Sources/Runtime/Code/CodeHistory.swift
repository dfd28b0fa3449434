// What has become of compiled code: where it was left for the interpreter, how often methods were compiled, and what made
// their code invalid. For whoever looks at a method; the machine itself does not ask.

import IR
import VM

/// VM thread. Written only where much more is done anyway: when code is installed, left or thrown away.
final class CodeHistory {
  struct Place: Hashable {
    let method: Int
    let pc: Int
    let reason: Reason
  }
  enum Reason: Hashable {
    case failed(DeoptReason)
    /// The code stays valid, but others ran at its poll.
    case othersRan
  }
  struct Invalidation {
    /// The unit's name.
    let code: String
    let why: String
    let receipt: Int?
    /// `Clock`.
    let time: Int
  }
  /// Of one method, all its versions together.
  struct Invalidations {
    var count = 0
    var last: [Invalidation] = []
  }

  /// So many are kept of a method, and of so many methods.
  static let kept = 16
  private static let limit = 4000

  private var places: [Int: [Place: Int]] = [:]
  private var compiles: [Int: Int] = [:]
  private var byName: [String: Invalidations] = [:]

  func noteDeoptimization(_ reason: Reason, method: Int, pc: Int) {
    places[method, default: [:]][Place(method: method, pc: pc, reason: reason), default: 0] += 1
  }

  func noteInstalled(_ key: CompileKey) { compiles[key.method, default: 0] += 1 }

  /// `methods`: the names of those whose code it has; a block counts as its method.
  func noteInvalidation(of code: CompiledCode, because why: String, receipt: Int?, methods: [String]) {
    let entry = Invalidation(code: code.name, why: why, receipt: receipt, time: Clock.microseconds())
    if byName.count > Self.limit { byName = [:] }
    for name in Set(methods.map { $0.prefix { $0 != "[" } }).map(String.init) {
      byName[name, default: Invalidations()].count += 1
      byName[name]!.last.append(entry)
      if byName[name]!.last.count > Self.kept { byName[name]!.last.removeFirst() }
    }
  }

  /// Of these versions (ids).
  func deoptimizations(in methods: some Sequence<Int>) -> [Place: Int] {
    methods.reduce(into: [:]) { result, method in result.merge(places[method] ?? [:]) { a, _ in a } }
  }
  func compiles(of methods: some Sequence<Int>) -> Int { methods.reduce(0) { $0 + (compiles[$1] ?? 0) } }
  func invalidations(of name: String) -> Invalidations { byName[name] ?? Invalidations() }

  /// Before versions (ids) are freed.
  func forget(_ dead: Set<Int>) {
    places = places.filter { !dead.contains($0.key) }
    compiles = compiles.filter { !dead.contains($0.key) }
  }
}
