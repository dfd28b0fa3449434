// One graph → one C function in a libgccjit context. The parts: this file (prologue, blocks, edges), `Deopts`
// (cold exits and their metadata), `Calls` (safepoints), `Integers`, `Floats`, `Memory`. See docs/contracts.md.

import CGccJit
import IR

final class FunctionLowering {
  let c: JitContext
  let graph: Graph
  let plan: FramePlan
  let options: BackendOptions
  let layout: RuntimeLayout
  let symbol: String
  let tableSymbol: String

  let function: JitFunction
  /// Parameters: the thread's words, the frame header's words, the method's address.
  let thread: RValue
  let frame: RValue
  let method: RValue
  /// The data table.
  let table: LValue
  /// The block being filled.
  var block: JitBlock
  var blocks: [JitBlock]
  /// By root value.
  var locals: [LValue]
  var safepoints: [Safepoint] = []
  var deoptBlocks: [DeoptKey: JitBlock] = [:]
  var deoptExits: [ExitKey: DeoptExit] = [:]
  /// The safepoint through which a shared exit leaves.
  let exitSafepoint: LValue
  var leaveBlock: JitBlock?
  var unwindBlock: JitBlock?
  var unwindThroughHomeBlock: JitBlock?
  private var nameCount = 0

  struct DeoptKey: Hashable {
    let state: FrameStateID
    let reason: DeoptReason
    /// Checked arithmetic whose result stands in for an operand.
    let undone: ValueID?
  }
  struct ExitKey: Hashable {
    let state: FrameState
    let undone: ValueID?
  }
  struct DeoptExit {
    /// For some reason.
    let safepoint: Safepoint
    let block: JitBlock
  }

  init(_ c: JitContext, _ graph: Graph, index: Int, _ options: BackendOptions, _ layout: RuntimeLayout) {
    self.c = c
    self.graph = graph
    self.options = options
    self.layout = layout
    plan = FramePlan(graph)
    let readable = String(
      graph.name.unicodeScalars.map { FunctionLowering.isNamePart($0) ? Character($0) : "_" })
    symbol = "ovid\(index)_\(readable)"
    tableSymbol = "ovidTable\(index)"
    let types: [JitType] = [c.wordPointer, c.wordPointer, c.word]
    var parameters: [OpaquePointer?] = zip(types, ["thread", "frame", "method"] as [String]).map {
      c.j.context_new_param(c.context, nil, $0, $1)
    }
    function = c.j.context_new_function(
      c.context, nil, Int32(OVID_JIT_FUNCTION_EXPORTED), c.word, symbol, 3, &parameters, 0)
    thread = c.j.param_as_rvalue(parameters[0])
    frame = c.j.param_as_rvalue(parameters[1])
    method = c.j.param_as_rvalue(parameters[2])
    let words = CodeMetadata.tableHeaderWords + graph.table.count
    table = c.j.context_new_global(
      c.context, nil, Int32(OVID_JIT_GLOBAL_EXPORTED),
      c.j.context_new_array_type(c.context, nil, c.word, Int32(words)), tableSymbol)
    block = c.j.function_new_block(function, "prologue")
    exitSafepoint = c.j.function_new_local(function, nil, c.word, "exit")
    blocks = Array(repeating: nil, count: graph.blocks.count)
    locals = Array(repeating: nil, count: graph.nodes.count)
  }

  private static func isNamePart(_ u: Unicode.Scalar) -> Bool {
    switch u {
    case "a"..."z", "A"..."Z", "0"..."9": return true
    default: return false
    }
  }

  func lower() throws(BackendError) -> CodeMetadata {
    for b in plan.order { blocks[Int(b.index)] = newBlock("b\(b.index)") }
    emitPrologue()
    for b in plan.order { emitBlock(b) }
    if let e = c.error { throw .compilation("\(graph.name): \(e)") }
    return CodeMetadata(
      symbol: symbol, tableSymbol: tableSymbol, tableCount: graph.table.count, frameSize: plan.frameSize,
      safepoints: safepoints)
  }

  // MARK: Structure

