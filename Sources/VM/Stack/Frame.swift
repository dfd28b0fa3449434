// Frames on the VM stack, which grows upward. A frame is known by the address of its header, H:
//
//   H[-(n+1)] … H[-1]   receiver (or block), n arguments: written by the sender
//   H[0]                H of the sender's frame; bit 0 set if the native caller must be returned to
//   H[1]                the Method (interpreted frames, primitives), or the address of a CodeHeader | 1
//   H[2]                interpreted: pc of the instruction that is running; compiled: safepoint index
//   H[3] …              registers (interpreted), spilled values (compiled)
//
// The sender writes H[0] and H[1] = Method before it calls a NativeEntry; compiled code then overwrites H[1].

import MachineLayout

@frozen public struct Frame: Equatable, @unchecked Sendable {
  public let words: UnsafeMutablePointer<UInt64>
  @inlinable public init(_ words: UnsafeMutablePointer<UInt64>) { self.words = words }

  @inlinable public static var headerWords: Int { FrameLayout.headerWords }

  @inlinable public subscript(_ register: Int) -> Value {
    get { Value(bits: words[register]) }
    nonmutating set { words[register] = newValue.bits }
  }
  /// The sender's frame; nil at the bottom of the stack.
  @inlinable public var sender: Frame? {
    UnsafeMutablePointer<UInt64>(bitPattern: UInt(words[0] & ~1)).map { Frame($0) }
  }
  /// True if leaving this frame returns from the native function that runs it.
  @inlinable public var isNativeEntry: Bool { words[0] & 1 != 0 }
  @inlinable public var isCompiled: Bool { words[1] & 1 != 0 }
  /// Whether searches for handlers must look closer at it.
  var mayProtect: Bool { isCompiled ? compiledMayProtect : method.mayProtect }
  /// Word 0 of the code's header is the address of a count of safepoints and a byte for each of them.
  private var compiledMayProtect: Bool {
    let safepoint = words[2]
    let table = UnsafePointer<UInt64>(bitPattern: UInt(words[1] & ~1)).unsafelyUnwrapped.pointee
    guard let count = UnsafePointer<UInt64>(bitPattern: UInt(table)), safepoint < count.pointee else { return false }
    return UnsafeRawPointer(count + 1).load(fromByteOffset: Int(safepoint), as: UInt8.self) != 0
  }
  /// The method of an interpreted frame, or of a primitive's. Requires: the frame is not compiled.
  @inlinable public var method: Method { Method(VM.words(words[1])) }
  /// Whether an interpreted frame has its registers yet; a primitive's never has. Requires: the frame is not compiled.
  @inlinable public var hasRegisters: Bool { method.isLinked && pc >= 0 }
  @inlinable public var pc: Int {
    get { Int(truncatingIfNeeded: words[2]) }
    nonmutating set { words[2] = UInt64(truncatingIfNeeded: newValue) }
  }
}
