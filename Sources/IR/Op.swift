// The table of operations. One case, one row: operands, result, effect. Lowering is in GccBackend/Lowering.

/// What an operation may do besides computing its result.
public enum Effect: UInt8, Sendable {
  /// Nothing: may be removed, duplicated, moved.
  case pure
  /// Reads memory that stores and calls may change.
  case read
  case write
  /// Leaves compiled code through its frame state when its condition fails; otherwise pure.
  case guarding
  /// Allocates: a safepoint for the collector, but runs no code of the program.
  case allocates
  /// A safepoint at which anything can happen, this code's invalidation included.
  case calls
  /// Ends a block.
  case terminates
}

public enum Op: UInt8, CaseIterable, Sendable {
  // Constants. The immediate is the value; for `constFloat` the bit pattern; for `constTagged` the word of an
  // immediate (nil, true, false, a small integer, an immediate double); for `literal` an index into `graph.table`.
  case constInt, constFloat, constBool, constTagged, literal
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

  // Guards. Immediate: a DeoptReason, or for guardClass the class word.
  /// Deoptimizes unless operand 0 (bool) is true; the reason is the immediate.
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
  /// The same sum or difference where the result is known to fit, or else is only compared (`isInBounds`): modulo 2^63.
  case addIntUnchecked, subtractIntUnchecked
  /// Modulo and remainder where the first operand is known not to be negative and the second to be positive.
  case remainderIntUnsigned
  case andInt, orInt, xorInt
  /// Requires 0 <= shift < 63; `shiftLeftInt` deoptimizes when bits are lost.
  case shiftLeftInt, shiftRightInt
  case addFloat, subtractFloat, multiplyFloat, divideFloat, sqrtFloat

  // Memory. Offsets are body words. Stores of tagged values carry the write barrier unless the immediate's
  // bit 32 (`Op.noBarrier`) says that the object is fresh or the value no pointer.
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
  /// the stack, through every frame between. Requires that it is alive.
  case unwind
  /// Leaves compiled code through its frame state; immediate: DeoptReason.
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

public struct OpInfo: Sendable {
  public let operands: [ValueType]
  /// Further operands of type tagged may follow.
  public let variadic: Bool
  public let result: ValueType
  public let effect: Effect
  public let hasState: Bool

  static let table: [OpInfo] = Op.allCases.map(row)

  private static func row(_ op: Op) -> OpInfo {
    func make(
      _ operands: [ValueType], _ result: ValueType, _ effect: Effect = .pure, variadic: Bool = false,
      state: Bool = false
    ) -> OpInfo {
      OpInfo(operands: operands, variadic: variadic, result: result, effect: effect, hasState: state)
    }
    switch op {
    case .constInt: return make([], .int)
    case .constFloat: return make([], .float)
    case .constBool: return make([], .bool)
    case .constTagged, .literal, .argument, .register: return make([], .tagged)
    // The type of a block parameter is its own.
    case .blockParameter: return make([], .none)
    case .tagInt: return make([.int], .tagged)
    case .untagInt: return make([.tagged], .int)
    case .tagFloat: return make([.float], .tagged, .allocates, state: true)
    case .untagFloat: return make([.tagged], .float)
    case .tagBool: return make([.bool], .tagged)
    case .intToFloat: return make([.int], .float)
    case .floatToInt: return make([.float], .int, .guarding, state: true)
    case .isInt, .isFloat, .hasClass, .isTrue: return make([.tagged], .bool)
    case .identical: return make([.tagged, .tagged], .bool)
    case .compareInt, .isInBounds: return make([.int, .int], .bool)
    case .compareFloat: return make([.float, .float], .bool)
    case .not: return make([.bool], .bool)
    case .guardTrue: return make([.bool], .none, .guarding, state: true)
    case .guardInt: return make([.tagged], .int, .guarding, state: true)
    case .guardFloat: return make([.tagged], .float, .guarding, state: true)
    case .guardClass: return make([.tagged], .tagged, .guarding, state: true)
    case .guardDouble: return make([.float], .float, .guarding, state: true)
    case .addInt, .subtractInt, .multiplyInt, .shiftLeftInt:
      return make([.int, .int], .int, .guarding, state: true)
    case .divideInt, .moduloInt, .remainderInt: return make([.int, .int], .int, .guarding, state: true)
    case .addIntUnchecked, .subtractIntUnchecked, .remainderIntUnsigned, .andInt, .orInt, .xorInt, .shiftRightInt:
      return make([.int, .int], .int)
    case .addFloat, .subtractFloat, .multiplyFloat, .divideFloat: return make([.float, .float], .float)
    case .sqrtFloat: return make([.float], .float)
    case .loadSlot: return make([.tagged], .tagged, .read)
    case .storeSlot: return make([.tagged, .tagged], .none, .write)
    case .loadDouble: return make([.tagged], .float, .read)
    case .storeDouble: return make([.tagged, .float], .none, .write)
    case .loadLength: return make([.tagged], .int, .read)
    case .loadElement: return make([.tagged, .int], .tagged, .read)
    case .storeElement: return make([.tagged, .int, .tagged], .none, .write)
    case .loadByte: return make([.tagged, .int], .int, .read)
    case .loadCharacter: return make([.tagged, .int], .tagged)
    case .loadCell: return make([], .tagged, .read)
    case .equalStrings: return make([.tagged, .tagged], .bool)
    case .equalsShortString: return make([.tagged], .bool)
    case .allocate: return make([], .tagged, .allocates, variadic: true, state: true)
    case .allocateArray: return make([.int], .tagged, .allocates, state: true)
    case .callMethod, .callBlock, .send: return make([.tagged], .tagged, .calls, variadic: true, state: true)
    case .poll: return make([], .none, .calls, state: true)
    case .jump: return make([], .none, .terminates)
    case .branch: return make([.bool], .none, .terminates)
    case .return: return make([.tagged], .none, .terminates)
    case .unwind: return make([.tagged, .tagged], .none, .terminates)
    case .deopt: return make([], .none, .terminates, state: true)
    }
  }
}
