// A dense set of values: one bit for each value of a graph.

public struct ValueSet: Sendable, Equatable {
  @usableFromInline var words: [UInt64]

  /// An empty set for values with indices below `capacity`.
  public init(capacity: Int) { words = Array(repeating: 0, count: (capacity + 63) / 64) }

  public func contains(_ v: ValueID) -> Bool {
    let i = Int(v.index)
    return words[i >> 6] & (1 << UInt64(i & 63)) != 0
  }
  public mutating func insert(_ v: ValueID) {
    let i = Int(v.index)
    words[i >> 6] |= 1 << UInt64(i & 63)
  }
  public mutating func remove(_ v: ValueID) {
    let i = Int(v.index)
    words[i >> 6] &= ~(1 << UInt64(i & 63))
  }
  /// Answers true if the set grew.
  @discardableResult
  public mutating func formUnion(_ other: ValueSet) -> Bool {
    var changed = false
    for i in words.indices where words[i] | other.words[i] != words[i] {
      words[i] |= other.words[i]
      changed = true
    }
    return changed
  }
  public var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

  /// Calls `body` for every member, in ascending order.
  public func forEach(_ body: (ValueID) -> Void) {
    for i in words.indices {
      var w = words[i]
      while w != 0 {
        body(ValueID(i << 6 + w.trailingZeroBitCount))
        w &= w - 1
      }
    }
  }
  public var elements: [ValueID] {
    var result: [ValueID] = []
    forEach { result.append($0) }
    return result
  }
}
