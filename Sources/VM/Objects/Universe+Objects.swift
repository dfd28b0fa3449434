// Making and reading the objects that the virtual machine itself knows: strings, symbols, arrays, numbers, class
// and method objects. `frame` is the top frame; a result of nil means that an error was raised: answer 0.

import BigInt
import MachineLayout

extension Universe {
  // MARK: Strings and symbols

  public func makeString(_ text: String, _ frame: Words) -> Value? {
    var copy = text
    return copy.withUTF8 { makeString(bytes: $0, scalarCount: nil, frame) }
  }

  /// `bytes` must be UTF-8 outside the heap.
  public func makeString(
    bytes: UnsafeBufferPointer<UInt8>, scalarCount: Int?, _ frame: Words
  ) -> Value? {
    let body = StringLayout.firstWord + (bytes.count + 7) / 8
    guard
      let object = heap.allocate(
        ClassWord(index: WellKnownClass.string.rawValue, format: .bytes), bodyWords: body, frame: frame)
    else { return nil }
    fill(object, body, bytes, extra: scalarCount ?? Universe.scalarCount(bytes))
    return Value(object)
  }

  static func scalarCount(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    var n = 0
    for byte in bytes where byte & 0xC0 != 0x80 { n += 1 }
    return n
  }

  private func fill(_ object: ObjectPointer, _ body: Int, _ bytes: UnsafeBufferPointer<UInt8>, extra: Int) {
    if body > StringLayout.firstWord { object[body - 1] = .none }
    object[StringLayout.byteCount] = Value(integer: bytes.count)
    object[StringLayout.extra] = Value(integer: extra)
    if let source = bytes.baseAddress {
      UnsafeMutableRawPointer(object.words + 1 + StringLayout.firstWord)
        .copyMemory(from: source, byteCount: bytes.count)
    }
  }

  /// Makes the strings of one ASCII character and 0.0: they are immutable, so one of each will do.
  func makeSharedValues() {
    zero[0] = tenuredDouble(0)
    thread[.zero] = bits(zero.slots)
    for code in 0..<UInt8(128) { characters[Int(code)] = tenuredString(String(UnicodeScalar(code))) }
    thread[.characters] = bits(characters.slots)
  }

  /// The symbol object, unique by id. Never collects.
  public func symbol(_ id: Int) -> Value {
    let known = symbols.objects[id]
    if known != .none { return known }
    let made = tenuredString(symbols.name(id), .symbol, symbolID: id + 1)
    symbols.objects[id] = made
    return made
  }
  public func symbol(_ name: String) -> Value { symbol(symbols.intern(name)) }

  /// A string in old space, for literals. Never collects.
  func tenuredString(_ text: String, _ wellKnown: WellKnownClass = .string, symbolID: Int = 0) -> Value {
    var copy = text
    return copy.withUTF8 { bytes in
      let body = StringLayout.firstWord + (bytes.count + 7) / 8
      let object = heap.allocateTenured(
        ClassWord(index: wellKnown.rawValue, format: .bytes), bodyWords: body)
      fill(object, body, bytes, extra: Universe.scalarCount(bytes) | symbolID << 32)
      return Value(object)
    }
  }

  /// True for strings and symbols (by format: nothing else has bytes).
  public func isString(_ value: Value) -> Bool {
    value.isPointer && value != .none && value.object.classWord.formatBits == ObjectFormat.bytes.rawValue
  }
  /// The UTF-8 bytes, valid until the next safepoint. Requires: isString.
  public func bytes(_ value: Value) -> UnsafeBufferPointer<UInt8> {
    let object = value.object
    let start = UnsafeRawPointer(object.words + 1 + StringLayout.firstWord).assumingMemoryBound(to: UInt8.self)
    return UnsafeBufferPointer(start: start, count: object[StringLayout.byteCount].integer)
  }
  /// A Swift copy; nil if it is no string.
  public func string(_ value: Value) -> String? {
    isString(value) ? String(decoding: bytes(value), as: UTF8.self) : nil
  }
  public func scalarCount(_ value: Value) -> Int { value.object[StringLayout.extra].integer & 0xFFFF_FFFF }
  /// The symbol id of a symbol, or nil (a plain string, or no string at all).
  public func symbolID(_ value: Value) -> Int? {
    guard isString(value) else { return nil }
    let id = value.object[StringLayout.extra].integer >> 32
    return id == 0 ? nil : id - 1
  }

