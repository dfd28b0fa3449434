// Reading and making values on the machine's own thread, where it costs no more than a look at the object.

import BigInt
import Foundation
import MachineLayout
import VM

/// A value of the program while a conversion reads it, on the machine's own thread. Must not be kept.
@frozen public struct ValueReader {
  @usableFromInline let bits: UInt64
  @usableFromInline let calls: Unmanaged<Calls>

  @usableFromInline init(bits: UInt64, calls: Unmanaged<Calls>) {
    self.bits = bits
    self.calls = calls
  }

  var value: VM.Value { VM.Value(bits: bits) }
  var universe: Universe { calls._withUnsafeGuaranteedRef { $0.universe } }
  func reader(_ value: VM.Value) -> ValueReader { ValueReader(bits: value.bits, calls: calls) }

  /// Whether it is nil.
  @inlinable public var isNil: Bool { bits == VM.Value.nil.bits }

  /// If it is an integer of 64 bits.
  @inlinable public var integer: Int? {
    let value = VM.Value(bits: bits)
    return value.isInteger ? value.integer : largeInteger
  }
  @usableFromInline var largeInteger: Int? { bigInteger.flatMap { Int(exactly: $0) } }

  /// If it is an integer.
  public var bigInteger: BigInteger? { universe.bigInteger(value) }

  /// If it is a double.
  @inlinable public var double: Double? {
    let value = VM.Value(bits: bits)
    return value.isImmediateDouble ? value.immediateDouble : boxedDouble
  }
  @usableFromInline var boxedDouble: Double? { universe.double(value) }

  /// If it is true or false.
  @inlinable public var boolean: Bool? {
    bits == VM.Value.true.bits ? true : bits == VM.Value.false.bits ? false : nil
  }

  /// If it is a string or a symbol.
  public var string: String? { universe.string(value) }
  /// If it is a symbol.
  public var symbol: String? { universe.symbolID(value) == nil ? nil : universe.string(value) }

  /// If it is a DateAndTime, or a Date (its first moment, in UTC).
  public var date: Foundation.Date? {
    if isInstance(of: "DateAndTime"), let n = field("microseconds")?.integer {
      return Foundation.Date(timeIntervalSince1970: Double(n) / 1e6)
    }
    if isInstance(of: "Date"), let days = field("days")?.integer {
      return Foundation.Date(timeIntervalSince1970: Double(days) * 86400)
    }
    return nil
  }

  /// The elements, if it is an Array, a Vector or an OrderedCollection.
  public var elements: Elements? {
    if universe.isArray(value) { return Elements(array: value, first: 0, count: universe.count(value), reader: self) }
    let isVector = isInstance(of: "Vector")
    guard isVector || isInstance(of: "OrderedCollection"), let storage = field("storage")?.value,
      universe.isArray(storage), let first = field("first")?.integer, let last = field("last")?.integer
    else { return nil }
    let count = last - first + (isVector ? 0 : 1)
    guard first >= 1, count >= 0, first - 1 + count <= universe.count(storage) else { return nil }
    return Elements(array: storage, first: first - 1, count: count, reader: self)
  }

  /// Elements that can be gone through.
  public struct Elements: RandomAccessCollection {
    let array: VM.Value
    let first: Int
    let reader: ValueReader
    private let words: UnsafeMutableBufferPointer<UInt64>
    public let startIndex = 0
    public let endIndex: Int

    init(array: VM.Value, first: Int, count: Int, reader: ValueReader) {
      (self.array, self.first, endIndex, self.reader) = (array, first, count, reader)
      words = reader.universe.elements(array)
    }
    public subscript(position: Int) -> ValueReader {
      ValueReader(bits: words[first + position], calls: reader.calls)
    }
  }

  /// Keys and values, if it is a Dictionary or a Hashtable.
  public var pairs: [(key: ValueReader, value: ValueReader)]? {
    if isInstance(of: "Dictionary") {
      return field("pairs")?.elements?.compactMap { pair in
        guard let key = pair.field("key"), let value = pair.field("value") else { return nil }
        return (key, value)
      }
    }
    guard isInstance(of: "Hashtable"), let chains = field("table")?.elements else { return nil }
    var found: [(key: ValueReader, value: ValueReader)] = []
    for chain in chains {
      var entry = chain
      while !entry.isNil, let key = entry.field("key"), let value = entry.field("value"), let next = entry.field("next")
      {
        found.append((key, value))
        entry = next
      }
    }
    return found
  }

