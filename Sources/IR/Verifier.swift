// Checks that a graph is well formed: what every pass and the backend rely on. Unreachable blocks are ignored.

public struct IRVerificationError: Error, CustomStringConvertible, Sendable {
  public var graph: String
  public var place: String
  public var message: String
  public var description: String { "\(graph), \(place): \(message)" }
}

extension Graph {
  public func verify() throws(IRVerificationError) {
    guard !blocks.isEmpty, blocks.indices.contains(Int(entry.index)) else {
      throw IRVerificationError(graph: name, place: "entry", message: "there is no such block")
    }
    for b in blockIDs {
      for e in self[b].successors where !blocks.indices.contains(Int(e.target.index)) {
        throw IRVerificationError(
          graph: name, place: "b\(b.index)", message: "edge to a block that does not exist")
      }
    }
    var verifier = Verifier(self)
    try verifier.verify()
  }
}

private struct Verifier {
  let graph: Graph
  let dominators: DominatorTree
  /// Where each value is defined: block index or -1, and position in it (-1 for parameters).
  var block: [Int32]
  var position: [Int32]
  var place = ""

  init(_ graph: Graph) {
    self.graph = graph
    dominators = DominatorTree(graph)
    block = Array(repeating: -1, count: graph.nodes.count)
    position = block
  }

  func fail(_ message: String) -> IRVerificationError {
    IRVerificationError(graph: graph.name, place: place, message: message)
  }

  mutating func verify() throws(IRVerificationError) {
    for b in dominators.order { try recordDefinitions(b) }
    place = "b\(graph.entry.index)"
    if !graph[graph.entry].parameters.isEmpty { throw fail("the entry has parameters") }
    for b in dominators.order {
      try verifyShape(b)
      for (i, v) in graph[b].instructions.enumerated() { try verifyInstruction(v, b, i) }
      try verifyEdges(b)
    }
    try verifyEntryStateAndHome()
  }

  private mutating func recordDefinitions(_ b: BlockID) throws(IRVerificationError) {
    place = "b\(b.index)"
    func record(_ v: ValueID, _ at: Int) throws(IRVerificationError) {
      guard graph.nodes.indices.contains(Int(v.index)) else { throw fail("v\(v.index) does not exist") }
      guard block[Int(v.index)] < 0 else { throw fail("v\(v.index) is in two places") }
      block[Int(v.index)] = b.index
      position[Int(v.index)] = Int32(at)
    }
    for p in graph[b].parameters {
      try record(p, -1)
      if graph[p].op != .blockParameter { throw fail("v\(p.index) is no blockParameter") }
      if graph[p].type == .none { throw fail("v\(p.index) has no type") }
    }
    for (i, v) in graph[b].instructions.enumerated() {
      try record(v, i)
      if graph[v].op == .blockParameter { throw fail("v\(v.index) is a parameter among the instructions") }
    }
  }

  private mutating func verifyShape(_ b: BlockID) throws(IRVerificationError) {
    place = "b\(b.index)"
    let block = graph[b]
    if let s = block.loopEntry {
      try verifyState(s) { v throws(IRVerificationError) in try verifyUse(v, b, -1) }
    }
    guard let terminator = graph.terminator(b) else { throw fail("the block does not end in a terminator") }
    for v in block.instructions.dropLast() where graph[v].op.info.effect == .terminates {
      throw fail("'\(graph[v].op)' in the middle of the block")
    }
    let expected = graph[terminator].op.info.successors
    if block.successors.count != expected {
      throw fail("'\(graph[terminator].op)' needs \(expected) successors, has \(block.successors.count)")
    }
  }

  private mutating func verifyInstruction(_ v: ValueID, _ b: BlockID, _ i: Int) throws(IRVerificationError) {
    place = "b\(b.index): \(graph.instructionText(v, in: b))"
    let node = graph[v]
    let info = node.op.info
    if node.type != info.result { throw fail("the result is \(info.result), not \(node.type)") }
    let operands = graph.operands(v)
    guard operands.count == info.operands.count || info.variadic && operands.count > info.operands.count
    else {
      throw fail("\(info.operands.count) operands expected, \(operands.count) found")
    }
    for (k, o) in operands.enumerated() {
      try verifyUse(o, b, i)
      let type = k < info.operands.count ? info.operands[k] : .tagged
      if graph[o].type != type { throw fail("operand v\(o.index) is \(graph[o].type), not \(type)") }
    }
    if let s = node.state {
      try verifyState(s) { w throws(IRVerificationError) in
        if !(info.isSafepoint && w == v) { try verifyUse(w, b, i) }
      }
    } else if info.hasState {
      throw fail("the frame state is missing")
    }
    try verifyImmediate(node, b)
  }

