// Swift objects that are objects of the program, too.

import MachineLayout
import VM

/// A Swift class whose objects can be receivers, arguments and answers in programs, once `VirtualMachine.define` has given it
/// a class of the language.
///
/// The program refers to the object by a stand-in, always the same as long as there is one. The object is kept as long as the
/// program refers to the stand-in (which a collection finds out), or until `VirtualMachine.release`. Methods run on the
/// machine's own thread: objects that other threads use, too, have to allow for that.
public protocol SwiftObject: AnyObject, ValueConvertible {}

extension SwiftObject {
  public static func read(_ reader: ValueReader) throws(VirtualMachineError) -> Self {
    try reader.object(Self.self)
  }
  public func write(_ writer: ValueWriter) throws(VirtualMachineError) -> ValueWriter.Written {
    try writer.object(self)
  }
  public var programValue: ProgramValue { ProgramValue(.host(HostReference(self))) }
}

/// A class of the language that stands for a Swift class.
struct HostClass {
  let name: String
}

extension ValueReader {
  /// The Swift object that the value stands for.
  public func object<T: AnyObject>(_ type: T.Type) throws(VirtualMachineError) -> T {
    let found = calls._withUnsafeGuaranteedRef { calls in (calls.object(value), calls.isStandIn(value)) }
    if let object = found.0 as? T { return object }
    if found.1, found.0 == nil {
      throw .wrongType("the Swift object behind \(universe.briefText(value)) was released")
    }
    throw mismatch("a Swift object of type \(T.self)")
  }
}

extension ValueWriter {
  /// What stands for a Swift object.
  public func object(_ object: AnyObject) throws(VirtualMachineError) -> Written { try calls.write(object, self) }
}

extension Calls {
  /// The field that the number of the object is in, the first one of each of these classes.
  static let hostField = "swiftObject"

  /// The Swift object that a value stands for; nil if it is no stand-in, or its object was released. VM thread.
  @inline(__always)
  func object(_ value: VM.Value) -> AnyObject? {
    guard let number = standInNumber(value) else { return nil }
    return universe.hostObjects.object(number)
  }
  func isStandIn(_ value: VM.Value) -> Bool { standInNumber(value) != nil }

  private func standInNumber(_ value: VM.Value) -> Int? {
    guard value.isPointer, value != .none, hostIndices.contains(value.classIndex) || inheritsHostClass(value.classIndex)
    else { return nil }
    let word = value.object[universe.classes[value.classIndex].fieldBase]
    return word.isInteger ? word.integer : nil
  }

  private func inheritsHostClass(_ index: Int) -> Bool {
    // The first field of instances of a class that has none is something else.
    guard universe.classes[index].fieldNames.first == Self.hostField else { return false }
    hostIndices.insert(index)
    return true
  }

  func write(_ object: AnyObject, _ writer: ValueWriter) throws(VirtualMachineError) -> ValueWriter.Written {
    if let known = universe.hostObjects.standIn(of: object) { return ValueWriter.Written(bits: known.bits) }
    let className: String
    switch object {
    case is ThrownError: className = "SwiftBox"
    case is HostBlock: className = "SwiftBlock"
    default:
      guard let found = hostClass(of: type(of: object)) else {
        throw .wrongType("\(type(of: object)) is no class of this machine: `define` it first")
      }
      className = found.name
    }
    let info: ClassInfo
    do throws(LoadError) { info = try universe.loadClass(className) } catch { throw .load("\(error)") }
    return try instantiate(info.index, object, writer)
  }

  private func hostClass(of type: AnyClass) -> HostClass? {
    var type: AnyClass? = type
    while let current = type {
      if let found = hostClasses[ObjectIdentifier(current)] { return found }
      type = _getSuperclass(current)
    }
    return nil
  }

  func instantiate(
    _ classIndex: Int, _ object: AnyObject, _ writer: ValueWriter
  ) throws(VirtualMachineError) -> ValueWriter.Written {
    guard universe.classes[classIndex].fieldNames.first == Self.hostField else {
      throw .wrongType("\(universe.classes[classIndex].name) has lost its field \(Self.hostField)")
    }
    guard let made = universe.instantiate(classIndex, writer.frame) else { throw .unwinding }
    let number = universe.hostObjects.add(object, standIn: made)
    universe.heap.store(made.object, universe.classes[classIndex].fieldBase, VM.Value(integer: number))
    return ValueWriter.Written(bits: made.bits)
  }
}
