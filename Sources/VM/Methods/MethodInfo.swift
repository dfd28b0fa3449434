// What slow paths know about a method version: where it comes from, its bytecode, its blocks. One per raw Method,
// by id, kept forever (frames, blocks and history refer to old versions).

import Bytecode
import Syntax

public final class MethodInfo: @unchecked Sendable {
  public let method: Method
  public var id: Int { method.id }
  /// "Class>>selector"; blocks are "Class>>selector[]".
  public let name: String
  public let selector: String
  /// Class index of the class (or metaclass) that defines it.
  public internal(set) var holderIndex: Int
  /// Counts the versions of (class, selector), from 1.
  public internal(set) var version = 1
  /// For primitives: the key of its function, "Class>>selector".
  public internal(set) var primitive: String?
  public internal(set) var unit: BytecodeUnit?
  /// The text it comes from, and its place in it.
  public internal(set) var source: SourceText?
  public internal(set) var definition: MethodDefinition?
  /// What its names mean, if its class does not say it: of an input of a workspace.
  var scope: ClassScope?
  /// Method ids of `unit.blocks`; the method that a block belongs to.
  public internal(set) var blocks: [Int] = []
  public internal(set) var outer: Int?
  /// Selector ids of `unit.sites`, cell ids of `unit.globals`.
  public internal(set) var siteSelectors: [Int] = []
  public internal(set) var globalCells: [Int] = []
  /// The same method in the other bytecode variant, if it was ever needed.
  public internal(set) var twin: Int?
  /// For a twin: the method in the class's dictionary that it runs for.
  public internal(set) var original: Int?
  /// True if its bytecode reads or writes a field that its class no longer has: such a pc traps.
  public internal(set) var usesRemovedField = false
  /// True once a newer version, or nothing, has taken its place in the class.
  public internal(set) var isReplaced = false

  init(method: Method, name: String, selector: String, holderIndex: Int) {
    self.method = method
    self.name = name
    self.selector = selector
    self.holderIndex = holderIndex
  }
}
