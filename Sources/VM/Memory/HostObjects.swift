// Objects of the program around the machine, and the objects of the machine that stand for them. A stand-in keeps its
// object alive; when a collection finds that nobody refers to the stand-in any more, the object is let go of.

import MachineLayout

/// VM thread.
public final class HostObjects {
  private struct Entry {
    /// Nil: released, or free.
    var object: AnyObject?
    var key: ObjectIdentifier?
    /// The address of the stand-in, which does not keep it alive; 0: free.
    var standIn: UInt64
  }
  @exclusivity(unchecked) private var entries: [Entry] = []
  private var free: [Int] = []
  private var numbers: [ObjectIdentifier: Int] = [:]
  /// Objects whose stand-ins have gone: let go of when no collection is under way.
  private var dropped: [AnyObject] = []
  /// The field that the number of the object is in, the first one of each class of stand-ins.
  public static let fieldName = "swiftObject"
  /// Asks for a call of `drop`.
  var requestDrop: () -> Void = {}

  /// The stand-in of an object, if it has one.
  public func standIn(of object: AnyObject) -> Value? {
    guard let number = numbers[ObjectIdentifier(object)], entries[number].standIn != 0 else { return nil }
    return Value(bits: entries[number].standIn)
  }

  /// Answers the number that the stand-in keeps.
  public func add(_ object: AnyObject, standIn: Value) -> Int {
    let key = ObjectIdentifier(object)
    let entry = Entry(object: object, key: key, standIn: standIn.bits)
    let number: Int
    if let last = free.popLast() {
      number = last
      entries[number] = entry
    } else {
      number = entries.count
      entries.append(entry)
    }
    numbers[key] = number
    return number
  }

  /// Nil: it was released.
  @inline(__always)
  public func object(_ number: Int) -> AnyObject? { entries.indices.contains(number) ? entries[number].object : nil }

  /// Lets go of an object now; its stand-in stands for nothing from then on. False: there is none.
  public func release(_ object: AnyObject) -> Bool {
    guard let number = numbers.removeValue(forKey: ObjectIdentifier(object)) else { return false }
    (entries[number].object, entries[number].key) = (nil, nil)
    return true
  }

  public var count: Int { numbers.count }

  /// Outside of collections.
  public func drop() { dropped = [] }

  /// At the end of a collection: `moved` answers where a stand-in is now, nil if it is dead.
  func sweep(_ moved: (Words) -> UInt64?) {
    if numbers.isEmpty && entries.count == free.count { return }
    for number in entries.indices where entries[number].standIn != 0 {
      if let new = moved(words(entries[number].standIn)) {
        entries[number].standIn = new
        continue
      }
      if let object = entries[number].object { dropped.append(object) }
      if let key = entries[number].key { numbers[key] = nil }
      entries[number] = Entry(object: nil, key: nil, standIn: 0)
      free.append(number)
    }
    if !dropped.isEmpty { requestDrop() }
  }
}

extension HostObjects {
  /// Whether instances of a class in its shape stand for objects. Where the number is in them follows from the format.
  static func isStandIn(_ info: ClassInfo) -> Bool {
    guard info.fieldNames.first == fieldName, !info.isMetaclass, !info.isDouble(info.fieldBase) else { return false }
    return info.fieldBase == (info.format == .indexable ? 1 : 0)
  }
}

extension Universe {
  /// The number in a stand-in; nil if the value is none.
  @inline(__always)
  private func standInNumber(_ value: Value) -> Int? {
    guard value.isPointer, value != .none else { return nil }
    let object = value.object, format = classes.formats[object.classIndex]
    guard format & ClassTable.standIns != 0 else { return nil }
    let word = object[format & 7 == ObjectFormat.indexable.rawValue ? 1 : 0]
    return word.isInteger ? word.integer : nil
  }

  public func isStandIn(_ value: Value) -> Bool { standInNumber(value) != nil }

  /// The object of the program around the machine that a value stands for; nil if it is no stand-in, or was released.
  public func hostObject(behind value: Value) -> AnyObject? {
    standInNumber(value).flatMap { hostObjects.object($0) }
  }
}
