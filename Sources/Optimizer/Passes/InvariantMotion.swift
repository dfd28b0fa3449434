// What each iteration of a loop would find the same moves in front of it: loads of fields that the loop does not store
// to, guards of them, and what they are computed from. A guard that moves resumes at the loop's header, as the builder's
// own do (`ActiveLoop`); after a failure there the loop has no `loopEntry` when it is compiled again, and keeps them.
//
//   b1:  jump b2(v1)                            b1:  v4 = loadSlot<0> v0
//   b2:  v4 = loadSlot<0> v0                         v5 = guardFloat v4
//        v5 = guardFloat v4 …            =>          jump b2(v1)
//        storeSlot<1> v0 v6                     b2:  storeSlot<1> v0 v6
//
// A poll is no reason against it: if it changes objects, the code is left there (docs/contracts.md).

import IR

let invariantMotion = Pass(name: "invariantMotion") { graph in
  let dominators = DominatorTree(graph)
  var places: [ValueID: BlockID] = [:]
  for b in dominators.order {
    for v in graph[b].parameters + graph[b].instructions { places[v] = b }
  }
  // Inner loops first: what leaves one may leave the next.
  for loop in loops(graph, dominators) {
    var motion = Motion(loop: loop, graph: graph, dominators: dominators, places: places)
    motion.run()
    (graph, places) = (motion.graph, motion.places)
  }
  for b in graph.blockIDs { graph[b].loopEntry = nil }
}

private struct Loop {
  let header: BlockID
  /// The only way in, which leads nowhere else.
  let preheader: BlockID
  let latches: [BlockID]
  let body: Set<BlockID>
}

/// Smaller ones first.
private func loops(_ graph: Graph, _ dominators: DominatorTree) -> [Loop] {
  let predecessors = graph.predecessors
  var result: [Loop] = []
  for header in dominators.order {
    let incoming = predecessors[Int(header.index)].filter { dominators.isReachable($0) }
    let latches = incoming.filter { dominators.dominates(header, $0) }
    let entries = incoming.filter { !dominators.dominates(header, $0) }
    guard !latches.isEmpty, entries.count == 1, graph[entries[0]].successors.count == 1 else { continue }
    var body: Set<BlockID> = [header]
    var work = latches
    while let b = work.popLast() {
      guard body.insert(b).inserted else { continue }
      work += predecessors[Int(b.index)].filter { dominators.isReachable($0) }
    }
    result.append(Loop(header: header, preheader: entries[0], latches: latches, body: body))
  }
  return result.sorted { $0.body.count < $1.body.count }
}

private struct Motion {
  let loop: Loop
  var graph: Graph
  let dominators: DominatorTree
  var places: [ValueID: BlockID]
  /// In the order of dominance.
  private let blocks: [BlockID]
  private var calls = false
  private var storesElements = false
  private var storedWords: Set<Int64> = []
  /// Objects whose class is tested in the loop: what is read from them may not be there without the test.
  private var tested: Set<ValueID> = []
  /// Whether something else was tested that may be why an object from the loop is what it is.
  private var isTested = false
  /// Array and index of the bounds checks that have moved.
  private var checked: Set<[ValueID]> = []
  private var moved: Set<ValueID> = []

  init(loop: Loop, graph: Graph, dominators: DominatorTree, places: [ValueID: BlockID]) {
    self.loop = loop
    self.graph = graph
    self.dominators = dominators
    self.places = places
    blocks = dominators.order.filter { loop.body.contains($0) }
    for b in blocks {
      for v in graph[b].instructions {
        switch graph[v].op {
        case .storeSlot, .storeDouble: storedWords.insert(graph[v].immediate & 0xFFFF_FFFF)
        case .storeElement: storesElements = true
        case .poll: break
        default: if graph[v].op.info.effect == .calls { calls = true }
        }
      }
    }
  }

  mutating func run() {
    for b in blocks {
      let isAlwaysRun = !graph[b].isCold && loop.latches.allSatisfy { dominators.dominates(b, $0) }
      for v in graph[b].instructions {
        if isAlwaysRun && isInvariant(v) { move(v, from: b) } else { note(v) }
      }
    }
  }

  private mutating func move(_ v: ValueID, from b: BlockID) {
    if graph[v].op.info.effect == .guarding {
      graph[v].state = graph[loop.header].loopEntry
      if graph[v].op.info.immediate == .reason { graph[v].immediate = DeoptReason.loopEntry.rawValue }
      if graph[v].op == .guardTrue, let access = boundsCheck(v) { checked.insert(access) }
    }
    graph[b].instructions.removeAll { $0 == v }
    graph[loop.preheader].instructions.insert(v, at: graph[loop.preheader].instructions.count - 1)
    places[v] = loop.preheader
    moved.insert(v)
  }

  /// A test that stays.
  private mutating func note(_ v: ValueID) {
    switch graph[v].op {
    case .guardClass, .hasClass: tested.insert(root(graph.operand(v, 0)))
    case .guardTrue, .branch:
      let condition = graph[graph.operand(v, 0)].op
      if condition != .compareInt && condition != .compareFloat && condition != .isInBounds { isTested = true }
    default: break
    }
  }

  private func isOutside(_ v: ValueID) -> Bool { places[v].map { !loop.body.contains($0) } ?? false }

  /// The value that guards of its class have let through.
  private func root(_ v: ValueID) -> ValueID {
    var v = v
    while graph[v].op == .guardClass { v = graph.operand(v, 0) }
    return v
  }

  private func isInvariant(_ v: ValueID) -> Bool {
    guard graph.operands(v).allSatisfy(isOutside) else { return false }
    switch graph[v].op {
    case .loadSlot, .loadDouble:
      return !calls && !storedWords.contains(graph[v].immediate) && isReadable(graph.operand(v, 0))
    case .loadLength: return isReadable(graph.operand(v, 0))
    case .loadElement:
      return !calls && !storesElements && isReadable(graph.operand(v, 0)) && checked.contains(Array(graph.operands(v)))
    case .loadCell: return !calls
    default:
      let info = graph[v].op.info
      return info.isSpeculable || info.effect == .guarding && graph[loop.header].loopEntry != nil
    }
  }

  /// Whether reading from the object needs no test that stays in the loop.
  private func isReadable(_ object: ValueID) -> Bool {
    let o = root(object)
    return !tested.contains(o) && !(isTested && moved.contains(o))
  }

  private func boundsCheck(_ guarding: ValueID) -> [ValueID]? {
    let condition = graph.operand(guarding, 0)
    guard graph[condition].op == .isInBounds else { return nil }
    let length = graph.operand(condition, 1)
    guard graph[length].op == .loadLength else { return nil }
    return [graph.operand(length, 0), graph.operand(condition, 0)]
  }
}
