// Methods and their send sites as raw words: interpreter, baseline code and compiled code read and write these.

/// Word offsets of a method's raw part. Compiled code relies on `entry` being word 0.
public enum MethodSlot: Int, CaseIterable, Sendable {
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
  /// How to activate it: a `Method.Kind`.
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
  /// Address of the table of its baseline code, by pc; 0 if there is none.
  case baseline
  /// What baseline code jumps to in order to activate it, whatever its kind; 0 as long as there are no stencils.
  case baselineEntry
  /// For primitives that are Swift closures of a host: an unmanaged `HostFunction`.
  case hostFunction
  /// What a send can do without activating it: a `MethodShortcut`; and the constant, if it answers one.
  case shortcut, shortcutValue
}

/// A method that does so little that baseline code does it itself. The low three bits of a word; the others are the place
/// of a field, in bytes from the object's header.
public enum MethodShortcut: UInt64, Sendable {
  case none
  /// It answers the field, or stores its argument there and answers the receiver.
  case getter, doubleGetter, setter, doubleSetter
  /// It answers what is in `MethodSlot.shortcutValue`.
  case constant
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
