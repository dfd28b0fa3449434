// What compiled code knows about the runtime's memory. The backend cannot import the VM, so these numbers come in
// as data; they are part of the code cache's key.

public struct RuntimeLayout: Sendable, Hashable, Codable {
  // Word offsets in the thread.
  public var limit: Int
  public var poll: Int
  public var allocationTop: Int
  public var allocationLimit: Int
  public var deoptCountdown: Int
  public var unwindTarget: Int
  public var unwindValue: Int
  // Word offsets of functions in the thread; their signatures are in docs/contracts.md.
  public var deoptimize: Int
  public var entryPoll: Int
  public var loopPoll: Int
  public var genericSend: Int
  public var allocateSlow: Int
  public var remember: Int
  public var boxDouble: Int
  public var unwindThroughHome: Int
  public var equalStrings: Int
  /// Word offset of the address of the table of one-character strings, by ASCII code.
  public var characters: Int
  /// Word offset of the address of the word with the one box of 0.0.
  public var zero: Int
  /// Header bits of an object: a store into one with (bits & (old | remembered)) == old takes the barrier.
  public var headerOld: UInt64
  public var headerRemembered: UInt64
  // Words of the constants.
  public var nilWord: UInt64
  public var falseWord: UInt64
  public var trueWord: UInt64
  /// Class word of boxed doubles; their bits are in body word 1.
  public var doubleClassWord: UInt32
  /// Nil in a field of unboxed doubles.
  public var unboxedNil: UInt64

  public init(
    limit: Int, poll: Int, allocationTop: Int, allocationLimit: Int, deoptCountdown: Int,
    unwindTarget: Int, unwindValue: Int, deoptimize: Int,
    entryPoll: Int, loopPoll: Int, genericSend: Int, allocateSlow: Int, remember: Int, boxDouble: Int,
    unwindThroughHome: Int, equalStrings: Int, characters: Int, zero: Int, headerOld: UInt64, headerRemembered: UInt64,
    nilWord: UInt64, falseWord: UInt64,
    trueWord: UInt64, doubleClassWord: UInt32, unboxedNil: UInt64
  ) {
    self.limit = limit
    self.poll = poll
    self.allocationTop = allocationTop
    self.allocationLimit = allocationLimit
    self.deoptCountdown = deoptCountdown
    self.unwindTarget = unwindTarget
    self.unwindValue = unwindValue
    self.deoptimize = deoptimize
    self.entryPoll = entryPoll
    self.loopPoll = loopPoll
    self.genericSend = genericSend
    self.allocateSlow = allocateSlow
    self.remember = remember
    self.boxDouble = boxDouble
    self.unwindThroughHome = unwindThroughHome
    self.equalStrings = equalStrings
    self.characters = characters
    self.zero = zero
    self.headerOld = headerOld
    self.headerRemembered = headerRemembered
    self.nilWord = nilWord
    self.falseWord = falseWord
    self.trueWord = trueWord
    self.doubleClassWord = doubleClassWord
    self.unboxedNil = unboxedNil
  }
}
