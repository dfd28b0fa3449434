// Changing the fields or the superclass of a class while the program runs. The class and everything below it get new
// class indices; one full collection copies every instance into its new shape (identity hash and references stay); the
// bytecode of all versions of their methods follows (`FieldPlaces.swift`), so that running activations go on with the
// fields that still exist.

import Bytecode

extension Universe {
  /// Makes `names` the fields that class (or metaclass) `classIndex` itself defines. At a safepoint; `frame` is the
  /// top frame. Answers the methods in which names mean something else now.
  @discardableResult
  public func setFields(
    of classIndex: Int, to names: [String], frame: Words
  ) throws(LoadError) -> [MethodChange] {
    let root = classes[classIndex]
    if root.format == .bytes || root.format == .words { throw .invalid("Class \(root.name) cannot have fields") }
    if Set(names).count != names.count { throw .invalid("Class \(root.name) would have two fields of one name") }
    let affected = withSubclasses(classIndex)
    for index in affected where WellKnownClass(rawValue: index) != nil {
      throw .invalid("The fields of \(classes[index].name) cannot change")
    }
    if !Set(root.ownFieldNames).isSubset(of: names) { linkMethods(of: affected) }
    let changes = reshape(affected, own: names, doubles: 0, frame: frame)
    return recompileRenamed(changes.map(\.new))
  }

  /// Bytecode made later would take a removed field's name for a global's.
  private func linkMethods(of indices: [Int]) {
    for index in indices {
      for method in classes[index].methods.values where method.kind == .lazy { try? link(method) }
    }
  }

  /// Puts class `classIndex` below another one, with these fields of its own on both sides. Fields keep their values by
  /// name, whichever class defines them before and after. At a safepoint; `frame` is the top frame. Answers the methods
  /// in which names mean something else now.
  @discardableResult
  public func setSuperclass(
    of classIndex: Int, to superIndex: Int, fields: [String], classFields: [String], frame: Words
  ) throws(LoadError) -> [MethodChange] {
    try validateSuperclass(of: classIndex, superIndex)
    let name = classes[classIndex].name, superName = classes[superIndex].name
    linkMethods(of: withSubclasses(classIndex))
    linkMethods(of: withSubclasses(classes[classIndex].metaIndex))
    let info = classes[classIndex]
    let names = info.bodyNames
    boxFields(of: superIndex, taking: names.indices.filter { !info.isDouble($0) }.map { names[$0] }, frame)
    // That may have given both other indices.
    func index(_ name: String) -> Int { classes.named(name)!.index }
    let changes =
      reshape(withSubclasses(index(name)), own: fields, doubles: 0, below: index(superName), frame: frame)
      + reshape(
        withSubclasses(index(name + " class")), own: classFields, doubles: 0, below: index(superName + " class"),
        frame: frame)
    return recompileRenamed(changes.map { classes.current($0.new) })
  }

  /// Throws why that cannot be, apart from fields of the same name.
  public func validateSuperclass(of classIndex: Int, _ superIndex: Int) throws(LoadError) {
    let info = classes[classIndex], above = classes[superIndex]
    for index in withSubclasses(classIndex) where WellKnownClass(rawValue: index) != nil {
      throw .invalid("The superclass of \(info.name) cannot change: \(classes[index].name) is built in")
    }
    if classes.inherits(superIndex, from: classIndex) { throw .cyclicSuperclass(info.name) }
    func layout(_ info: ClassInfo) -> (ObjectFormat, Int) {
      (info.format == .mixed ? .fields : info.format, info.fieldBase)
    }
    guard layout(info) == layout(above) else {
      throw .invalid(
        "\(info.name) cannot become a subclass of \(above.name): its instances are objects of another kind")
    }
  }

  /// Why class `classIndex` cannot get this superclass just now: what runs for one of its instances, or can be run, are
  /// methods of a class that it would leave, and they would look for fields where these are not any more. `isPassing` if
  /// that may have returned soon. At a safepoint; moves objects.
  public func obstacle(
    toMoving classIndex: Int, below superIndex: Int, frame: Words
  ) -> (description: String, isPassing: Bool)? {
    var left: Set<Int> = []
    for (from, to) in [(classIndex, superIndex), (classes[classIndex].metaIndex, classes[superIndex].metaIndex)] {
      var index = classes[from].superIndex
      while index != 0, !classes.inherits(to, from: index) {
        left.insert(index)
        index = classes[index].superIndex
      }
    }
    let moving = Set(withSubclasses(classIndex) + withSubclasses(classes[classIndex].metaIndex))
    func isObstacle(_ method: Method, _ receiver: Value) -> Bool {
      // Nil stands for an instance that has not been allocated.
      left.contains(methods[method].holderIndex) && usesFields(methods[method])
        && (receiver == .nil || moving.contains(receiver.classIndex))
    }
    let name = classes[classIndex].name
    let running = virtualFrames(from: frame)
    if let found = running.first(where: { isObstacle($0.method, $0.receiver) }) {
      let description = "\(methods[found.method].name) is running for a \(name): accept this again when it has returned"
      return (description, true)
    }
    var block: Method?
    var next: Frame? = Frame(frame)
    while let f = next {
      if f.isCompiled {
        block = block ?? hooks.virtualBlocks?(f.words).first { isObstacle($0.method, $0.receiver) }?.method
      }
      next = f.sender
    }
    heap.collectFull(frame: frame, moveEverything: heap.gcEvery > 0)
    heap.forEachOldObject { object in
      guard BlockLayout.isClass(object.classIndex) else { return }
      let method = Method(object[BlockLayout.method].rawAddress)
      if isObstacle(method, object[BlockLayout.receiver]) { block = block ?? method }
    }
    return block.map {
      ("a block of \(methods[$0].name) for a \(name) is still in use: restart the program with the new class", false)
    }
  }

