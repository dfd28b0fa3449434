// Array: indexed elements from 1.

let arrayRows: [PrimitiveRow] = [
  PrimitiveRow("Array", "at:", arrayAt),
  PrimitiveRow("Array", "at:put:", arrayAtPut),
  PrimitiveRow("Array", "length", arrayLength),
  PrimitiveRow("Array class", "new:", arrayNew),
]

extension Universe {
  @inline(never)
  fileprivate func badIndex(
    _ h: Words, _ m: UnsafeMutableRawPointer, _ array: Value, _ index: Value
  ) -> UInt64 {
    guard isArray(array) else { return wrongReceiver(h, m, array) }
    guard index.isInteger else { return wrongArgument(h, m, needs: "an integer index", not: index) }
    return raise(.indexOutOfBounds(index.integer, count(array)), h)
  }
}

private func arrayAt(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let universe = Universe.of(t), array = receiver1(h), index = argument1(h)
  guard universe.isArray(array), index.isInteger, index.integer >= 1, index.integer <= universe.count(array)
  else { return universe.badIndex(h, m, array, index) }
  return array.object[universe.elementBase(array) &+ index.integer &- 1].bits
}

private func arrayAtPut(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let universe = Universe.of(t), array = receiver2(h), index = first2(h)
  guard universe.isArray(array), index.isInteger, index.integer >= 1, index.integer <= universe.count(array)
  else { return universe.badIndex(h, m, array, index) }
  universe.heap.store(array.object, universe.elementBase(array) &+ index.integer &- 1, second2(h))
  return array.bits
}

private func arrayLength(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let universe = Universe.of(t)
  guard universe.isArray(receiver0(h)) else { return universe.wrongReceiver(h, m, receiver0(h)) }
  return Value(integer: universe.count(receiver0(h))).bits
}

/// More elements than this are out of memory at once.
private let longestArray = 1 << 40

private func arrayNew(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let universe = Universe.of(t), length = argument1(h)
  guard let index = universe.classIndex(ofClassObject: receiver1(h)),
    universe.classes.formats[index] == ObjectFormat.indexable.rawValue, index != WellKnownClass.environment.rawValue
  else { return universe.wrongReceiver(h, m, receiver1(h)) }
  guard length.isInteger, length.integer >= 0 else {
    return universe.wrongArgument(h, m, needs: "a length", not: length)
  }
  guard length.integer <= longestArray else { return universe.raise(.outOfMemory, h) }
  return universe.answer(universe.makeArray(length.integer, h, classIndex: index))
}
