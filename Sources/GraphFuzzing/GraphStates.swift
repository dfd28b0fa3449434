// Frame states of a graph that is its own program: at each instruction that needs one, where to go on in the graph and
// with which values. They follow from the graph alone, so it may be changed and given its states again.

import IR

struct GraphStates {
  private let graph: Graph
  /// Values by block that are needed at its start.
  private var needs: [Set<ValueID>]
  /// The home's environment, which unwinding needs, is alive from where it is made.
  private let home: HomePlace?
  private let dominators: DominatorTree

  private struct HomePlace {
    let value: ValueID
    let block: BlockID
    let position: Int
  }

  /// The graph with its states.
  static func added(to graph: Graph) -> Graph { GraphStates(graph).finished() }

  init(_ graph: Graph) {
    self.graph = graph
    dominators = DominatorTree(graph)
    needs = Array(repeating: [], count: graph.blocks.count)
    home = graph.homeEnvironment.flatMap { v in
      graph[graph.entry].instructions.firstIndex(of: v).map { HomePlace(value: v, block: graph.entry, position: $0) }
    }
    findNeeds()
  }

  /// To go on at an instruction, with everything that lives before it.
  func before(_ v: ValueID, in b: BlockID) -> FrameState {
    var live = needsAtEnd(b)
    var at = graph[b].instructions.count - 1
    while true {
      let i = graph[b].instructions[at]
      live.remove(i)
      live.formUnion(graph.operands(i))
      if i == v { break }
      at -= 1
    }
    return state(
      kept(live, b, at), Self.pc(before: v), protects: Self.protects(v, isAfter: false, graph))
  }

  // MARK: Places

  /// A register of the states for each value.
  static func register(_ v: ValueID) -> Int { 3 + Int(v.index) }
  static func value(ofRegister register: Int) -> ValueID { ValueID(register - 3) }

  static func pc(before v: ValueID) -> Int { 2 * Int(v.index) }
  private static func pc(after v: ValueID) -> Int { 2 * Int(v.index) + 1 }
  private static func pc(of b: BlockID) -> Int { 1_000_000 + Int(b.index) }

  struct Place {
    let block: BlockID
    let position: Int
    /// The instruction that the state belongs to, unless it is the start of a block.
    let instruction: ValueID?
    let isAfter: Bool
  }

  static func places(_ graph: Graph) -> [Int: Place] {
    var result: [Int: Place] = [:]
    for b in graph.blockIDs {
      result[pc(of: b)] = Place(block: b, position: 0, instruction: nil, isAfter: false)
      for (i, v) in graph[b].instructions.enumerated() {
        result[pc(before: v)] = Place(block: b, position: i, instruction: v, isAfter: false)
        result[pc(after: v)] = Place(block: b, position: i + 1, instruction: v, isAfter: true)
      }
    }
    return result
  }

  /// Whether unwinding from there goes through the state: after some calls, which have a handler, and at some
  /// allocations.
  static func protects(_ v: ValueID, isAfter: Bool, _ graph: Graph) -> Bool {
    let op = graph[v].op
    guard op != .poll, v.index % 4 == 1 else { return false }
    return op.info.effect == (isAfter ? .calls : .allocates)
  }

  // MARK: Making

  private func finished() -> Graph {
    var result = graph
    for b in graph.blockIDs {
      var live = needsAtEnd(b)
      for (position, v) in graph[b].instructions.enumerated().reversed() {
        let after = live
        live.remove(v)
        live.formUnion(graph.operands(v))
        guard graph[v].op.info.hasState else {
          result[v].state = nil
          continue
        }
        let isAfter = graph[v].op.info.effect == .calls
        result[v].state = result.addState(
          state(
            kept(isAfter ? after : live, b, isAfter ? position + 1 : position),
            isAfter ? Self.pc(after: v) : Self.pc(before: v),
            protects: Self.protects(v, isAfter: isAfter, graph)))
      }
      result[b].loopEntry = loopEntry(b, live).map { result.addState($0) }
    }
    let registers = graph[graph.entry].instructions.filter { graph[$0].op == .register }
    result.entryState = result.addState(state(Set(registers), Self.pc(of: graph.entry), protects: false))
    return result
  }

  /// What lives, the home, and some values for a while after they are needed no more: the interpreter has them, and code
  /// only for its states.
  private func kept(_ live: Set<ValueID>, _ b: BlockID, _ position: Int) -> Set<ValueID> {
    var result = live
    for (i, v) in graph[b].instructions.prefix(position).enumerated() where graph[v].type != .none {
      if v.index % 3 == 0, position - i <= v.index % 7 + 1 { result.insert(v) }
    }
    if let home, b != home.block || position > home.position { result.insert(home.value) }
    return result
  }

  /// Of a loop's header: to resume there, with what its parameters are at first.
  private func loopEntry(_ b: BlockID, _ live: Set<ValueID>) -> FrameState? {
    guard dominators.isReachable(b) else { return nil }
    let incoming = graph.predecessors[Int(b.index)].filter { dominators.isReachable($0) }
    let entries = incoming.filter { !dominators.dominates(b, $0) }
    guard entries.count == 1, incoming.count > 1, graph[entries[0]].successors.count == 1 else { return nil }
    var registers: [VirtualFrame.Register] = []
    for v in kept(live, b, 0).sorted() where !graph[b].parameters.contains(v) { add(v, .value(v), &registers) }
    for (p, a) in zip(graph[b].parameters, graph[entries[0]].successors[0].arguments) { add(p, .value(a), &registers) }
    return FrameState(frames: frames(registers, Self.pc(of: b), protects: false))
  }

  private func add(_ v: ValueID, _ value: StateValue, _ registers: inout [VirtualFrame.Register]) {
    switch graph[v].op {
    // Constants and arguments are there.
    case .constInt, .constFloat, .constBool, .constTagged, .literal, .processMark, .argument: return
    default: registers.append(.init(Self.register(v), value))
    }
  }

  private func state(_ live: Set<ValueID>, _ pc: Int, protects: Bool) -> FrameState {
    var registers: [VirtualFrame.Register] = []
    for v in live.sorted() { add(v, .value(v), &registers) }
    return FrameState(frames: frames(registers, pc, protects: protects))
  }

  /// Some as if half of it were inlined. The innermost says where.
  private func frames(_ registers: [VirtualFrame.Register], _ pc: Int, protects: Bool) -> [VirtualFrame] {
    let split = pc % 3 == 0 ? registers.count / 2 : 0
    let inner = VirtualFrame(
      method: 0, pc: pc, originPC: pc, registers: Array(registers[split...]), protects: protects)
    if split == 0 { return [inner] }
    return [VirtualFrame(method: 0, pc: pc, originPC: pc, registers: Array(registers[..<split])), inner]
  }

  // MARK: What lives

  private func needsAtEnd(_ b: BlockID) -> Set<ValueID> {
    graph[b].successors.reduce(into: []) { live, edge in
      live.formUnion(needs[Int(edge.target.index)].subtracting(graph[edge.target].parameters))
      live.formUnion(edge.arguments)
    }
  }

  private mutating func findNeeds() {
    var changes = true
    while changes {
      changes = false
      for b in graph.blockIDs.reversed() {
        var live = needsAtEnd(b)
        for v in graph[b].instructions.reversed() {
          live.remove(v)
          live.formUnion(graph.operands(v))
        }
        if live != needs[Int(b.index)] {
          needs[Int(b.index)] = live
          changes = true
        }
      }
    }
  }
}
