// The raw part of a method or block: words at a stable address, which inline caches, compiled code, frames and
// block objects refer to. Everything that only slow paths need is in `MethodInfo`, by id.

@frozen public struct Method: Equatable, Hashable, @unchecked Sendable {
  public let words: Words
  @inlinable public init(_ words: Words) { self.words = words }
  @inlinable public init(_ p: UnsafeMutableRawPointer) { words = p.assumingMemoryBound(to: UInt64.self) }

  /// Word offsets. Compiled code relies on `entry` being word 0.
  public enum Slot: Int, CaseIterable, Sendable {
    /// NativeEntry, always callable.
    case entry
    /// Linked instructions (words); 0 until the method is linked, and for primitives.
    case code
    /// Literal values: roots, allocated in old space.
    case literals
    /// `SendSiteLayout.words` words for each send site.
    case sites
    case frameSize, localCount, argumentCount
    /// Counts down on entry and loop back edges; at 0 the thread's `hotEntry` or `hotLoop` is called.
    case counter
    /// How to activate it: a `Kind`.
    case kind
    case selector, holder, id
    /// UInt16 tables, by pc.
    case depth, siteAtPC
    /// Addresses of global cells; Method addresses of the blocks that `newBlock` makes.
    case globals, blocks
    /// 0 if there is none.
    case homeRegister
    /// For primitives: the NativeEntry of the primitive function (entry may lead elsewhere for a while).
    case primitive
    case literalCount, siteCount
    /// How often the counter has run out.
    case rounds
    /// frameSize in bytes. 1 if it is a block's.
    case frameBytes, isBlock
    /// Why searches for handlers, or what unwinds, looks at activations of it: `isProtecting` and the like.
    case protects
    /// The heap object of class Method or Primitive that stands for it: a root; 0 until somebody asks for it.
    case object
  }
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

/// Send sites with their inline caches, in raw words.
public enum SendSiteLayout {
  /// Selector id << 16 | argument count.
  public static let selector = 0
  /// `SiteFlags`.
  public static let flags = 1
  /// Four times: class index | count << 32, then the target Method's address (0: free).
  public static let entries = 2
  public static let entryCount = 4
  public static let words = 2 + 2 * entryCount
}

/// Feedback of a site beside its cache.
public enum SiteFlags {
  public static let megamorphic: UInt64 = 1
  /// Arithmetic: an operand or the result was a double.
  public static let sawDouble: UInt64 = 2
}
