// What a stencil is called, what is filled into it, and what it can go on with. Names are symbols of the object file.

/// One stencil for each way in which an instruction is run, and code that all methods share.
public enum StencilName: String, CaseIterable, Sendable {
  // Shared. `exit`: the interpreter goes on with the frame. `answer`: the third argument is what the send of the frame
  // answers; `takeAnswer`: the fourth. `remember`: the third is an old object, into which the instruction of the frame has
  // stored. The others activate a method (`MethodSlot.baselineEntry`).
  case exit, answer, takeAnswer, remember, callInterpreted, callNative, evaluateBlock, sendMissed, operatorSend
  /// The beginning of an activation with so many variables.
  case enter0, enter1, enter2, enter3, enter4, enterMany
  /// Leaves the instruction to the interpreter.
  case leave
  /// Behind a send: the value of its register is the fourth argument.
  case putAnswer
  // Moves.
  case move, loadConstant, loadLiteral, loadGlobal
  /// The same, with a double from the instruction before for the one behind.
  case moveKeeping, loadConstantKeeping, loadLiteralKeeping
  /// A word of an object that is in a register: a field, a variable of an environment.
  case loadWord, storeWord, loadDouble, storeDouble, closeHome
  case newEnvironment, newInnerEnvironment
  /// Of a method or a block, without and with an environment.
  case newMethodBlock, newMethodClosure, newBlockBlock, newBlockClosure
  // Sends: by what the first entry of the inline cache has.
  case send, sendToObject, sendToInteger, superSend
  /// The same where that is a primitive of arrays, classes, strings, numbers.
  case arrayAt, arrayAtPut, arrayLength, newArray, newObject, superNew, stringLength, stringAt
  case divideDouble, divideIntegers, bitOr, bitXor, shiftLeft, shiftRight, remainder, differ
  /// The same where it evaluates a block, or has a `MethodShortcut`.
  case sendToBlock, sendGetter, sendDoubleGetter, sendSetter, sendDoubleSetter, sendConstant
  // Arithmetic.
  case add, subtract, multiply, divide, modulo, bitAnd, addImmediate, subtractImmediate
  case less, lessOrEqual, greater, greaterOrEqual, equal, notEqual, identical
  case lessBranch, lessOrEqualBranch, greaterBranch, greaterOrEqualBranch, equalBranch, notEqualBranch, identicalBranch
  case lessImmediateBranch, lessOrEqualImmediateBranch, greaterImmediateBranch, greaterOrEqualImmediateBranch
  case equalImmediateBranch, notEqualImmediateBranch
  /// The same where doubles have been seen; and with the left or the right operand from the instruction before.
  case addDoubles, subtractDoubles, multiplyDoubles, divideDoubles
  case addLeft, subtractLeft, multiplyLeft, divideLeft, addRight, subtractRight, multiplyRight, divideRight
  case lessDoublesBranch, lessOrEqualDoublesBranch, greaterDoublesBranch, greaterOrEqualDoublesBranch,
    equalDoublesBranch
  // Control.
  case jump, loopJump, jumpIfTrue, jumpIfFalse, jumpIfNil, jumpIfNotNil, guardInteger, guardSmallInteger
  case answerRegister

  /// That of the case.
  public var number: Int { Int(unsafeBitCast(self, to: UInt8.self)) }
  init?(number: UInt8) {
    guard number < Self.count else { return nil }
    self = unsafeBitCast(number, to: Self.self)
  }
  static let count = allCases.count
  /// Not by its description: the first one of a type costs a millisecond, for all protocols that it may conform to.
  var symbol: String { "ovid_" + rawValue }

  /// For an operation on doubles: the same with its left, or its right, operand from the instruction before.
  public var takers: (left: StencilName, right: StencilName)? {
    switch self {
    case .addDoubles: (.addLeft, .addRight)
    case .subtractDoubles: (.subtractLeft, .subtractRight)
    case .multiplyDoubles: (.multiplyLeft, .multiplyRight)
    case .divideDoubles: (.divideLeft, .divideRight)
    default: nil
    }
  }

  /// By name.
  public static let named = Dictionary(uniqueKeysWithValues: allCases.map { ($0.rawValue, $0) })
}

/// A number that is filled in. Offsets are in bytes.
public enum StencilHole: UInt8, CaseIterable, Sendable {
  /// Registers, from the frame's header: the operands a, b and c, the receiver (or running block), the callee's header.
  case a, b, c, receiver, callee
  case pc
  /// A word: the constant, or the right operand.
  case value
  /// From the beginning of the table that the instruction names: literals, globals, blocks, send sites.
  case entry
  /// The send site of an operator.
  case site
  /// From an object's header.
  case place
  case frameBytes, localCount, count, bytes
  /// From the beginning of the code's table: what the stencil stands for, a primitive's function or shared code.
  case known

  var symbol: String { "ovid_hole_\(self)" }
}

/// Where a stencil goes on, if not in shared code.
public enum StencilExit: UInt8, CaseIterable, Sendable {
  /// The next instruction; the same, which may want the double that is handed on; the target of the jump; of a fused
  /// comparison: if it holds, and if not; the same instruction, with its operands from their registers.
  case next, nextDouble, target, holds, fails, again

  var symbol: String { "ovid_to_\(self)" }
}
