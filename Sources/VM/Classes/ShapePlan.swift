// Classes as they will be when all changes of shape are made that come together: fields move between classes.

/// What becomes of a class or a metaclass.
public struct ShapeChange: Hashable, Sendable {
  /// "Foo" or "Foo class".
  public let name: String
  /// The fields that it defines itself.
  public let fields: [String]
  /// Its new superclass, "Foo" or "Foo class"; nil if it stays. (A class that is new always says its own.)
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

/// Classes with the shapes that some of them are to get. Those that are to be made have negative indices.
struct ShapePlan {
  private let classes: ClassTable
  private(set) var shapes: [Int: NewShape]
  /// By "Foo" or "Foo class".
  private var newIndices: [String: Int] = [:]

  init(_ shapes: [Int: NewShape], _ classes: ClassTable) {
    self.shapes = shapes
    self.classes = classes
  }

  /// Requires: the classes are there, but for those of `new`, and all superclasses are in one or the other.
  init(_ changes: [ShapeChange], new: [ShapeChange] = [], _ classes: ClassTable) {
    self.init([:], classes)
    for (i, change) in new.enumerated() { newIndices[change.name] = -1 - i }
    for change in changes {
      let info = classes.named(change.name)!
      shapes[info.index] = NewShape(
        own: change.fields, superIndex: change.superclass.map(index) ?? info.superIndex)
    }
    for (i, change) in new.enumerated() {
      shapes[-1 - i] = NewShape(own: change.fields, superIndex: change.superclass.map(index) ?? 0)
    }
  }

  func index(_ name: String) -> Int { newIndices[name] ?? classes.named(name)!.index }

  /// The first class from there upwards that is there already. Requires: the superclasses are no ring.
  func nearest(_ index: Int) -> ClassInfo { classes[chain(index).first { $0 > 0 }!] }

  func superIndex(_ index: Int) -> Int { shapes[index]?.superIndex ?? classes[index].superIndex }

  /// The names of all fields that a class will have, inherited ones first.
  func fieldNames(_ index: Int) -> [String] {
    chain(index).reversed().flatMap { shapes[$0]?.own ?? classes[$0].ownFieldNames }
  }

  /// The class and those that will be above it; ends where it would begin again.
  func chain(_ index: Int) -> [Int] {
    var result: [Int] = []
    var next = index
    while next != 0, !result.contains(next) {
      result.append(next)
      next = superIndex(next)
    }
    return result
  }

  /// The classes and all that are below them, each behind its superclass to be.
  var affected: [Int] {
    let all = shapes.keys.filter { $0 > 0 }.sorted().flatMap(classes.withSubclasses)
    let members = Set(all)
    var result: [Int] = []
    var placed: Set<Int> = []
    for index in all {
      let missing = chain(index).prefix { !placed.contains($0) }.filter(members.contains)
      result += missing.reversed()
      placed.formUnion(missing)
    }
    return result
  }
}
