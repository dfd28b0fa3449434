// Simplifies each instruction, and reuses the value of an equal one that dominates it (C. Click, "Global code
// motion, global value numbering", PLDI 1995). Guards count: one that has passed need not be asked again.
//
//   v5 = guardInt v1 …    v7 = addInt v5 v6     v5 = guardInt v1 …   v7 = addInt v5 v6
//   v8 = guardInt v1 …    v9 = addInt v8 v6  => (v8 is v5, v9 is v7)

import IR

private struct ValueKey: Hashable {
  let op: Op
  let operands: [ValueID]
  let immediate: Int64
}

let valueNumbering = Pass(name: "valueNumbering") { graph in
  let dominators = DominatorTree(graph)
  var substitution = Substitution()
  var removed: Set<ValueID> = []
  var known: [ValueKey: [(BlockID, ValueID)]] = [:]
  var constants: [ValueKey: ValueID] = [:]

  func constant(_ op: Op, _ immediate: Int64) -> ValueID {
    let key = ValueKey(op: op, operands: [], immediate: immediate)
    if let c = constants[key] { return c }
    let c = graph.makeNode(op, [], immediate: immediate, state: nil)
    graph[graph.entry].instructions.insert(c, at: 0)
    constants[key] = c
    return c
  }
  // Only those before anything that may want them.
  for i in graph[graph.entry].instructions.prefix(while: { graph.operands($0).isEmpty })
  where [.constInt, .constBool].contains(graph[i].op) {
    constants[ValueKey(op: graph[i].op, operands: [], immediate: graph[i].immediate)] = i
  }

  for b in dominators.order {
    for v in graph[b].instructions {
      for n in 0..<graph.operands(v).count {
        let o = graph.operand(v, n)
        if substitution.contains(o) { graph.setOperand(v, n, substitution(o)) }
      }
      switch simplify(v, graph) {
      case .unchanged: break
      case .value(let other):
        substitution.replace(v, with: substitution(other))
        continue
      case .int(let i):
        substitution.replace(v, with: constant(.constInt, i))
        continue
      case .bool(let t):
        substitution.replace(v, with: constant(.constBool, t ? 1 : 0))
        continue
      case .removed:
        removed.insert(v)
        continue
      }
      let node = graph[v]
      guard isShareable(node.op.info) else { continue }
      // The reason of a guard is not part of what it checks.
      let immediate = node.op.info.immediate == .reason ? 0 : node.immediate
      let key = ValueKey(op: node.op, operands: Array(graph.operands(v)), immediate: immediate)
      if let (_, same) = known[key]?.last(where: { dominators.dominates($0.0, b) }) {
        if node.type == .none { removed.insert(v) } else { substitution.replace(v, with: same) }
      } else {
        known[key, default: []].append((b, v))
      }
    }
  }
  if !removed.isEmpty {
    for b in graph.blockIDs { graph[b].instructions.removeAll { removed.contains($0) } }
  }
  substitution.apply(to: &graph)
}

/// Whether the value follows from operands and immediate. Of arguments and literals there is nothing to save.
private func isShareable(_ info: OpInfo) -> Bool {
  switch info.effect {
  case .pure, .readFixed, .guarding, .checked: return info.isConstant || !info.operands.isEmpty
  case .read, .write, .allocates, .calls, .terminates: return false
  }
}
