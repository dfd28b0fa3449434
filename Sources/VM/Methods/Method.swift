// The raw part of a method or block: words at a stable address, which inline caches, compiled code, frames and
// block objects refer to. Everything that only slow paths need is in `MethodInfo`, by id.

import MachineLayout

@frozen public struct Method: Equatable, Hashable, @unchecked Sendable {
  public let words: Words
  @inlinable public init(_ words: Words) { self.words = words }
  @inlinable public init(_ p: UnsafeMutableRawPointer) { words = p.assumingMemoryBound(to: UInt64.self) }

  public typealias Slot = MethodSlot
  public static let wordCount = Slot.allCases.count
  /// Activations of it may have to be left with care: see `Protection`.
  static let isProtecting: UInt64 = 1
  /// Whether searches for handlers must look closer at its activations.
  public var mayProtect: Bool { self[.protects] != 0 }
  /// It is one of ExceptionHandler's.
  static let isHandlerCode: UInt64 = 2

  /// How a send activates the method. Changes over time, on the VM thread.
  public enum Kind: UInt64, Sendable {
    /// Linked bytecode: the interpreter pushes a frame.
    case interpreted = 0
    /// Call `entry`: a primitive, compiled code, or who waits for the first run.
    case native
    /// `value`, `value:`, `value:with:` on a block.
    case blockValue
    /// `Block>>restart`: runs the sender's activation from its start.
    case restart
    /// Not compiled to bytecode yet.
    case lazy
    /// An assumption of its bytecode was broken: its twin runs instead.
    case superseded
    /// What an inline cache holds for a class that does not understand the selector.
    case doesNotUnderstand
    case perform, performWithArguments, performInSuperclass, performWithArgumentsInSuperclass
    case invokeOn
  }

  @inlinable public subscript(_ slot: Slot) -> UInt64 {
    get { words[slot.rawValue] }
    nonmutating set { words[slot.rawValue] = newValue }
  }
  @inlinable public var id: Int { Int(self[.id]) }
  @inlinable public var argumentCount: Int { Int(Int64(bitPattern: self[.argumentCount])) }
  @inlinable public var selector: Int { Int(self[.selector]) }
  @inlinable public var holderIndex: Int { Int(self[.holder]) }
  @inlinable public var frameSize: Int { Int(self[.frameSize]) }
  @inlinable public var isLinked: Bool { self[.code] != 0 }
  @inlinable public var entry: NativeEntry { unsafeBitCast(UInt(self[.entry]), to: NativeEntry.self) }
  /// What to do now; what the method is by itself says `MethodInfo.kind`.
  public var kind: Kind { Kind(rawValue: self[.kind]) ?? .native }
}
