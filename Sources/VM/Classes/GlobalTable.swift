// Globals: one cell each, at a stable address, which bytecode and compiled code read directly. Word 0 is the
// value (0: unset), word 1 the version, counted up by every set.

import Foundation

public final class GlobalTable: @unchecked Sendable {
  private let lock: NSRecursiveLock
  private var ids: [String: Int] = [:]
  private var names: [String] = []
  /// Names of classes of the core library by the cells that its own code uses.
  private var libraryNames: [Int: String] = [:]
  private var cells: [Words] = []

  init(lock: NSRecursiveLock) { self.lock = lock }

  /// The id of the cell of `name`; makes an unset one if there is none. Any thread.
  public func cell(_ name: String) -> Int {
    lock.withLock {
      if let id = ids[name] { return id }
      let words = Words.allocate(capacity: 2)
      words[0] = 0
      words[1] = 0
      ids[name] = cells.count
      names.append(name)
      cells.append(words)
      return cells.count - 1
    }
  }
  /// The same; nil if there is none. Any thread.
  public func existingCell(_ name: String) -> Int? { lock.withLock { ids[name] } }
  /// Whether a global of that name has a value. Makes no cell. Any thread.
  func isSet(_ name: String) -> Bool { lock.withLock { ids[name].map { cells[$0][0] != 0 } ?? false } }
  /// The cell in which the core library's own code finds its class `name`. Any thread.
  func libraryCell(_ name: String) -> Int {
    lock.withLock {
      let id = cell(name + LibraryNames.mark)
      libraryNames[id] = name
      return id
    }
  }
  func libraryName(_ id: Int) -> String? { lock.withLock { libraryNames[id] } }
  public func address(_ id: Int) -> Words { lock.withLock { cells[id] } }
  public func name(_ id: Int) -> String { lock.withLock { names[id] } }
  public func version(_ id: Int) -> Int { lock.withLock { Int(cells[id][1]) } }
  public var count: Int { lock.withLock { cells.count } }
  /// `none` if unset. VM thread.
  public func value(_ name: String) -> Value { Value(bits: address(cell(name))[0]) }

  func set(_ id: Int, _ value: Value) {
    lock.withLock {
      cells[id][0] = value.bits
      cells[id][1] += 1
    }
  }
  /// VM thread only.
  func forEachCell(_ body: (Words) -> Void) {
    for cell in cells { body(cell) }
  }
}
