// The extent of an object, from its header and count word: what the collector and the verifier walk by.

struct ObjectExtent {
  /// Words including the header.
  let words: Int
  /// Body words from the first that hold tagged values (counts included, which are small integers).
  let taggedWords: Int
  /// Of fields of both kinds: `taggedWords` is 0, and `ClassTable.doubleFields` says which are tagged.
  let isMixed: Bool

  /// Requires: `p` is an object (not forwarded); `header` its header.
  @inline(__always)
  init(_ p: Words, header: UInt64, sizes: UnsafeMutablePointer<UInt32>) {
    let classBits = UInt32(truncatingIfNeeded: header &>> 32)
    isMixed = (classBits &>> 24) & 7 == 4
    switch (classBits &>> 24) & 7 {
    case 0:
      taggedWords = Int(sizes[Int(classBits & 0xFF_FFFF)])
      words = taggedWords &+ 1
    case 1:
      taggedWords = Int(sizes[Int(classBits & 0xFF_FFFF)]) &+ Int(p[1] &>> 1)
      words = taggedWords &+ 1
    case 2:
      taggedWords = 0
      words = 3 &+ (Int(p[1] &>> 1) &+ 7) / 8
    case 4:
      taggedWords = 0
      words = Int(sizes[Int(classBits & 0xFF_FFFF)]) &+ 1
    default:
      taggedWords = 0
      words = 2 &+ Int(p[1] &>> 1)
    }
  }
}
