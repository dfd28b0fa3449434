// Frame states of random graphs: at each instruction that needs one, where to go on and with which values.

import IR

extension GraphGenerator {
  /// A register of the states for each value of the original.
  static func register(_ v: ValueID) -> Int { 3 + Int(v.index) }
  static func value(ofRegister register: Int) -> ValueID { ValueID(register - 3) }

  /// A pc for each place in the original.
  private static func pc(before v: ValueID) -> Int { 2 * Int(v.index) }
  private static func pc(after v: ValueID) -> Int { 2 * Int(v.index) + 1 }
  private static func pc(of b: BlockID) -> Int { 1_000_000 + Int(b.index) }

  static func places(_ graph: Graph) -> [Int: (block: BlockID, position: Int)] {
    var result: [Int: (block: BlockID, position: Int)] = [:]
    for b in graph.blockIDs {
      result[pc(of: b)] = (b, 0)
      for (i, v) in graph[b].instructions.enumerated() {
        result[pc(before: v)] = (b, i)
        result[pc(after: v)] = (b, i + 1)
      }
    }
    return result
  }

  func finished() -> Graph {
    var result = graph
    let needs = needsAtEntries()
    for b in graph.blockIDs {
      var live = needsAtEnd(b, needs)
      for v in graph[b].instructions.reversed() {
        let after = live
        live.remove(v)
        live.formUnion(graph.operands(v))
        guard graph[v].op.info.hasState else { continue }
        let isAfter = graph[v].op.info.effect == .calls || graph[v].op.info.effect == .allocates
        result[v].state = result.addState(
          isAfter ? state(after, Self.pc(after: v)) : state(live, Self.pc(before: v)))
      }
      if let entry = loopEntries[b] {
        var registers: [VirtualFrame.Register] = []
        for v in live.sorted() where !graph[b].parameters.contains(v) { add(v, .value(v), &registers) }
        for (p, a) in zip(graph[b].parameters, entry) { add(p, .value(a), &registers) }
        result[b].loopEntry = result.addState(
          FrameState(frames: [VirtualFrame(method: 0, pc: Self.pc(of: b), originPC: 0, registers: registers)]))
      }
    }
    result.entryState = result.addState(state([], Self.pc(of: graph.entry)))
    return result
  }

  private func add(_ v: ValueID, _ value: StateValue, _ registers: inout [VirtualFrame.Register]) {
    switch graph[v].op {
    // Constants and arguments are there.
    case .constInt, .constFloat, .constBool, .constTagged, .argument: return
    default: registers.append(.init(Self.register(v), value))
    }
  }

  private func state(_ live: Set<ValueID>, _ pc: Int) -> FrameState {
    var registers: [VirtualFrame.Register] = []
    for v in live.sorted() { add(v, .value(v), &registers) }
    return FrameState(frames: [VirtualFrame(method: 0, pc: pc, originPC: pc, registers: registers)])
  }

  // MARK: What lives

  private func needsAtEnd(_ b: BlockID, _ needs: [Set<ValueID>]) -> Set<ValueID> {
    graph[b].successors.reduce(into: []) { live, edge in
      live.formUnion(needs[Int(edge.target.index)].subtracting(graph[edge.target].parameters))
      live.formUnion(edge.arguments)
    }
  }

  private func needsAtEntries() -> [Set<ValueID>] {
    var needs = [Set<ValueID>](repeating: [], count: graph.blocks.count)
    var changes = true
    while changes {
      changes = false
      for b in graph.blockIDs.reversed() {
        var live = needsAtEnd(b, needs)
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
    return needs
  }
}
