// What a stencil is called, what is filled into it, and what it can go on with. Names are symbols of the object file.

/// One stencil for each way in which an instruction is run, and code that all methods share.
public enum StencilName: String, CaseIterable, Sendable {
  // Shared. `exit`: the interpreter goes on with the frame. `answer`: the third argument is what the send of the frame
  // answers. The others activate a method (`MethodSlot.baselineEntry`).
  case exit, answer, callInterpreted, callNative, evaluateBlock, sendMissed, operatorSend
  /// The beginning of an activation with so many variables.
  case enter0, enter1, enter2, enter3, enter4, enterMany
  /// Leaves the instruction to the interpreter.
  case leave
  // Moves.
  case move, loadConstant, loadLiteral, loadGlobal
  /// A word of an object that is in a register: a field, a variable of an environment.
  case loadWord, storeWord, loadDouble, storeDouble, closeHome
  case newEnvironment, newInnerEnvironment
  /// Of a method or a block, without and with an environment.
  case newMethodBlock, newMethodClosure, newBlockBlock, newBlockClosure
  // Sends: by what the first entry of the inline cache has.
  case send, sendToObject, sendToInteger, superSend
  /// The same where that is a primitive of arrays.
  case arrayAt, arrayAtPut, arrayLength
  // Arithmetic.
  case add, subtract, multiply, divide, modulo, bitAnd, addConstant, subtractConstant
  case less, lessOrEqual, greater, greaterOrEqual, equal, notEqual, identical
  case lessBranch, lessOrEqualBranch, greaterBranch, greaterOrEqualBranch, equalBranch, notEqualBranch, identicalBranch
  case lessConstantBranch, lessOrEqualConstantBranch, greaterConstantBranch, greaterOrEqualConstantBranch
  case equalConstantBranch, notEqualConstantBranch
  // Control.
  case jump, loopJump, jumpIfTrue, jumpIfFalse, jumpIfNil, jumpIfNotNil, guardInteger, guardSmallInteger
  case answerRegister

  var symbol: String { "ovid_\(rawValue)" }
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
  /// From the beginning of the code's table: the function of the primitive that the stencil stands for.
  case known

  var symbol: String { "ovid_hole_\(self)" }
}

/// Where a stencil goes on, if not in shared code.
public enum StencilExit: UInt8, CaseIterable, Sendable {
  /// The next instruction; the target of the jump; of a fused comparison: if it holds, and if not.
  case next, target, holds, fails

  var symbol: String { "ovid_to_\(self)" }
}