  private func usesFields(_ info: MethodInfo) -> Bool {
    let opcodes: [Opcode?] = [.loadField, .storeField, .loadDoubleField, .storeDoubleField]
    return info.unit?.instructions.contains { opcodes.contains($0.opcode) } == true
      || info.blocks.contains { usesFields(methods[$0]) }
  }

  /// Values of any kind may come into unboxed fields of the class or those above it if their names are among these.
  private func boxFields(of classIndex: Int, taking names: [String], _ frame: Words) {
    let name = classes[classIndex].name
    while let info = classes.named(name),
      let (word, _) = info.bodyNames.enumerated().first(where: { info.isDouble($0) && names.contains($1) })
    { boxFields(of: info.index, word: word, frame: frame) }
  }

  /// Gives the first of `affected`, which is it and all classes below it, these fields of its own; `doubles` of them
  /// are unboxed. What was unboxed of fields that classes below define stays so where no field moves. `newSuper` is its
  /// new superclass, if it gets one.
  @discardableResult
  func reshape(
    _ affected: [Int], own names: [String], doubles: UInt64, below newSuper: Int? = nil, frame: Words
  ) -> [(old: Int, new: Int)] {
    let classIndex = affected[0]
    let isInPlace = newSuper == nil && names == classes[classIndex].ownFieldNames
    var successor: [Int: Int] = [:]
    var migrations: [Int: ShapeMigration] = [:]
    lock.lock()
    for index in affected {
      let old = classes[index]
      let own = index == classIndex ? names : old.ownFieldNames
      let new = classes.add(name: old.name, isMetaclass: old.isMetaclass)
      let moves = index == classIndex ? newSuper : nil
      let above = moves ?? successor[old.superIndex] ?? old.superIndex
      let inheritedDoubles = above == 0 ? 0 : classes[above].doubleFields
      let firstOwn = UInt64(old.bodyWords - old.ownFieldNames.count)
      let kept = isInPlace ? old.doubleFields & (~0 << firstOwn) : 0
      let ownDoubles = index == classIndex ? doubles : kept
      classes.setFields(
        new, own: own, inherited: above == 0 ? [] : classes[above].fieldNames, base: old.fieldBase,
        format: old.format, doubles: inheritedDoubles | ownDoubles)
      new.succeed(old)
      classes.detach(old)
      classes.setSuperclass(new, above)
      old.isCurrent = false
      successor[index] = new.index
      // The sources of body words: hidden words, inherited fields, own fields by name.
      var sources = Array(0..<old.fieldBase)
      let oldInherited = old.fieldNames.count - old.ownFieldNames.count
      func place(_ name: String, in names: [String]) -> Int {
        names.firstIndex(of: name).map { old.fieldBase + $0 + old.fieldNames.count - names.count } ?? -1
      }
      if let moves {
        sources += classes[moves].fieldNames.map { place($0, in: old.fieldNames) }
      } else if let migration = migrations[old.superIndex] {
        sources += migration.sources[old.fieldBase...]
      } else {
        sources += (0..<oldInherited).map { old.fieldBase + $0 }
      }
      sources += own.map { place($0, in: moves == nil ? old.ownFieldNames : old.fieldNames) }
      migrations[index] = ShapeMigration(newIndex: new.index, sources: sources)
    }
    for (old, new) in successor { replace(old, by: new) }
    classes.note(migrations)
    lock.unlock()

    changesAtPolls += 1
    heap.migrations = migrations
    heap.collectFull(frame: frame, moveEverything: heap.gcEvery > 0)
    heap.migrations = [:]
    for (_, new) in successor {
      let object = classes.object(new)
      if object.isPointer, object != .none { object.object[ClassObjectLayout.classIndex] = Value(integer: new) }
    }
    patchMethods(migrations)
    if newSuper == nil { lookupCache.renumber(successor) } else { flushAll() }
    let changes = affected.map { (old: $0, new: successor[$0]!) }
    for change in changes { for listener in hooks.classChanged { listener(change.old, change.new) } }
    return changes
  }

  /// The class and those below it, superclasses first.
  func withSubclasses(_ index: Int) -> [Int] {
    var result = [index]
    var i = 0
    while i < result.count {
      result += classes[result[i]].subclasses
      i += 1
    }
    return result
  }

  /// Everything that names the old index names the new one.
  private func replace(_ oldIndex: Int, by newIndex: Int) {
    let new = classes[newIndex]
    if new.isMetaclass {
      classes[new.instanceIndex].metaIndex = newIndex
    } else if new.metaIndex != 0, classes[new.metaIndex].isMetaclass {
      classes[new.metaIndex].instanceIndex = newIndex
    }
    classes.objects[newIndex] = classes.objects[oldIndex]
    methodArrays[newIndex] = methodArrays[oldIndex]
    methodArrays[oldIndex] = .none
    reclaimableBytes += Self.bytesOfShape
  }
}