  private func emitPrologue() {
    let entryStores = describeEntry()
    if !options.elideEditability {
      // The new frame must end below the limit; 0 there asks for a poll.
      let end = c.bitcast(
        c.j.lvalue_get_address(c.element(frame, plan.frameSize), nil), c.word)
      let slow = newBlock("entryPoll")
      let polled = newBlock("polled")
      let on = newBlock("entered")
      endWithBranch(c.expect(c.unsignedGreater(end, threadWord(layout.limit)), false), slow, on)
      block = slow
      // No registers yet. A loop is entered with those of the interpreter, and the frame says so.
      if graph.osrPC == nil { assign(frameWord(2), c.constant(CodeMetadata.noRegisters)) }
      let answer = temporary(c.word, "entered")
      assign(answer, callRuntime(layout.entryPoll, "ppw", [thread, frame, method]))
      endWithBranch(
        c.equal(c.read(answer), c.constant(0)), graph.osrPC == nil ? unwindPlainly() : unwindInPlace(), polled)
      // Nobody enters code that is invalid already: it can have become so only during this poll.
      block = polled
      enterFrame()
      if let entryStores {
        let cold = emitDeopt(0, entryStores)
        require(c.equal(c.read(tableWord(0)), c.constant(0)), else: cold)
      }
      endWithJump(on)
      block = on
    }
    enterFrame()
    endWithJump(blocks[Int(graph.entry.index)])
  }

  /// The frame is still that of the interpreter, which unwinds it.
  private func unwindInPlace() -> JitBlock {
    let b = newBlock("unwindInPlace")
    c.j.block_end_with_return(b, nil, c.constant(bits: layout.unwindInPlace))
    return b
  }

  /// Makes the frame that of this code. The words of an interpreter's registers become the frame's own words: all of
  /// them are read first.
  private func enterFrame() {
    assign(frameWord(1), c.read(tableWord(1)))
    for b in plan.order {
      for v in graph[b].instructions where graph[v].op == .register {
        assign(local(v), c.read(frameWord(Int(graph[v].immediate))))
      }
    }
  }

  private func emitBlock(_ b: BlockID) {
    block = blocks[Int(b.index)]
    for p in graph[b].parameters { storeHomeIfEager(p) }
    for (position, v) in graph[b].instructions.enumerated() {
      emit(v, b, position)
      if graph[v].type == .tagged, plan.root(v) == v { storeHomeIfEager(v) }
    }
  }

  private func emit(_ v: ValueID, _ b: BlockID, _ position: Int) {
    let node = graph[v]
    switch node.op {
    case .constInt, .constFloat, .constBool, .constTagged, .literal, .processMark: break
    case .argument:
      assign(local(v), c.read(frameWord(Int(node.immediate) - graph.argumentCount - 1)))
    case .register, .blockParameter: break
    case .not: assign(local(v), c.not(operand(v, 0)))
    case .identical: assign(local(v), c.equal(operand(v, 0), operand(v, 1)))
    case .isTrue: assign(local(v), c.equal(operand(v, 0), c.constant(bits: layout.trueWord)))
    case .tagBool: emitTagBool(v)
    case .hasClass, .guardClass, .guardTrue: emitClassOrTruth(v)
    case .tagInt, .untagInt, .isInt, .compareInt, .isInBounds, .guardInt, .addInt, .subtractInt, .multiplyInt,
      .divideInt,
      .moduloInt, .remainderInt, .remainderIntUnsigned, .addIntUnchecked, .subtractIntUnchecked, .andInt, .orInt,
      .xorInt,
      .shiftLeftInt, .shiftRightInt:
      emitInteger(v)
    case .tagFloat: emitTagFloat(v, b, position)
    case .untagFloat, .isFloat, .guardFloat, .guardDouble, .compareFloat, .intToFloat, .floatToInt, .addFloat,
      .subtractFloat, .multiplyFloat, .divideFloat, .sqrtFloat:
      emitFloat(v)
    case .loadSlot, .storeSlot, .loadDouble, .storeDouble, .loadLength, .loadElement, .storeElement, .loadByte,
      .loadCell, .loadCharacter:
      emitMemory(v)
    case .equalStrings: emitEqualStrings(v)
    case .equalsShortString: emitEqualsShortString(v)
    case .allocate: emitAllocate(v, b, position)
    case .allocateArray: emitAllocateArray(v, b, position)
    case .callMethod, .callBlock, .send: emitSend(v, b, position)
    case .poll: emitPoll(v, b, position)
    case .jump: endWithJump(edgeTarget(graph[b].successors[0], copyingInto: &block))
    case .branch: emitBranch(v, b)
    case .return: c.j.block_end_with_return(block, nil, operand(v, 0))
    case .unwind:
      assign(c.element(thread, layout.unwindTarget), operand(v, 0))
      assign(c.element(thread, layout.unwindValue), operand(v, 1))
      endWithJump(unwindPlainly())
    case .deopt: endWithJump(deoptBlock(v))
    }
  }

  // MARK: Edges

