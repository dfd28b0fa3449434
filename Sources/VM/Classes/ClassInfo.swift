// A class, or a version of its shape: what lookups, allocation and reflection need. Off-heap; the class object in
// the heap refers to it by index. A change of shape makes a new ClassInfo with a new index.

import Bytecode
import Foundation
import MachineLayout
import Syntax

public final class ClassInfo: @unchecked Sendable {
  public let index: Int
  /// "Foo" or "Foo class".
  public internal(set) var name: String
  /// The name in its file: without the mark of a bundled class whose name the program has taken.
  var plainName: String { name.contains("(") ? name.replacingOccurrences(of: LibraryNames.mark, with: "") : name }
  /// Class index of the superclass; 0 for Object.
  public internal(set) var superIndex = 0
  public let isMetaclass: Bool
  /// The index of its class: "Foo class" for Foo, Metaclass for "Foo class".
  public internal(set) var metaIndex = 0
  /// For a metaclass: the class whose class it is.
  public internal(set) var instanceIndex = 0
  /// Names of all fields, inherited ones first. Field i is body word `fieldBase + i`.
  public internal(set) var fieldNames: [String] = []
  public internal(set) var ownFieldNames: [String] = []
  /// Body words before the fields: the count of an indexable object, the hidden words of a class object.
  public internal(set) var fieldBase = 0
  public internal(set) var format: ObjectFormat = .fields
  /// Bit i: body word i is an unboxed double (`DoubleFields.swift`).
  public internal(set) var doubleFields: UInt64 = 0
  /// False after a change of shape has made another index take its place.
  public internal(set) var isCurrent = true
  public internal(set) var isLoaded = false
  /// Taken out of the program (`ClassNames`): no name leads to it, but instances may be there.
  public internal(set) var isRemoved = false
  /// Whether it has been decided which of its fields are unboxed.
  var isCensusTaken = false
  /// False while its file's methods are being added: nothing can have looked anything up in it.
  public internal(set) var isOpen = false
  /// By selector id; `selectors` keeps the order of definition.
  public internal(set) var methods: [Int: Method] = [:]
  public internal(set) var selectors: [Int] = []
  /// Class indices of direct subclasses.
  public internal(set) var subclasses: [Int] = []
  /// The path of its file; nil for bundled classes and those made by the program.
  public internal(set) var path: String?
  public internal(set) var source: SourceText?
  public internal(set) var definition: ClassDefinition?

  init(index: Int, name: String, isMetaclass: Bool) {
    self.index = index
    self.name = name
    self.isMetaclass = isMetaclass
  }

  /// Takes over everything but index and shape. Nothing is looked up in the old one any more.
  func succeed(_ old: ClassInfo) {
    metaIndex = old.metaIndex
    instanceIndex = old.instanceIndex
    methods = old.methods
    selectors = old.selectors
    path = old.path
    source = old.source
    definition = old.definition
    isLoaded = old.isLoaded
    isRemoved = old.isRemoved
    isOpen = old.isOpen
    old.methods = [:]
    old.selectors = []
  }

  /// Whether body word `word` is an unboxed double.
  func isDouble(_ word: Int) -> Bool { doubleFields >> UInt64(word) & 1 != 0 }
  public var classWord: ClassWord { ClassWord(index: index, format: format) }
  /// Body words of an instance; for indexable ones, without the elements.
  public var bodyWords: Int { fieldBase + fieldNames.count }
  /// The body word of a field; nil if there is none of that name.
  func bodyWord(ofField name: String) -> Int? { fieldNames.firstIndex(of: name).map { fieldBase + $0 } }
  /// The names by which bytecode knows body words: field operand i is body word i.
  public var bodyNames: [String] { (0..<fieldBase).map { "<hidden \($0)>" } + fieldNames }
  /// What names mean in a method that is written now.
  var scope: ClassScope { ClassScope(className: name, instanceFields: bodyNames) }
}

/// Body words of a class object, before the fields it inherits from `Class` and its class-side fields.
public enum ClassObjectLayout {
  /// The class index, a small integer.
  public static let classIndex = 0
  public static let hiddenWords = 1
}
