// The instruction table. An opcode is one `case`, one row of `Opcode.table`; the compiler's choice of operators, the
// verifier, the disassembler, the patchers and the optimizer ask the row. The checklist for adding one is in
// docs/checklists.md.

/// What one of the three 16-bit operand fields of an instruction means.
public enum OperandKind: Sendable {
  case unused
  /// A register that the instruction writes.
  case destination
  /// A register that the instruction reads.
  case source
  /// A register that is read, or 0 for "none" (register 0 is a frame header word, never a variable).
  case optionalSource
  /// The first of `1 + argumentCount` consecutive registers: receiver and arguments of a send.
  case sendBase
  /// An index into `BytecodeChunk.sites`.
  case site
  /// An index into `BytecodeChunk.literals`, `.globals`, `.blocks`.
  case literal, global, block
  /// An index of a field of `self`, or of a variable in an environment; a count of variables.
  case field, variable, count
  /// A signed 16-bit constant.
  case immediate
  /// Low and high half of an absolute 32-bit instruction index, or of a signed 32-bit constant. Always b and c.
  case targetLow, targetHigh
  case immediateLow, immediateHigh
}

/// How an instruction accesses a field of `self`.
public struct FieldAccess: Sendable, Hashable {
  public let isLoad: Bool
  /// The field is kept as an unboxed double.
  public var isDouble: Bool

  private static let opcodes: [FieldAccess: Opcode] = {
    var result: [FieldAccess: Opcode] = [:]
    for op in Opcode.allCases { if let access = op.fieldAccess { result[access] = op } }
    return result
  }()
  var opcode: Opcode { Self.opcodes[self]! }
}

/// The chunks that may have an instruction.
public enum ChunkRestriction: Sendable { case methods, blocks }

/// One row of the instruction table.
public struct OpcodeInfo: Sendable {
  public let name: String
  public let a: OperandKind, b: OperandKind, c: OperandKind
  /// True if control may go to the next instruction.
  public let fallsThrough: Bool
  /// True if the instruction can run other code of the program (a send, or the slow path of one), and so is
  /// a point where the activation can be observed, edited or moved. Its result, if any, goes to register `a`.
  public let invokes: Bool
  /// True if it may allocate without invoking.
  public let allocates: Bool
  /// True if it has a send site.
  public let sends: Bool
  /// What it stands for.
  public let `operator`: Operator?
  /// It tests its own result, with the conditional jump that follows.
  public let isFused: Bool
  public let field: FieldAccess?
  /// True if it reads the receiver, or the running block, without an operand that says so.
  public let readsReceiver: Bool
  public let only: ChunkRestriction?
  /// True if no compiler emits it: the machine puts it in place of another instruction at run time.
  public let isPatched: Bool
  public let summary: String
}

public enum Opcode: UInt16, CaseIterable, Sendable {
  // Moves and constants.
  case move, loadLiteral, loadInteger, loadNil, loadTrue, loadFalse, loadSelf
  // Variables.
  case loadField, storeField, loadDoubleField, storeDoubleField, loadGlobal
  case newEnvironment, loadBlockEnvironment, loadOuter, loadVariable, storeVariable, closeHome
  case newBlock
  // Sends.
  case send, superSend
  // Arithmetic and comparison: a small-integer (and double) fast path, and otherwise the send it stands for.
  case add, subtract, multiply, divide, modulo, bitAnd
  case addImmediate, subtractImmediate
  case less, lessOrEqual, greater, greaterOrEqual, equal, notEqual, identical
  // The same, fused with the `jumpIfFalse`/`jumpIfTrue` that follows immediately and tests their result.
  case lessBranch, lessOrEqualBranch, greaterBranch, greaterOrEqualBranch, equalBranch, notEqualBranch, identicalBranch
  case lessImmediateBranch, lessOrEqualImmediateBranch, greaterImmediateBranch, greaterOrEqualImmediateBranch
  case equalImmediateBranch, notEqualImmediateBranch
  // Control.
  case jump, loopJump, jumpIfTrue, jumpIfFalse, jumpIfNil, jumpIfNotNil, guardInteger
  case guardSmallInteger
  case `return`, returnSelf, returnNonLocal, returnEscaped
  // Only ever put in place of another instruction, at run time.
  case switchVariant, breakpoint