  private func emitBranch(_ v: ValueID, _ b: BlockID) {
    let edges = graph[b].successors
    let from = block
    let condition = operand(v, 0)
    let targets = edges.map { edge -> JitBlock in
      if edge.arguments.isEmpty { return blocks[Int(edge.target.index)] }
      let between = newBlock("edge")
      var end = between
      block = between
      endWithJump(edgeTarget(edge, copyingInto: &end))
      return between
    }
    block = from
    let cold = edges.map { graph[$0.target].isCold }
    let hinted = cold[0] == cold[1] ? condition : c.expect(condition, cold[1])
    endWithBranch(hinted, targets[0], targets[1])
  }

  /// Assigns the arguments of an edge to the target's parameters, all at once.
  private func edgeTarget(_ e: Edge, copyingInto block: inout JitBlock) -> JitBlock {
    let parameters = graph[e.target].parameters
    var moves = zip(parameters, e.arguments).filter { plan.root($0) != plan.root($1) }.map {
      (to: $0, from: value($1), source: plan.root($1))
    }
    if moves.count > 1 {
      let written = Set(moves.map { plan.root($0.to) })
      for i in moves.indices where written.contains(moves[i].source) {
        let saved = temporary(type(graph[moves[i].to].type), "copy")
        c.j.block_add_assignment(block, nil, saved, moves[i].from)
        moves[i].from = c.read(saved)
      }
    }
    for m in moves { c.j.block_add_assignment(block, nil, local(m.to), m.from) }
    return blocks[Int(e.target.index)]
  }

  // MARK: Values

  func type(_ t: ValueType) -> JitType {
    switch t {
    case .float: return c.double
    case .bool: return c.bool
    default: return c.word
    }
  }

  /// The variable of a value's root.
  func local(_ v: ValueID) -> LValue {
    let r = plan.root(v)
    if let l = locals[Int(r.index)] { return l }
    let l = c.j.function_new_local(function, nil, type(graph[r].type), "v\(r.index)")
    locals[Int(r.index)] = l
    return l
  }

  func value(_ v: ValueID) -> RValue {
    let node = graph[plan.root(v)]
    switch node.op {
    case .constInt: return c.constant(Int(node.immediate) << 1)
    case .constFloat: return c.constant(Double(bitPattern: UInt64(bitPattern: node.immediate)))
    case .constBool: return c.constant(node.immediate != 0)
    case .constTagged: return c.constant(Int(node.immediate))
    case .literal: return c.read(tableEntry(node.immediate))
    case .processMark: return threadWord(layout.processMark)
    default: return c.read(local(v))
    }
  }
  func operand(_ v: ValueID, _ i: Int) -> RValue { value(graph.operand(v, i)) }
  /// The value of an integer constant.
  func constantInt(_ v: ValueID) -> Int? { graph[v].op == .constInt ? Int(graph[v].immediate) : nil }

  func threadWord(_ slot: Int) -> RValue { c.read(c.element(thread, slot)) }
  func frameWord(_ word: Int) -> LValue { c.element(frame, word) }
  func tableWord(_ word: Int) -> LValue { c.element(c.read(table), word) }
  func tableEntry(_ index: Int64) -> LValue { tableWord(CodeMetadata.tableHeaderWords + Int(index)) }

  private func storeHomeIfEager(_ v: ValueID) {
    if plan.isEager(v), case .word(let w) = plan.home(v), w > 0 { assign(frameWord(w), value(v)) }
  }

  // MARK: Statements

  func newBlock(_ name: String) -> JitBlock { c.j.function_new_block(function, name) }
  func temporary(_ type: JitType, _ name: String) -> LValue {
    nameCount += 1
    return c.j.function_new_local(function, nil, type, "\(name)\(nameCount)")
  }
  func assign(_ l: LValue, _ r: RValue) { c.j.block_add_assignment(block, nil, l, r) }
  func endWithJump(_ to: JitBlock) { c.j.block_end_with_jump(block, nil, to) }
  func endWithBranch(_ condition: RValue, _ then: JitBlock, _ other: JitBlock) {
    c.j.block_end_with_conditional(block, nil, condition, then, other)
  }
  /// Goes on in a new block if `condition` holds, as is expected; else to `other`.
  func require(_ condition: RValue, else other: JitBlock) {
    let on = newBlock("on")
    endWithBranch(c.expect(condition, true), on, other)
    block = on
  }
  func callRuntime(_ slot: Int, _ signature: String, _ arguments: [RValue]) -> RValue {
    c.call(address: threadWord(slot), signature, arguments)
  }
}