  // MARK: Arrays and instances

  /// A new array filled with nil.
  public func makeArray(_ count: Int, _ frame: Words, classIndex: Int = WellKnownClass.array.rawValue) -> Value? {
    let fixed = Int(classes.sizes[classIndex])
    let word = ClassWord(index: classIndex, format: .indexable)
    guard let object = heap.allocate(word, bodyWords: fixed + count, fill: .nil, frame: frame) else { return nil }
    object[0] = Value(integer: count)
    return Value(object)
  }
  /// A new array of rooted or immediate values: `fill` stores them, without allocating.
  public func makeArray(_ count: Int, _ frame: Words, fill: (Words) -> Void) -> Value? {
    guard let array = makeArray(count, frame) else { return nil }
    fill(array.object.words + 2)
    return array
  }
  /// True for arrays (indexable objects other than environments).
  public func isArray(_ value: Value) -> Bool {
    value.isPointer && value != .none && value.object.classWord.formatBits == ObjectFormat.indexable.rawValue
      && value.object.classIndex != WellKnownClass.environment.rawValue
  }
  /// Element count of an indexable object.
  public func count(_ array: Value) -> Int { array.object[0].integer }
  /// The elements, valid until the next safepoint. Store with `heap.store(object, elementBase + i, v)`.
  public func elements(_ array: Value) -> UnsafeMutableBufferPointer<UInt64> {
    UnsafeMutableBufferPointer(
      start: array.object.words + 1 + elementBase(array), count: array.object[0].integer)
  }
  /// The body word of element 0.
  public func elementBase(_ array: Value) -> Int { Int(classes.sizes[array.object.classIndex]) }

  /// A new instance of a class with format fields or indexable (no elements), fields nil.
  public func instantiate(_ classIndex: Int, _ frame: Words) -> Value? {
    let info = classes[classIndex]
    guard let object = heap.allocate(info.classWord, bodyWords: info.bodyWords, fill: .nil, frame: frame)
    else { return nil }
    clearDoubleFields(object)
    if info.format == .indexable { object[0] = Value(integer: 0) }
    return Value(object)
  }

  // MARK: Numbers

  /// Immediate or boxed.
  public func makeDouble(_ d: Double, _ frame: Words) -> Value? {
    if let v = Value(immediateDouble: d) { return v }
    if d.bitPattern == 0 { return zero[0] }
    guard
      let object = heap.allocate(
        ClassWord(index: WellKnownClass.double.rawValue, format: .words), bodyWords: 2, frame: frame)
    else { return nil }
    object[0] = Value(integer: 1)
    object.words[2] = d.bitPattern
    return Value(object)
  }
  /// The double that a value is, or nil if it is none.
  public func double(_ value: Value) -> Double? {
    if value.isImmediateDouble { return value.immediateDouble }
    guard value.isPointer, value != .none, value.object.classIndex == WellKnownClass.double.rawValue
    else { return nil }
    return Double(bitPattern: value.object.words[2])
  }

