// What compiled code and the IR evaluator know about the runtime's memory: the machine's own layout, unless a test
// brings another one, as a second opinion.

import MachineLayout

public struct RuntimeLayout: Sendable, Hashable {
  // Word offsets in the thread.
  public var limit = ThreadSlot.limit.rawValue
  public var poll = ThreadSlot.poll.rawValue
  public var allocationTop = ThreadSlot.allocationTop.rawValue
  public var allocationLimit = ThreadSlot.allocationLimit.rawValue
  public var deoptCountdown = ThreadSlot.deoptCountdown.rawValue
  public var unwindTarget = ThreadSlot.unwindTarget.rawValue
  public var unwindValue = ThreadSlot.unwindValue.rawValue
  public var processMark = ThreadSlot.processMark.rawValue
  // Word offsets of functions in the thread; their signatures are in docs/contracts.md.
  public var deoptimize = ThreadSlot.deoptimize.rawValue
  public var entryPoll = ThreadSlot.entryPoll.rawValue
  public var loopPoll = ThreadSlot.loopPoll.rawValue
  public var genericSend = ThreadSlot.genericSend.rawValue
  public var allocateSlow = ThreadSlot.allocateSlow.rawValue
  public var remember = ThreadSlot.remember.rawValue
  public var boxDouble = ThreadSlot.boxDouble.rawValue
  public var unwindThroughHome = ThreadSlot.unwindThroughHome.rawValue
  public var equalStrings = ThreadSlot.equalStrings.rawValue
  /// Word offset of the address of the table of one-character strings, by ASCII code.
  public var characters = ThreadSlot.characters.rawValue
  /// Word offset of the address of the word with the one box of 0.0.
  public var zero = ThreadSlot.zero.rawValue
  /// Header bits of an object: a store into one with (bits & (old | remembered)) == old takes the barrier.
  public var headerOld = HeaderBits.old
  public var headerRemembered = HeaderBits.remembered
  // Words of the constants.
  public var nilWord = Word.nil
  public var falseWord = Word.false
  public var trueWord = Word.true
  /// What code that was entered at a loop answers when the poll at its entry unwinds.
  public var unwindInPlace = Word.unwindInPlace
  /// Header of a young boxed double; its bits are in body word 1.
  public var doubleHeader = UInt64(ClassWord.boxedDouble.bits) << HeaderBits.classShift
  /// Nil in a field of unboxed doubles.
  public var unboxedNil = Word.unboxedNil

  public init() {}

  public var doubleClassWord: UInt32 {
    get { UInt32(truncatingIfNeeded: doubleHeader >> HeaderBits.classShift) }
    set { doubleHeader = UInt64(newValue) << HeaderBits.classShift }
  }
}
