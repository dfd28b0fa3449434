// What a change made otherwise, for whoever relied on it: compiled code, receipts, histories. Whatever changes the program
// answers it. What the program changes outside of an accept (it sets a global, loads a class, stores a string into a field
// of doubles) is told to `Hooks.changed` instead.

/// A change of which method a (class, selector) finds; nil: none.
public struct MethodChange: Sendable {
  public let classIndex: Int
  public let selector: Int
  public let old: Int?
  public let new: Int?
}

/// Another shape or superclass of a class, or of one above it: another class index.
public struct ReshapedClass: Sendable {
  public let old: Int
  public let new: Int
  /// False if all fields stay where they are, and only keep their values otherwise.
  public let movesFields: Bool
}

/// In each list, in the order in which it happened.
public struct Effects: Sendable {
  public var methods: [MethodChange] = []
  /// Methods that run other bytecode from now on, since what theirs stands for was redefined, or is as it was again (ids,
  /// blocks included).
  public var superseded: [Int] = []
  public var classes: [ReshapedClass] = []
  /// Globals that were set (cell ids).
  public var cells: [Int] = []
  /// Classes that have another name, and those that were taken out of the program, by name.
  public var renamed: [ClassRenaming] = []
  public var removed: [String] = []

  public init() {}
  public var isEmpty: Bool { methods.isEmpty && superseded.isEmpty && classes.isEmpty && cells.isEmpty }

  public static func += (l: inout Effects, r: Effects) {
    l.methods += r.methods
    l.superseded += r.superseded
    l.classes += r.classes
    l.cells += r.cells
    l.renamed += r.renamed
    l.removed += r.removed
  }
}

extension Universe {
  /// Makes a change of the program's own, outside of an accept, and tells of it.
  func changing<T, E: Error>(_ body: (inout Effects) throws(E) -> T) throws(E) -> T {
    var effects = Effects()
    defer { if !effects.isEmpty { for listener in hooks.changed { listener(effects) } } }
    return try body(&effects)
  }
}
