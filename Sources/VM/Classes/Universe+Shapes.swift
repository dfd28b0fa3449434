// Changing the fields and the superclasses of classes while the program runs. The classes and everything below them get
// new class indices; one full collection copies every instance into its new shape (identity hash and references stay),
// where fields keep their values by name, whichever class defines them before and after; the bytecode of all versions of
// their methods follows (`FieldPlaces.swift`), so that running activations go on with the fields that still exist.

import Bytecode
import MachineLayout

/// What becomes of a class or a metaclass.
public struct ShapeChange: Hashable, Sendable {
  /// "Foo" or "Foo class".
  public let name: String
  /// The fields that it defines itself.
  public let fields: [String]
  /// Its new superclass, "Foo" or "Foo class"; nil if it stays.
  public let superclass: String?
  public init(name: String, fields: [String], superclass: String? = nil) {
    self.name = name
    self.fields = fields
    self.superclass = superclass
  }
}

/// The same by class index.
struct NewShape {
  var own: [String]
  var superIndex: Int
  /// Which body words among the own fields are unboxed.
  var doubles: UInt64 = 0
}

extension Universe {
  /// Makes all these changes in one step. At a safepoint; `frame` is the top frame. Requires that `obstacle(to:)` finds
  /// none. Methods in which names mean something else then are compiled again.
  public func setShapes(_ changes: [ShapeChange], frame: Words) -> Effects {
    var effects = Effects()
    let before = shapes(of: changes)
    let affected = affected(by: before)
    if affected.contains(where: { !Set(classes[$0].fieldNames).isSubset(of: fieldNames($0, before)) }) {
      linkMethods(of: affected)
    }
    makeTwins(before, affected)
    boxFields(taking: before, affected, frame, &effects)
    // That may have given classes other indices.
    let made = reshape(shapes(of: changes), frame: frame)
    effects.classes += made
    recompileRenamed(made.map(\.new), &effects)
    return effects
  }

  /// Requires: the classes are there.
  func shapes(of changes: [ShapeChange]) -> [Int: NewShape] {
    var result: [Int: NewShape] = [:]
    for change in changes {
      let info = classes.named(change.name)!
      result[info.index] = NewShape(
        own: change.fields, superIndex: change.superclass.map { classes.named($0)!.index } ?? info.superIndex)
    }
    return result
  }

  /// The names of all fields that a class will have, inherited ones first.
  func fieldNames(_ index: Int, _ shapes: [Int: NewShape]) -> [String] {
    chain(index, shapes).reversed().flatMap { shapes[$0]?.own ?? classes[$0].ownFieldNames }
  }

  /// The class and those that will be above it; ends where it would begin again.
  func chain(_ index: Int, _ shapes: [Int: NewShape]) -> [Int] {
    var result: [Int] = []
    var next = index
    while next != 0, !result.contains(next) {
      result.append(next)
      next = shapes[next]?.superIndex ?? classes[next].superIndex
    }
    return result
  }

  /// The classes and all that are below them, each behind its superclass to be.
  func affected(by shapes: [Int: NewShape]) -> [Int] {
    let all = shapes.keys.sorted().flatMap(withSubclasses)
    let members = Set(all)
    var result: [Int] = []
    var placed: Set<Int> = []
    for index in all {
      let missing = chain(index, shapes).prefix { !placed.contains($0) }.filter(members.contains)
      result += missing.reversed()
      placed.formUnion(missing)
    }
    return result
  }

  /// Bytecode made later would take a removed field's name for a global's.
  private func linkMethods(of indices: [Int]) {
    for index in indices {
      for method in classes[index].methods.values where methods[method].kind == .lazy { try? link(method) }
    }
  }

  /// Bytecode made later would not know that classes below keep a field. (What is prepared for the new shapes knows.)
  private func makeTwins(_ shapes: [Int: NewShape], _ affected: [Int]) {
    let losing = Set(
      affected.filter { index in
        let lost = Set(classes[index].fieldNames).subtracting(fieldNames(index, shapes))
        return withSubclasses(index).contains { !lost.isDisjoint(with: fieldNames($0, shapes)) }
      })
    if losing.isEmpty { return }
    var versions: [Method] = []
    methods.forEach { if losing.contains($0.holderIndex), $0.outer == nil, !$0.isAhead { versions.append($0.method) } }
    for version in versions { _ = twin(of: version) }
  }

