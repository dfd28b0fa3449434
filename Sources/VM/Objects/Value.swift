// The tagged word (`MachineLayout.Word`).

import MachineLayout

@frozen public struct Value: Equatable, Hashable, Sendable {
  public var bits: UInt64
  @inlinable public init(bits: UInt64) { self.bits = bits }

  /// No value: what a function answers that unwinds instead of returning.
  @inlinable public static var none: Value { Value(bits: 0) }
  @inlinable public static var `nil`: Value { Value(bits: Word.nil) }
  @inlinable public static var `false`: Value { Value(bits: Word.false) }
  @inlinable public static var `true`: Value { Value(bits: Word.true) }

  @inlinable public init(_ b: Bool) { bits = b ? Word.true : Word.false }

  // Small integers.
  @inlinable public static var minInteger: Int { -(1 << 62) }
  @inlinable public static var maxInteger: Int { (1 << 62) - 1 }
  @inlinable public var isInteger: Bool { bits & 1 != 0 }
  /// Requires: minInteger <= i <= maxInteger.
  @inlinable public init(integer i: Int) { bits = Word.integer(i) }
  @inlinable public init?(exactInteger i: Int) {
    guard i >= Value.minInteger && i <= Value.maxInteger else { return nil }
    self.init(integer: i)
  }
  @inlinable public var integer: Int { Int(Int64(bitPattern: bits) &>> 1) }

  // Immediate doubles: the exponent is moved into the tag, as in CRuby's flonum (K. Sasada), but by one addition: the
  // upper exponent bits 011 and 100 become 100 and 101, whose first two are the tag (compare O. Melançon, M. Feeley,
  // M. Serrano, "Float self-tagging", OOPSLA 2024). So doubles with a magnitude of about 1e-77 ... 1e77 are immediate;
  // zeros are boxed, and 0.0 has one box for all.
  @inlinable public var isImmediateDouble: Bool { bits & 3 == 2 }
  @inlinable public init?(immediateDouble d: Double) {
    let b = d.bitPattern &+ (1 &<< 60)
    bits = (b &<< 3) | (b &>> 61)
    if bits & 3 != 2 { return nil }
  }
  /// Requires: isImmediateDouble.
  @inlinable public var immediateDouble: Double {
    Double(bitPattern: ((bits &>> 3) | (bits &<< 61)) &- (1 &<< 60))
  }

  // Pointers.
  @inlinable public var isPointer: Bool { bits & 7 == 0 }
  /// Requires: isPointer and not `none`.
  @inlinable public var object: ObjectPointer { ObjectPointer(UnsafeMutablePointer(bitPattern: UInt(bits))!) }
  @inlinable public init(_ o: ObjectPointer) { bits = UInt64(UInt(bitPattern: o.words)) }

  /// An 8-aligned off-heap address, seen by the collector and the program as a small integer.
  @inlinable public init(rawAddress p: UnsafeMutableRawPointer) { bits = UInt64(UInt(bitPattern: p)) | 1 }
  @inlinable public var rawAddress: UnsafeMutableRawPointer { UnsafeMutableRawPointer(bitPattern: UInt(bits & ~1))! }
}