  public var info: OpcodeInfo { Opcode.table[Int(rawValue)] }
  public var fieldAccess: FieldAccess? { Opcode.table[Int(rawValue)].field }

  /// Indexed by raw value.
  public static let table: [OpcodeInfo] = {
    var rows: [OpcodeInfo] = []
    func row(
      _ op: Opcode, _ a: OperandKind = .unused, _ b: OperandKind = .unused, _ c: OperandKind = .unused,
      falls: Bool = true, invokes: Bool = false, sends: Bool? = nil, allocates: Bool = false,
      operator: Operator? = nil, fused: Bool = false, field: FieldAccess? = nil, readsReceiver: Bool = false,
      only: ChunkRestriction? = nil, patched: Bool = false, doc summary: String
    ) {
      precondition(rows.count == Int(op.rawValue), "rows must stand in the order of the cases")
      rows.append(
        OpcodeInfo(
          name: "\(op)", a: a, b: b, c: c, fallsThrough: falls, invokes: invokes, allocates: allocates,
          sends: sends ?? invokes, operator: `operator`, isFused: fused, field: field, readsReceiver: readsReceiver,
          only: only, isPatched: patched, summary: summary))
    }
    row(.move, .destination, .source, doc: "a := b")
    row(.loadLiteral, .destination, .literal, doc: "a := literals[b]")
    row(.loadInteger, .destination, .immediateLow, .immediateHigh, doc: "a := the small integer b:c")
    row(.loadNil, .destination, doc: "a := nil")
    row(.loadTrue, .destination, doc: "a := true")
    row(.loadFalse, .destination, doc: "a := false")
    row(
      .loadSelf, .destination, readsReceiver: true, only: .blocks,
      doc: "a := self of the running block (in a method, self is a register)")
    row(
      .loadField, .destination, .source, .field, field: FieldAccess(isLoad: true, isDouble: false),
      doc: "a := field c of object b (b holds self)")
    row(
      .storeField, .source, .field, .source, field: FieldAccess(isLoad: false, isDouble: false),
      doc: "field b of object a (a holds self) := c")
    row(
      .loadDoubleField, .destination, .source, .field, allocates: true,
      field: FieldAccess(isLoad: true, isDouble: true), patched: true,
      doc: "the same for a field that is kept as an unboxed double; put in place of loadField at run time")
    row(
      .storeDoubleField, .source, .field, .source, allocates: true,
      field: FieldAccess(isLoad: false, isDouble: true), patched: true,
      doc: "the same for such a field; if c is no double, its class keeps the field as a value from now on")
    row(.loadGlobal, .destination, .global, invokes: true, doc: "a := globals[b]; unset sends unknownGlobal:")
    row(
      .newEnvironment, .destination, .optionalSource, .count, allocates: true,
      doc: "a := new environment with outer b and c variables, all nil, home alive")
    row(
      .loadBlockEnvironment, .destination, readsReceiver: true, only: .blocks,
      doc: "a := the environment that the running block closed over")
    row(.loadOuter, .destination, .source, doc: "a := outer environment of environment b")
    row(.loadVariable, .destination, .source, .variable, doc: "a := variable c of environment b")
    row(.storeVariable, .source, .variable, .source, doc: "variable b of environment a := c")
    row(.closeHome, .source, doc: "environment a: its home activation is about to return")
    row(
      .newBlock, .destination, .block, .optionalSource, allocates: true, readsReceiver: true,
      doc: "a := block b closing over self and environment c")
    row(.send, .destination, .sendBase, .site, invokes: true, doc: "a := send sites[c] to b, b+1 …")
    row(
      .superSend, .destination, .sendBase, .site, invokes: true, readsReceiver: true,
      doc: "a := send sites[c] to b, b+1 …, looked up above the holder of this method")
    func operatorRow(_ op: Opcode, _ selector: Operator, _ c: OperandKind = .source, fused: Bool = false) {
      let right = c == .immediate ? "integer c" : "c"
      row(
        op, .destination, .source, c, invokes: true, operator: selector, fused: fused,
        doc: "a := b \(selector.rawValue) \(right)" + (fused ? ", and the conditional jump on a that follows" : ""))
    }
    operatorRow(.add, .add)
    operatorRow(.subtract, .subtract)
    operatorRow(.multiply, .multiply)
    operatorRow(.divide, .divide)
    operatorRow(.modulo, .modulo)
    operatorRow(.bitAnd, .bitAnd)
    operatorRow(.addImmediate, .add, .immediate)
    operatorRow(.subtractImmediate, .subtract, .immediate)
    operatorRow(.less, .less)
    operatorRow(.lessOrEqual, .lessOrEqual)
    operatorRow(.greater, .greater)
    operatorRow(.greaterOrEqual, .greaterOrEqual)
    operatorRow(.equal, .equal)
    operatorRow(.notEqual, .notEqual)
    operatorRow(.identical, .identical)
    operatorRow(.lessBranch, .less, fused: true)
    operatorRow(.lessOrEqualBranch, .lessOrEqual, fused: true)
    operatorRow(.greaterBranch, .greater, fused: true)
    operatorRow(.greaterOrEqualBranch, .greaterOrEqual, fused: true)
    operatorRow(.equalBranch, .equal, fused: true)
    operatorRow(.notEqualBranch, .notEqual, fused: true)
    operatorRow(.identicalBranch, .identical, fused: true)
    operatorRow(.lessImmediateBranch, .less, .immediate, fused: true)
    operatorRow(.lessOrEqualImmediateBranch, .lessOrEqual, .immediate, fused: true)
    operatorRow(.greaterImmediateBranch, .greater, .immediate, fused: true)
    operatorRow(.greaterOrEqualImmediateBranch, .greaterOrEqual, .immediate, fused: true)
    operatorRow(.equalImmediateBranch, .equal, .immediate, fused: true)
    operatorRow(.notEqualImmediateBranch, .notEqual, .immediate, fused: true)
    row(.jump, .unused, .targetLow, .targetHigh, falls: false, doc: "go to b:c")
    row(
      .loopJump, .count, .targetLow, .targetHigh, falls: false, invokes: true, sends: false,
      doc: "go back to b:c, the header of loop a; counts and polls")
    row(
      .jumpIfTrue, .source, .targetLow, .targetHigh, invokes: true, sends: false,
      doc: "if a is true go to b:c; if neither true nor false, switch to the variant with real sends")
    row(
      .jumpIfFalse, .source, .targetLow, .targetHigh, invokes: true, sends: false,
      doc: "if a is false go to b:c; if neither true nor false, switch to the variant with real sends")
    row(.jumpIfNil, .source, .targetLow, .targetHigh, doc: "if a is nil go to b:c")
    row(.jumpIfNotNil, .source, .targetLow, .targetHigh, doc: "if a is not nil go to b:c")
    row(
      .guardInteger, .source, invokes: true, sends: false,
      doc: "if a is neither a small integer nor an immediate double, switch to the variant with real sends")
    row(
      .guardSmallInteger, .source, invokes: true, sends: false,
      doc: "if a is no small integer, switch to the variant with real sends")
    row(.return, .source, falls: false, doc: "answer a to the sender")
    row(
      .returnSelf, falls: false, readsReceiver: true, only: .methods,
      doc: "answer self to the sender (methods only)")
    row(
      .returnNonLocal, .destination, .source, .source, invokes: true,
      doc: "answer b from the activation whose environment is c; if that has returned, a := what "
        + "`escapedBlock:` answers, and go on")
    row(
      .returnEscaped, .source, falls: false, invokes: true, sends: false,
      doc: "answer a from the block that the conditional or loop of this block stands in, if that runs; else to the "
        + "sender (generic variants only)")
    row(
      .switchVariant, invokes: true, sends: false, patched: true,
      doc: "stands at the pc of a live frame whose bytecode relies on a redefined method: resume in the other variant")
    row(
      .breakpoint, invokes: true, sends: false, patched: true,
      doc: "stands over an instruction that somebody wants to be told of before it runs: ask, then run that one")
    return rows
  }()
}
