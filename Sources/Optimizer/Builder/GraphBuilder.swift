// Builds the graph of one unit of code by abstract interpretation of its bytecode, inlining callees and blocks
// as it meets them. It is optimistic: loop-carried values are assumed to keep their entry type, objects are
// assumed not to escape. What proves wrong becomes a `Decision`, and the graph is built again with it.

import Bytecode
import IR
import MachineLayout

/// What earlier attempts to build the same graph have learned, and the numbering that makes places comparable
/// between attempts.
struct Decisions {
  var taken: Set<Decision> = []
  var paths: [PathKey: Int] = [:]

  mutating func path(_ key: PathKey) -> Int {
    if let p = paths[key] { return p }
    let p = paths.count + 1
    paths[key] = p
    return p
  }
}

/// An open block that is to continue somewhere, with what is known at its end.
struct PendingEdge {
  var block: BlockID
  var state: FlowState
}

/// One activation in the inlining tree.
final class Context {
  let facts: MethodFacts
  let chunk: BytecodeChunk
  let analysis: ChunkAnalysis
  let parent: Context?
  /// The send in the parent whose callee this is.
  let callPC: Int
  /// The parent's registers at that send.
  let saved: [Ref?]
  let path: Int
  let depth: Int
  /// Times that the bytecode was walked; more than once only for on-stack replacement in an inner loop.
  var pass = 0
  /// Loop headers of the current pass, by pc.
  var headers: [Int: LoopHeader] = [:]
  /// Copies made so far of the bodies of loops that are being unrolled, by header pc.
  var copies: [Int: Int] = [:]
  /// Set to walk a loop's body once more, from its header.
  var rewind: Int?
  /// Tells the places of different walks over the same bytecode apart.
  var walk: Int { pass + copies.values.reduce(0, +) << 12 }
  /// Where returns go on in the parent, after the send.
  var exits: [PendingEdge] = []
  var built: BuiltInstructions

  init(
    facts: MethodFacts, chunk: BytecodeChunk, analysis: ChunkAnalysis, parent: Context?, callPC: Int,
    saved: [Ref?], path: Int
  ) {
    self.facts = facts
    self.chunk = chunk
    self.analysis = analysis
    self.parent = parent
    self.callPC = callPC
    self.saved = saved
    self.path = path
    depth = (parent?.depth ?? 0) + 1
    built = BuiltInstructions(count: chunk.instructions.count)
  }

  func index(_ register: Int) -> Int { register + analysis.bias }
}

final class GraphBuilder {
  let program: any Program
  let options: OptimizerOptions
  let root: Context
  var decisions: Decisions
  var graph: Graph
  /// Holds constants and parameters; dominates everything.
  let prologue: BlockID
  /// The open block, or nil where control cannot come.
  var block: BlockID?
  var state: FlowState
  var context: Context
  var pc = 0
  var dependencies: Set<Dependency> = []
  var inlined: Set<InlinedCall> = []
  var inlinedInstructions = 0
  var coldCalls: Set<CodePlace> = []
  /// How often the send that is being built was made in the interpreter.
  var siteCount = 0
  /// Environments by the activation whose home they are.
  var homes: [Ref: Context] = [:]
  /// Method behind each block object.
  var blockMethods: [VirtualID: MethodID] = [:]
  /// Text behind each literal string or symbol.
  var literalStrings: [Ref: String] = [:]
  var constants: [Constant: ValueID] = [:]
  /// Which field was loaded.
  var fieldLoads: [ValueID: FieldPlace] = [:]
  var doubleFields: Set<FieldPlace> = []
  /// Loops whose headers have been built, outermost first.
  var loops: [ActiveLoop] = []
  private var coverage = Coverage()
  private var analyses: [MethodID: ChunkAnalysis] = [:]

  enum Constant: Hashable {
    case int(Int64)
    case float(UInt64)
    case bool(Bool)
    case tagged(Int64)
    case processMark
  }

  init(
    root facts: MethodFacts, chunk: BytecodeChunk, osrPC: Int?, program: any Program, options: OptimizerOptions,
    decisions: Decisions
  ) {
    self.program = program
    self.options = options
    self.decisions = decisions
    graph = Graph(name: facts.name, argumentCount: chunk.argumentCount, osrPC: osrPC)
    prologue = graph.addBlock()
    graph.entry = prologue
    let analysis = ChunkAnalysis(chunk, keepingVariables: options.debuggable)
    analyses[facts.id] = analysis
    root = Context(
      facts: facts, chunk: chunk, analysis: analysis, parent: nil, callPC: 0, saved: [], path: 0)
    context = root
    state = FlowState(registers: Array(repeating: nil, count: analysis.registerCount))
  }

