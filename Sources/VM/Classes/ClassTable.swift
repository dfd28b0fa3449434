// All classes by index, with the raw tables the collector and the slow paths read. Mutation happens on the VM
// thread under the structure lock; other threads read under the lock.

import Foundation
import MachineLayout

public final class ClassTable: @unchecked Sendable {
  let lock: NSRecursiveLock
  @exclusivity(unchecked) public private(set) var infos: [ClassInfo?] = [nil]
  private var byName: [String: Int] = [:]
  /// For class indices whose shape changed: the index that took their place, and how their instances became its.
  private(set) var migrations: [Int: ShapeMigration] = [:]
  /// Class objects by class index.
  let objects = RootTable()
  /// By class index: body words before the elements, and the format. Read by the collector.
  @exclusivity(unchecked) private(set) var sizes: UnsafeMutablePointer<UInt32>
  /// By class index: the format of instances, and whether they are class objects. Read by primitives.
  @exclusivity(unchecked) private(set) var formats: UnsafeMutablePointer<UInt8>
  /// By class index: which body words are unboxed doubles. Read by the collector.
  @exclusivity(unchecked) private(set) var doubleFields: UnsafeMutablePointer<UInt64>
  /// By class index: `InstanceTemplate`. Read by baseline code, where `templatesMoved` has said that they are.
  @exclusivity(unchecked) private(set) var templates: UnsafeMutablePointer<UInt64>
  @exclusivity(unchecked) var templatesMoved: (UnsafeMutablePointer<UInt64>) -> Void = { _ in }
  static let classObjects: UInt8 = 0x80
  /// In `formats`: instances stand for objects of the program around the machine (`HostObjects`).
  static let standIns: UInt8 = 0x40
  private var capacity = 1024
  /// Indices that nothing refers to any more, the longest free first.
  private var free: [Int] = []
  /// Counts up when indices become free: who has read one before, without looking at the program in between, may find
  /// another class there.
  public private(set) var generation = 0
  /// How many classes and shapes there ever were.
  private(set) var added = 0

  init(lock: NSRecursiveLock) {
    self.lock = lock
    sizes = .allocate(capacity: capacity)
    sizes.initialize(repeating: 0, count: capacity)
    formats = .allocate(capacity: capacity)
    formats.initialize(repeating: 0, count: capacity)
    doubleFields = .allocate(capacity: capacity)
    doubleFields.initialize(repeating: 0, count: capacity)
    templates = .allocate(capacity: capacity)
    templates.initialize(repeating: 0, count: capacity)
  }
  deinit {
    templates.deallocate()
    sizes.deallocate()
    formats.deallocate()
    doubleFields.deallocate()
  }

  public var count: Int { infos.count }
  /// Whether the index names a class, in the shape that it has now. Any thread.
  public func isCurrent(_ index: Int) -> Bool { lock.withLock { infos[index]?.isCurrent == true } }
  /// Requires: index names a class.
  public subscript(_ index: Int) -> ClassInfo { infos[index]! }
  public subscript(_ wellKnown: WellKnownClass) -> ClassInfo { infos[wellKnown.rawValue]! }
  /// The current version of the class called `name`.
  public func named(_ name: String) -> ClassInfo? { lock.withLock { byName[name].map { infos[$0]! } } }
  /// The class object.
  public func object(_ index: Int) -> Value { objects[index] }

  /// `isFound`: whether the name leads to it.
  func add(name: String, isMetaclass: Bool, isFound: Bool = true) -> ClassInfo {
    lock.withLock {
      let index = free.isEmpty ? infos.count : free.removeFirst()
      added += 1
      let info = ClassInfo(index: index, name: name, isMetaclass: isMetaclass)
      if index == infos.count { infos.append(info) } else { infos[index] = info }
      if isFound { byName[name] = index }
      if infos.count > capacity {
        sizes = Self.doubled(sizes, capacity)
        formats = Self.doubled(formats, capacity)
        doubleFields = Self.doubled(doubleFields, capacity)
        templates = Self.doubled(templates, capacity)
        templatesMoved(templates)
        capacity *= 2
      }
      if isMetaclass || info.index == WellKnownClass.metaclass.rawValue { formats[info.index] = Self.classObjects }
      return info
    }
  }
  /// The name leads to it from now on.
  func find(_ info: ClassInfo, as name: String) {
    lock.withLock {
      info.name = name
      byName[name] = info.index
    }
  }
  /// Its name leads nowhere.
  func hide(_ info: ClassInfo) {
    lock.withLock { if byName[info.name] == info.index { byName[info.name] = nil } }
  }
  /// Frees shapes that classes do not have any more, except those in `used` and all that came after these. Requires:
  /// neither an object nor anything else refers to one of the others. Answers how many were freed.
  func freeAbandoned(except used: Set<Int>) -> Int {
    lock.withLock {
      var kept = used
      for index in used {
        var next = migrations[index]?.newIndex
        while let index = next, kept.insert(index).inserted { next = migrations[index]?.newIndex }
      }
      let abandoned = migrations.keys.filter { infos[$0]?.isCurrent == false && !kept.contains($0) }.sorted()
      for index in abandoned {
        infos[index] = nil
        migrations[index] = nil
        objects[index] = .none
        sizes[index] = 0
        formats[index] = 0
        doubleFields[index] = 0
        templates[index] = 0
      }
      free += abandoned
      if !abandoned.isEmpty { generation += 1 }
      return abandoned.count
    }
  }
  /// What has become of an instance of class `index` by now: its class, and for each of its body words the word of `index`
  /// that it keeps, or -1. Nil if the shape is the one of then.
  public func migration(of index: Int) -> ShapeMigration? {
    var result = migrations[index]
    while let last = result, let next = migrations[last.newIndex] {
      result = ShapeMigration(newIndex: next.newIndex, sources: next.sources.map { $0 < 0 ? -1 : last.sources[$0] })
    }
    return result
  }
  /// The index that class `index` has now.
  func current(_ index: Int) -> Int {
    var index = index
    while let next = migrations[index] { index = next.newIndex }
    return index
  }
  func note(_ made: [Int: ShapeMigration]) { migrations.merge(made) { _, new in new } }

