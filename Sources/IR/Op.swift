// The table of operations. One case, one row: operands, result, effect, immediate. The printer, the parser, the verifier
// and the passes ask the row. Lowering is in GccBackend/Lowering.

/// What an operation may do besides computing its result.
public enum Effect: UInt8, Sendable {
  /// Nothing: may be removed, duplicated, moved.
  case pure
  /// Reads memory that stores and calls may change.
  case read
  /// Reads memory that never changes once it is there.
  case readFixed
  case write
  /// Leaves compiled code through its frame state when its condition fails; otherwise pure. What comes after it relies
  /// on the condition, whether it uses the value or not.
  case guarding
  /// Computes, and leaves compiled code through its frame state when the result does not fit; otherwise pure.
  case checked
  /// Allocates: a safepoint for the collector, but runs no code of the program.
  case allocates
  /// A safepoint at which anything can happen, this code's invalidation included.
  case calls
  /// Ends a block.
  case terminates
}

public enum Op: UInt8, CaseIterable, Sendable {
  // Constants. The immediate is the value; for `constTagged` the word of an immediate (nil, true, false, a small
  // integer, an immediate double); for `literal` an index into `graph.table`.
  case constInt, constFloat, constBool, constTagged, literal
  /// -> tagged: the mark of the process that runs this activation, a small integer (`EnvironmentLayout.home`).
  case processMark
  // Parameters. `argument i`: receiver (0), arguments. `register r`: for on-stack replacement, register r of the
  // interpreter's frame at the entry. `blockParameter`: a parameter of its block.
  case argument, register, blockParameter

  // Conversions. `untagFloat` requires that the value is known to be a double. Of what is no integer `untagInt` makes
  // something that may be computed with, but that nothing may depend on.
  case tagInt, untagInt, tagFloat, untagFloat, tagBool, intToFloat, floatToInt
  // Tests -> bool. `hasClass`: heap object whose class word is the immediate. `isTrue`: is the constant true.
  case isInt, isFloat, hasClass, identical, isTrue
  case compareInt, compareFloat
  /// (int index from 0, int count) -> bool: 0 <= index < count. Requires count >= 0.
  case isInBounds
  case not

  // Guards.
  /// Deoptimizes unless operand 0 (bool) is true.
  case guardTrue
  /// tagged -> int.
  case guardInt
  /// tagged -> float, immediate or boxed.
  case guardFloat
  /// tagged -> tagged (the same value).
  case guardClass
  /// float -> float (the same value): deoptimizes if it is what stands for nil in a field of unboxed doubles.
  case guardDouble

  // Integers. Those that can leave 63 bits deoptimize (with a frame state). Division and modulo truncate and
  // take the divisor's sign, as SOM's do; they require a divisor that is not zero.
  case addInt, subtractInt, multiplyInt, divideInt, moduloInt, remainderInt
  /// The same sum or difference, modulo 2^63: the result is known to fit, or else only an index that `isInBounds` refuses.
  case addIntUnchecked, subtractIntUnchecked
  /// Modulo and remainder where the first operand is known not to be negative and the second to be positive.
  case remainderIntUnsigned
  case andInt, orInt, xorInt
  /// Requires 0 <= shift < 63; `shiftLeftInt` deoptimizes when bits are lost.
  case shiftLeftInt, shiftRightInt
  case addFloat, subtractFloat, multiplyFloat, divideFloat, sqrtFloat

  // Memory.
  /// (object) -> tagged; immediate: body word.
  case loadSlot
  /// (object, value); immediate: body word.
  case storeSlot
  /// (object) -> float; (object, float). For fields that are kept as unboxed doubles.
  case loadDouble, storeDouble
  /// (object) -> int: a count that never changes, in this body word: the elements of an indexable object (0), the
  /// bytes (0) and scalars (1) of a string.
  case loadLength
  /// (array, int index from 0) -> tagged; immediate: body word of element 0. Requires an index in bounds.
  case loadElement
  /// (array, index, value); immediate as `loadElement`.
  case storeElement
  /// (bytes, int index from 0) -> int; immediate: body word of byte 0.
  case loadByte
  /// (string, int index from 0) -> tagged: the string of this one character. Requires an index in bounds, and a
  /// string of ASCII.
  case loadCharacter
  /// tagged value of the cell whose address is `graph.table[immediate]`.
  case loadCell

