import MachineLayout

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
