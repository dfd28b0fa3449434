// Changing the fields of a class while the program runs. The class and everything below it get new class indices;
// one full collection copies every instance into its new shape (identity hash and references stay); the bytecode of
// all versions of their methods is patched to the new places, so that running activations go on with the fields
// that still exist.

import Bytecode

extension Universe {
  /// Makes `names` the fields that class (or metaclass) `classIndex` itself defines. At a safepoint; `frame` is the
  /// top frame. Answers the old and new index of every class that changed.
  @discardableResult
  public func setFields(
    of classIndex: Int, to names: [String], frame: Words
  ) throws(LoadError) -> [(old: Int, new: Int)] {
    let root = classes[classIndex]
    if root.format == .bytes || root.format == .words { throw .invalid("Class \(root.name) cannot have fields") }
    if Set(names).count != names.count { throw .invalid("Class \(root.name) would have two fields of one name") }
    let affected = withSubclasses(classIndex)
    for index in affected where WellKnownClass(rawValue: index) != nil {
      throw .invalid("The fields of \(classes[index].name) cannot change")
    }
    if !Set(root.ownFieldNames).isSubset(of: names) {
      // Bytecode made later would take a removed field's name for a global's.
      for index in affected {
        for method in classes[index].methods.values where method.kind == .lazy { try? link(method) }
      }
    }
    return reshape(affected, own: names, doubles: 0, frame: frame)
  }

  /// Gives the first of `affected`, which is it and all classes below it, these fields of its own; `doubles` of them
  /// are unboxed. What was unboxed of fields that classes below define stays so where no field moves.
  @discardableResult
  func reshape(_ affected: [Int], own names: [String], doubles: UInt64, frame: Words) -> [(old: Int, new: Int)] {
    let classIndex = affected[0]
    let isInPlace = names == classes[classIndex].ownFieldNames
    var successor: [Int: Int] = [:]
    var migrations: [Int: ShapeMigration] = [:]
    lock.lock()
    for index in affected {
      let old = classes[index]
      let own = index == classIndex ? names : old.ownFieldNames
      let new = classes.add(name: old.name, isMetaclass: old.isMetaclass)
      let above = successor[old.superIndex] ?? old.superIndex
      let inheritedDoubles = above == 0 ? 0 : classes[above].doubleFields
      let firstOwn = UInt64(old.bodyWords - old.ownFieldNames.count)
      let ownDoubles = index == classIndex ? doubles : isInPlace ? old.doubleFields & ~((1 << firstOwn) - 1) : 0
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
      if let migration = migrations[old.superIndex] {
        sources += migration.sources[old.fieldBase...]
      } else {
        sources += (0..<oldInherited).map { old.fieldBase + $0 }
      }
      for name in own {
        let place = old.ownFieldNames.firstIndex(of: name)
        sources.append(place.map { old.fieldBase + oldInherited + $0 } ?? -1)
      }
      migrations[index] = ShapeMigration(newIndex: new.index, sources: sources)
    }
    for (old, new) in successor { replace(old, by: new) }
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
    lookupCache.renumber(successor)
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
  }

  /// Field operands of all versions of the classes' methods follow; those of removed fields become traps.
  private func patchMethods(_ migrations: [Int: ShapeMigration]) {
    methods.forEach { info in
      guard let migration = migrations[info.holderIndex] else { return }
      lock.withLock {
        info.holderIndex = migration.newIndex
        info.method[.holder] = UInt64(migration.newIndex)
        guard info.unit != nil else { return }
        let code = words(info.method[.code])
        for pc in info.unit!.instructions.indices {
          let instruction = info.unit!.instructions[pc]
          let shift: UInt64
          switch instruction.opcode {
          case .loadField, .loadDoubleField: shift = 48
          case .storeField, .storeDoubleField: shift = 32
          default: continue
          }
          let place = Int((instruction.bits >> shift) & 0xFFFF)
          if let moved = migration.sources.firstIndex(of: place) {
            let mask = UInt64(0xFFFF) << shift
            let patched = withFieldOpcode(
              Instruction(bits: instruction.bits & ~mask | UInt64(moved) << shift),
              classes[migration.newIndex].doubleFields)
            info.unit!.instructions[pc] = patched
            let isTrap = Instruction(bits: code[pc]).opcode == .switchVariant
            code[pc] = isTrap ? patched.bits & ~0xFFFF | UInt64(Opcode.switchVariant.rawValue) : patched.bits
          } else {
            code[pc] = code[pc] & ~0xFFFF | UInt64(Opcode.switchVariant.rawValue)
            info.usesRemovedField = true
          }
        }
      }
    }
  }
}
