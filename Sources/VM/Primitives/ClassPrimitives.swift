// Class: allocation and reflection. Changing classes is in EditingPrimitives.

let classRows: [PrimitiveRow] = [
  PrimitiveRow("Class", "new", classNew),
  PrimitiveRow("Class", "name", className),
  PrimitiveRow("Class", "superclass", classSuperclass),
  PrimitiveRow("Class", "fields", classFields),
  PrimitiveRow("Class", "methods", classMethods),
  PrimitiveRow("Class", "methodArray", classMethods),
  PrimitiveRow("Class", "hasMethod:", classHasMethod),
]

extension Universe {
  /// Classes whose instances only the virtual machine makes.
  private static let notInstantiable: [WellKnownClass] = [
    .block, .environment, .class, .method, .primitive, .boolean, .nil, .symbol, .system,
  ]

  fileprivate func canInstantiate(_ index: Int) -> Bool {
    let info = classes[index]
    if info.format == .words { return false }
    return !Universe.notInstantiable.contains { classes.inherits(index, from: $0.rawValue) }
  }
}

private func classNew(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let universe = Universe.of(t)
  guard let index = universe.classIndex(ofClassObject: receiver0(h)) else {
    return universe.wrongReceiver(h, m, receiver0(h))
  }
  let info = universe.classes[index]
  // The one class of plain objects that matters: everything else is checked.
  guard info.format == .fields && index > WellKnownClass.system.rawValue && info.fieldBase == 0
    || universe.canInstantiate(index)
  else { return universe.raise(.other("Class \(info.name) cannot be instantiated"), h) }
  if info.format == .bytes {
    guard let object = universe.heap.allocate(
      info.classWord, bodyWords: StringLayout.firstWord, fill: Value(integer: 0), frame: h)
    else { return 0 }
    return Value(object).bits
  }
  return universe.answer(universe.instantiate(index, h))
}

private func className(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let universe = Universe.of(t)
  guard let index = universe.classIndex(ofClassObject: receiver0(h)) else {
    return universe.wrongReceiver(h, m, receiver0(h))
  }
  return universe.symbol(universe.classes[index].name).bits
}

private func classSuperclass(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let universe = Universe.of(t)
  guard let index = universe.classIndex(ofClassObject: receiver0(h)) else {
    return universe.wrongReceiver(h, m, receiver0(h))
  }
  let above = universe.classes[index].superIndex
  return above == 0 ? Value.nil.bits : universe.classes.object(above).bits
}

/// The names of all fields, inherited ones first.
private func classFields(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let universe = Universe.of(t)
  guard let index = universe.classIndex(ofClassObject: receiver0(h)) else {
    return universe.wrongReceiver(h, m, receiver0(h))
  }
  return universe.answer(universe.makeArray(universe.classes[index].fieldNames.map { universe.symbols.intern($0) }, h) {
    universe.symbol($0)
  })
}

/// The methods of the class itself, in the order of their definition.
private func classMethods(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let universe = Universe.of(t)
  guard let index = universe.classIndex(ofClassObject: receiver0(h)) else {
    return universe.wrongReceiver(h, m, receiver0(h))
  }
  let info = universe.classes[index]
  return universe.answer(universe.makeArray(info.selectors.compactMap { info.methods[$0] }, h) {
    universe.methodObject($0)
  })
}

private func classHasMethod(_ t: Words, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let universe = Universe.of(t)
  guard let index = universe.classIndex(ofClassObject: receiver1(h)) else {
    return universe.wrongReceiver(h, m, receiver1(h))
  }
  guard let selector = universe.string(argument1(h)) else {
    return universe.wrongArgument(h, m, needs: "a symbol", not: argument1(h))
  }
  return Value(universe.classes[index].methods[universe.symbols.intern(selector)] != nil).bits
}

extension Universe {
  /// An array of objects that live in old space; making them must not collect.
  fileprivate func makeArray<T>(_ items: [T], _ frame: Words, object: (T) -> Value) -> Value? {
    guard let array = makeArray(items.count, frame) else { return nil }
    let base = elementBase(array)
    for (i, item) in items.enumerated() { heap.store(array.object, base + i, object(item)) }
    return array
  }
}
