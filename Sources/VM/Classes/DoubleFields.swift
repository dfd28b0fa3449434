// Fields that hold doubles, unboxed: a class that has been found to keep nothing but doubles (and nil) in a field keeps
// their 64 bits there, and everything that reads or writes the field knows: the bytecode of its methods (other opcodes),
// the collector (a mask by class index), compiled code. It is a change of shape like one that an edit makes
// (`Universe+Shapes`): the first store of anything else makes the field an ordinary one again, for good.
// (Compare "mutable heap numbers" and field representations in V8's hidden classes; nil is a NaN as in NaN-boxing.)

import Bytecode
import MachineLayout

public enum DoubleField {
  /// Of this many body words, any can be unboxed.
  static let limit = 60
}

extension Universe {
  // MARK: Access

  /// Body word `word` of an object with fields. Nil: no memory for the box of a double; the error is raised.
  func field(_ object: ObjectPointer, _ word: Int, _ frame: Words) -> Value? {
    guard isDoubleField(object, word) else { return object[word] }
    let bits = object.words[1 + word]
    return bits == Word.unboxedNil ? .nil : makeDouble(Double(bitPattern: bits), frame)
  }

  /// Stores into body word `word` of the object in handle `handle`. May collect: `value` is read from its handle after it.
  public func setField(_ handle: Int, _ word: Int, to value: Int, _ frame: Words) {
    if isDoubleField(handles[handle].object, word) {
      if let bits = unboxed(handles[value]) {
        handles[handle].object.words[1 + word] = bits
        return
      }
      boxFields(of: handles[handle].classIndex, word: word, frame: frame)
    }
    heap.store(handles[handle].object, word, handles[value])
  }

  private func isDoubleField(_ object: ObjectPointer, _ word: Int) -> Bool {
    object.classWord.formatBits == ObjectFormat.mixed.rawValue
      && classes.doubleFields[object.classIndex] >> UInt64(word) & 1 != 0
  }

  /// As such a field keeps the value; nil if it cannot.
  fileprivate func unboxed(_ value: Value) -> UInt64? {
    value == .nil ? Word.unboxedNil : double(value)?.bitPattern
  }

  /// Makes the fields of doubles nil, in a new instance whose other fields are.
  @inline(__always)
  public func clearDoubleFields(_ object: ObjectPointer) {
    if object.classWord.formatBits != ObjectFormat.mixed.rawValue { return }
    let doubles = classes.doubleFields[object.classIndex]
    for i in 0..<DoubleField.limit where doubles >> UInt64(i) & 1 != 0 { object.words[1 + i] = Word.unboxedNil }
  }

  /// A field access in the opcode that fits the field.
  func withFieldOpcode(_ i: Instruction, _ doubles: UInt64) -> Instruction {
    guard let place = i.fieldPlace else { return i }
    return i.accessing(double: doubles >> UInt64(place) & 1 != 0)
  }

  /// Classes with such fields of their own.
  public var unboxedClassCount: Int {
    classes.infos.count { info in
      guard let info, info.isCurrent else { return false }
      return info.doubleFields != (info.superIndex == 0 ? 0 : classes[info.superIndex].doubleFields)
    }
  }

  // MARK: Deciding

  /// Whether it has not been decided yet if the fields of this class are to be unboxed. Any thread.
  public func mayUnboxFields(of classIndex: Int, word: Int) -> Bool {
    lock.withLock {
      let info = declaring(classIndex, word)
      return info.path != nil && info.format == .fields && info.fieldBase == 0 && info.isCurrent && !info.isMetaclass
        && info.index > WellKnownClass.system.rawValue && !decidedClasses.contains(info.name)
    }
  }

  /// The class that defines the field in body word `word` of instances of class `classIndex`.
  private func declaring(_ classIndex: Int, _ word: Int) -> ClassInfo {
    var info = classes[classIndex]
    while info.superIndex != 0, classes[info.superIndex].bodyWords > word { info = classes[info.superIndex] }
    return info
  }

  /// Unboxes all fields of the class that defines this one in which every instance has a double or nil, if this one is
  /// among them. Once for each class. At a safepoint; moves objects.
  public func unboxFields(of classIndex: Int, word: Int, frame: Words) {
    guard mayUnboxFields(of: classIndex, word: word) else { return }
    let info = declaring(classIndex, word)
    lock.withLock { _ = decidedClasses.insert(info.name) }
    let affected = withSubclasses(info.index)
    guard heap.bytesInUse < Self.largestCensus, !affected.contains(where: { classes[$0].bodyWords > DoubleField.limit })
    else { return }
    let inherited = UInt64(info.bodyWords - info.ownFieldNames.count)
    let all = doubleWords(ofInstancesOf: Set(affected), frame)
    let doubles = all & ((1 << UInt64(info.bodyWords)) - (1 << inherited))
    guard doubles >> UInt64(word) & 1 != 0 else { return }
    let shape = NewShape(own: info.ownFieldNames, superIndex: info.superIndex, doubles: doubles)
    changing { $0.classes += reshape([info.index: shape], frame: frame) }
  }
  /// Bytes in use from which on the census would take too long.
  private static let largestCensus = 32 << 20

  /// Makes the unboxed fields of the class that defines this one ordinary ones. At a safepoint; moves objects.
  public func boxFields(of classIndex: Int, word: Int, frame: Words) {
    changing { boxFields(of: classIndex, word: word, frame: frame, &$0) }
  }
  func boxFields(of classIndex: Int, word: Int, frame: Words, _ effects: inout Effects) {
    let info = declaring(classIndex, word)
    guard info.isCurrent, info.isDouble(word) else { return }
    lock.withLock { _ = decidedClasses.insert(info.name) }
    effects.classes += reshape(
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
        if double(value) != nil { doubles |= 1 << UInt64(i) } else { others |= 1 << UInt64(i) }
      }
    }
    return doubles & ~others
  }
}

// MARK: The interpreter's slow paths

/// The value of the bits of a field that are no immediate double. 0: unwind.
@inline(never)
func boxFieldSlow(_ thread: Words, _ h: Words, _ bits: UInt64) -> UInt64 {
  if bits == Word.unboxedNil { return Value.nil.bits }
  return Universe.unmanaged(thread)._withUnsafeGuaranteedRef { $0.makeDouble(Double(bitPattern: bits), h)?.bits ?? 0 }
}

/// Stores what is no immediate double into a field of doubles. 1: done; 2: the field is none any more, and the
/// instruction another one.
@inline(never)
func storeDoubleFieldSlow(_ thread: Words, _ h: Words, _ object: Int, _ word: Int, _ value: Value) -> UInt64 {
  let universe = Universe.of(thread)
  if let bits = universe.unboxed(value) {
    words(h[object])[1 + word] = bits
    return 1
  }
  universe.boxFields(of: Value(bits: h[object]).classIndex, word: word, frame: h)
  return 2
}
