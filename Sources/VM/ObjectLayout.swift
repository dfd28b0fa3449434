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

public enum ObjectFormat: UInt8, Sendable {
  /// Body: fields.
  case fields = 0
  /// Body: element count (small integer), fields, elements (Array and subclasses; environments).
  case indexable = 1
  /// Body: byte count (small integer), extra (small integer, see StringLayout), bytes padded to 8.
  case bytes = 2
  /// Body: word count (small integer), raw 64-bit words (boxed doubles, big integers).
  case words = 3
  /// Body: fields, some of them unboxed doubles (`ClassInfo.doubleFields`).
  case mixed = 4
}

public enum HeaderBits {
  public static let forwarded: UInt64 = 1 << 0
  public static let marked: UInt64 = 1 << 1
  /// In old space. A store into an object whose low byte & (old | remembered) == old takes the barrier.
  public static let old: UInt64 = 1 << 2
  public static let remembered: UInt64 = 1 << 3
  /// Above the nursery's reach from birth, never moved except by a stress collection.
  public static let large: UInt64 = 1 << 4
  public static let hashShift: UInt64 = 8
  public static let hashMask: UInt64 = 0xFF_FFFF
  public static let classShift: UInt64 = 32
  public static let formatShift: UInt32 = 24
  public static let classIndexMask: UInt32 = 0xFF_FFFF
}

/// The class word: index and format, as compiled code compares it.
@frozen public struct ClassWord: Equatable, Hashable, Sendable {
  public var bits: UInt32
  @inlinable public init(bits: UInt32) { self.bits = bits }
  @inlinable public init(index: Int, format: ObjectFormat) {
    bits = UInt32(index) | UInt32(format.rawValue) << 24
  }
  @inlinable public var index: Int { Int(bits & 0xFF_FFFF) }
  @inlinable public var formatBits: UInt8 { UInt8(bits >> 24) & 7 }
}

/// An address of an object in the heap; valid until the next safepoint.
@frozen public struct ObjectPointer: Equatable, Hashable, @unchecked Sendable {
  public let words: UnsafeMutablePointer<UInt64>
  @inlinable public init(_ words: UnsafeMutablePointer<UInt64>) { self.words = words }

  @inlinable public var header: UInt64 {
    get { words[0] }
    nonmutating set { words[0] = newValue }
  }
  @inlinable public var classWord: ClassWord { ClassWord(bits: UInt32(truncatingIfNeeded: words[0] &>> 32)) }
  @inlinable public var classIndex: Int { classWord.index }
  /// Body word `i`: field i of a `.fields` object; word 0 is the count in the other formats.
  @inlinable public subscript(_ i: Int) -> Value {
    get { Value(bits: words[1 &+ i]) }
    nonmutating set { words[1 &+ i] = newValue.bits }
  }
}

/// Class indices that every virtual machine has, in the order in which they are created.
public enum WellKnownClass: Int, CaseIterable, Sendable {
  case integer = 1, double, `nil`, `true`, `false`, string, symbol, array
  case block, block1, block2, block3, environment
  case `class`, metaclass, method, primitive, object, boolean, system
}

/// Body words of a block object (`Block1` to `Block3`), format `.fields`. Compiled code reads these.
public enum BlockLayout {
  /// The block's `Method` as a raw address in small-integer clothing.
  public static let method = 0
  public static let receiver = 1
  /// The environment it closed over, or nil.
  public static let environment = 2
  public static let size = 3
  /// Whether instances of this class are blocks with code.
  public static func isClass(_ index: Int) -> Bool {
    index >= WellKnownClass.block1.rawValue && index <= WellKnownClass.block3.rawValue
  }
}

/// Body words of an environment, format `.indexable`: word 0 is the element count.
public enum EnvironmentLayout {
  public static let outer = 1
  /// true while the home activation runs; nil afterwards.
  public static let home = 2
  public static let firstVariable = 3
}
