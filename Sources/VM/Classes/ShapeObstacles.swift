// What changes of shape cannot be: checked as they will be together, since fields move between classes.

import Bytecode
import MachineLayout

/// Why changes of shape cannot be made.
public struct ShapeObstacle: Error {
  /// The change that it is about, or its class is: "Foo" or "Foo class".
  public let name: String
  public let description: String
  /// It will be gone when some activation has returned.
  public var isPassing = false
}

/// VM thread.
public final class ShapeObstacles {
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

  /// Why these changes cannot be, however the program stands; nil if they can. Requires: the classes are there, but for
  /// those of `new`.
  public func first(in changes: [ShapeChange], new: [ShapeChange] = []) -> ShapeObstacle? {
    let plan = ShapePlan(changes, new: new, classes)
    // What closes a ring is the last change of it. (Metaclasses follow.)
    for change in changes.reversed() where change.superclass != nil && !classes.named(change.name)!.isMetaclass {
      let index = classes.named(change.name)!.index
      if plan.superIndex(plan.chain(index).last!) == index {
        return ShapeObstacle(name: change.name, description: "\(change.name) would be a superclass of itself")
      }
    }
    for change in changes {
      if let description = change.superclass.flatMap({ obstacle(toBeing: change.name, below: $0, plan) })
        ?? obstacle(toFields: change)
      {
        return ShapeObstacle(name: change.name, description: description)
      }
    }
    for change in changes {
      for index in classes.withSubclasses(classes.named(change.name)!.index) where !classes[index].isRemoved {
        let names = plan.fieldNames(index)
        var seen: Set<String> = []
        if let repeated = names.first(where: { !seen.insert($0).inserted }) {
          let description =
            "\(classes[index].name) would have two fields \(repeated): only one of its classes can define it"
          return ShapeObstacle(name: change.name, description: description)
        }
        if names.count > ClassBuilder.fieldLimit {
          return ShapeObstacle(name: change.name, description: "\(classes[index].name) would have too many fields")
        }
      }
    }
    return nil
  }

  private func builtIn(below index: Int) -> String? {
    classes.withSubclasses(index).first { WellKnownClass(rawValue: $0) != nil }.map { classes[$0].name }
  }

  private func obstacle(toFields change: ShapeChange) -> String? {
    let info = classes.named(change.name)!
    if change.fields == info.ownFieldNames { return nil }
    if let fixed = builtIn(below: info.index) { return "the fields of \(fixed) cannot change" }
    if info.format == .bytes || info.format == .words { return "\(info.name) cannot have fields" }
    return nil
  }

  private func obstacle(toBeing name: String, below superName: String, _ plan: ShapePlan) -> String? {
    let info = classes.named(name)!, above = plan.nearest(plan.index(superName))
    if let fixed = builtIn(below: info.index) {
      return "The superclass of \(info.name) cannot change: \(fixed) is built in"
    }
    func layout(_ info: ClassInfo) -> (ObjectFormat, Int) {
      (info.format == .mixed ? .fields : info.format, info.fieldBase)
    }
    if layout(info) == layout(above) { return nil }
    return "\(info.name) cannot become a subclass of \(superName): its instances are objects of another kind"
  }

  /// Why classes cannot get these superclasses just now: what runs for one of their instances, or can be run, are methods
  /// of a class that they would leave, and these would look for fields where they are not any more. At a safepoint; moves
  /// objects.
  public func first(
    toMoving changes: [ShapeChange], new: [ShapeChange] = [], frame: Words
  ) -> ShapeObstacle? {
    let moving = changes.filter { $0.superclass != nil }
    if moving.isEmpty { return nil }
    let plan = ShapePlan(changes, new: new, classes)
    /// By class index: those above it that will not be, and the change that it is below.
    var left: [Int: (classes: Set<Int>, change: String)] = [:]
    for change in moving {
      for index in classes.withSubclasses(classes.named(change.name)!.index) {
        left[index] = (Set(classes.withSuperclasses(index)).subtracting(plan.chain(index)), change.name)
      }
    }
    func movedClass(_ method: Method, _ receiver: Value) -> String? {
      let holder = methods[method].holderIndex
      // Nil stands for an instance that has not been allocated.
      let moved = receiver == .nil ? Array(left.values) : left[receiver.classIndex].map { [$0] } ?? []
      return moved.first { $0.classes.contains(holder) && usesFields(methods[method]) }?.change
    }
    var found: (method: Method, name: String)?
    func look(_ method: Method, _ receiver: Value) {
      if found == nil { found = movedClass(method, receiver).map { (method, $0) } }
    }
    universe.forEachStack(running: frame) { frames in
      for running in universe.activations(in: frames) { look(running.method, running.receiver) }
    }
    if let (running, name) = found {
      let description = "\(methods[running].name) is running for a \(name): accept this again when it has returned"
      return ShapeObstacle(name: name, description: description, isPassing: true)
    }
    universe.forEachStack(running: frame) { frames in
      for frame in frames where frame.isCompiled {
        for block in universe.hooks.unallocatedBlocks?(frame.words) ?? [] { look(block.method, block.receiver) }
      }
    }
    heap.collectFull(frame: frame, moveEverything: heap.gcEvery > 0)
    heap.forEachOldObject { object in
      guard BlockLayout.isClass(object.classIndex) else { return }
      look(Method(object[BlockLayout.method].rawAddress), object[BlockLayout.receiver])
    }
    return found.map { block, name in
      let description =
        "a block of \(methods[block].name) for a \(name) is still in use: restart the program with the new class"
      return ShapeObstacle(name: name, description: description)
    }
  }

  private func usesFields(_ info: MethodInfo) -> Bool {
    info.chunk?.instructions.contains { $0.fieldPlace != nil } == true
      || info.blocks.contains { usesFields(methods[$0]) }
  }
}
