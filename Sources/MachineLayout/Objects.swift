// Objects: one 8-byte header, then the body.
//
//   bits  0      forwarded: the rest of the header is the new address
//   bits  1..7   collector bits
//   bits  8..31  identity hash, 0 until asked for
//   bits 32..63  class word: class index (24 bits), format (bits 56..58)
//
// A class check is one 32-bit compare of the class word (the upper half of the header). How many fixed slots
// an object has is a fact of its class index, which names class and shape: a class that changes shape gets
// a new index.

@frozen public enum ObjectFormat: UInt8, Sendable {
  /// Body: fields.
  case fields = 0
  /// Body: element count (small integer), fields, elements (Array and subclasses; environments).
  case indexable = 1
  /// Body: byte count (small integer), extra (small integer, see StringLayout), bytes padded to 8.
  case bytes = 2
  /// Body: word count (small integer), raw 64-bit words (boxed doubles, big integers).
  case words = 3
  /// Body: fields, some of them unboxed doubles.
  case mixed = 4
}

public enum HeaderBits {
  @inlinable public static var forwarded: UInt64 { 1 << 0 }
  @inlinable public static var marked: UInt64 { 1 << 1 }
  /// In old space. A store into an object whose low byte & (old | remembered) == old takes the barrier.
  @inlinable public static var old: UInt64 { 1 << 2 }
  @inlinable public static var remembered: UInt64 { 1 << 3 }
  /// Above the nursery's reach from birth, never moved except by a stress collection.
  @inlinable public static var large: UInt64 { 1 << 4 }
  @inlinable public static var hashShift: UInt64 { 8 }
  @inlinable public static var hashMask: UInt64 { 0xFF_FFFF }
  @inlinable public static var classShift: UInt64 { 32 }
  @inlinable public static var formatShift: UInt32 { 24 }
  @inlinable public static var classIndexMask: UInt32 { 0xFF_FFFF }
}

/// The class word: index and format, as compiled code compares it.
@frozen public struct ClassWord: Equatable, Hashable, Sendable {
  public var bits: UInt32
  @inlinable public init(bits: UInt32) { self.bits = bits }
  @inlinable public init(index: Int, format: ObjectFormat) {
    bits = UInt32(index) | UInt32(format.rawValue) << HeaderBits.formatShift
  }
  @inlinable public var index: Int { Int(bits & HeaderBits.classIndexMask) }
  @inlinable public var formatBits: UInt8 { UInt8(bits >> HeaderBits.formatShift) & 7 }

  public static let array = ClassWord(index: WellKnownClass.array.rawValue, format: .indexable)
  public static let environment = ClassWord(index: WellKnownClass.environment.rawValue, format: .indexable)
  public static let boxedDouble = ClassWord(index: WellKnownClass.double.rawValue, format: .words)
  public static func block(argumentCount: Int) -> ClassWord {
    ClassWord(index: WellKnownClass.block1.rawValue + argumentCount, format: .fields)
  }
}

/// What `new` makes of a class if that is an object of nothing but fields, all nil: the class word in the upper half, the
/// number of words in the body in the lower; else 0.
public enum InstanceTemplate {
  /// For a class of classes.
  public static let classObject: UInt64 = 1 << 31
  /// Larger objects are made by the primitive.
  public static let bodyLimit = 64
}

/// Class indices that every virtual machine has, in the order in which they are created.
@frozen public enum WellKnownClass: Int, CaseIterable, Sendable {
  case integer = 1, double, `nil`, `true`, `false`, string, symbol, array
  case block, block1, block2, block3, environment
  case `class`, metaclass, method, primitive, object, boolean, system
}

/// Body words of a block object (`Block1` to `Block3`), format `.fields`. Compiled code reads these.
public enum BlockLayout {
  /// The block's method as a raw address in small-integer clothing.
  @inlinable public static var method: Int { 0 }
  @inlinable public static var receiver: Int { 1 }
  /// The environment it closed over, or nil.
  @inlinable public static var environment: Int { 2 }
  @inlinable public static var size: Int { 3 }
  /// Whether instances of this class are blocks with code.
  @inlinable public static func isClass(_ index: Int) -> Bool {
    index >= WellKnownClass.block1.rawValue && index <= WellKnownClass.block3.rawValue
  }
}

/// Body words of an environment, format `.indexable`: word 0 is the element count.
public enum EnvironmentLayout {
  @inlinable public static var outer: Int { 1 }
  /// While the home activation runs, the mark of its process (`ThreadSlot.processMark`); nil afterwards. So `^` compares with
  /// the mark of the process that it is in: another one's activation cannot be returned from.
  @inlinable public static var home: Int { 2 }
  @inlinable public static var firstVariable: Int { 3 }
}

/// Body words of strings and symbols, format `.bytes`: UTF-8 bytes follow, padded with zeros to a word.
public enum StringLayout {
  @inlinable public static var byteCount: Int { 0 }
  /// Small integer: count of Unicode scalars in the low 32 bits, symbol id + 1 above (0: a plain string).
  @inlinable public static var extra: Int { 1 }
  @inlinable public static var firstWord: Int { 2 }
}

/// Body words of an object that stands for a method.
public enum MethodObjectLayout {
  /// The raw method's address in small-integer clothing.
  @inlinable public static var method: Int { 0 }
  @inlinable public static var hiddenWords: Int { 1 }
}
