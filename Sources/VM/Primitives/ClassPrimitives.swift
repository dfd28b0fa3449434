// Class: allocation and reflection. Changing classes is in EditingPrimitives.

import MachineLayout
import Syntax

let classRows: [PrimitiveRow] = [
  PrimitiveRow("Class", "new") { native(classNew, $0, $1, $2) },
  PrimitiveRow("Class", "name") { native(className, $0, $1, $2) },
  PrimitiveRow("Class", "superclass") { native(classSuperclass, $0, $1, $2) },
  PrimitiveRow("Class", "fields") { native(classFields, $0, $1, $2) },
  PrimitiveRow("Class", "methods") { native(classMethods, $0, $1, $2) },
  PrimitiveRow("Class", "hasMethod:") { native(classHasMethod, $0, $1, $2) },
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

private func classNew(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let index = universe.classIndex(ofClassObject: receiver0(h)) else {
    return universe.wrongReceiver(h, m, receiver0(h))
  }
  let info = universe.classes[index]
  // The one class of plain objects that matters: everything else is checked.
  guard
    info.format == .fields && index > WellKnownClass.system.rawValue && info.fieldBase == 0
      || universe.canInstantiate(index)
  else { return universe.raise(.other("Class \(info.name) cannot be instantiated"), h) }
  if info.format == .bytes {
    guard
      let object = universe.heap.allocate(
        info.classWord, bodyWords: StringLayout.firstWord, fill: Value(integer: 0), frame: h)
    else { return 0 }
    return Value(object).bits
  }
  return universe.answer(universe.instantiate(index, h))
}

private func className(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let index = universe.classIndex(ofClassObject: receiver0(h)) else {
    return universe.wrongReceiver(h, m, receiver0(h))
  }
  return universe.symbol(universe.classes[index].name).bits
}

private func classSuperclass(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let index = universe.classIndex(ofClassObject: receiver0(h)) else {
    return universe.wrongReceiver(h, m, receiver0(h))
  }
  let above = universe.classes[index].superIndex
  return above == 0 ? Value.nil.bits : universe.classes.object(above).bits
}

/// The names of all fields, inherited ones first.
private func classFields(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let index = universe.classIndex(ofClassObject: receiver0(h)) else {
    return universe.wrongReceiver(h, m, receiver0(h))
  }
  return universe.answer(
    universe.makeArray(universe.classes[index].fieldNames.map { universe.symbols.intern($0) }, h) {
      universe.symbol($0)
    })
}

/// The methods of the class itself, in the order of their definition, in the MethodArray of the class.
private func classMethods(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let index = universe.classIndex(ofClassObject: receiver0(h)) else {
    return universe.wrongReceiver(h, m, receiver0(h))
  }
  do throws(LoadError) {
    return universe.answer(try universe.methodArray(index, h))
  } catch {
    return universe.raise(.load(error), h)
  }
}

private func classHasMethod(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let index = universe.classIndex(ofClassObject: receiver1(h)) else {
    return universe.wrongReceiver(h, m, receiver1(h))
  }
  guard let selector = universe.string(argument1(h)) else {
    return universe.wrongArgument(h, m, needs: "a symbol", not: argument1(h))
  }
  return Value(universe.classes[index].methods[universe.symbols.intern(selector)] != nil).bits
}

extension Universe {
  /// The one view of a class's methods, brought up to date; a new one if their number has changed.
  fileprivate func methodArray(_ index: Int, _ frame: Words) throws(LoadError) -> Value? {
    let info = classes[index]
    let methods = info.selectors.compactMap { info.methods[$0] }
    var view = methodArrays[index]
    if view == .none || count(view) != methods.count {
      // Also when the class path has a core library without this class.
      if !library.isBundled, classes.named("MethodArray") == nil, let bytes = CoreLibrary.source(of: "MethodArray") {
        try define(loader.parse(SourceText(name: "MethodArray.som", bytes: bytes), path: nil))
      }
      let shape = try library.load("MethodArray")
      guard shape.format == .indexable, let made = makeArray(methods.count, frame, classIndex: shape.index)
      else { return nil }
      if !shape.fieldNames.isEmpty { heap.store(made.object, shape.fieldBase, classes.object(index)) }
      view = made
      methodArrays[index] = made
    }
    let base = elementBase(view)
    for (i, method) in methods.enumerated() { heap.store(view.object, base + i, methodObject(method)) }
    return view
  }

  /// The class whose methods a MethodArray shows.
  func holder(ofMethodArray value: Value) -> Int? {
    let info = classes[value.classIndex]
    guard isArray(value), info.index == library.loaded("MethodArray")?.index, !info.fieldNames.isEmpty else {
      return nil
    }
    return classIndex(ofClassObject: value.object[info.fieldBase])
  }

  /// An array of objects that live in old space; making them must not collect.
  fileprivate func makeArray<T>(_ items: [T], _ frame: Words, object: (T) -> Value) -> Value? {
    guard let array = makeArray(items.count, frame) else { return nil }
    let base = elementBase(array)
    for (i, item) in items.enumerated() { heap.store(array.object, base + i, object(item)) }
    return array
  }
}
