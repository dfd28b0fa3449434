// Where bytecode finds fields, when their places change: every version of every method follows, since activations of
// any may run. What a name meant when its method was written it means to the end (`MethodInfo.scope`); an instruction
// whose field is gone traps. Methods in which a name has got a meaning that it did not have are compiled again, as new
// versions.

import Bytecode

extension ClassScope {
  /// How names of fields begin that a method does not know; no name in a program does.
  private static let addedField = "<added"

  /// The same names where the fields have moved. `sources`: by the new place, the old one, or -1.
  fileprivate func moved(_ sources: [Int]) -> ClassScope {
    let kept = Set(sources)
    let removed = instanceFields.indices.filter { !kept.contains($0) }.map { instanceFields[$0] }
      .filter { !$0.hasPrefix(Self.addedField) }
    return ClassScope(
      className: className,
      instanceFields: sources.enumerated().map { $1 < 0 ? "\(Self.addedField) \($0)>" : instanceFields[$1] },
      removedFields: removed.isEmpty ? removedFields : removedFields + removed, isWorkspace: isWorkspace)
  }
}

public final class FieldPlaces {
  private unowned(unsafe) let universe: Universe
  private let classes: ClassTable
  private let methods: MethodTable

  init(_ universe: Universe) {
    self.universe = universe
    classes = universe.classes
    methods = universe.methods
  }

  // MARK: Following changes of shape

  /// Field operands of all versions of the classes' methods follow; those of removed fields become traps.
  func patchMethods(_ migrations: [Int: ShapeMigration]) {
    methods.forEach { info in
      if !info.fieldsBelow.isEmpty { moveFieldsBelow(info, migrations) }
      let holder = info.holderIndex
      guard let migration = migrations[holder] else { return }
      let doubles = classes[migration.newIndex].doubleFields
      classes.lock.withLock {
        info.holderIndex = migration.newIndex
        info.method[.holder] = UInt64(migration.newIndex)
        if !info.isAhead { info.scope = info.scope?.moved(migration.sources) }
        guard info.chunk != nil else { return }
        for pc in info.chunk!.instructions.indices {
          guard let place = info.chunk!.instructions[pc].fieldPlace, place != ClassScope.removedField else { continue }
          guard let moved = info.isAhead ? place : migration.sources.firstIndex(of: place) else {
            trapRemoved(info, pc)
            info.fieldsBelow[pc] = places(of: place, below: holder, migrations)
            continue
          }
          let patched = universe.withFieldOpcode(info.chunk!.instructions[pc].withFieldPlace(moved), doubles)
          info.chunk!.instructions[pc] = patched
          let isTrap = info.instruction(at: pc).opcode == .switchVariant
          info.setInstruction(isTrap ? patched.with(.switchVariant) : patched, at: pc)
        }
      }
    }
  }

  /// Where instances of classes that were below `holder` have its field in body word `place` now, if they keep it.
  private func places(of place: Int, below holder: Int, _ migrations: [Int: ShapeMigration]) -> [Int: Int]? {
    var result: [Int: Int] = [:]
    for (old, migration) in migrations where old != holder && classes.inherits(old, from: holder) {
      result[migration.newIndex] = migration.sources.firstIndex(of: place)
    }
    return result.isEmpty ? nil : result
  }

  private func moveFieldsBelow(_ info: MethodInfo, _ migrations: [Int: ShapeMigration]) {
    for (pc, places) in info.fieldsBelow {
      var moved: [Int: Int] = [:]
      for (index, place) in places {
        if let migration = migrations[index] {
          moved[migration.newIndex] = migration.sources.firstIndex(of: place)
        } else {
          moved[index] = place
        }
      }
      info.fieldsBelow[pc] = moved.isEmpty ? nil : moved
    }
  }

  /// Compiles the methods of these classes again in which a name that was a global's, or a removed field's, is a
  /// field's now. (A class that was removed stays what it was.)
  func recompileRenamed(_ indices: [Int], except isLeft: (MethodKey) -> Bool, _ effects: inout Effects) {
    for index in indices where !classes[index].isRemoved {
      let holder = classes[index]
      let fields = Set(holder.fieldNames)
      for selector in holder.selectors {
        guard let method = holder.methods[selector], let definition = methods[method].definition,
          let source = methods[method].source, hasOtherMeaning(methods[method], fields),
          !isLeft(universe.key(universe.symbols.name(selector), in: index))
        else { continue }
        let again = universe.methodBuilder.make(definition, source, holder)
        // What is gone still is no global.
        again.scope = ClassScope(
          className: holder.name, instanceFields: holder.bodyNames,
          removedFields: methods[method].scope?.removedFields.filter { !fields.contains($0) } ?? [])
        guard (try? universe.variants.link(again)) != nil else { continue }
        universe.methodBuilder.add(again, to: holder, &effects)
      }
    }
  }

  private func hasOtherMeaning(_ info: MethodInfo, _ fields: Set<String>) -> Bool {
    guard let chunk = info.chunk, let scope = info.scope else { return false }
    return chunk.globals.contains(where: fields.contains)
      || !info.removedFieldPCs.isEmpty && scope.removedFields.contains(where: fields.contains)
      || info.blocks.contains { hasOtherMeaning(methods[$0], fields) }
  }

  // MARK: Fields that are gone

  /// The instruction at `pc` of frame `h`, whose field is gone from its method's class, made with the field of that name
  /// that the receiver's own class has got from there. Nil: that has none; false: unwind.
  func accessBelow(_ info: MethodInfo, _ pc: Int, _ h: Words) -> Bool? {
    guard let places = info.fieldsBelow[pc], let i = info.chunk?.instructions[pc] else { return nil }
    let isLoad = i.opcode?.fieldAccess?.isLoad == true
    let object = Value(bits: h[isLoad ? i.b : i.a])
    let above = classes.withSuperclasses(object.classIndex)
    guard let word = above.lazy.compactMap({ places[$0] }).first else { return nil }
    if isLoad {
      guard let value = universe.field(object.object, word, h) else { return false }
      h[i.a] = value.bits
    } else {
      let mark = universe.handles.push(object)
      defer { universe.handles.pop(to: mark) }
      universe.setField(mark, word, to: universe.handles.push(Value(bits: h[i.c])), h)
    }
    h[2] = UInt64(pc + 1)
    return true
  }

  /// The field of the instruction at `pc` is gone.
  func trapRemoved(_ info: MethodInfo, _ pc: Int) {
    info.setInstruction(info.instruction(at: pc).with(.switchVariant), at: pc)
    info.chunk!.instructions[pc] = universe.withFieldOpcode(
      info.chunk!.instructions[pc].withFieldPlace(ClassScope.removedField), 0)
    info.removedFieldPCs.insert(pc)
  }

  /// Whether the method's text would mean something else if it were compiled today, since a field of it is gone.
  public func usesRemoved(_ info: MethodInfo) -> Bool {
    !info.removedFieldPCs.isEmpty || info.blocks.contains { usesRemoved(methods[$0]) }
  }
}
