// Arithmetic: a fast path for small integers and one for immediate doubles, and otherwise the send it stands for.
//
// A small integer is its value shifted left by one, with bit 0 set (MachineLayout); so sums need no shift.

import Bytecode
import MachineLayout

/// A small integer or an immediate double.
@inline(__always)
func isNumber(_ v: UInt64) -> Bool { v & 3 != 0 }
/// Requires a number.
@inline(__always)
func toDouble(_ v: UInt64) -> Double {
  v & 1 != 0 ? Double(Int64(bitPattern: v) &>> 1) : Value(bits: v).immediateDouble
}

extension Interpreter {
  /// The right operand of instructions that have it in themselves.
  @inline(__always)
  func immediate(_ i: Instruction) -> UInt64 { Value(integer: i.c).bits }

  @inline(__always)
  mutating func add(_ i: Instruction, _ x: UInt64, _ y: UInt64) -> Step {
    if x & y & 1 != 0 {
      let (r, overflow) = Int64(bitPattern: x).addingReportingOverflow(Int64(bitPattern: y &- 1))
      if !overflow { return put(UInt64(bitPattern: r), i) }
      return callOperator(x, y)
    }
    return ofDoubles(i, x, y, +)
  }

  @inline(__always)
  mutating func subtract(_ i: Instruction, _ x: UInt64, _ y: UInt64) -> Step {
    if x & y & 1 != 0 {
      let (r, overflow) = Int64(bitPattern: x).subtractingReportingOverflow(Int64(bitPattern: y &- 1))
      if !overflow { return put(UInt64(bitPattern: r), i) }
      return callOperator(x, y)
    }
    return ofDoubles(i, x, y, -)
  }

  @inline(__always)
  mutating func multiply(_ i: Instruction, _ x: UInt64, _ y: UInt64) -> Step {
    if x & y & 1 != 0 {
      let (r, overflow) = (Int64(bitPattern: x) &>> 1).multipliedReportingOverflow(by: Int64(bitPattern: y &- 1))
      if !overflow { return put(UInt64(bitPattern: r) | 1, i) }
      return callOperator(x, y)
    }
    return ofDoubles(i, x, y, *)
  }

  /// Towards zero. -1 may leave the small integers.
  @inline(__always)
  mutating func divide(_ i: Instruction, _ x: UInt64, _ y: UInt64) -> Step {
    if x & y & 1 != 0 {
      let d = Int64(bitPattern: y) &>> 1
      if d != 0 && d != -1 { return put(UInt64(bitPattern: ((Int64(bitPattern: x) &>> 1) / d) &<< 1) | 1, i) }
      return callOperator(x, y)
    }
    return ofDoubles(i, x, y, /)
  }

  /// With the sign of the divisor.
  @inline(__always)
  mutating func modulo(_ i: Instruction, _ x: UInt64, _ y: UInt64) -> Step {
    let d = Int64(bitPattern: y) &>> 1
    if x & y & 1 != 0 && d != 0 && d != -1 {
      var r = (Int64(bitPattern: x) &>> 1) % d
      if r != 0 && (r ^ d) < 0 { r &+= d }
      return put(UInt64(bitPattern: r &<< 1) | 1, i)
    }
    return callOperator(x, y)
  }

  @inline(__always)
  mutating func bitAnd(_ i: Instruction, _ x: UInt64, _ y: UInt64) -> Step {
    x & y & 1 != 0 ? put(x & y, i) : callOperator(x, y)
  }

  @inline(__always)
  private mutating func ofDoubles(
    _ i: Instruction, _ x: UInt64, _ y: UInt64, _ operation: (Double, Double) -> Double
  ) -> Step {
    if isNumber(x) && isNumber(y), let r = Value(immediateDouble: operation(toDouble(x), toDouble(y))) {
      noteDouble()
      return put(r.bits, i)
    }
    return callOperator(x, y)
  }

  /// Remembers that the running operator has worked on doubles: the optimizer then expects them there.
  @inline(__always)
  func noteDouble() {
    let siteAtPC = UnsafePointer<UInt16>(bitPattern: UInt(method[MethodSlot.siteAtPC.rawValue])).unsafelyUnwrapped
    let site = words(method[MethodSlot.sites.rawValue]) + Int(siteAtPC[pc]) &* SendSiteLayout.words
    site[SendSiteLayout.flags] |= SiteFlags.sawDouble
  }
}