  // Strings: they never change.
  /// (string, string) -> bool: the same bytes.
  case equalStrings
  /// (string) -> bool: equal to the string of at most seven bytes in the immediate (`ShortString`).
  case equalsShortString

  /// (values …) -> tagged: a new object with these body words; immediate: class word.
  case allocate
  /// (int count) -> tagged: a new array of nils; immediate: class word. Requires 0 <= count < 2^28.
  case allocateArray

  // Calls. All have the frame state to resume after the call (the result already in its register).
  /// (receiver, arguments …) -> tagged: calls the method `graph.table[immediate]` directly.
  case callMethod
  /// (block, arguments …) -> tagged: evaluates a block of a known class, which takes that many arguments.
  case callBlock
  /// (receiver, arguments …) -> tagged: full send of the selector `graph.table[immediate]`.
  case send
  /// A loop back edge's poll.
  case poll

  // Terminators.
  case jump
  /// (bool): successors are then, else.
  case branch
  /// (tagged).
  case `return`
  /// (environment, value): answers `value` from the activation whose home the environment is, somewhere below on
  /// the stack, through every frame between. Requires that it is alive, in this process.
  case unwind
  /// Leaves compiled code through its frame state.
  case deopt

  public static let noBarrier: Int64 = 1 << 32

  public var info: OpInfo { OpInfo.table[Int(rawValue)] }
}

/// A string of at most seven bytes in a word: the bytes from the lowest on, their count in the highest.
public enum ShortString {
  public static func word(_ text: String) -> Int64? {
    let bytes = Array(text.utf8)
    guard bytes.count <= 7 else { return nil }
    let word = bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return Int64(bitPattern: word | UInt64(bytes.count) << 56)
  }
  public static func byteCount(_ word: Int64) -> Int { Int(word >> 56) }
  /// As they stand in the string's first word of bytes.
  public static func bytes(_ word: Int64) -> Int64 { word & (1 << 56 - 1) }
}

/// What an operation's immediate is.
public enum Immediate: Sendable, Hashable {
  /// There is none: 0.
  case none
  /// An integer of 63 bits; the bits of a double; a tagged word; 0 or 1.
  case int, float, word, truth
  /// The raw value of a `Comparison`, of a `DeoptReason`.
  case comparison, reason
  /// The number of an argument, of a register of the interpreter's frame.
  case argument, register
  case classWord
  /// A word of an object's body.
  case bodyWord
  /// The same of a store of a tagged value, which carries the write barrier unless the bit `Op.noBarrier` says that the
  /// object is fresh or the value no pointer.
  case store
  /// A `ShortString`.
  case shortString
  /// An index into `graph.table`, of an entry of this kind.
  case table(TableEntry.Kind)
}

public struct OpInfo: Sendable {
  public let operands: [ValueType]
  /// Further operands of type tagged may follow.
  public let variadic: Bool
  public let result: ValueType
  public let effect: Effect
  public let immediate: Immediate
  /// Why it leaves compiled code, where that is always the same; see `Node.deoptReason`.
  public let reason: DeoptReason?
  /// The immediate is the value.
  public let isConstant: Bool
  /// Pure, whatever the operands: it may come before what tests them, as long as nothing depends on its value there.
  public let isSpeculable: Bool
  /// Edges that it ends its block with.
  public let successors: Int

  public var hasState: Bool {
    switch effect {
    case .guarding, .checked, .allocates, .calls: true
    case .terminates: immediate == .reason
    case .pure, .read, .readFixed, .write: false
    }
  }
  /// The collector may come by.
  public var isSafepoint: Bool { effect == .calls || effect == .allocates }

  static let table: [OpInfo] = Op.allCases.map(row)