  func build() throws(BuildFailure) -> CompilationResult {
    let analysis = root.analysis
    let start = graph.osrPC ?? 0
    if graph.osrPC == nil {
      for i in 0..<analysis.bias {
        state.registers[i] = .value(graph.append(.argument, immediate: Int64(i), to: prologue))
      }
      for r in 3..<(3 + root.chunk.localCount) {
        state.registers[root.index(r)] = .value(constant(.tagged(Int64(Word.nil))))
      }
    } else {
      for r in analysis.liveRegisters(at: start) {
        let v =
          r < 0
          ? graph.append(.argument, immediate: Int64(r + analysis.bias), to: prologue)
          : graph.append(.register, immediate: Int64(r), to: prologue)
        state.registers[root.index(r)] = .value(v)
      }
      if let home = root.chunk.homeRegister, case .value(let v)? = state.registers[root.index(Int(home))] {
        homes[.value(v)] = root
        graph.homeEnvironment = v
      }
    }
    pc = start
    graph.entryState = frameState(at: start)
    let first = graph.addBlock()
    block = first
    try run(from: start)
    graph.append(.jump, to: prologue)
    graph[prologue].successors = [Edge(first)]
    return CompilationResult(
      graph: graph, dependencies: Array(dependencies), inlined: Array(inlined), doubleFields: doubleFields,
      coldCalls: coldCalls, coverage: coverage)
  }

  /// Interprets the current context's bytecode from `start`, with the current block and state.
  func run(from start: Int) throws(BuildFailure) {
    let context = self.context
    var pending: [Int: [PendingEdge]] = [start: [PendingEdge(block: block!, state: state)]]
    block = nil
    while let first = pending.keys.min() {
      context.pass += 1
      context.headers = [:]
      context.copies = [:]
      var at = first
      while at < context.analysis.count {
        if context.analysis.isLeader[at] || pending[at] != nil {
          var edges = pending.removeValue(forKey: at) ?? []
          if let b = block { edges.append(PendingEdge(block: b, state: state)) }
          block = nil
          if !edges.isEmpty {
            pc = at
            try merge(edges, at: at)
            if context.analysis.loopEnd[at] != nil, context.copies[at] == nil {
              context.headers[at] = try enterLoop(at)
            }
          }
        }
        if block != nil, context.facts.breakpoints.contains(at) {
          pc = at
          try deopt(.breakpoint)
        }
        if block != nil {
          pc = at
          let before = block
          try step(context.chunk.instructions[at], &pending)
          // What only leaves for the interpreter is no code.
          if !isLeft(from: before!) { context.built.insert(at) }
        }
        at = context.rewind ?? at + 1
        context.rewind = nil
      }
    }
    coverage.insert(method: context.facts.id.raw, pcs: context.built.words)
  }

  /// Whether nothing was built in block `b`, where an instruction has begun, but a way into the interpreter.
  private func isLeft(from b: BlockID) -> Bool {
    guard block == nil, let last = graph[b].instructions.last else { return false }
    return graph[last].op == .deopt
  }

  // MARK: Emission

  @discardableResult
  func emit(_ op: Op, _ operands: [ValueID] = [], _ immediate: Int64 = 0, state s: FrameStateID? = nil)
    throws(BuildFailure) -> ValueID
  {
    if graph.nodes.count > 60_000 { throw .tooLarge }
    return graph.append(op, operands, immediate: immediate, state: s, to: block!)
  }

  /// Ends the open block with a jump.
  func jump(to target: BlockID, _ arguments: [ValueID] = []) throws(BuildFailure) {
    try emit(.jump)
    graph[block!].successors = [Edge(target, arguments)]
    block = nil
  }

  /// Ends the open block with a branch; both sides are new blocks.
  func branch(_ condition: ValueID) throws(BuildFailure) -> (then: BlockID, else: BlockID) {
    let t = graph.addBlock(), e = graph.addBlock()
    try emit(.branch, [condition])
    graph[block!].successors = [Edge(t), Edge(e)]
    block = nil
    return (t, e)
  }

  /// Leaves for the interpreter, at the current instruction.
  func deopt(_ reason: DeoptReason) throws(BuildFailure) {
    try emit(.deopt, [], reason.rawValue, state: frameState(at: pc))
    graph[block!].isCold = true
    block = nil
  }

