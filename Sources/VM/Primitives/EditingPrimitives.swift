// Live editing from inside the program (docs/language.md, section 8): these primitives only say the message as a `Change`;
// the runtime (`Hooks.edit`) carries it out, exactly like an accept from an editor.

let editingRows: [PrimitiveRow] = [
  PrimitiveRow("Class", "compile:") { native(classCompile, $0, $1, $2) },
  PrimitiveRow("Class", "compile:policy:") { native(classCompilePolicy, $0, $1, $2) },
  PrimitiveRow("Class", "remove:") { native(classRemove, $0, $1, $2) },
  PrimitiveRow("Class", "addField:") { native(classAddField, $0, $1, $2) },
  PrimitiveRow("Class", "removeField:") { native(classRemoveField, $0, $1, $2) },
  PrimitiveRow("Class", "subclass:") { native(classSubclass, $0, $1, $2) },
  PrimitiveRow("Class", "rename:") { native(classRename, $0, $1, $2) },
  PrimitiveRow("Class", "removeFromSystem") { native(classRemoveFromSystem, $0, $1, $2) },
  PrimitiveRow("MethodArray", "at:put:") { native(methodArrayAtPut, $0, $1, $2) },
  PrimitiveRow("System", "onChange:") { native(systemOnChange, $0, $1, $2) },
]

extension Universe {
  fileprivate func edit(
    _ h: Words, _ m: UnsafeMutableRawPointer, _ make: (_ receiver: MethodKey, _ text: String) -> Change
  ) -> UInt64 { edit(h, m, receiver1(h), argument1(h), policy: nil, make) }

  fileprivate func edit(
    _ h: Words, _ m: UnsafeMutableRawPointer, _ receiver: Value, _ argument: Value, policy: String?,
    _ make: (_ receiver: MethodKey, _ text: String) -> Change
  ) -> UInt64 {
    guard let index = classIndex(ofClassObject: receiver) else { return wrongReceiver(h, m, receiver) }
    guard let text = string(argument) else { return wrongArgument(h, m, needs: "a string", not: argument) }
    if let obstacle = obstacle(toEditing: index) { return raise(.compileError(obstacle.message), h) }
    return perform(make(key(text, in: index), text), policy: policy, h)
  }

  /// A class that was removed has no name by which it could be changed.
  fileprivate func obstacle(toEditing index: Int) -> ClassNameObstacle? {
    classes[index].isRemoved ? .wasRemoved(classes[index].name) : nil
  }

  fileprivate func perform(_ change: Change, policy: String? = nil, _ h: Words) -> UInt64 {
    guard let edit = hooks.edit else { return raise(.other("Nothing here can change a program"), h) }
    switch edit(change, policy, h) {
    case .success(let value): return value.bits
    case .failure(let error): return raise(error, h)
    }
  }

  /// The name of the global that holds the block given to `system onChange:`.
  static let changeListener = "ChangeListener"

  /// Tells the program of an accepted change, if it wants to know. `frame` is the top frame, `words` of it in use.
  /// Answers 0 while unwinding.
  public func notifyProgram(ofChange text: String, frame: Words, words inUse: Int = 3) -> UInt64 {
    let listener = global(Universe.changeListener)
    guard listener != .none, listener != .nil else { return Value.nil.bits }
    let mark = handles.push(listener)
    defer { handles.pop(to: mark) }
    guard let argument = makeString(text, frame) else { return 0 }
    return send(handles[mark], symbols.intern("value:"), [argument], frame: frame, words: inUse)
  }
}

private func classCompile(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  universe.edit(h, m) { .method($0.className, $1, classSide: $0.isClassSide) }
}
private func classCompilePolicy(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let policy = second2(h)
  guard let name = universe.string(policy), ["next", "restart", "migrate"].contains(name) else {
    return universe.wrongArgument(h, m, needs: "#next, #restart or #migrate", not: policy)
  }
  return universe.edit(h, m, receiver2(h), first2(h), policy: name) {
    .method($0.className, $1, classSide: $0.isClassSide)
  }
}
private func classRemove(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  universe.edit(h, m) { key, _ in .removeMethod(key, basedOn: nil) }
}
private func classAddField(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  universe.edit(h, m) { .addField(className: $0.className, isClassSide: $0.isClassSide, name: $1) }
}
private func classRemoveField(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  universe.edit(h, m) { .removeField(className: $0.className, isClassSide: $0.isClassSide, name: $1) }
}
private func classSubclass(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  if let name = universe.string(argument1(h)), let obstacle = universe.classBuilder.obstacle(toCreatingClass: name) {
    return universe.raise(.compileError(obstacle), h)
  }
  return universe.edit(h, m) { .classSource("\($1) = \($0.holderName) ( )", file: nil) }
}

private func classRename(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  universe.edit(h, m) { .renameClass($0.holderName, to: $1) }
}

private func classRemoveFromSystem(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let index = universe.classIndex(ofClassObject: receiver0(h)) else {
    return universe.wrongReceiver(h, m, receiver0(h))
  }
  if let obstacle = universe.obstacle(toEditing: index) {
    return universe.raise(.compileError(obstacle.message), h)
  }
  return universe.perform(.removeClass(universe.classes[index].name), h)
}

/// `Foo methods at: i put: aMethod`: the method at that place runs the code of another one.
private func methodArrayAtPut(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let place = first2(h)
  guard let index = universe.holder(ofMethodArray: receiver2(h)) else {
    return universe.wrongReceiver(h, m, receiver2(h))
  }
  guard let method = universe.method(second2(h)) else {
    return universe.wrongArgument(h, m, needs: "a method", not: second2(h))
  }
  if let obstacle = universe.obstacle(toEditing: index) {
    return universe.raise(.compileError(obstacle.message), h)
  }
  let info = universe.classes[index]
  guard place.isInteger else { return universe.wrongArgument(h, m, needs: "an integer index", not: place) }
  guard place.integer >= 1, place.integer <= info.selectors.count else {
    return universe.raise(.indexOutOfBounds(place.integer, info.selectors.count), h)
  }
  let selector = info.selectors[place.integer - 1]
  let replacement = universe.methods[method], key = universe.key(universe.symbols.name(selector), in: index)
  guard let change = replacement.standing(for: key) else {
    return universe.raise(.wrongArgument("\(replacement.name) cannot stand for #\(key.selector)"), h)
  }
  if universe.perform(change, h) == 0 { return 0 }
  if let new = info.methods[selector], place.integer <= universe.count(receiver2(h)) {
    let array = receiver2(h)
    universe.heap.store(array.object, universe.elementBase(array) + place.integer - 1, universe.methodObject(new))
  }
  return h[-3]
}

private func systemOnChange(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  universe.setGlobal(Universe.changeListener, argument1(h))
  return h[-2]
}
