// Tagged words. …1 small integer; …10 immediate double; …100 nil, false, true; …000 pointer to an object; 0 no value.

/// The words that have a meaning of their own.
public enum Word {
  @inlinable public static var `nil`: UInt64 { 0x04 }
  @inlinable public static var `false`: UInt64 { 0x0C }
  @inlinable public static var `true`: UInt64 { 0x14 }
  /// What code that the interpreter entered at a loop answers when it was deoptimized: its activation goes on in the
  /// frames that stand where its own was, in the interpreter that had entered it. No value has these bits.
  @inlinable public static var resumeInPlace: UInt64 { 0x1C }
  /// What such code answers when the poll at its entry unwinds: the frame is still the interpreter's, which leaves it as any
  /// other. No value has these bits, either.
  @inlinable public static var unwindInPlace: UInt64 { 0x24 }
  /// What baseline code answers when the interpreter is to activate the method of the frame that it leaves. No value.
  @inlinable public static var callInPlace: UInt64 { 0x2C }
  /// What stands for nil in a field of unboxed doubles: a signaling NaN. Arithmetic makes quiet ones only, and the
  /// program never gets this as a double.
  @inlinable public static var unboxedNil: UInt64 { 0x7FF4_0000_4E69_6C00 }

  /// Requires: -(1 << 62) <= i < 1 << 62.
  @inlinable public static func integer(_ i: Int) -> UInt64 { UInt64(bitPattern: Int64(i &<< 1)) | 1 }
}
