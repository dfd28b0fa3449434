// The explicit handle stack: values that native Swift code keeps across a safepoint. The collector updates the
// slots; read them again after anything that may allocate.

public final class Handles: @unchecked Sendable {
  @exclusivity(unchecked) @usableFromInline var slots: Words
  @exclusivity(unchecked) @usableFromInline var capacity: Int
  /// Number of live handles; pass it to `pop(to:)` to release everything pushed since.
  @exclusivity(unchecked) public internal(set) var count = 0

  init(capacity: Int = 1024) {
    self.capacity = capacity
    slots = .allocate(capacity: capacity)
  }
  deinit { slots.deallocate() }

  /// Answers the index to read it back with.
  @discardableResult
  public func push(_ value: Value) -> Int {
    if count == capacity { grow() }
    slots[count] = value.bits
    count += 1
    return count - 1
  }
  public subscript(_ index: Int) -> Value {
    get { Value(bits: slots[index]) }
    set { slots[index] = newValue.bits }
  }
  public func pop(to mark: Int) { count = mark }

  /// The slots of a stack of handles that is not in use.
  struct Storage {
    fileprivate(set) var slots: Words
    fileprivate var capacity: Int
    fileprivate(set) var count = 0
    init(capacity: Int) {
      self.capacity = capacity
      slots = .allocate(capacity: capacity)
    }
    func free() { slots.deallocate() }
  }
  /// Takes the others into use.
  func exchange(_ storage: inout Storage) {
    swap(&slots, &storage.slots)
    swap(&capacity, &storage.capacity)
    swap(&count, &storage.count)
  }

  private func grow() {
    let larger = Words.allocate(capacity: max(32, capacity * 2))
    larger.update(from: slots, count: count)
    slots.deallocate()
    slots = larger
    capacity = max(32, capacity * 2)
  }
}