  /// What a field holds; nil if it has no field of that name, or one that is kept as a bare double (`doubleField`).
  public func field(_ name: String) -> ValueReader? {
    guard let index = universe.parts(of: value).fieldNames.lastIndex(of: name) else { return nil }
    switch universe.field(index, of: value) {
    case .value(let value): return reader(value)
    case .double(let double): return VM.Value(immediateDouble: double).map(reader)
    }
  }

  /// The names of its fields.
  public var fieldNames: [String] { universe.parts(of: value).fieldNames }

  /// The name of its class.
  public var className: String { universe.className(of: value) }

  /// Whether its class is a class of the library, or inherits from that.
  func isInstance(of name: String) -> Bool {
    guard value.isPointer, value != .none, let info = universe.classes.named(name), info.isLoaded else { return false }
    return universe.classes.inherits(value.classIndex, from: info.index)
  }

  /// The value itself, to be kept.
  public var programValue: ProgramValue { calls._withUnsafeGuaranteedRef { $0.value(value) } }

  /// The error that says that something else was expected: "an integer", "an array of strings".
  public func mismatch(_ expected: String) -> VirtualMachineError {
    .wrongType("\(expected) was expected, not \(universe.briefText(value))")
  }
}

/// Makes objects of the program, on the machine's own thread. Must not be kept.
@frozen public struct ValueWriter {
  @usableFromInline let machine: Unmanaged<Calls>
  @usableFromInline let frame: Words

  @inlinable init(_ machine: Unmanaged<Calls>, _ frame: Words) {
    self.machine = machine
    self.frame = frame
  }
  init(_ calls: Calls, _ frame: Words) { self.init(Unmanaged.passUnretained(calls), frame) }

  var calls: Calls { machine.takeUnretainedValue() }
  var universe: Universe { calls.universe }

  /// What was made: valid until something else is made.
  @frozen public struct Written {
    @usableFromInline let bits: UInt64
    @usableFromInline init(bits: UInt64) { self.bits = bits }
    /// An integer of 63 bits; nil if it has more.
    @inlinable public init?(_ integer: Int) {
      guard let value = VM.Value(exactInteger: integer) else { return nil }
      bits = value.bits
    }
    /// A double with a usual exponent.
    @inlinable public init?(_ double: Double) {
      guard let value = VM.Value(immediateDouble: double) else { return nil }
      bits = value.bits
    }
    /// True or false.
    @inlinable public init(_ boolean: Bool) { bits = VM.Value(boolean).bits }
    /// nil.
    public static var `nil`: Written { Written(bits: VM.Value.nil.bits) }
  }

  private func written(_ value: VM.Value?) throws(VirtualMachineError) -> Written {
    guard let value else { throw .unwinding }
    return Written(bits: value.bits)
  }

  /// An integer.
  public func integer(_ integer: Int) throws(VirtualMachineError) -> Written {
    try written(universe.makeInteger(integer, frame))
  }
  /// An integer of any size.
  public func integer(_ integer: BigInteger) throws(VirtualMachineError) -> Written {
    try written(universe.makeInteger(integer, frame))
  }
  /// A double.
  public func double(_ double: Double) throws(VirtualMachineError) -> Written {
    try written(universe.makeDouble(double, frame))
  }
  /// A string.
  public func string(_ text: String) throws(VirtualMachineError) -> Written {
    try written(universe.makeString(text, frame))
  }
  /// A symbol.
  public func symbol(_ name: String) -> Written { Written(bits: universe.symbol(name).bits) }

  /// An Array. `element` makes the elements, one after the other.
  public func array(
    _ count: Int, _ element: (Int) throws(VirtualMachineError) -> Written
  ) throws(VirtualMachineError) -> Written {
    let mark = universe.handles.count
    defer { universe.handles.pop(to: mark) }
    guard let made = universe.makeArray(count, frame) else { throw .unwinding }
    let array = universe.handles.push(made)
    for i in 0..<count {
      let written = try element(i)
      universe.setElement(i, of: universe.handles[array], to: VM.Value(bits: written.bits))
    }
    return Written(bits: universe.handles[array].bits)
  }

