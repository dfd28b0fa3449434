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
  @inlinable public static func read(_ reader: ValueReader) throws(VirtualMachineError) -> Self {
    if let object = reader.standIn, type(of: object) == Self.self { return unsafeDowncast(object, to: Self.self) }
    return try reader.object(Self.self)
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
    let found = standIn
    // A cast that has to look at superclasses takes longer.
    if let found, Swift.type(of: found) == type { return unsafeDowncast(found, to: type) }
    if let object = found as? T { return object }
    if found == nil, universe.isStandIn(value) {
      throw .wrongType("the Swift object behind \(universe.briefText(value)) was released")
    }
    throw mismatch("a Swift object of type \(T.self)")
  }

  /// Whatever the value stands for; nil if it is no stand-in, or its object was released.
  @usableFromInline var standIn: AnyObject? {
    calls._withUnsafeGuaranteedRef { $0.universe.hostObject(behind: VM.Value(bits: bits)) }
  }
}

extension ValueWriter {
  /// What stands for a Swift object.
  public func object(_ object: AnyObject) throws(VirtualMachineError) -> Written { try calls.write(object, self) }
}

extension Calls {
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
    guard universe.classes[classIndex].fieldNames.first == HostObjects.fieldName else {
      throw .wrongType("\(universe.classes[classIndex].name) has lost its field \(HostObjects.fieldName)")
    }
    guard let made = universe.instantiate(classIndex, writer.frame) else { throw .unwinding }
    let number = universe.hostObjects.add(object, standIn: made)
    universe.heap.store(made.object, universe.classes[classIndex].fieldBase, VM.Value(integer: number))
    return ValueWriter.Written(bits: made.bits)
  }
}
