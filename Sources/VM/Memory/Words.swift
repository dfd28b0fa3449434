// Raw 64-bit words: frames, objects, thread state and off-heap tables are all reached through this type.

public typealias Words = UnsafeMutablePointer<UInt64>

@inlinable @inline(__always)
func words(_ bits: UInt64) -> Words { Words(bitPattern: UInt(truncatingIfNeeded: bits)).unsafelyUnwrapped }

@inlinable @inline(__always)
func bits(_ p: Words) -> UInt64 { UInt64(UInt(bitPattern: p)) }

extension Value {
  /// Class index of any value.
  @inlinable @inline(__always)
  public var classIndex: Int {
    if bits & 7 == 0 { return Int((Words(bitPattern: UInt(bits)).unsafelyUnwrapped[0] &>> 32) & 0xFF_FFFF) }
    if bits & 1 != 0 { return 1 }
    if bits & 3 == 2 { return 2 }
    // nil 0x04, false 0x0C, true 0x14: 3, 5, 4.
    return Int((0x453 &>> ((bits &>> 3) &<< 2)) & 7)
  }
}
