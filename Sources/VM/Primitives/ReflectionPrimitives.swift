// What programs ask about classes and methods beyond SOM's own reflection (ClassPrimitives, MethodPrimitives).

import MachineLayout

let reflectionRows: [PrimitiveRow] = [
  PrimitiveRow("Class", "subclasses") { native(classSubclasses, $0, $1, $2) },
  PrimitiveRow("Class", "allInstances") { native(classAllInstances, $0, $1, $2) },
  PrimitiveRow("Class", "methodAt:") { native(classMethodAt, $0, $1, $2) },
  PrimitiveRow("Method", "source") { native(methodSource, $0, $1, $2) },
  PrimitiveRow("Primitive", "source") { native(methodSource, $0, $1, $2) },
  PrimitiveRow("Object", "textMethodBesides:") { native(objectTextMethod, $0, $1, $2) },
]

/// The direct ones that are loaded, sorted by name.
private func classSubclasses(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let index = universe.classIndex(ofClassObject: receiver0(h)) else {
    return universe.wrongReceiver(h, m, receiver0(h))
  }
  let below = universe.classes[index].subclasses.map { universe.classes[$0] }
    .filter { $0.isCurrent && $0.isLoaded && universe.classes.named($0.name) === $0 }
    .sorted { $0.name < $1.name }
  return universe.answer(
    universe.makeArray(below.count, h) { words in
      for (i, info) in below.enumerated() { words[i] = universe.classes.objects[info.index].bits }
    })
}

/// Those that are in memory, in an array: of the class itself, not of its subclasses. What compiled code never allocates
/// is not there.
private func classAllInstances(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let index = universe.classIndex(ofClassObject: receiver0(h)) else {
    return universe.wrongReceiver(h, m, receiver0(h))
  }
  var expected = 0
  while true {
    // Now everything that is alive is outside of the nursery, and nothing else is.
    universe.heap.collectFull(frame: h, moveEverything: false)
    var count = 0
    universe.heap.forEachOldObject { if $0.classIndex == index { count += 1 } }
    // The array of the last turn was too short, or there is none yet.
    if count == 0 || count != expected {
      expected = count
      if count == 0 { return universe.answer(universe.makeArray(0, h)) }
    }
    guard let array = universe.makeArray(count, h) else { return 0 }
    var found: [Value] = []
    universe.heap.forEachOldObject {
      if $0.classIndex == index, Value($0) != array { found.append(Value($0)) }
    }
    guard found.count == count else { continue }
    let base = universe.elementBase(array)
    for (i, value) in found.enumerated() { universe.heap.store(array.object, base + i, value) }
    return array.bits
  }
}

/// The method of the class itself, or nil.
private func classMethodAt(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let index = universe.classIndex(ofClassObject: receiver1(h)) else {
    return universe.wrongReceiver(h, m, receiver1(h))
  }
  guard let selector = universe.string(argument1(h)) else {
    return universe.wrongArgument(h, m, needs: "a symbol", not: argument1(h))
  }
  let method = universe.classes[index].methods[universe.symbols.intern(selector)]
  return (method.map { universe.methodObject($0) } ?? .nil).bits
}

/// The text of the method, from its pattern to its end; nil if there is none.
private func methodSource(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let method = universe.method(receiver0(h)) else { return universe.wrongReceiver(h, m, receiver0(h)) }
  guard let text = universe.methods[method].sourceText else { return Value.nil.bits }
  return universe.answer(universe.makeString(text, h))
}

/// The selectors by which a class can say how its instances print, and which of the others each default follows first.
private let textSelectors = [
  "asString": ["printString", "printOn:"],
  "printString": ["printOn:", "asString"],
  "printOn:": ["printString", "asString"],
]

/// What the default of one of them uses: the receiver's most specific method for one of the others, below Object; nil
/// if there is none. Not one that is running for the receiver, and has come here itself; and if `super` has led to the
/// default, only above the classes that define its selector.
private func objectTextMethod(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let receiver = receiver1(h)
  guard let own = universe.string(argument1(h)), let others = textSelectors[own] else {
    return universe.wrongArgument(h, m, needs: "#asString, #printString or #printOn:", not: argument1(h))
  }
  var classes: [ClassInfo] = []
  var index = receiver.classIndex
  while index != WellKnownClass.object.rawValue, index != 0 {
    classes.append(universe.classes[index])
    index = universe.classes[index].superIndex
  }
  let ownID = universe.symbols.intern(own), otherIDs = others.map { universe.symbols.intern($0) }
  let start = classes.lastIndex { $0.methods[ownID] != nil }.map { $0 + 1 } ?? 0
  for info in classes[start...] {
    for id in otherIDs {
      if let method = info.methods[id], !universe.isRunning(method, for: receiver, h) {
        return universe.methodObject(method).bits
      }
    }
  }
  return Value.nil.bits
}

extension Universe {
  /// Whether one of the innermost activations is of this method, with this receiver. Those farther out than a text's
  /// methods ask each other do not matter.
  fileprivate func isRunning(_ method: Method, for receiver: Value, _ top: Words) -> Bool {
    StackFrames(from: top).prefix(100).contains { frame in
      activations(of: frame).contains { $0.method == method && $0.receiver == receiver }
    }
  }
}