  private static func row(_ op: Op) -> OpInfo {
    func make(
      _ operands: [ValueType], _ result: ValueType, _ effect: Effect = .pure, _ immediate: Immediate = .none,
      reason: DeoptReason? = nil, variadic: Bool = false, isConstant: Bool = false, isSpeculable: Bool = false,
      successors: Int = 0
    ) -> OpInfo {
      OpInfo(
        operands: operands, variadic: variadic, result: result, effect: effect, immediate: immediate, reason: reason,
        isConstant: isConstant, isSpeculable: isSpeculable, successors: successors)
    }
    func constant(_ result: ValueType, _ immediate: Immediate) -> OpInfo {
      make([], result, .pure, immediate, isConstant: true)
    }
    func speculable(_ operands: [ValueType], _ result: ValueType, _ immediate: Immediate = .none) -> OpInfo {
      make(operands, result, .pure, immediate, isSpeculable: true)
    }
    switch op {
    case .constInt: return constant(.int, .int)
    case .constFloat: return constant(.float, .float)
    case .constBool: return constant(.bool, .truth)
    case .constTagged: return constant(.tagged, .word)
    case .literal: return make([], .tagged, .pure, .table(.literal))
    case .processMark: return make([], .tagged)
    case .argument: return make([], .tagged, .pure, .argument)
    case .register: return make([], .tagged, .pure, .register)
    // The type of a block parameter is its own.
    case .blockParameter: return make([], .none)

    case .tagInt: return speculable([.int], .tagged)
    case .untagInt: return speculable([.tagged], .int)
    case .tagFloat: return make([.float], .tagged, .allocates)
    case .untagFloat: return make([.tagged], .float)
    case .tagBool: return speculable([.bool], .tagged)
    case .intToFloat: return speculable([.int], .float)
    case .floatToInt: return make([.float], .int, .checked, reason: .overflow)
    case .isInt, .isTrue: return speculable([.tagged], .bool)
    case .isFloat: return make([.tagged], .bool)
    // It tells what may be read from the object.
    case .hasClass: return make([.tagged], .bool, .pure, .classWord)
    case .identical: return speculable([.tagged, .tagged], .bool)
    case .compareInt: return speculable([.int, .int], .bool, .comparison)
    case .compareFloat: return speculable([.float, .float], .bool, .comparison)
    case .isInBounds: return speculable([.int, .int], .bool)
    case .not: return speculable([.bool], .bool)

    case .guardTrue: return make([.bool], .none, .guarding, .reason)
    case .guardInt: return make([.tagged], .int, .guarding, .reason)
    case .guardFloat: return make([.tagged], .float, .guarding, .reason)
    case .guardClass: return make([.tagged], .tagged, .guarding, .classWord, reason: .wrongClass)
    case .guardDouble: return make([.float], .float, .guarding, .reason)

    case .addInt, .subtractInt, .multiplyInt, .divideInt, .moduloInt, .remainderInt, .shiftLeftInt:
      return make([.int, .int], .int, .checked, reason: .overflow)
    case .addIntUnchecked, .subtractIntUnchecked, .andInt, .orInt, .xorInt: return speculable([.int, .int], .int)
    case .remainderIntUnsigned, .shiftRightInt: return make([.int, .int], .int)
    case .addFloat, .subtractFloat, .multiplyFloat, .divideFloat: return speculable([.float, .float], .float)
    case .sqrtFloat: return speculable([.float], .float)

    case .loadSlot: return make([.tagged], .tagged, .read, .bodyWord)
    case .storeSlot: return make([.tagged, .tagged], .none, .write, .store)
    case .loadDouble: return make([.tagged], .float, .read, .bodyWord)
    case .storeDouble: return make([.tagged, .float], .none, .write, .bodyWord)
    case .loadLength: return make([.tagged], .int, .readFixed, .bodyWord)
    case .loadElement: return make([.tagged, .int], .tagged, .read, .bodyWord)
    case .storeElement: return make([.tagged, .int, .tagged], .none, .write, .store)
    case .loadByte: return make([.tagged, .int], .int, .read, .bodyWord)
    case .loadCharacter: return make([.tagged, .int], .tagged)
    case .loadCell: return make([], .tagged, .read, .table(.cell))
    case .equalStrings: return make([.tagged, .tagged], .bool)
    case .equalsShortString: return make([.tagged], .bool, .pure, .shortString)

    case .allocate: return make([], .tagged, .allocates, .classWord, variadic: true)
    case .allocateArray: return make([.int], .tagged, .allocates, .classWord)
    case .callMethod: return make([.tagged], .tagged, .calls, .table(.method), variadic: true)
    case .callBlock: return make([.tagged], .tagged, .calls, variadic: true)
    case .send: return make([.tagged], .tagged, .calls, .table(.selector), variadic: true)
    case .poll: return make([], .none, .calls)

    case .jump: return make([], .none, .terminates, successors: 1)
    case .branch: return make([.bool], .none, .terminates, successors: 2)
    case .return: return make([.tagged], .none, .terminates)
    case .unwind: return make([.tagged, .tagged], .none, .terminates)
    case .deopt: return make([], .none, .terminates, .reason)
    }
  }
}
