// Which instructions a unit of code has been built for: the others leave it for the interpreter.

/// By method (id), of the compiled method and of all that are inlined.
public struct Coverage: Sendable, Equatable {
  private var words: [Int: [UInt64]] = [:]
  public init() {}

  public func contains(method: Int, pc: Int) -> Bool {
    guard let words = words[method], pc >> 6 < words.count else { return false }
    return words[pc >> 6] >> UInt64(pc & 63) & 1 != 0
  }
  /// The methods of which there is at least one instruction.
  public var methods: Set<Int> { Set(words.keys) }

  mutating func insert(method: Int, pcs: [UInt64]) {
    guard var known = words[method] else {
      words[method] = pcs
      return
    }
    for i in pcs.indices { known[i] |= pcs[i] }
    words[method] = known
  }
}

/// The instructions of one activation that were built; several activations of a method may have others.
struct BuiltInstructions {
  private(set) var words: [UInt64]
  init(count: Int) { words = Array(repeating: 0, count: (count + 63) / 64) }
  mutating func insert(_ pc: Int) { words[pc >> 6] |= 1 << UInt64(pc & 63) }
}
