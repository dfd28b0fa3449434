// Which Swift types are values of programs, and how.

import BigInt
import Foundation
import MachineLayout
import VM

/// A Swift type whose values can be given to programs and read from them.
///
/// Integers, doubles, strings, booleans, arrays, dictionaries, optionals, dates and `Value` itself are; structures and
/// enumerations become so through `Codable` (`VirtualMachine.encode`, `Value.decode`), classes through `SwiftObject`.
public protocol ValueConvertible {
  /// Reads a value of the program. On the machine's thread. Throws `reader.mismatch("a colour")` if it is something else.
  static func read(_ reader: ValueReader) throws(VirtualMachineError) -> Self
  /// Makes a value of the program. On the machine's thread.
  func write(_ writer: ValueWriter) throws(VirtualMachineError) -> ValueWriter.Written
  /// The same as a value of no machine yet.
  var programValue: ProgramValue { get }
  /// Reads a value that never was one of a program: a literal.
  static func read(literal: ProgramValue) throws(VirtualMachineError) -> Self
  /// Reads the elements of an Array, each by `read(_:)`. Numbers and strings do it without asking for each what it is to do.
  static func read(elements: ValueReader.Elements) throws(VirtualMachineError) -> [Self]
  /// Makes an Array, of what `write` makes of each.
  static func write(elements: [Self], _ writer: ValueWriter) throws(VirtualMachineError) -> ValueWriter.Written
}

extension ValueConvertible {
  public static func read(elements: ValueReader.Elements) throws(VirtualMachineError) -> [Self] {
    try elements.readEach()
  }
  public static func write(
    elements: [Self], _ writer: ValueWriter
  ) throws(VirtualMachineError) -> ValueWriter.Written { try writer.writeEach(elements) }
  static func literalMismatch(_ literal: ProgramValue, _ expected: String) -> VirtualMachineError {
    .wrongType("\(expected) was expected, not \((try? literal.className()) ?? "another value")")
  }
  public static func read(literal: ProgramValue) throws(VirtualMachineError) -> Self {
    throw literalMismatch(literal, "\(Self.self)")
  }
}

extension Int: ValueConvertible {
  @inlinable public static func read(_ reader: ValueReader) throws(VirtualMachineError) -> Int {
    guard let integer = reader.integer else { throw reader.mismatch("an integer of 64 bits") }
    return integer
  }
  @inlinable public func write(_ writer: ValueWriter) throws(VirtualMachineError) -> ValueWriter.Written {
    if let written = ValueWriter.Written(self) { return written }
    return try writer.integer(self)
  }
  public var programValue: ProgramValue { ProgramValue(.integer(self)) }
  public static func read(literal: ProgramValue) throws(VirtualMachineError) -> Int {
    guard case .integer(let n) = literal.content else { throw literalMismatch(literal, "an integer of 64 bits") }
    return n
  }
}

extension BigInt: ValueConvertible {
  public static func read(_ reader: ValueReader) throws(VirtualMachineError) -> BigInt {
    guard let integer = reader.bigInteger else { throw reader.mismatch("an integer") }
    return integer
  }
  public func write(_ writer: ValueWriter) throws(VirtualMachineError) -> ValueWriter.Written {
    try writer.integer(self)
  }
  public var programValue: ProgramValue { ProgramValue(Int(exactly: self).map { .integer($0) } ?? .bigInteger(self)) }
  public static func read(literal: ProgramValue) throws(VirtualMachineError) -> BigInt {
    switch literal.content {
    case .integer(let n): return BigInt(n)
    case .bigInteger(let n): return n
    default: throw literalMismatch(literal, "an integer")
    }
  }
}

extension Double: ValueConvertible {
  /// A double, or an integer as one.
  @inlinable public static func read(_ reader: ValueReader) throws(VirtualMachineError) -> Double {
    if let double = reader.double { return double }
    if let integer = reader.integer { return Double(integer) }
    throw reader.mismatch("a number")
  }
  @inlinable public func write(_ writer: ValueWriter) throws(VirtualMachineError) -> ValueWriter.Written {
    if let written = ValueWriter.Written(self) { return written }
    return try writer.double(self)
  }
  public var programValue: ProgramValue { ProgramValue(.double(self)) }
  public static func read(literal: ProgramValue) throws(VirtualMachineError) -> Double {
    switch literal.content {
    case .double(let d): return d
    case .integer(let n): return Double(n)
    default: throw literalMismatch(literal, "a number")
    }
  }
}

extension Bool: ValueConvertible {
  @inlinable public static func read(_ reader: ValueReader) throws(VirtualMachineError) -> Bool {
    guard let boolean = reader.boolean else { throw reader.mismatch("true or false") }
    return boolean
  }
  @inlinable public func write(_ writer: ValueWriter) throws(VirtualMachineError) -> ValueWriter.Written {
    ValueWriter.Written(self)
  }
  public var programValue: ProgramValue { ProgramValue(.boolean(self)) }
  public static func read(literal: ProgramValue) throws(VirtualMachineError) -> Bool {
    guard case .boolean(let b) = literal.content else { throw literalMismatch(literal, "true or false") }
    return b
  }
}

