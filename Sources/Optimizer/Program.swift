// What the optimizer asks about the running program. The runtime implements it; every question is short, safe
// to ask from the compiler thread, and may have another answer a moment later: that is what dependencies are for.

import Bytecode

public struct MethodID: Hashable, Sendable {
  public let raw: Int
  public init(_ raw: Int) { self.raw = raw }
}

/// A fact that compiled code relies on. Checked again when the code is installed, and watched from then on.
public enum Dependency: Hashable, Sendable {
  /// Looking `selector` up in class `classIndex` finds `method` (nil: nothing).
  case lookup(classIndex: Int, selector: Int, method: Int?)
  /// Class `classIndex` is current: its shape has not changed.
  case shape(classIndex: Int)
  /// The global in `cell` still has the value it had when `version` was its version.
  case global(cell: Int, version: Int)
  /// Looking `selector` up above class `holderIndex` (a super send) finds `method` (nil: nothing).
  case superLookup(holderIndex: Int, selector: Int, method: Int?)
}

/// What the optimizer may know about a method without touching the heap.
public struct MethodFacts: Sendable {
  public var id: MethodID
  public var name: String
  public var holderIndex: Int
  /// Bytecode, or nil for a primitive.
  public var chunk: BytecodeChunk?
  /// For primitives: `Class>>selector`, the key of the intrinsics table.
  public var primitive: String?
  /// Method ids of the blocks in `chunk.blocks`.
  public var blocks: [MethodID]
  /// Selector ids of `chunk.sites`, cell ids of `chunk.globals`.
  public var siteSelectors: [Int]
  public var globalCells: [Int]
  /// Where compiled code leaves for the interpreter, since a debugger wants to be told: pcs.
  public var breakpoints: Set<Int> = []
  /// How often the interpreter has entered the method or gone round one of its loops, roughly.
  public var invocations: Int
  public init(
    id: MethodID, name: String, holderIndex: Int, chunk: BytecodeChunk?, primitive: String?, blocks: [MethodID],
    siteSelectors: [Int], globalCells: [Int], invocations: Int
  ) {
    self.id = id
    self.name = name
    self.holderIndex = holderIndex
    self.chunk = chunk
    self.primitive = primitive
    self.blocks = blocks
    self.siteSelectors = siteSelectors
    self.globalCells = globalCells
    self.invocations = invocations
  }
}

/// What a send site has seen. An arithmetic site that has only ever taken its small-integer path has no entries;
/// one that has seen doubles has an entry for class Double.
public struct SiteFeedback: Sendable {
  public struct Entry: Sendable {
    public var classIndex: Int
    public var count: Int
    public init(classIndex: Int, count: Int) {
      self.classIndex = classIndex
      self.count = count
    }
  }
  /// Most frequent first, at most 4.
  public var entries: [Entry]
  public var megamorphic: Bool
  public init(entries: [Entry], megamorphic: Bool) {
    self.entries = entries
    self.megamorphic = megamorphic
  }
}

public struct ClassFacts: Sendable {
  public var index: Int
  public var classWord: UInt32
  public var name: String
  public var fieldCount: Int
  public var format: Int
  /// Bit i: body word i of an instance is an unboxed double.
  public var doubleFields: UInt64
  /// If this is a metaclass: the index of its one instance, the class.
  public var instanceClassIndex: Int?
  public init(
    index: Int, classWord: UInt32, name: String, fieldCount: Int, format: Int, instanceClassIndex: Int? = nil,
    doubleFields: UInt64 = 0
  ) {
    self.doubleFields = doubleFields
    self.instanceClassIndex = instanceClassIndex
    self.index = index
    self.classWord = classWord
    self.name = name
    self.fieldCount = fieldCount
    self.format = format
  }
}

/// A field, by a class whose instances have it.
public struct FieldPlace: Hashable, Sendable {
  public var classIndex: Int
  public var word: Int
  public init(classIndex: Int, word: Int) {
    self.classIndex = classIndex
    self.word = word
  }
}

/// An instruction in a method's bytecode.
public struct CodePlace: Hashable, Sendable {
  public var method: MethodID
  public var pc: Int
  public init(method: MethodID, pc: Int) {
    self.method = method
    self.pc = pc
  }
}

public protocol Program: AnyObject, Sendable {
  func facts(_ method: MethodID) -> MethodFacts
  func lookup(classIndex: Int, selector: Int) -> MethodID?
  func lookupSuper(holderIndex: Int, selector: Int) -> MethodID?
  func selectorID(_ name: String) -> Int
  func classFacts(_ index: Int) -> ClassFacts
  /// Whether it is not decided yet if this field is to be kept as an unboxed double.
  func mayUnbox(_ field: FieldPlace) -> Bool
  func feedback(_ method: MethodID, site: Int) -> SiteFeedback
  /// Whether compiled code was seen to call from here often, whatever the counts of the interpreter say.
  func isHot(_ call: CodePlace) -> Bool
  /// Guards that failed here before, by reason (raw value of DeoptReason): do not speculate so again.
  func failures(_ method: MethodID, pc: Int) -> Set<Int64>
  /// Class index of a global's current value and the cell's version, if it has one.
  func globalClass(cell: Int) -> (classIndex: Int, version: Int)?
}
