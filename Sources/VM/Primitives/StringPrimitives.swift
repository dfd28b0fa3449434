// String and Symbol: UTF-8 bytes, indexed by Unicode scalars from 1. Texts of ASCII alone, where bytes and scalars
// are the same, are indexed in constant time.

import MachineLayout

let stringRows: [PrimitiveRow] = [
  PrimitiveRow("String", "length") { native(stringLength, $0, $1, $2) },
  PrimitiveRow("String", "charAt:") { native(stringCharAt, $0, $1, $2) },
  PrimitiveRow("String", "primSubstringFrom:to:") { native(stringSubstring, $0, $1, $2) },
  PrimitiveRow("String", "concatenate:") { native(stringConcatenate, $0, $1, $2) },
  PrimitiveRow("String", "=") { native(stringEqual, $0, $1, $2) },
  PrimitiveRow("String", "hashcode") { native(stringHashcode, $0, $1, $2) },
  PrimitiveRow("String", "asSymbol") { native(stringAsSymbol, $0, $1, $2) },
  PrimitiveRow("String", "isWhiteSpace") { native(stringIsWhiteSpace, $0, $1, $2) },
  PrimitiveRow("String", "isLetters") { native(stringIsLetters, $0, $1, $2) },
  PrimitiveRow("String", "isDigits") { native(stringIsDigits, $0, $1, $2) },
  PrimitiveRow("String", "indexOf:startingAt:") { native(stringIndexOf, $0, $1, $2) },
  PrimitiveRow("Symbol", "asString") { native(symbolAsString, $0, $1, $2) },
]

extension UnsafeBufferPointer<UInt8> {
  /// The byte offset of the scalar after `n` scalars from byte `start`.
  fileprivate func offset(ofScalar n: Int, from start: Int = 0) -> Int {
    var i = start, left = n
    while left > 0 && i < count {
      i += 1
      while i < count && self[i] & 0xC0 == 0x80 { i += 1 }
      left -= 1
    }
    return i
  }
}

/// Where a scalar of a long string was found last: whoever reads such a string one scalar after the other must not be
/// slow for the one that is not ASCII.
struct ScalarCursor {
  /// The string's address, as long as nothing was collected since.
  private var string: UInt64 = 0
  private var collection = 0
  private var scalar = 0
  private var byte = 0

  /// The byte offset of the scalar after `n` scalars. Requires: there are as many.
  mutating func offset(ofScalar n: Int, in text: UnsafeBufferPointer<UInt8>, _ value: Value, collection: Int) -> Int {
    if string != value.bits || self.collection != collection || n < scalar / 2 {
      self = ScalarCursor(string: value.bits, collection: collection, scalar: 0, byte: 0)
    }
    while scalar > n {
      byte -= 1
      while text[byte] & 0xC0 == 0x80 { byte -= 1 }
      scalar -= 1
    }
    byte = text.offset(ofScalar: n - scalar, from: byte)
    scalar = n
    return byte
  }
}

extension Universe {
  /// The byte offset of the scalar after `n` scalars. Requires: there are as many.
  fileprivate func byteOffset(ofScalar n: Int, in string: Value) -> Int {
    let text = bytes(string)
    if text.count == scalarCount(string) { return n }
    if text.count < 64 { return text.offset(ofScalar: n) }
    return cursor.offset(ofScalar: n, in: text, string, collection: heap.statistics.count)
  }

  /// A copy of scalars start ... end (from 1) of a string. Requires: they exist, start <= end + 1.
  fileprivate func makeSubstring(_ string: Value, _ start: Int, _ end: Int, _ frame: Words) -> Value? {
    let all = bytes(string)
    let isASCII = all.count == scalarCount(string)
    let from = byteOffset(ofScalar: start - 1, in: string)
    let to = isASCII ? end : all.offset(ofScalar: end - start + 1, from: from)
    if isASCII && start == end { return characters[Int(all[from])] }
    // Allocation may move the string: the bytes are copied out first.
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: max(1, to - from)) { buffer in
      for i in 0..<(to - from) { buffer[i] = all[from + i] }
      return makeString(
        bytes: UnsafeBufferPointer(start: buffer.baseAddress, count: to - from), scalarCount: end - start + 1,
        frame)
    }
  }

  /// Requires: isString of both.
  static func equalStrings(_ a: Value, _ b: Value) -> Bool {
    if a == b { return true }
    let x = a.object, y = b.object
    guard x[StringLayout.byteCount] == y[StringLayout.byteCount] else { return false }
    // The last word is padded with zeros.
    let end = StringLayout.firstWord &+ (x[StringLayout.byteCount].integer &+ 7) / 8
    var i = StringLayout.firstWord
    while i < end {
      if x[i] != y[i] { return false }
      i &+= 1
    }
    return true
  }
}

private func stringLength(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard universe.isString(receiver0(h)) else { return universe.wrongReceiver(h, m, receiver0(h)) }
  return Value(integer: universe.scalarCount(receiver0(h))).bits
}

private func outOfBounds(_ start: Int, _ end: Int, _ length: Int) -> VMError {
  .other("Attempting to index string out of its bounds (start: \(start) end: \(end) length: \(length))")
}

private func stringCharAt(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let string = receiver1(h), index = argument1(h)
  guard universe.isString(string) else { return universe.wrongReceiver(h, m, string) }
  guard index.isInteger else { return universe.wrongArgument(h, m, needs: "an integer", not: index) }
  let i = index.integer, length = universe.scalarCount(string)
  guard i >= 1 && i <= length else { return universe.raise(outOfBounds(i, i, length), h) }
  return universe.answer(universe.makeSubstring(string, i, i, h))
}