extension String: ValueConvertible {
  /// A string or a symbol.
  public static func read(_ reader: ValueReader) throws(VirtualMachineError) -> String {
    guard let string = reader.string else { throw reader.mismatch("a string") }
    return string
  }
  public func write(_ writer: ValueWriter) throws(VirtualMachineError) -> ValueWriter.Written {
    try writer.string(self)
  }
  public var programValue: ProgramValue { ProgramValue(.string(self)) }
  public static func read(literal: ProgramValue) throws(VirtualMachineError) -> String {
    switch literal.content {
    case .string(let s), .symbol(let s): return s
    default: throw literalMismatch(literal, "a string")
    }
  }
}

extension Foundation.Date: ValueConvertible {
  /// A DateAndTime, or the first moment of a Date in UTC.
  public static func read(_ reader: ValueReader) throws(VirtualMachineError) -> Foundation.Date {
    guard let date = reader.date else { throw reader.mismatch("a DateAndTime or a Date") }
    return date
  }
  /// A DateAndTime.
  public func write(_ writer: ValueWriter) throws(VirtualMachineError) -> ValueWriter.Written { try writer.date(self) }
  public var programValue: ProgramValue { ProgramValue(.date(self)) }
  public static func read(literal: ProgramValue) throws(VirtualMachineError) -> Foundation.Date {
    guard case .date(let date) = literal.content else { throw literalMismatch(literal, "a date") }
    return date
  }
}

extension Array: ValueConvertible where Element: ValueConvertible {
  /// An Array, a Vector or an OrderedCollection.
  public static func read(_ reader: ValueReader) throws(VirtualMachineError) -> [Element] {
    guard let elements = reader.elements else { throw reader.mismatch("an array") }
    return try Element.read(elements: elements)
  }
  public func write(_ writer: ValueWriter) throws(VirtualMachineError) -> ValueWriter.Written {
    try Element.write(elements: self, writer)
  }
  public var programValue: ProgramValue { ProgramValue(.array(map(\.programValue))) }
  public static func read(literal: ProgramValue) throws(VirtualMachineError) -> [Element] {
    guard case .array(let elements) = literal.content else { throw literalMismatch(literal, "an array") }
    var result: [Element] = []
    for element in elements { result.append(try element.read(Element.self)) }
    return result
  }
}

extension Dictionary: ValueConvertible where Key: ValueConvertible, Value: ValueConvertible {
  /// A Dictionary or a Hashtable.
  public static func read(_ reader: ValueReader) throws(VirtualMachineError) -> [Key: Value] {
    guard let pairs = reader.pairs else { throw reader.mismatch("a dictionary") }
    var result: [Key: Value] = [:]
    for pair in pairs { result[try Key.read(pair.key)] = try Value.read(pair.value) }
    return result
  }
  public func write(_ writer: ValueWriter) throws(VirtualMachineError) -> ValueWriter.Written {
    try writer.value(programValue)
  }
  public var programValue: ProgramValue {
    ProgramValue(.dictionary(map { (key: $0.key.programValue, value: $0.value.programValue) }))
  }
  public static func read(literal: ProgramValue) throws(VirtualMachineError) -> [Key: Value] {
    guard case .dictionary(let pairs) = literal.content else { throw literalMismatch(literal, "a dictionary") }
    var result: [Key: Value] = [:]
    for pair in pairs { result[try pair.key.read(Key.self)] = try pair.value.read(Value.self) }
    return result
  }
}

extension Optional: ValueConvertible where Wrapped: ValueConvertible {
  public static func read(_ reader: ValueReader) throws(VirtualMachineError) -> Wrapped? {
    reader.isNil ? nil : try Wrapped.read(reader)
  }
  public func write(_ writer: ValueWriter) throws(VirtualMachineError) -> ValueWriter.Written {
    switch self {
    case nil: .nil
    case let value?: try value.write(writer)
    }
  }
  public var programValue: ProgramValue { map(\.programValue) ?? .nil }
  public static func read(literal: ProgramValue) throws(VirtualMachineError) -> Wrapped? {
    literal.isNil ? nil : try Wrapped.read(literal: literal)
  }
}

extension ProgramValue: ValueConvertible {
  public static func read(_ reader: ValueReader) throws(VirtualMachineError) -> ProgramValue { reader.programValue }
  public func write(_ writer: ValueWriter) throws(VirtualMachineError) -> ValueWriter.Written {
    try writer.value(self)
  }
  public var programValue: ProgramValue { self }
  public static func read(literal: ProgramValue) throws(VirtualMachineError) -> ProgramValue { literal }
}