  /// Small, or words in two's complement, least significant first.
  public func makeInteger(_ big: BigInt, _ frame: Words) -> Value? {
    if let small = Universe.smallInteger(big) { return small }
    if isTooLong(big) {
      raiseIntegerTooLong(frame)
      return nil
    }
    let all = Array(big.words)
    guard
      let object = heap.allocate(
        ClassWord(index: WellKnownClass.integer.rawValue, format: .words), bodyWords: 1 + all.count, frame: frame)
    else { return nil }
    fill(object, all)
    return Value(object)
  }
  /// Every integer that fits is a small one. (`bitWidth` of BigInt is 64 for -2^62, too.)
  private static func smallInteger(_ big: BigInt) -> Value? {
    big.bitWidth <= 64 ? Value(exactInteger: Int(truncatingIfNeeded: big)) : nil
  }
  public func makeInteger(_ i: Int, _ frame: Words) -> Value? {
    Value(exactInteger: i) ?? makeInteger(BigInt(i), frame)
  }
  /// True for small and big integers.
  public func isInteger(_ value: Value) -> Bool { value.classIndex == WellKnownClass.integer.rawValue }
  /// Nil if it is no integer.
  public func bigInteger(_ value: Value) -> BigInt? {
    if value.isInteger { return BigInt(value.integer) }
    guard value.isPointer, value != .none, value.object.classIndex == WellKnownClass.integer.rawValue
    else { return nil }
    let object = value.object
    return BigInt(words: (0..<object[0].integer).map { UInt(object.words[2 + $0]) })
  }
  private func fill(_ object: ObjectPointer, _ all: [UInt]) {
    object[0] = Value(integer: all.count)
    for (i, word) in all.enumerated() { object.words[2 + i] = UInt64(word) }
  }

  func tenuredInteger(_ big: BigInt) -> Value {
    if let small = Universe.smallInteger(big) { return small }
    let all = Array(big.words)
    let object = heap.allocateTenured(
      ClassWord(index: WellKnownClass.integer.rawValue, format: .words), bodyWords: 1 + all.count)
    fill(object, all)
    return Value(object)
  }
  func tenuredDouble(_ d: Double) -> Value {
    if let v = Value(immediateDouble: d) { return v }
    if d.bitPattern == 0 && zero[0] != .none { return zero[0] }
    return heap.allocateTenuredBox(d)
  }

  // MARK: Classes and methods as objects

  /// The class index that a class object stands for (following changes of shape); nil if it is no class object.
  public func classIndex(ofClassObject value: Value) -> Int? {
    guard value.isPointer, value != .none else { return nil }
    let object = value.object
    guard object.classWord.formatBits == ObjectFormat.fields.rawValue,
      classes.formats[object.classIndex] & ClassTable.classObjects != 0
    else { return nil }
    return object[ClassObjectLayout.classIndex].integer
  }
  /// The class object of a value's class.
  public func classObject(of value: Value) -> Value { classes.object(value.classIndex) }

  /// The object of class Method or Primitive for a method version, the same as long as anybody has it. Never collects.
  public func methodObject(_ method: Method) -> Value {
    if method[.object] != 0 { return Value(bits: method[.object]) }
    let wellKnown: WellKnownClass = methods[method].primitive == nil ? .method : .primitive
    let info = classes[wellKnown]
    let object = heap.allocateTenured(info.classWord, bodyWords: info.bodyWords)
    for i in 0..<info.bodyWords { object[i] = .nil }
    object[MethodObjectLayout.method] = Value(rawAddress: UnsafeMutableRawPointer(method.words))
    method[.object] = Value(object).bits
    return Value(object)
  }
  /// The method that a Method or Primitive object stands for.
  public func method(_ value: Value) -> Method? {
    let index = value.classIndex
    guard index == WellKnownClass.method.rawValue || index == WellKnownClass.primitive.rawValue else { return nil }
    return Method(value.object[MethodObjectLayout.method].rawAddress)
  }

  // MARK: Globals

  public func global(_ name: String) -> Value { globals.value(name) }
  public func setGlobal(_ name: String, _ value: Value) { changing { setGlobal(name, value, &$0) } }
  func setGlobal(_ name: String, _ value: Value, _ effects: inout Effects) {
    let cell = globals.cell(name)
    let old = globals.address(cell)[0]
    globals.set(cell, value)
    // Bytecode takes these for constants.
    if ["nil", "true", "false"].contains(name), old != 0, old != value.bits { assumptions.breakName(name, &effects) }
    effects.cells.append(cell)
  }
}
