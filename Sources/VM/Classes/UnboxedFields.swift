// Which fields are kept as the 64 bits of a double (`DoubleFields.swift`): decided once for each class, by a census of its
// instances, and taken back when something else is stored. When the fields of a class change it is decided anew.

import MachineLayout

public final class UnboxedFields {
  private unowned(unsafe) let universe: Universe
  private let classes: ClassTable
  private let heap: Heap

  init(_ universe: Universe) {
    self.universe = universe
    classes = universe.classes
    heap = universe.heap
  }

  /// Classes with such fields of their own.
  public var classCount: Int {
    classes.infos.count { info in
      guard let info, info.isCurrent else { return false }
      return info.doubleFields != (info.superIndex == 0 ? 0 : classes[info.superIndex].doubleFields)
    }
  }

  /// Whether it has not been decided yet if the fields of the class that defines this one are to be unboxed. Any thread.
  public func mayUnbox(of classIndex: Int, word: Int) -> Bool {
    classes.lock.withLock {
      let info = declaring(classIndex, word)
      return info.path != nil && (info.format == .fields || info.format == .mixed) && info.fieldBase == 0
        && info.isCurrent && !info.isMetaclass && info.index > WellKnownClass.system.rawValue && !info.isCensusTaken
    }
  }

  /// The class that defines the field in body word `word` of instances of class `classIndex`.
  private func declaring(_ classIndex: Int, _ word: Int) -> ClassInfo {
    var info = classes[classIndex]
    while info.superIndex != 0, classes[info.superIndex].bodyWords > word { info = classes[info.superIndex] }
    return info
  }

  /// Unboxes all fields of the class that defines this one in which every instance has a double or nil, if this one is
  /// among them. Once for each list of fields. At a safepoint; moves objects.
  public func unbox(of classIndex: Int, word: Int, frame: Words) {
    guard mayUnbox(of: classIndex, word: word) else { return }
    let info = declaring(classIndex, word)
    classes.lock.withLock { info.isCensusTaken = true }
    let affected = classes.withSubclasses(info.index)
    guard heap.bytesInUse < Self.largestCensus, !affected.contains(where: { classes[$0].bodyWords > DoubleField.limit })
    else { return }
    let inherited = UInt64(info.bodyWords - info.ownFieldNames.count)
    let all = doubleWords(ofInstancesOf: Set(affected), frame)
    let doubles = all & ((1 << UInt64(info.bodyWords)) - (1 << inherited))
    guard doubles >> UInt64(word) & 1 != 0 else { return }
    let shape = NewShape(own: info.ownFieldNames, superIndex: info.superIndex, doubles: doubles)
    universe.changing { $0.classes += universe.reshaper.reshape([info.index: shape], frame: frame) }
  }
  /// Bytes in use from which on the census would take too long.
  private static let largestCensus = 32 << 20

  /// Makes the unboxed fields of the class that defines this one ordinary ones. At a safepoint; moves objects.
  public func box(of classIndex: Int, word: Int, frame: Words) {
    universe.changing { box(of: classIndex, word: word, frame: frame, &$0) }
  }
  func box(of classIndex: Int, word: Int, frame: Words, _ effects: inout Effects) {
    let info = declaring(classIndex, word)
    guard info.isCurrent, info.isDouble(word) else { return }
    classes.lock.withLock { info.isCensusTaken = true }
    effects.classes += universe.reshaper.reshape(
      [info.index: NewShape(own: info.ownFieldNames, superIndex: info.superIndex)], frame: frame)
  }

  /// Body words that hold doubles, and nothing else but nil, in all living instances.
  private func doubleWords(ofInstancesOf indices: Set<Int>, _ frame: Words) -> UInt64 {
    heap.collectFull(frame: frame, moveEverything: heap.gcEvery > 0)
    var doubles: UInt64 = 0, others: UInt64 = 0
    heap.forEachOldObject { object in
      guard indices.contains(object.classIndex) else { return }
      // A class below may keep fields of its own unboxed already.
      let unboxed = classes.doubleFields[object.classIndex]
      for i in 0..<Int(classes.sizes[object.classIndex]) where unboxed >> UInt64(i) & 1 == 0 {
        let value = object[i]
        if value == .nil { continue }
        if universe.double(value) != nil { doubles |= 1 << UInt64(i) } else { others |= 1 << UInt64(i) }
      }
    }
    return doubles & ~others
  }
}
