// One instruction is one 64-bit word: opcode, then three 16-bit operands. A program counter is an index of
// instructions, so there is no decoding ambiguity and a jump is a load.

public struct Instruction: Sendable, Equatable {
  public var bits: UInt64

  @inlinable public init(bits: UInt64) { self.bits = bits }

  public init(_ op: Opcode, a: Int = 0, b: Int = 0, c: Int = 0) {
    bits =
      UInt64(op.rawValue)
      | UInt64(UInt16(truncatingIfNeeded: a)) << 16
      | UInt64(UInt16(truncatingIfNeeded: b)) << 32
      | UInt64(UInt16(truncatingIfNeeded: c)) << 48
  }

  /// An instruction whose b and c hold one 32-bit number: a jump target or a constant.
  public init(_ op: Opcode, a: Int = 0, wide: Int) {
    self.init(op, a: a)
    bits |= UInt64(UInt32(truncatingIfNeeded: wide)) << 32
  }

  @inlinable public var opcodeBits: UInt16 { UInt16(truncatingIfNeeded: bits) }
  public var opcode: Opcode? { Opcode(rawValue: opcodeBits) }
  /// Operands as signed registers or immediates.
  @inlinable @inline(__always) public var a: Int { Int(Int16(truncatingIfNeeded: bits >> 16)) }
  @inlinable @inline(__always) public var b: Int { Int(Int16(truncatingIfNeeded: bits >> 32)) }
  @inlinable @inline(__always) public var c: Int { Int(Int16(truncatingIfNeeded: bits >> 48)) }
  /// Operands as unsigned indices.
  @inlinable @inline(__always) public var ua: Int { Int(UInt16(truncatingIfNeeded: bits >> 16)) }
  @inlinable @inline(__always) public var ub: Int { Int(UInt16(truncatingIfNeeded: bits >> 32)) }
  @inlinable @inline(__always) public var uc: Int { Int(UInt16(truncatingIfNeeded: bits >> 48)) }
  /// Operands b and c as one signed 32-bit number.
  @inlinable @inline(__always) public var wide: Int { Int(Int32(truncatingIfNeeded: Int64(bitPattern: bits) >> 32)) }
}

// MARK: Patching

extension Instruction {
  /// The same operands under another opcode.
  public func with(_ op: Opcode) -> Instruction { Instruction(bits: bits & ~0xFFFF | UInt64(op.rawValue)) }

  /// The body word that a field instruction reads or writes; nil for all others.
  public var fieldPlace: Int? { opcode?.fieldAccess.map { $0.isLoad ? uc : ub } }

  /// Requires a field instruction.
  public func withFieldPlace(_ place: Int) -> Instruction {
    let shift: UInt64 = opcode?.fieldAccess?.isLoad == true ? 48 : 32
    return Instruction(bits: bits & ~(0xFFFF << shift) | UInt64(place) << shift)
  }

  /// A field instruction for a field that is, or is not, kept as an unboxed double.
  public func accessing(double: Bool) -> Instruction {
    guard var access = opcode?.fieldAccess else { return self }
    access.isDouble = double
    return with(access.opcode)
  }
}