  func constant(_ c: Constant) -> ValueID {
    if let v = constants[c] { return v }
    let v: ValueID
    switch c {
    case .int(let i): v = graph.append(.constInt, immediate: i, to: prologue)
    case .float(let bits): v = graph.append(.constFloat, immediate: Int64(bitPattern: bits), to: prologue)
    case .bool(let b): v = graph.append(.constBool, immediate: b ? 1 : 0, to: prologue)
    case .tagged(let w): v = graph.append(.constTagged, immediate: w, to: prologue)
    case .processMark: v = graph.append(.processMark, to: prologue)
    }
    constants[c] = v
    return v
  }
  func int(_ i: Int) -> Ref { .value(constant(.int(Int64(i)))) }
  var nilRef: Ref { .value(constant(.tagged(Int64(Word.nil)))) }

  func analysis(of facts: MethodFacts) -> ChunkAnalysis {
    if let a = analyses[facts.id] { return a }
    let a = ChunkAnalysis(facts.chunk!, keepingVariables: options.debuggable)
    analyses[facts.id] = a
    return a
  }

  /// Emits a guard of `v`; before the outermost loop around this place that `v` comes from outside of, since
  /// there it is asked once. It may fail there for a loop that would not have got here: the failure is recorded
  /// at the loop's header, and the next attempt leaves the loop's guards inside.
  func emitGuard(_ op: Op, _ v: ValueID, _ immediate: Int64) throws(BuildFailure) -> ValueID {
    guard let loop = loops.first(where: { v.index < $0.firstNode && isInside($0) }) else {
      return try emit(op, [v], immediate, state: frameState(at: pc))
    }
    let guarded = graph.makeNode(
      op, [v], immediate: op.info.immediate == .reason ? DeoptReason.loopEntry.rawValue : immediate,
      state: loop.entryState)
    graph[loop.preheader].instructions.insert(guarded, at: graph[loop.preheader].instructions.count - 1)
    return guarded
  }

  private func isInside(_ loop: ActiveLoop) -> Bool {
    var c = context
    var at = pc
    while c !== loop.context {
      guard let parent = c.parent else { return false }
      at = c.callPC
      c = parent
    }
    return c.pass == loop.pass && loop.pcs.contains(at)
  }

  // MARK: Registers

  func register(_ r: Int) -> Ref {
    state.resolve(state.registers[context.index(r)] ?? nilRef)
  }
  func setRegister(_ r: Int, _ ref: Ref) { state.registers[context.index(r)] = ref }

  // MARK: Frame states

  /// The state in which the interpreter executes the instruction at `at` of the current context next.
  /// `result`: a register that is set besides (the value of a call that has just returned).
  func frameState(at: Int, origin: Int? = nil, setting result: (register: Int, value: Ref)? = nil)
    -> FrameStateID
  {
    var s = FrameState(frames: [])
    var numbers: [VirtualID: Int] = [:]
    func value(_ ref: Ref) -> StateValue {
      switch state.resolve(ref) {
      case .value(let v): return .value(v)
      case .virtual(let id):
        if let n = numbers[id] { return .virtual(n) }
        guard case .virtual(let word, let fields)? = state.virtuals[id] else {
          return .value(constant(.tagged(Int64(Word.nil))))
        }
        let n = s.virtuals.count
        numbers[id] = n
        s.virtuals.append(VirtualObject(classWord: word, fields: []))
        let values = fields.map { value($0) }
        s.virtuals[n].fields = values
        return .virtual(n)
      }
    }
    func frame(_ c: Context, _ registers: [Ref?], at: Int, origin: Int, except skipped: Int?) {
      if let parent = c.parent {
        let dst = parent.analysis.destination(c.callPC)
        frame(parent, c.saved, at: c.callPC, origin: c.callPC, except: dst)
      }
      var f = VirtualFrame(
        method: c.facts.id.raw, pc: at, originPC: origin, registers: [],
        protects: options.debuggable || c.chunk.protection(at: origin) != nil || c.analysis.isLeftByParts)
      // An outer frame goes on behind its send; the callee's value arrives in the send's destination.
      let resume = c === context ? at : at + 1
      if c.parent != nil {
        // The collector looks at all argument words of a frame, needed or not.
        for r in -c.analysis.bias..<0 where !c.analysis.isLive(r, at: min(resume, c.analysis.count)) {
          f.registers.append(.init(r, value(nilRef)))
        }
      }
      for r in c.analysis.liveRegisters(at: min(resume, c.analysis.count)) {
        if r == skipped { continue }
        if c.parent == nil && r < 0 && registers[c.index(r)] == nil { continue }
        if let result, c === context, r == result.register {
          f.registers.append(.init(r, value(result.value)))
        } else if let ref = registers[c.index(r)] {
          f.registers.append(.init(r, value(ref)))
        }
      }
      s.frames.append(f)
    }
    frame(context, state.registers, at: at, origin: origin ?? pc, except: nil)
    return graph.addState(s)
  }
}