  private func verifyImmediate(_ node: Node, _ b: BlockID) throws(IRVerificationError) {
    let i = node.immediate
    switch node.op.info.immediate {
    case .none: if i != 0 { throw fail("it has no immediate") }
    case .int: if i < -(1 << 62) || i >= 1 << 62 { throw fail("the constant has more than 63 bits") }
    case .truth: if i != 0 && i != 1 { throw fail("neither true nor false") }
    case .comparison: if node.comparison == nil { throw fail("unknown comparison") }
    case .reason: if node.deoptReason == nil { throw fail("unknown reason") }
    case .argument:
      if i < 0 || i > graph.argumentCount { throw fail("there are \(graph.argumentCount) arguments") }
    case .register:
      if b != graph.entry { throw fail("registers can be read in the entry block only") }
      if (0...2).contains(i) { throw fail("words 0 to 2 of a frame are no registers") }
    case .classWord: if UInt32(exactly: i) == nil { throw fail("no class word") }
    case .shortString: if !(0...7).contains(ShortString.byteCount(i)) { throw fail("no short string") }
    case .table(let kind):
      guard graph.table.indices.contains(Int(i)) else { throw fail("no such table entry") }
      if graph.table[Int(i)].kind != kind { throw fail("the table entry is of another kind") }
    case .float, .word, .bodyWord, .store: break
    }
  }

  private func verifyEdges(_ b: BlockID) throws(IRVerificationError) {
    let end = graph[b].instructions.count
    for e in graph[b].successors {
      let parameters = graph[e.target].parameters
      if e.arguments.count != parameters.count {
        throw fail(
          "b\(e.target.index) has \(parameters.count) parameters, the edge \(e.arguments.count) arguments")
      }
      for (a, p) in zip(e.arguments, parameters) {
        try verifyUse(a, b, end)
        if graph[a].type != graph[p].type {
          throw fail("v\(a.index) is \(graph[a].type), parameter v\(p.index) is \(graph[p].type)")
        }
      }
    }
  }

  /// The value must be defined on every path to instruction `i` of block `b`.
  private func verifyUse(_ v: ValueID, _ b: BlockID, _ i: Int) throws(IRVerificationError) {
    guard graph.nodes.indices.contains(Int(v.index)), block[Int(v.index)] >= 0 else {
      throw fail("v\(v.index) is not defined")
    }
    if graph[v].type == .none { throw fail("v\(v.index) has no value") }
    let defining = BlockID(Int(block[Int(v.index)]))
    let reaches = defining == b ? Int(position[Int(v.index)]) < i : dominators.dominates(defining, b)
    if !reaches { throw fail("v\(v.index) is not defined on every path") }
  }

  private func verifyState(
    _ s: FrameStateID, _ use: (ValueID) throws(IRVerificationError) -> Void
  ) throws(IRVerificationError) {
    guard graph.states.indices.contains(Int(s.index)) else { throw fail("s\(s.index) does not exist") }
    let state = graph[s]
    if state.frames.isEmpty { throw fail("s\(s.index) has no frames") }
    func check(_ v: StateValue) throws(IRVerificationError) {
      switch v {
      case .value(let v): try use(v)
      case .virtual(let i):
        if !state.virtuals.indices.contains(i) { throw fail("s\(s.index): @\(i) does not exist") }
      }
    }
    for f in state.frames {
      var seen: Set<Int> = []
      for r in f.registers {
        if (0...2).contains(r.register) { throw fail("s\(s.index): register \(r.register) is in the header") }
        if !seen.insert(r.register).inserted { throw fail("s\(s.index): register \(r.register) twice") }
        try check(r.value)
      }
    }
    for o in state.virtuals { for f in o.fields { try check(f) } }
  }

  private mutating func verifyEntryStateAndHome() throws(IRVerificationError) {
    place = "entryState"
    if let s = graph.entryState {
      try verifyState(s) { v throws(IRVerificationError) in
        guard graph.nodes.indices.contains(Int(v.index)), block[Int(v.index)] == graph.entry.index else {
          throw fail("v\(v.index) is not defined in the entry block")
        }
        let info = graph[v].op.info
        if info.effect != .pure || !info.operands.isEmpty {
          throw fail("v\(v.index) is no argument, register or constant")
        }
      }
    }
    place = "home"
    if let h = graph.homeEnvironment {
      guard graph.nodes.indices.contains(Int(h.index)), graph[h].type == .tagged else {
        throw fail("v\(h.index) is no tagged value")
      }
    }
  }
}
