// Liveness of SSA values, with frame states as uses.
//
// - The state of a guard is used where the guard is; the state of a call (and poll) right after it, its result
//   excepted. The states of allocations are not uses (nothing resumes there), except where unwinding needs them.
// - `homeEnvironment` is used at every call and allocation that it dominates, because unwinding needs it.
// - Edge arguments are used at the end of their block; block parameters are defined at its start.

public struct Liveness: Sendable {
  /// By block index: values that are live at its start, its parameters excepted.
  public let liveIn: [ValueSet]
  /// By block index: values that are live after its last instruction, edge arguments excluded.
  public let liveOut: [ValueSet]
  private let home: HomeUse?

  /// Where `homeEnvironment` is defined.
  private struct HomeUse: Sendable {
    let value: ValueID
    let block: BlockID
    let position: Int
    let dominated: [Bool]

    func reaches(_ b: BlockID, _ at: Int) -> Bool {
      b == block ? at > position : dominated[Int(b.index)]
    }
  }

  public init(_ graph: Graph, _ dominators: DominatorTree? = nil) {
    home = graph.homeEnvironment.flatMap {
      Liveness.findHome(graph, $0, dominators ?? DominatorTree(graph))
    }
    let empty = ValueSet(capacity: graph.nodes.count)
    var liveIn = Array(repeating: empty, count: graph.blocks.count)
    var liveOut = liveIn
    let order = graph.reversePostOrder
    var changed = true
    var first = true
    while changed {
      changed = false
      for b in order.reversed() {
        let i = Int(b.index)
        var out = liveOut[i]
        var grew = false
        for e in graph[b].successors {
          if out.formUnion(liveIn[Int(e.target.index)]) { grew = true }
        }
        guard grew || first else { continue }
        liveOut[i] = out
        Liveness.walk(graph, b, home, &out) { _, _ in }
        for p in graph[b].parameters { out.remove(p) }
        if liveIn[i].formUnion(out) { changed = true }
      }
      first = false
    }
    self.liveIn = liveIn
    self.liveOut = liveOut
  }

  /// Calls `body` for each instruction of `b`, last first, with the values that are live across it: needed after
  /// it, its own result excluded, the values of a call's state and the operands of allocations included.
  public func forEachInstruction(_ graph: Graph, _ b: BlockID, _ body: (ValueID, ValueSet) -> Void) {
    var live = liveOut[Int(b.index)]
    Liveness.walk(graph, b, home, &live, body)
  }

  /// True if unwinding from the instruction at `position` of block `b` has to take `homeEnvironment` along.
  public func unwindsThroughHome(_ b: BlockID, _ position: Int) -> Bool {
    guard let home else { return false }
    return home.reaches(b, position)
  }

  /// Turns `live` (after the block) into what is live at its start, parameters included.
  private static func walk(
    _ graph: Graph, _ b: BlockID, _ home: HomeUse?, _ live: inout ValueSet,
    _ body: (ValueID, ValueSet) -> Void
  ) {
    for e in graph[b].successors { for a in e.arguments { live.insert(a) } }
    let instructions = graph[b].instructions
    for position in instructions.indices.reversed() {
      let v = instructions[position]
      let node = graph[v]
      live.remove(v)
      switch node.op.info.effect {
      case .calls:
        if let s = node.state { graph[s].forEachValue { if $0 != v { live.insert($0) } } }
        if let home, home.reaches(b, position) { live.insert(home.value) }
      case .allocates:
        // The slow path runs before the operands are stored.
        for o in graph.operands(v) { live.insert(o) }
        if let s = node.state, graph[s].protects { graph[s].forEachValue { live.insert($0) } }
        if let home, home.reaches(b, position) { live.insert(home.value) }
      default: break
      }
      body(v, live)
      switch node.op.info.effect {
      case .calls, .allocates: break
      default:
        if let s = node.state { graph[s].forEachValue { live.insert($0) } }
      }
      for o in graph.operands(v) { live.insert(o) }
    }
  }

  private static func findHome(_ graph: Graph, _ v: ValueID, _ dominators: DominatorTree) -> HomeUse? {
    for b in dominators.order {
      let inBlock = graph[b].parameters.contains(v) ? -1 : graph[b].instructions.firstIndex(of: v)
      guard let position = inBlock else { continue }
      let dominated = graph.blockIDs.map { dominators.isReachable($0) && dominators.dominates(b, $0) }
      return HomeUse(value: v, block: b, position: position, dominated: dominated)
    }
    return nil
  }
}
