// Removes instructions without effect whose value nobody needs, and block parameters nobody reads.
//
//   v4 = loadSlot v1 2     (never used)   =>   nothing

import IR

let deadCode = Pass(name: "deadCode") { graph in
  var changed = true
  while changed {
    changed = false
    let order = graph.reversePostOrder
    var needed: Set<ValueID> = []
    var work: [ValueID] = []
    func need(_ v: ValueID) { if needed.insert(v).inserted { work.append(v) } }
    func needState(_ s: FrameStateID?) { if let s { graph[s].forEachValue(need) } }
    let incoming = graph.incomingEdges(reachable: order)
    var place: [ValueID: (BlockID, Int)] = [:]
    for b in order {
      for (i, p) in graph[b].parameters.enumerated() { place[p] = (b, i) }
      for v in graph[b].instructions where !isRemovable(graph[v].op) {
        need(v)
        graph.operands(v).forEach(need)
        needState(graph[v].state)
      }
    }
    needState(graph.entryState)
    if let h = graph.homeEnvironment { need(h) }
    while let v = work.popLast() {
      if let (b, i) = place[v] {
        for (p, e) in incoming[b] ?? [] { need(graph[p].successors[e].arguments[i]) }
      } else if isRemovable(graph[v].op) {
        graph.operands(v).forEach(need)
        needState(graph[v].state)
      }
    }
    for b in order {
      let before = graph[b].instructions.count
      let kept = graph[b].instructions.filter { !isRemovable(graph[$0].op) || needed.contains($0) }
      graph[b].instructions = kept
      if graph[b].instructions.count != before { changed = true }
      let doomed = graph[b].parameters.indices.filter { !needed.contains(graph[b].parameters[$0]) }
      if !doomed.isEmpty {
        graph.removeParameters(b, doomed, edges: incoming[b] ?? [])
        changed = true
      }
    }
  }
}

private func isRemovable(_ op: Op) -> Bool {
  switch op.info.effect {
  case .pure, .read, .readFixed, .allocates, .checked: return true
  case .guarding, .write, .calls, .terminates: return false
  }
}
