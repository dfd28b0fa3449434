// Changing the fields and the superclasses of classes while the program runs. The classes and everything below them get
// new class indices; one full collection copies every instance into its new shape (identity hash and references stay),
// where fields keep their values by name, whichever class defines them before and after; the bytecode of all versions of
// their methods follows (`FieldPlaces.swift`), so that running activations go on with the fields that still exist.

import Bytecode
import MachineLayout

/// Makes changes of shape. On the VM thread, at safepoints.
public final class Reshaper {
  private unowned(unsafe) let universe: Universe
  private let classes: ClassTable
  private let methods: MethodTable
  private let heap: Heap

  init(_ universe: Universe) {
    self.universe = universe
    classes = universe.classes
    methods = universe.methods
    heap = universe.heap
  }

  /// Makes all these changes in one step. At a safepoint; `frame` is the top frame. Requires that `ShapeObstacles` finds
  /// none. Methods in which names mean something else then are compiled again, but for those that are replaced or removed
  /// next (`isLeft`).
  public func set(
    _ changes: [ShapeChange], frame: Words, except isLeft: (MethodKey) -> Bool = { _ in false }
  ) -> Effects {
    var effects = Effects()
    let before = ShapePlan(changes, classes)
    let affected = before.affected
    if affected.contains(where: { !Set(classes[$0].fieldNames).isSubset(of: before.fieldNames($0)) }) {
      linkMethods(of: affected)
    }
    makeTwins(before, affected)
    boxFields(taking: before, affected, frame, &effects)
    // That may have given classes other indices.
    let made = reshape(ShapePlan(changes, classes).shapes, frame: frame)
    effects.classes += made
    universe.fieldPlaces.recompileRenamed(made.map(\.new), except: isLeft, &effects)
    return effects
  }

  /// Bytecode made later would take a removed field's name for a global's.
  private func linkMethods(of indices: [Int]) {
    for index in indices {
      for info in classes[index].methods.values.map({ methods[$0] }) where info.kind == .lazy {
        try? universe.variants.link(info)
      }
    }
  }

  /// Bytecode made later would not know that classes below keep a field. (What is prepared for the new shapes knows.)
  private func makeTwins(_ plan: ShapePlan, _ affected: [Int]) {
    let losing = Set(
      affected.filter { index in
        let lost = Set(classes[index].fieldNames).subtracting(plan.fieldNames(index))
        return classes.withSubclasses(index).contains { !lost.isDisjoint(with: plan.fieldNames($0)) }
      })
    if losing.isEmpty { return }
    var versions: [Method] = []
    methods.forEach { if losing.contains($0.holderIndex), $0.outer == nil, !$0.isAhead { versions.append($0.method) } }
    for version in versions { _ = universe.variants.twin(of: version) }
  }

  /// Values of any kind may come into unboxed fields of classes that keep their shape.
  private func boxFields(
    taking plan: ShapePlan, _ affected: [Int], _ frame: Words, _ effects: inout Effects
  ) {
    let members = Set(affected)
    let taken = affected.compactMap { index -> (above: String, names: Set<String>)? in
      guard let above = plan.chain(index).first(where: { !members.contains($0) }) else { return nil }
      let info = classes[index], names = info.bodyNames
      return (classes[above].name, Set(names.indices.filter { !info.isDouble($0) }.map { names[$0] }))
    }
    for (name, names) in taken {
      while let info = classes.named(name),
        let (word, _) = info.bodyNames.enumerated().first(where: { info.isDouble($0) && names.contains($1) })
      { universe.unboxedFields.box(of: info.index, word: word, frame: frame, &effects) }
    }
  }

  /// Gives classes, and all below them, these shapes. What was unboxed of fields that classes below define stays so where
  /// no field moves.
  @discardableResult
  func reshape(_ shapes: [Int: NewShape], frame: Words) -> [ReshapedClass] {
    let affected = ShapePlan(shapes, classes).affected
    let movesClasses = shapes.contains { $1.superIndex != classes[$0].superIndex }
    let isInPlace = !movesClasses && shapes.allSatisfy { $1.own == classes[$0].ownFieldNames }
    var successor: [Int: Int] = [:]
    var migrations: [Int: ShapeMigration] = [:]
    classes.lock.lock()
    for index in affected {
      let old = classes[index]
      let firstOwn = UInt64(old.bodyWords - old.ownFieldNames.count)
      let shape =
        shapes[index]
        ?? NewShape(
          own: old.ownFieldNames, superIndex: old.superIndex,
          doubles: isInPlace ? old.doubleFields & (~0 << firstOwn) : 0)
      let new = classes.add(name: old.name, isMetaclass: old.isMetaclass, isFound: !old.isRemoved)
      let above = successor[shape.superIndex] ?? shape.superIndex
      classes.setFields(
        new, own: shape.own, inherited: above == 0 ? [] : classes[above].fieldNames, base: old.fieldBase,
        format: old.format, doubles: shape.doubles | (above == 0 ? 0 : classes[above].doubleFields))
      new.succeed(old)
      new.isCensusTaken = isInPlace && old.isCensusTaken
      classes.detach(old)
      classes.setSuperclass(new, above)
      old.isCurrent = false
      successor[index] = new.index
      migrations[index] = ShapeMigration(
        newIndex: new.index, sources: sources(of: new, old, migrations[old.superIndex]))
    }
    for index in affected { replace(index, successor) }
    classes.note(migrations)
    classes.lock.unlock()

    universe.changesAtPolls += 1
    heap.migrations = migrations
    heap.collectFull(frame: frame, moveEverything: heap.gcEvery > 0)
    heap.migrations = [:]
    for (_, new) in successor {
      let object = classes.object(new)
      if object.isPointer, object != .none { object.object[ClassObjectLayout.classIndex] = Value(integer: new) }
    }
    universe.fieldPlaces.patchMethods(migrations)
    if movesClasses { universe.lookup.flushAll() } else { universe.lookup.renumber(successor) }
    return affected.map { ReshapedClass(old: $0, new: successor[$0]!, movesFields: !isInPlace) }
  }

  /// By the body words of a class, those of the class before that they keep, or -1. `above`: what its superclass became.
  private func sources(of new: ClassInfo, _ old: ClassInfo, _ above: ShapeMigration?) -> [Int] {
    if new.isRemoved {
      // What is added above may have the name of a field of its own.
      let own = Array((old.bodyWords - old.ownFieldNames.count)..<old.bodyWords)
      return (above?.sources ?? Array(0..<(old.bodyWords - own.count))) + own
    }
    // A class that comes back may have got a second field of a name from above: its own counts.
    let places = Dictionary(zip(old.fieldNames, old.fieldBase...)) { $1 }
    return Array(0..<old.fieldBase) + new.fieldNames.map { places[$0] ?? -1 }
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
    if new.isRemoved { universe.classNames.noteMoved(new, from: oldIndex) }
    universe.methodArrays[newIndex] = universe.methodArrays[oldIndex]
    universe.methodArrays[oldIndex] = .none
    universe.reclaimer.noteShape()
  }
}
