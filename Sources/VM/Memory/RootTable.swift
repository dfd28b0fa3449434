// A growing table of rooted words addressed by index: class objects, symbol objects, method objects.

public final class RootTable: @unchecked Sendable {
  @exclusivity(unchecked) private(set) var slots: Words
  @exclusivity(unchecked) private(set) var capacity: Int
  @exclusivity(unchecked) public private(set) var count = 0

  init(capacity: Int = 256) {
    self.capacity = capacity
    slots = .allocate(capacity: capacity)
  }
  deinit { slots.deallocate() }

  /// `none` where nothing was stored yet.
  public subscript(_ index: Int) -> Value {
    get { index < count ? Value(bits: slots[index]) : .none }
    set {
      grow(to: index + 1)
      slots[index] = newValue.bits
    }
  }

  private func grow(to needed: Int) {
    if needed > capacity {
      let larger = Words.allocate(capacity: max(needed, capacity * 2))
      larger.update(from: slots, count: count)
      slots.deallocate()
      slots = larger
      capacity = max(needed, capacity * 2)
    }
    while count < needed {
      slots[count] = 0
      count += 1
    }
  }
}
