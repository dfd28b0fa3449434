// Strings as texts: comparison, case, taking apart and putting together. What indexes a string is in
// StringPrimitives.

let textRows: [PrimitiveRow] = [
  PrimitiveRow("String", "compareWith:") { native(stringCompare, $0, $1, $2) },
  PrimitiveRow("String", "asUppercase") { native(stringUppercase, $0, $1, $2) },
  PrimitiveRow("String", "asLowercase") { native(stringLowercase, $0, $1, $2) },
  PrimitiveRow("String", "trim") { native(stringTrim, $0, $1, $2) },
  PrimitiveRow("String", "characters") { native(stringCharacters, $0, $1, $2) },
  PrimitiveRow("String", "codePoint") { native(stringCodePoint, $0, $1, $2) },
  PrimitiveRow("String class", "fromStrings:") { native(stringFromStrings, $0, $1, $2) },
  PrimitiveRow("String class", "fromCodePoint:") { native(stringFromCodePoint, $0, $1, $2) },
]

/// -1, 0 or 1, by code points: the order of UTF-8 bytes is the same.
private func stringCompare(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let a = receiver1(h), b = argument1(h)
  guard universe.isString(a) else { return universe.wrongReceiver(h, m, a) }
  guard universe.isString(b) else { return universe.wrongArgument(h, m, needs: "a string", not: b) }
  let x = universe.bytes(a), y = universe.bytes(b)
  if x.lexicographicallyPrecedes(y) { return Value(integer: -1).bits }
  return Value(integer: x.count == y.count && x.elementsEqual(y) ? 0 : 1).bits
}

private func transform(
  _ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer, _ change: (String) -> String
) -> UInt64 {
  guard let text = universe.string(receiver0(h)) else { return universe.wrongReceiver(h, m, receiver0(h)) }
  return universe.answer(universe.makeString(change(text), h))
}
private func stringUppercase(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  transform(universe, h, m) { $0.uppercased() }
}
private func stringLowercase(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  transform(universe, h, m) { $0.lowercased() }
}
/// Without white space at both ends.
private func stringTrim(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  transform(universe, h, m) { text in
    let scalars = text.unicodeScalars
    let rest = scalars.drop { $0.properties.isWhitespace }
    guard let last = rest.lastIndex(where: { !$0.properties.isWhitespace }) else { return "" }
    return String(rest[...last])
  }
}

/// The code point of a string of one character.
private func stringCodePoint(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let text = universe.string(receiver0(h)) else { return universe.wrongReceiver(h, m, receiver0(h)) }
  let scalars = text.unicodeScalars
  guard let scalar = scalars.first, scalars.count == 1 else {
    return universe.raise(.other("String>>codePoint needs a string of one character, not '\(text.prefix(40))'"), h)
  }
  return Value(integer: Int(scalar.value)).bits
}

private func stringFromCodePoint(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let code = argument1(h)
  guard code.isInteger, let value = UInt32(exactly: code.integer), let scalar = Unicode.Scalar(value) else {
    return universe.wrongArgument(h, m, needs: "a Unicode code point", not: code)
  }
  return universe.answer(universe.makeString(String(Character(scalar)), h))
}

/// An array of strings of one character each, in time proportional to the length. Equal ASCII characters are the
/// same object.
private func stringCharacters(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard universe.isString(receiver0(h)) else { return universe.wrongReceiver(h, m, receiver0(h)) }
  let mark = universe.handles.count
  defer { universe.handles.pop(to: mark) }
  guard let array = universe.makeArray(universe.scalarCount(receiver0(h)), h) else { return 0 }
  let result = universe.handles.push(array)
  var known = [Int](repeating: -1, count: 128)
  var byte = 0, index = 0
  while byte < universe.bytes(receiver0(h)).count {
    // Read again in each turn: the allocation moves the string.
    let all = universe.bytes(receiver0(h)), first = all[byte]
    var end = byte + 1
    while end < all.count && all[end] & 0xC0 == 0x80 { end += 1 }
    let character: Value
    if first < 128, known[Int(first)] >= 0 {
      character = universe.handles[known[Int(first)]]
    } else {
      let made = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: end - byte) { buffer in
        for i in 0..<(end - byte) { buffer[i] = all[byte + i] }
        return universe.makeString(bytes: UnsafeBufferPointer(buffer), scalarCount: 1, h)
      }
      guard let made else { return 0 }
      if first < 128 { known[Int(first)] = universe.handles.push(made) }
      character = made
    }
    let target = universe.handles[result]
    universe.heap.store(target.object, universe.elementBase(target) + index, character)
    byte = end
    index += 1
  }
  return universe.handles[result].bits
}

/// The strings of an array, one after another.
private func stringFromStrings(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard universe.isArray(argument1(h)) else {
    return universe.wrongArgument(h, m, needs: "an array of strings", not: argument1(h))
  }
  var count = 0
  for word in universe.elements(argument1(h)) {
    let element = Value(bits: word)
    guard universe.isString(element) else {
      return universe.wrongArgument(h, m, needs: "an array of strings", not: element)
    }
    count += universe.bytes(element).count
  }
  guard count < 1 << 31 else { return universe.raise(.outOfMemory, h) }
  var text: [UInt8] = []
  text.reserveCapacity(count)
  for word in universe.elements(argument1(h)) { text.append(contentsOf: universe.bytes(Value(bits: word))) }
  return text.withUnsafeBufferPointer { universe.answer(universe.makeString(bytes: $0, scalarCount: nil, h)) }
}