  /// Values of any kind may come into unboxed fields of classes that keep their shape.
  private func boxFields(
    taking shapes: [Int: NewShape], _ affected: [Int], _ frame: Words, _ effects: inout Effects
  ) {
    let members = Set(affected)
    let taken = affected.compactMap { index -> (above: String, names: Set<String>)? in
      guard let above = chain(index, shapes).first(where: { !members.contains($0) }) else { return nil }
      let info = classes[index], names = info.bodyNames
      return (classes[above].name, Set(names.indices.filter { !info.isDouble($0) }.map { names[$0] }))
    }
    for (name, names) in taken {
      while let info = classes.named(name),
        let (word, _) = info.bodyNames.enumerated().first(where: { info.isDouble($0) && names.contains($1) })
      { boxFields(of: info.index, word: word, frame: frame, &effects) }
    }
  }

  /// Gives classes, and all below them, these shapes. What was unboxed of fields that classes below define stays so where
  /// no field moves.
  @discardableResult
  func reshape(_ shapes: [Int: NewShape], frame: Words) -> [ReshapedClass] {
    let affected = affected(by: shapes)
    let movesClasses = shapes.contains { $1.superIndex != classes[$0].superIndex }
    let isInPlace = !movesClasses && shapes.allSatisfy { $1.own == classes[$0].ownFieldNames }
    var successor: [Int: Int] = [:]
    var migrations: [Int: ShapeMigration] = [:]
    lock.lock()
    for index in affected {
      let old = classes[index]
      let firstOwn = UInt64(old.bodyWords - old.ownFieldNames.count)
      let shape =
        shapes[index]
        ?? NewShape(
          own: old.ownFieldNames, superIndex: old.superIndex,
          doubles: isInPlace ? old.doubleFields & (~0 << firstOwn) : 0)
      let new = classes.add(name: old.name, isMetaclass: old.isMetaclass)
      let above = successor[shape.superIndex] ?? shape.superIndex
      classes.setFields(
        new, own: shape.own, inherited: above == 0 ? [] : classes[above].fieldNames, base: old.fieldBase,
        format: old.format, doubles: shape.doubles | (above == 0 ? 0 : classes[above].doubleFields))
      new.succeed(old)
      classes.detach(old)
      classes.setSuperclass(new, above)
      old.isCurrent = false
      successor[index] = new.index
      let places = Dictionary(uniqueKeysWithValues: zip(old.fieldNames, old.fieldBase...))
      migrations[index] = ShapeMigration(
        newIndex: new.index, sources: Array(0..<old.fieldBase) + new.fieldNames.map { places[$0] ?? -1 })
    }
    for index in affected { replace(index, successor) }
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
    if movesClasses { flushAll() } else { lookupCache.renumber(successor) }
    return affected.map { ReshapedClass(old: $0, new: successor[$0]!, movesFields: !isInPlace) }
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
  private func replace(_ oldIndex: Int, _ successor: [Int: Int]) {
    guard let newIndex = successor[oldIndex] else { return }
    let new = classes[newIndex]
    if new.isMetaclass {
      new.instanceIndex = successor[new.instanceIndex] ?? new.instanceIndex
      classes[new.instanceIndex].metaIndex = newIndex
    } else if new.metaIndex != 0, classes[new.metaIndex].isMetaclass {
      new.metaIndex = successor[new.metaIndex] ?? new.metaIndex
      classes[new.metaIndex].instanceIndex = newIndex
    }
    classes.objects[newIndex] = classes.objects[oldIndex]
    methodArrays[newIndex] = methodArrays[oldIndex]
    methodArrays[oldIndex] = .none
    reclaimableBytes += Self.bytesOfShape
  }
}
