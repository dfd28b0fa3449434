// Values of a program, held by Swift code.

import BigInt
import Foundation
import MachineLayout
import VM

/// Integers of any size: `BigInt`.
public typealias BigInteger = BigInt

/// A value of a program: a number, nil, a boolean, or an object that lives as long as somebody holds this.
///
/// Literals are values too, of no machine yet: `let v: Value = [1, "two", nil]`. Where such a value is given to a program, a
/// new object is made of it.
///
/// Any thread, at any time. Numbers, booleans and nil are read at once; what needs the object is asked at the next safepoint
/// of the machine that it belongs to, and throws `VirtualMachineError.machineIsGone` when that is gone. A value does not keep
/// its machine alive. An object of one machine cannot be given to another one (`valueOfAnotherMachine`).
public struct ProgramValue: Sendable {
  enum Content: Sendable {
    case `nil`
    case boolean(Bool)
    case integer(Int)
    case bigInteger(BigInt)
    case double(Double)
    // What only literals and conversions make.
    case string(String)
    case symbol(String)
    case date(Foundation.Date)
    case array([ProgramValue])
    case dictionary([(key: ProgramValue, value: ProgramValue)])
    /// Of class Object's kind with these fields, made by the class's `new`.
    case instance(className: String, fields: [(name: String, value: ProgramValue)])
    case object(ObjectRoot)
    /// A Swift object, to be stood for.
    case host(HostReference)
  }
  let content: Content
  init(_ content: Content) { self.content = content }

  /// nil.
  public static let `nil` = ProgramValue(.nil)
  /// A symbol: `#name`.
  public static func symbol(_ name: String) -> ProgramValue { ProgramValue(.symbol(name)) }
  /// Whatever can be converted.
  public init(_ value: some ValueConvertible) { self = value.programValue }

  /// Whether it is nil. Never waits.
  public var isNil: Bool { if case .nil = content { true } else { false } }

  var root: ObjectRoot? { if case .object(let root) = content { root } else { nil } }
}

/// A Swift object on its way to a machine, which it belongs to from then on.
final class HostReference: @unchecked Sendable {
  let object: AnyObject
  init(_ object: AnyObject) { self.object = object }
}

extension ProgramValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(nilLiteral: ()) { self.init(.nil) }
  public init(booleanLiteral value: Bool) { self.init(.boolean(value)) }
  public init(integerLiteral value: Int) { self.init(.integer(value)) }
  public init(floatLiteral value: Double) { self.init(.double(value)) }
  public init(stringLiteral value: String) { self.init(.string(value)) }
  public init(arrayLiteral elements: ProgramValue...) { self.init(.array(elements)) }
  public init(dictionaryLiteral elements: (ProgramValue, ProgramValue)...) {
    self.init(.dictionary(elements.map { (key: $0.0, value: $0.1) }))
  }
}

extension Calls {
  /// VM thread.
  func value(_ value: VM.Value) -> ProgramValue {
    if value.isInteger { return ProgramValue(.integer(value.integer)) }
    switch value {
    case .nil, .none: return .nil
    case .true: return ProgramValue(.boolean(true))
    case .false: return ProgramValue(.boolean(false))
    default: break
    }
    if let double = universe.double(value) { return ProgramValue(.double(double)) }
    if let big = universe.bigInteger(value) {
      return ProgramValue(Int(exactly: big).map { .integer($0) } ?? .bigInteger(big))
    }
    return ProgramValue(.object(ObjectRoot(value, self)))
  }
}

// MARK: Looking

extension ProgramValue {
  /// What `body` makes of the object, on the machine's thread at a safepoint; it must not run code of the program.
  func look<T>(_ body: @escaping (Calls, VM.Value) throws -> T) throws(VirtualMachineError) -> T? {
    guard let root else { return nil }
    let calls = try root.link.runtime().calls
    return try calls.look { try body(calls, root.value) }
  }

  /// Reads it as a Swift value: `try value.read(Int.self)`, `let names: [String] = try value.read()`.
  ///
  /// Throws `VirtualMachineError.wrongType`, with what it is instead.
  public func read<T: ValueConvertible>(_ type: T.Type = T.self) throws(VirtualMachineError) -> T {
    guard let root else { return try T.read(literal: self) }
    let runtime = try root.link.runtime()
    return try runtime.calls.look {
      let calls = runtime.calls
      return try T.read(ValueReader(bits: root.value.bits, calls: Unmanaged.passUnretained(calls)))
    }
  }

  /// The name of its class.
  public func className() throws(VirtualMachineError) -> String {
    switch content {
    case .nil: return "Nil"
    case .boolean(let value): return value ? "True" : "False"
    case .integer, .bigInteger: return "Integer"
    case .double: return "Double"
    case .string: return "String"
    case .symbol: return "Symbol"
    case .date: return "DateAndTime"
    case .array: return "Array"
    case .dictionary: return "Dictionary"
    case .instance(let name, _): return name
    case .host(let reference): return "\(type(of: reference.object))"
    case .object: return try look { $0.universe.className(of: $1) } ?? "Object"
    }
  }

  /// Its class, as a value: something to send `new` to.
  public func `class`() throws(VirtualMachineError) -> ProgramValue {
    if let found = try look({ calls, value in calls.value(calls.universe.classObject(of: value)) }) { return found }
    throw .wrongType("a Swift value has a class once a machine has it: send it something")
  }

  /// Whether both are the same object (`==` in the language). Numbers, booleans and nil are the same if they are equal, and
  /// no literal of Swift is an object yet.
  public func isIdentical(to other: ProgramValue) throws(VirtualMachineError) -> Bool {
    switch (content, other.content) {
    case (.nil, .nil): return true
    case (.boolean(let a), .boolean(let b)): return a == b
    case (.integer(let a), .integer(let b)): return a == b
    case (.bigInteger(let a), .bigInteger(let b)): return a == b
    case (.double(let a), .double(let b)): return a == b
    case (.object(let a), .object(let b)):
      guard a.link === b.link else { return false }
      return try look { calls, value in calls.universe.identical(value, b.value) } ?? false
    default: return false
    }
  }

  /// The names of its fields, those of its superclasses first.
  public func fieldNames() throws(VirtualMachineError) -> [String] {
    try look { $0.universe.parts(of: $1).fieldNames } ?? []
  }

  /// A field by its name; nil if it has none of that name.
  public func field(_ name: String) throws(VirtualMachineError) -> ProgramValue? {
    try look { calls, value in
      let names = calls.universe.parts(of: value).fieldNames
      return names.lastIndex(of: name).map { calls.field($0, of: value) }
    } ?? nil
  }

  /// All fields by name.
  public func fields() throws(VirtualMachineError) -> [String: ProgramValue] {
    try look { calls, value in
      let names = calls.universe.parts(of: value).fieldNames
      return Dictionary(names.indices.map { (names[$0], calls.field($0, of: value)) }) { $1 }
    } ?? [:]
  }
}

extension Calls {
  /// VM thread. Makes no object.
  func field(_ index: Int, of object: VM.Value) -> ProgramValue {
    switch universe.field(index, of: object) {
    case .double(let double): ProgramValue(.double(double))
    case .value(let value): self.value(value)
    }
  }
}
