// Array: indexed elements from 1.

import MachineLayout

let arrayRows: [PrimitiveRow] = [
  PrimitiveRow("Array", "at:") { native(arrayAt, $0, $1, $2) },
  PrimitiveRow("Array", "at:put:") { native(arrayAtPut, $0, $1, $2) },
  PrimitiveRow("Array", "length") { native(arrayLength, $0, $1, $2) },
  PrimitiveRow("Array class", "new:") { native(arrayNew, $0, $1, $2) },
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

private func arrayAt(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let array = receiver1(h), index = argument1(h)
  guard universe.isArray(array), index.isInteger, index.integer >= 1, index.integer <= universe.count(array)
  else { return universe.badIndex(h, m, array, index) }
  return array.object[universe.elementBase(array) &+ index.integer &- 1].bits
}

private func arrayAtPut(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let array = receiver2(h), index = first2(h)
  guard universe.isArray(array), index.isInteger, index.integer >= 1, index.integer <= universe.count(array)
  else { return universe.badIndex(h, m, array, index) }
  universe.heap.store(array.object, universe.elementBase(array) &+ index.integer &- 1, second2(h))
  return array.bits
}

private func arrayLength(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard universe.isArray(receiver0(h)) else { return universe.wrongReceiver(h, m, receiver0(h)) }
  return Value(integer: universe.count(receiver0(h))).bits
}

/// More elements than this are out of memory at once.
private let longestArray = 1 << 40

private func arrayNew(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let length = argument1(h)
  guard let index = universe.classIndex(ofClassObject: receiver1(h)),
    universe.classes.formats[index] == ObjectFormat.indexable.rawValue, index != WellKnownClass.environment.rawValue
  else { return universe.wrongReceiver(h, m, receiver1(h)) }
  guard length.isInteger, length.integer >= 0 else {
    return universe.wrongArgument(h, m, needs: "a length", not: length)
  }
  guard length.integer <= longestArray else { return universe.raise(.outOfMemory, h) }
  return universe.answer(universe.makeArray(length.integer, h, classIndex: index))
}
