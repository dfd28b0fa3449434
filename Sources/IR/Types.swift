// Entities of the IR are typed indices over dense arrays in a `Graph`.

public struct ValueID: Hashable, Sendable, Comparable {
  public let index: Int32
  public init(_ index: Int) { self.index = Int32(index) }
  public static func < (l: ValueID, r: ValueID) -> Bool { l.index < r.index }
}

public struct BlockID: Hashable, Sendable, Comparable {
  public let index: Int32
  public init(_ index: Int) { self.index = Int32(index) }
  public static func < (l: BlockID, r: BlockID) -> Bool { l.index < r.index }
}

public struct FrameStateID: Hashable, Sendable {
  public let index: Int32
  public init(_ index: Int) { self.index = Int32(index) }
}

public enum ValueType: UInt8, Sendable, CaseIterable {
  case none
  /// A tagged word; may be a pointer, so it moves at safepoints.
  case tagged
  /// A small integer: 63 bits. (The backend keeps it shifted left by one, so that the hardware's overflow flag
  /// is the 63-bit check.)
  case int
  case float
  case bool
}

public enum Comparison: Int64, Sendable, CaseIterable {
  case less, lessOrEqual, greater, greaterOrEqual, equal, notEqual
}

/// Why a guard exists; the deoptimizer reports it and the feedback learns from it. The one documented list.
public enum DeoptReason: Int64, Sendable, CaseIterable {
  /// A value was not a small integer where only those had been seen.
  case notInteger
  /// A value was not a double where only those had been seen.
  case notDouble
  /// A receiver was of a class that this site had not seen.
  case wrongClass
  /// A block was not the one that this site had always seen.
  case wrongBlock
  /// A condition was neither true nor false.
  case notBoolean
  /// Integer arithmetic left 63 bits.
  case overflow
  /// A divisor was zero.
  case divisionByZero
  /// An index was outside its array.
  case outOfBounds
  /// Control reached code that had never run when the method was compiled.
  case neverExecuted
  /// Bytecode that is always left to the interpreter.
  case unsupported
  /// What a loop takes for granted of values from before it did not hold when it was entered.
  case loopEntry
  /// The code was invalidated while this activation was live.
  case invalidated
  /// `--deopt-every`.
  case stress
  /// Something unwound to, or through, an activation that protects what it evaluates, inlined here.
  case unwound
  /// A debugger wants to be told before this place is passed.
  case breakpoint

  /// What happened, for people.
  public var explanation: String {
    switch self {
    case .notInteger: "a value was no small integer, where only those had been seen"
    case .notDouble: "a value was no double, where only those had been seen"
    case .wrongClass: "a receiver was of a class that this send had not seen"
    case .wrongBlock: "a block was another one than the one that this send had always seen"
    case .notBoolean: "a condition was neither true nor false"
    case .overflow: "an integer became larger than 63 bits"
    case .divisionByZero: "a divisor was zero"
    case .outOfBounds: "an index was outside of its array"
    case .neverExecuted: "it came here for the first time: there was no code for this yet"
    case .unsupported: "this is always left to the interpreter"
    case .loopEntry: "a value was another one, when a loop began, than the loop takes for granted"
    case .invalidated: "the code was no longer valid"
    case .stress: "a stress flag asked for it"
    case .unwound: "an exception or a ^ went through"
    case .breakpoint: "there is a breakpoint"
    }
  }

  /// True if a place where it keeps happening is compiled again without the speculation: it says something about the
  /// program, and the builder knows what else to build.
  public var isLearned: Bool {
    switch self {
    case .notInteger, .notDouble, .wrongClass, .wrongBlock, .notBoolean, .overflow, .divisionByZero, .outOfBounds,
      .neverExecuted, .loopEntry, .unwound:
      true
    case .unsupported, .invalidated, .stress, .breakpoint: false
    }
  }
}
