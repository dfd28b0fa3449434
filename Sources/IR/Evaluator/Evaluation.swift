// One activation of a graph, evaluated operation by operation as `Op` documents them. It is slow, knows no liveness and
// no registers, and so is right about passes, backend and frame states. Start reading here.
//
// It keeps the contract of compiled code: called with the thread's words and the header of its frame, which holds all
// its values, it answers a value, or 0 to unwind, or what the deoptimizer answers. What the contract leaves open it does
// in the simplest way: every value is in the frame, always.

public struct Evaluation {
  public typealias Words = UnsafeMutablePointer<UInt64>

  let code: EvaluableGraph
  let thread: Words
  /// H.
  let frame: Words
  /// The code's data table (`CodeMetadata.tableSymbol`).
  let table: Words
  let host: any EvaluationHost

  public init(_ code: EvaluableGraph, thread: Words, frame: Words, table: Words, host: any EvaluationHost) {
    self.code = code
    self.thread = thread
    self.frame = frame
    self.table = table
    self.host = host
  }

  var graph: Graph { code.graph }
  var layout: RuntimeLayout { code.layout }

  /// How an activation ends before its `return`.
  enum Exit: Error {
    /// The function answers this.
    case answers(UInt64)
    case fault(EvaluationFault)
  }

  // MARK: Entering

  /// The function: from its entry to what it answers.
  public func run(method: UnsafeMutableRawPointer?) -> UInt64 {
    finish { () throws(Exit) in
      try enter(method)
      return try execute(graph.entry, from: 0)
    }
  }

  /// Goes on at an instruction, or at the start of a block, in a frame that holds the values that live there.
  public func resume(in block: BlockID, at position: Int) -> UInt64 {
    finish { () throws(Exit) in try execute(block, from: position) }
  }

  private func finish(_ body: () throws(Exit) -> UInt64) -> UInt64 {
    do throws(Exit) { return try body() } catch {
      switch error {
      case .answers(let word): return word
      case .fault(let fault):
        host.failed(fault, frame: frame)
        return 0
      }
    }
  }

  private func enter(_ method: UnsafeMutableRawPointer?) throws(Exit) {
    typealias EntryPoll = @convention(c) (Words, Words, UnsafeMutableRawPointer?) -> UInt64
    let end = UInt64(UInt(bitPattern: frame + code.metadata.frameSize))
    if end > thread[layout.limit] {
      if graph.osrPC == nil { frame[2] = UInt64(bitPattern: Int64(CodeMetadata.noRegisters)) }
      let answer = function(layout.entryPoll, EntryPoll.self)(thread, frame, method)
      if answer == 0 { throw .answers(graph.osrPC == nil ? 0 : layout.unwindInPlace) }
      takeFrame()
      // It can have become invalid only during this poll.
      if table[0] != 0, graph.entryState != nil { throw .answers(deoptimize(0)) }
    } else {
      takeFrame()
    }
  }

  /// Makes the frame that of this code: its words have been the interpreter's registers.
  private func takeFrame() {
    let registers = code.registers.map { frame[Int(graph[$0].immediate)] }
    for word in code.taggedWords { frame[word] = layout.nilWord }
    for (v, word) in zip(code.registers, registers) { set(v, word) }
    frame[1] = table[1]
  }

  // MARK: Blocks

  private func execute(_ first: BlockID, from start: Int) throws(Exit) -> UInt64 {
    var block = first
    var position = start
    while true {
      for v in graph[block].instructions.dropFirst(position) {
        switch graph[v].op {
        case .jump: block = take(graph[block].successors[0])
        case .branch:
          _ = try isPoisoned(v)
          block = take(graph[block].successors[word(v, 0) & 1 != 0 ? 0 : 1])
        case .return: return word(v, 0)
        case .unwind:
          thread[layout.unwindTarget] = word(v, 0)
          thread[layout.unwindValue] = word(v, 1)
          return 0
        case .deopt: return deoptimize(safepoint(v))
        default: try evaluate(v)
        }
      }
      position = 0
    }
  }

  /// All arguments are read before one parameter is written.
  private func take(_ edge: Edge) -> BlockID {
    let arguments = edge.arguments.map(word)
    for (parameter, argument) in zip(graph[edge.target].parameters, arguments) { set(parameter, argument) }
    return edge.target
  }

  private func evaluate(_ v: ValueID) throws(Exit) {
    if try isPoisoned(v) { return }
    if graph[v].op.info.effect == .guarding { return try guardValue(v) }
    switch graph[v].op {
    case .constInt, .constFloat, .constBool, .constTagged, .literal, .processMark, .argument, .register,
      .blockParameter:
      break
    case .callMethod, .callBlock, .send: try call(v)
    case .poll: try poll(v)
    case .allocate, .allocateArray, .tagFloat: try allocate(v)
    case .loadSlot, .storeSlot, .loadDouble, .storeDouble, .loadLength, .loadElement, .storeElement, .loadByte,
      .loadCharacter, .loadCell, .equalStrings, .equalsShortString:
      try accessMemory(v)
    case .isInt, .isFloat, .hasClass, .identical, .isTrue, .not, .isInBounds: try test(v)
    default: try compute(v)
    }
  }

  // MARK: Words

  /// Integers are shifted left by one, doubles are bits, truth values 0 or 1.
  func word(_ v: ValueID) -> UInt64 {
    let node = graph[v]
    switch node.op {
    case .constInt: return UInt64(bitPattern: node.immediate << 1)
    case .constFloat, .constTagged, .constBool: return UInt64(bitPattern: node.immediate)
    case .literal: return table[CodeMetadata.tableHeaderWords + Int(node.immediate)]
    case .processMark: return thread[layout.processMark]
    default: return frame[code.words[Int(v.index)]]
    }
  }
  func word(_ v: ValueID, _ i: Int) -> UInt64 { word(graph.operand(v, i)) }
  func int(_ v: ValueID, _ i: Int) -> Int { Int(Int64(bitPattern: word(v, i)) >> 1) }
  func float(_ v: ValueID, _ i: Int) -> Double { Double(bitPattern: word(v, i)) }

  func set(_ v: ValueID, _ word: UInt64) { frame[code.words[Int(v.index)]] = word }
  func set(_ v: ValueID, _ int: Int) { set(v, UInt64(bitPattern: Int64(int)) << 1) }
  func set(_ v: ValueID, _ float: Double) { set(v, float.bitPattern) }
  func set(_ v: ValueID, _ truth: Bool) { set(v, truth ? 1 : 0 as UInt64) }

  func function<F>(_ slot: Int, _ type: F.Type) -> F {
    unsafeBitCast(UnsafeRawPointer(bitPattern: UInt(thread[slot])), to: type)
  }
  func tableWord(_ v: ValueID) -> UInt64 { table[CodeMetadata.tableHeaderWords + Int(graph[v].immediate)] }

  func safepoint(_ v: ValueID) -> Int { code.safepoints[Int(v.index)] }

  func require(_ condition: Bool, _ v: ValueID, _ requirement: @autoclosure () -> String) throws(Exit) {
    if condition { return }
    let block = graph.blockIDs.first { graph[$0].instructions.contains(v) } ?? graph.entry
    throw .fault(
      EvaluationFault(graph: graph.name, instruction: graph.instructionText(v, in: block), requirement: requirement()))
  }
}