  /// Sends a message; both of its ends are values that are kept.
  func send(_ receiver: Int, _ selector: String, _ arguments: [Int]) throws(VirtualMachineError) -> Written {
    let values = arguments.map { universe.handles[$0] }
    let result = universe.send(universe.handles[receiver], universe.symbols.intern(selector), values, frame: frame)
    if result == 0 { throw .unwinding }
    return Written(bits: result)
  }

  /// A class, loaded if it is not.
  func classObject(_ name: String) throws(VirtualMachineError) -> VM.Value {
    do throws(LoadError) { return universe.classes.object(try universe.loadClass(name).index) } catch {
      throw .load("\(error)")
    }
  }

  /// Keeps what was made: a handle.
  func keep(_ written: Written) -> Int { universe.handles.push(VM.Value(bits: written.bits)) }

  /// Any value: literals become objects. Throws `valueOfAnotherMachine`.
  public func value(_ value: ProgramValue) throws(VirtualMachineError) -> Written {
    switch value.content {
    case .nil: return .nil
    case .boolean(let b): return Written(b)
    case .integer(let n): return try integer(n)
    case .bigInteger(let n): return try integer(n)
    case .double(let d): return try double(d)
    case .string(let s): return try string(s)
    case .symbol(let s): return symbol(s)
    case .date(let date): return try self.date(date)
    case .array(let elements):
      return try array(elements.count) { i throws(VirtualMachineError) in try self.value(elements[i]) }
    case .dictionary(let pairs): return try dictionary(pairs)
    case .instance(let name, let fields): return try instance(name, fields)
    case .host(let reference): return try object(reference.object)
    case .object(let root):
      guard root.link === calls.link else { throw .valueOfAnotherMachine }
      return Written(bits: root.value.bits)
    }
  }

  /// A DateAndTime, in UTC.
  public func date(_ date: Foundation.Date) throws(VirtualMachineError) -> Written {
    let microseconds = (date.timeIntervalSince1970 * 1e6).rounded()
    guard let exact = Int(exactly: microseconds) else {
      throw .wrongType("a date so far away cannot be given: \(date)")
    }
    let mark = universe.handles.count
    defer { universe.handles.pop(to: mark) }
    let receiver = universe.handles.push(try classObject("DateAndTime"))
    let n = keep(try integer(exact)), zero = keep(try integer(0))
    return try send(receiver, "microseconds:offset:", [n, zero])
  }

  private func dictionary(
    _ pairs: [(key: ProgramValue, value: ProgramValue)]
  ) throws(VirtualMachineError) -> Written {
    let mark = universe.handles.count
    defer { universe.handles.pop(to: mark) }
    let receiver = universe.handles.push(try classObject("Dictionary"))
    let made = keep(try send(receiver, "new", []))
    for pair in pairs {
      let inner = universe.handles.count
      defer { universe.handles.pop(to: inner) }
      let key = keep(try value(pair.key)), value = keep(try value(pair.value))
      _ = try send(made, "at:put:", [key, value])
    }
    return Written(bits: universe.handles[made].bits)
  }

  private func instance(
    _ className: String, _ fields: [(name: String, value: ProgramValue)]
  ) throws(VirtualMachineError) -> Written {
    let mark = universe.handles.count
    defer { universe.handles.pop(to: mark) }
    let receiver = universe.handles.push(try classObject(className))
    let made = keep(try send(receiver, "new", []))
    for field in fields {
      let inner = universe.handles.count
      defer { universe.handles.pop(to: inner) }
      guard let index = universe.parts(of: universe.handles[made]).fieldNames.lastIndex(of: field.name) else {
        throw .wrongType("\(className) has no field \(field.name)")
      }
      let value = keep(try value(field.value))
      universe.setField(index, of: made, to: value, frame)
    }
    return Written(bits: universe.handles[made].bits)
  }
}
