// A growing stack of words outside the heap, for what a collector is still to visit. An array of Swift would test bounds
// and uniqueness for each.

struct WordStack {
  private var base: Words
  private var capacity: Int
  private(set) var count = 0

  init(capacity: Int = 4096) {
    self.capacity = capacity
    base = .allocate(capacity: capacity)
  }
  /// The owner's duty.
  func free() { base.deallocate() }

  var isEmpty: Bool { count == 0 }

  @inline(__always)
  mutating func push(_ word: UInt64) {
    if count == capacity { grow() }
    base[count] = word
    count &+= 1
  }
  /// Requires: it is not empty.
  @inline(__always)
  mutating func pop() -> UInt64 {
    count &-= 1
    return base[count]
  }

  mutating func removeAll() {
    count = 0
    if capacity <= 1 << 16 { return }
    base.deallocate()
    self = WordStack()
  }

  @inline(never)
  private mutating func grow() {
    let larger = Words.allocate(capacity: capacity * 2)
    larger.update(from: base, count: count)
    base.deallocate()
    base = larger
    capacity *= 2
  }
}