private func stringSubstring(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let string = receiver2(h), start = first2(h), end = second2(h)
  guard universe.isString(string) else { return universe.wrongReceiver(h, m, string) }
  guard start.isInteger else { return universe.wrongArgument(h, m, needs: "an integer", not: start) }
  guard end.isInteger else { return universe.wrongArgument(h, m, needs: "an integer", not: end) }
  let length = universe.scalarCount(string)
  guard start.integer >= 1, end.integer <= length, end.integer >= start.integer - 1 else {
    return universe.raise(outOfBounds(start.integer, end.integer, length), h)
  }
  return universe.answer(universe.makeSubstring(string, start.integer, end.integer, h))
}

private func stringConcatenate(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard universe.isString(receiver1(h)) else { return universe.wrongReceiver(h, m, receiver1(h)) }
  guard universe.isString(argument1(h)) else {
    return universe.wrongArgument(h, m, needs: "a string", not: argument1(h))
  }
  let count = universe.bytes(receiver1(h)).count + universe.bytes(argument1(h)).count
  let scalars = universe.scalarCount(receiver1(h)) + universe.scalarCount(argument1(h))
  guard count < 1 << 31 else { return universe.raise(.outOfMemory, h) }
  let body = StringLayout.firstWord + (count + 7) / 8
  let word = ClassWord(index: WellKnownClass.string.rawValue, format: .bytes)
  guard let object = universe.heap.allocate(word, bodyWords: body, frame: h) else { return 0 }
  if body > StringLayout.firstWord { object[body - 1] = .none }
  object[StringLayout.byteCount] = Value(integer: count)
  object[StringLayout.extra] = Value(integer: scalars)
  let target = UnsafeMutableRawPointer(object.words + 1 + StringLayout.firstWord)
  // Read again: the allocation may have moved both.
  let first = universe.bytes(receiver1(h)), second = universe.bytes(argument1(h))
  if let source = first.baseAddress { target.copyMemory(from: source, byteCount: first.count) }
  if let source = second.baseAddress {
    (target + first.count).copyMemory(from: source, byteCount: second.count)
  }
  return Value(object).bits
}

private func stringEqual(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard universe.isString(receiver1(h)) else { return universe.wrongReceiver(h, m, receiver1(h)) }
  guard universe.isString(argument1(h)) else { return Value.false.bits }
  return Value(Universe.equalStrings(receiver1(h), argument1(h))).bits
}

/// FNV-1a of the bytes, 30 bits: the same for equal strings and symbols.
private func stringHashcode(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard universe.isString(receiver0(h)) else { return universe.wrongReceiver(h, m, receiver0(h)) }
  var hash: UInt64 = 0xCBF2_9CE4_8422_2325
  for byte in universe.bytes(receiver0(h)) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
  return Value(integer: Int((hash ^ hash >> 31) & 0x3FFF_FFFF)).bits
}

private func stringAsSymbol(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let text = universe.string(receiver0(h)) else { return universe.wrongReceiver(h, m, receiver0(h)) }
  if universe.symbolID(receiver0(h)) != nil { return h[-1] }
  return universe.symbol(text).bits
}

private func symbolAsString(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let text = universe.string(receiver0(h)) else { return universe.wrongReceiver(h, m, receiver0(h)) }
  return universe.answer(universe.makeString(text, h))
}

// MARK: Classification

/// True if there are scalars and all satisfy the predicate.
private func all(
  _ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer, satisfy predicate: (Unicode.Scalar) -> Bool
) -> UInt64 {
  guard let text = universe.string(receiver0(h)) else { return universe.wrongReceiver(h, m, receiver0(h)) }
  return Value(!text.isEmpty && text.unicodeScalars.allSatisfy(predicate)).bits
}

private func stringIsWhiteSpace(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  all(universe, h, m) { $0.properties.isWhitespace }
}
private func stringIsLetters(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  all(universe, h, m) { $0.properties.isAlphabetic }
}
private func stringIsDigits(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  all(universe, h, m) { $0.value >= 48 && $0.value <= 57 }
}

/// The index of the first occurrence at or after a start index, or -1.
private func stringIndexOf(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let string = receiver2(h), pattern = first2(h), start = second2(h)
  guard universe.isString(string) else { return universe.wrongReceiver(h, m, string) }
  guard universe.isString(pattern) else { return universe.wrongArgument(h, m, needs: "a string", not: pattern) }
  guard start.isInteger else { return universe.wrongArgument(h, m, needs: "an integer", not: start) }
  let text = universe.bytes(string), wanted = universe.bytes(pattern)
  guard start.integer >= 1 else {
    return universe.raise(outOfBounds(start.integer, start.integer, universe.scalarCount(string)), h)
  }
  if start.integer > universe.scalarCount(string) + 1 { return Value(integer: -1).bits }
  var scalar = start.integer
  var i = universe.byteOffset(ofScalar: scalar - 1, in: string)
  while i + wanted.count <= text.count {
    if text[i..<(i + wanted.count)].elementsEqual(wanted) { return Value(integer: scalar).bits }
    i = text.offset(ofScalar: 1, from: i)
    if i >= text.count && !(wanted.isEmpty && i == text.count) { break }
    if i == text.count && scalar == universe.scalarCount(string) + 1 { break }
    scalar += 1
  }
  return Value(integer: -1).bits
}
