// The texts of versions that were replaced or removed: what undo and editors come back to. The versions themselves are
// freed when nothing runs them any more.

import VM

struct VersionHistory {
  /// Of one method. The oldest go first, here and of all methods together.
  static let versionLimit = 100
  /// Bytes of all texts.
  let byteLimit: Int

  struct Version {
    let version: Int
    let text: String
    /// Of a primitive: see `MethodInfo.primitive`.
    let primitive: String?
  }

  private struct Entry {
    let order: Int
    let version: Int
    let text: String
    let primitive: String?
  }
  /// By "Class>>selector"; the newest is the last.
  private var entries: [String: [Entry]] = [:]
  private var nextOrder = 0
  private(set) var byteCount = 0

  init(byteLimit: Int = 16 << 20) { self.byteLimit = byteLimit }

  /// Keeps the text of a version that was replaced.
  mutating func keep(_ text: String, _ name: String, version: Int, primitive: String? = nil) {
    entries[name, default: []].append(Entry(order: nextOrder, version: version, text: text, primitive: primitive))
    nextOrder += 1
    byteCount += text.utf8.count
    if entries[name]!.count > Self.versionLimit { byteCount -= entries[name]!.removeFirst().text.utf8.count }
    if byteCount > byteLimit { makeRoom() }
  }

  /// Drops a quarter, so that this need not be done at each accept.
  private mutating func makeRoom() {
    var oldest = nextOrder
    var kept = 0
    for entry in entries.values.joined().sorted(by: { $0.order > $1.order }) {
      kept += entry.text.utf8.count
      if kept > byteLimit / 4 * 3 { break }
      oldest = entry.order
    }
    entries = entries.mapValues { $0.filter { $0.order >= oldest } }.filter { !$0.value.isEmpty }
    byteCount = entries.values.joined().reduce(0) { $0 + $1.text.utf8.count }
  }

  /// What a class of that name had before it comes first.
  mutating func rename(_ renaming: ClassRenaming) {
    for isClassSide in [false, true] {
      let old = MethodKey.holderName(renaming.old, isClassSide), new = MethodKey.holderName(renaming.new, isClassSide)
      for name in entries.keys where name.hasPrefix(old + ">>") {
        guard let moved = entries.removeValue(forKey: name) else { continue }
        entries[new + name.dropFirst(old.count), default: []] += moved
      }
    }
  }

  /// The newest of that number: a method that is removed and added again begins with 1.
  func find(_ name: String, version: Int) -> Version? {
    all(name).last { $0.version == version }
  }

  /// Of one method, oldest first.
  func all(_ name: String) -> [Version] {
    (entries[name] ?? []).map { Version(version: $0.version, text: $0.text, primitive: $0.primitive) }
  }
}
