// What baseline code knows about the runtime's memory beyond `RuntimeLayout`: it works on the interpreter's frames,
// methods and inline caches.

import MachineLayout

/// Words and nothing else, for `key`.
public struct BaselineLayout: Sendable, Hashable {
  public var runtime = RuntimeLayout()
  // Word offsets in the thread.
  public var nextFrame = ThreadSlot.nextFrame.rawValue
  public var siteLookup = ThreadSlot.siteLookup.rawValue
  public var templates = ThreadSlot.templates.rawValue
  // Word offsets in a method.
  public var entry = MethodSlot.entry.rawValue
  public var code = MethodSlot.code.rawValue
  public var literals = MethodSlot.literals.rawValue
  public var sites = MethodSlot.sites.rawValue
  public var globals = MethodSlot.globals.rawValue
  public var blocks = MethodSlot.blocks.rawValue
  public var argumentCount = MethodSlot.argumentCount.rawValue
  public var counter = MethodSlot.counter.rawValue
  public var primitive = MethodSlot.primitive.rawValue
  public var baseline = MethodSlot.baseline.rawValue
  public var baselineEntry = MethodSlot.baselineEntry.rawValue
  public var kind = MethodSlot.kind.rawValue
  public var shortcut = MethodSlot.shortcut.rawValue
  public var shortcutValue = MethodSlot.shortcutValue.rawValue
  // Word offsets in a send site.
  public var siteFlags = SendSiteLayout.flags
  public var siteEntries = SendSiteLayout.entries
  public var siteWords = SendSiteLayout.words
  public var sawDouble = SiteFlags.sawDouble
  /// Word offset of a frame's first register.
  public var headerWords = FrameLayout.headerWords
  // Class indices.
  public var integerClass = WellKnownClass.integer.rawValue
  public var doubleClass = WellKnownClass.double.rawValue
  public var classIndexMask = Int(HeaderBits.classIndexMask)
  public var classShift = Int(HeaderBits.classShift)
  public var environmentHeader = UInt64(ClassWord.environment.bits) << HeaderBits.classShift
  public var arrayHeader = UInt64(ClassWord.array.bits) << HeaderBits.classShift
  // Word offsets in an object, its header included.
  public var arrayCount = 1
  public var arrayElements = 2
  public var arrayClass = WellKnownClass.array.rawValue
  public var stringClass = WellKnownClass.string.rawValue
  public var stringByteCount = 1 + StringLayout.byteCount
  public var stringExtra = 1 + StringLayout.extra
  public var stringFirstWord = 1 + StringLayout.firstWord
  public var classObjectIndex = 1
  public var blockMethod = 1 + BlockLayout.method
  public var blockReceiver = 1 + BlockLayout.receiver
  public var blockEnvironment = 1 + BlockLayout.environment
  public var blockWords = 1 + BlockLayout.size
  public var environmentOuter = 1 + EnvironmentLayout.outer
  public var environmentHome = 1 + EnvironmentLayout.home
  public var environmentVariables = 1 + EnvironmentLayout.firstVariable
  // What baseline code answers to the interpreter.
  public var resumeInPlace = Word.resumeInPlace
  public var callInPlace = Word.callInPlace

  public init() {}

  /// A hash (FNV-1a) of all the numbers. It costs a microsecond, where a description of them costs a millisecond.
  public var key: UInt64 {
    withUnsafeBytes(of: self) { bytes in
      bytes.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
  }
}