  private static func doubled<T: FixedWidthInteger>(_ table: UnsafeMutablePointer<T>, _ count: Int)
    -> UnsafeMutablePointer<T>
  {
    let larger = UnsafeMutablePointer<T>.allocate(capacity: count * 2)
    larger.initialize(repeating: 0, count: count * 2)
    larger.update(from: table, count: count)
    table.deallocate()
    return larger
  }
  /// `doubles` makes the format `mixed`, and 0 unmakes it.
  func setFields(
    _ info: ClassInfo, own: [String], inherited: [String], base: Int, format: ObjectFormat, doubles: UInt64 = 0
  ) {
    let format = doubles != 0 ? .mixed : format == .mixed ? .fields : format
    lock.withLock {
      info.ownFieldNames = own
      info.fieldNames = inherited + own
      info.fieldBase = base
      info.format = format
      info.doubleFields = doubles
      doubleFields[info.index] = doubles
      sizes[info.index] = UInt32(info.bodyWords)
      formats[info.index] =
        formats[info.index] & Self.classObjects | (HostObjects.isStandIn(info) ? Self.standIns : 0) | format.rawValue
      templates[info.index] = Self.template(info)
    }
  }
  /// Classes below `System` are those of programs: whatever else must not be instantiated is among the first.
  private static func template(_ info: ClassInfo) -> UInt64 {
    if info.isMetaclass || info.index == WellKnownClass.metaclass.rawValue { return InstanceTemplate.classObject }
    guard info.format == .fields, info.fieldBase == 0, info.index > WellKnownClass.system.rawValue,
      info.bodyWords <= InstanceTemplate.bodyLimit
    else { return 0 }
    return UInt64(info.classWord.bits) << 32 | UInt64(info.bodyWords)
  }
  /// Its superclass no longer counts it as a subclass.
  func detach(_ info: ClassInfo) {
    lock.withLock {
      if info.superIndex != 0 { infos[info.superIndex]!.subclasses.removeAll { $0 == info.index } }
    }
  }
  func setSuperclass(_ info: ClassInfo, _ superIndex: Int) {
    lock.withLock {
      if info.superIndex != 0 { infos[info.superIndex]!.subclasses.removeAll { $0 == info.index } }
      info.superIndex = superIndex
      if superIndex != 0 { infos[superIndex]!.subclasses.append(info.index) }
    }
  }

  /// The method that `selector` finds in instances of class `classIndex`. Any thread.
  public func lookup(_ classIndex: Int, _ selector: Int) -> Method? {
    lock.withLock {
      var index = classIndex
      while index != 0, let info = infos[index] {
        if let method = info.methods[selector] { return method }
        index = info.superIndex
      }
      return nil
    }
  }
  /// The class and those below it, superclasses first.
  func withSubclasses(_ index: Int) -> [Int] {
    var result = [index]
    var i = 0
    while i < result.count {
      result += self[result[i]].subclasses
      i += 1
    }
    return result
  }
  /// The class and those above it.
  public func withSuperclasses(_ index: Int) -> [Int] {
    Array(sequence(first: index) { self[$0].superIndex == 0 ? nil : self[$0].superIndex })
  }
  /// True if `index` is `ancestor` or below it.
  public func inherits(_ index: Int, from ancestor: Int) -> Bool {
    var i = index
    while i != 0 {
      if i == ancestor { return true }
      i = self[i].superIndex
    }
    return false
  }
}
