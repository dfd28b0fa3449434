// Raw 64-bit words: frames, objects, thread state and off-heap tables are all reached through this type.

import MachineLayout

public typealias Words = UnsafeMutablePointer<UInt64>

@inlinable @inline(__always)
func words(_ bits: UInt64) -> Words { Words(bitPattern: UInt(truncatingIfNeeded: bits)).unsafelyUnwrapped }

@inlinable @inline(__always)
func bits(_ p: Words) -> UInt64 { UInt64(UInt(bitPattern: p)) }

extension Value {
  /// Class index of any value.
  @inlinable @inline(__always)
  public var classIndex: Int {
    if bits & 7 == 0 {
      return Int(
        (Words(bitPattern: UInt(bits)).unsafelyUnwrapped[0] &>> HeaderBits.classShift)
          & UInt64(HeaderBits.classIndexMask))
    }
    if bits & 1 != 0 { return WellKnownClass.integer.rawValue }
    if bits & 3 == 2 { return WellKnownClass.double.rawValue }
    // nil 0x04, false 0x0C, true 0x14: 3, 5, 4.
    return Int((0x453 &>> ((bits &>> 3) &<< 2)) & 7)
  }
}
