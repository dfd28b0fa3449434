// Object: identity, looking into any object, and the perform: family.

import MachineLayout

let objectRows: [PrimitiveRow] = [
  PrimitiveRow("Object", "class") { native(objectClass, $0, $1, $2) },
  PrimitiveRow("Object", "==") { native(objectIdentical, $0, $1, $2) },
  PrimitiveRow("Object", "hashcode") { native(objectHashcode, $0, $1, $2) },
  PrimitiveRow("Object", "identityHash") { native(objectHashcode, $0, $1, $2) },
  PrimitiveRow("Object", "objectSize") { native(objectSize, $0, $1, $2) },
  PrimitiveRow("Object", "inspect") { native(objectInspect, $0, $1, $2) },
  PrimitiveRow("Object", "halt") { native(objectHalt, $0, $1, $2) },
  PrimitiveRow("Object", "perform:", activates: .perform),
  PrimitiveRow("Object", "perform:withArguments:", activates: .performWithArguments),
  PrimitiveRow("Object", "perform:inSuperclass:", activates: .performInSuperclass),
  PrimitiveRow("Object", "perform:withArguments:inSuperclass:", activates: .performWithArgumentsInSuperclass),
  PrimitiveRow("Object", "instVarAt:") { native(objectInstVarAt, $0, $1, $2) },
  PrimitiveRow("Object", "instVarAt:put:") { native(objectInstVarAtPut, $0, $1, $2) },
  PrimitiveRow("Object", "instVarNamed:") { native(objectInstVarNamed, $0, $1, $2) },
]

private func objectClass(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  universe.classObject(of: receiver0(h)).bits
}

private func objectIdentical(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  if h[-1] == h[-2] { return Value.true.bits }
  return Value(universe.identical(receiver1(h), argument1(h))).bits
}

/// Identity; stays the same when the object moves.
private func objectHashcode(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let value = receiver0(h)
  if value.isInteger { return value.bits }
  if !value.isPointer { return Value(integer: Int(truncatingIfNeeded: (value.bits >> 3) & 0x3FFF_FFFF)).bits }
  return Value(integer: universe.heap.identityHash(value.object)).bits
}

/// Bytes, with the header; 8 for immediate values.
private func objectSize(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let value = receiver0(h)
  guard value.isPointer else { return Value(integer: 8).bits }
  let object = value.object
  let words: Int
  switch ObjectFormat(rawValue: object.classWord.formatBits) {
  case .bytes: words = StringLayout.firstWord + (object[StringLayout.byteCount].integer + 7) / 8
  case .words: words = 1 + object[0].integer
  case .indexable: words = universe.classes[object.classIndex].bodyWords + object[0].integer
  default: words = universe.classes[object.classIndex].bodyWords
  }
  return Value(integer: 8 * (1 + words)).bits
}

/// Prints class and fields.
private func objectInspect(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let value = receiver0(h)
  universe.output.print(universe.describe(value) + "\n")
  let info = universe.classes[value.classIndex]
  for (i, name) in info.fieldNames.enumerated() where value.isPointer {
    guard let field = universe.field(receiver0(h).object, info.fieldBase + i, h) else { return 0 }
    universe.output.print("  \(name) = \(universe.describe(field))\n")
  }
  return h[-1]
}

/// A breakpoint: without a debugger, the traceback.
private func objectHalt(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  if let goesOn = universe.hooks.halted?(h) { return goesOn ? h[-1] : 0 }
  universe.output.printError("BREAKPOINT\n" + universe.traceback(h))
  return h[-1]
}

extension Universe {
  /// The body word of field `index` (from 1) of an object, or nil if it has none.
  fileprivate func fieldWord(_ value: Value, _ index: Value) -> Int? {
    let info = classes[value.classIndex]
    guard value.isPointer, index.isInteger, index.integer >= 1, index.integer <= info.fieldNames.count
    else { return nil }
    return info.fieldBase + index.integer - 1
  }

  fileprivate func noField(_ h: Words, _ value: Value, _ index: Value) -> UInt64 {
    if index.isInteger {
      return raise(.indexOutOfBounds(index.integer, classes[value.classIndex].fieldNames.count), h)
    }
    return raise(.wrongArgument("\(describe(index)) is no field of \(describe(value))"), h)
  }
}

private func objectInstVarAt(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let value = receiver1(h), index = argument1(h)
  guard let word = universe.fieldWord(value, index) else { return universe.noField(h, value, index) }
  return universe.answer(universe.field(value.object, word, h))
}

private func objectInstVarAtPut(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let value = receiver2(h), index = first2(h)
  guard let word = universe.fieldWord(value, index) else { return universe.noField(h, value, index) }
  let mark = universe.handles.push(value)
  defer { universe.handles.pop(to: mark) }
  universe.setField(mark, word, to: universe.handles.push(second2(h)), h)
  return universe.handles[mark].bits
}

private func objectInstVarNamed(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let value = receiver1(h)
  let info = universe.classes[value.classIndex]
  guard value.isPointer, let name = universe.string(argument1(h)),
    let word = info.bodyWord(ofField: name)
  else { return universe.noField(h, value, argument1(h)) }
  return universe.answer(universe.field(value.object, word, h))
}
