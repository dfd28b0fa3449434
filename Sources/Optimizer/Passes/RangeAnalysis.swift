// Sums that cannot overflow, and indices that cannot be out of bounds, because a comparison on the way to them bounds an
// operand (R. Bodík, R. Gupta, V. Sarkar, "ABCD: eliminating array bounds checks on demand", PLDI 2000, for the latter).
//
//   v5 = compareInt less v1 v2        v5 = compareInt less v1 v2
//   branch v5, b1, b2                 branch v5, b1, b2
//   b1: v6 = addInt v1 1 …        =>  b1: v6 = addIntUnchecked v1 1

import IR

private let limit: Int64 = 1 << 62
/// Of an object: more than there are addresses.
private let greatestLength: Int64 = 1 << 48

let rangeAnalysis = Pass(name: "rangeAnalysis") { graph in
  let dominators = DominatorTree(graph)
  let predecessors = graph.predecessors
  removeOverflowChecks(&graph, dominators, predecessors)
  var least = LowerBounds(graph)
  for b in graph.reversePostOrder {
    // Less than a number that is not negative, by a constant.
    for v in graph[b].instructions where graph[v].op == .subtractInt {
      let step = graph[graph.operand(v, 1)]
      if step.op == .constInt, step.immediate > 0, least.isAtLeast(0, graph.operand(v, 0)) { removeCheck(v, &graph) }
    }
    for v in graph[b].instructions where graph[v].op == .moduloInt || graph[v].op == .remainderInt {
      let divisor = graph[graph.operand(v, 1)]
      guard divisor.op == .constInt, divisor.immediate > 0, least.isAtLeast(0, graph.operand(v, 0)) else { continue }
      graph[v].op = .remainderIntUnsigned
      graph[v].immediate = 0
      graph[v].state = nil
    }
    let passing = graph[b].instructions.filter { v in
      guard graph[v].op == .guardTrue, graph[graph.operand(v, 0)].op == .isInBounds else { return false }
      let index = graph.operand(graph.operand(v, 0), 0), count = graph.operand(graph.operand(v, 0), 1)
      return isBelow(index, count, in: b, graph, dominators, predecessors) && least.isAtLeast(0, index)
    }
    if !passing.isEmpty { graph[b].instructions.removeAll { passing.contains($0) } }
  }
}

/// Whether a comparison that dominates `b` says that `index` is less than `count`.
private func isBelow(
  _ index: ValueID, _ count: ValueID, in b: BlockID, _ graph: Graph, _ dominators: DominatorTree,
  _ predecessors: [[BlockID]]
) -> Bool {
  // What is compared is the index itself, or that and a constant.
  var (base, offset) = (index, Int64(0))
  while [.subtractInt, .subtractIntUnchecked].contains(graph[base].op), graph[graph.operand(base, 1)].op == .constInt,
    graph[graph.operand(base, 1)].immediate >= 0, offset > -limit
  {
    offset -= graph[graph.operand(base, 1)].immediate
    base = graph.operand(base, 0)
  }
  var block: BlockID? = b
  while let at = block {
    if let (c, other) = comparison(with: base, onEntryTo: at, graph, predecessors), other == count {
      switch c {
      case .less: return true
      case .lessOrEqual, .equal: if offset < 0 { return true }
      default: break
      }
    }
    block = dominators.immediateDominator(at)
  }
  return false
}

private func removeCheck(_ v: ValueID, _ graph: inout Graph) {
  graph[v].op = graph[v].op == .addInt ? .addIntUnchecked : .subtractIntUnchecked
  graph[v].immediate = 0
  graph[v].state = nil
}

private func removeOverflowChecks(
  _ graph: inout Graph, _ dominators: DominatorTree, _ predecessors: [[BlockID]]
) {
  for b in dominators.order {
    for v in graph[b].instructions where graph[v].op == .addInt || graph[v].op == .subtractInt {
      let x = graph.operand(v, 0)
      let step = graph[graph.operand(v, 1)]
      guard step.op == .constInt, step.immediate > 0 else { continue }
      let isSum = graph[v].op == .addInt
      var block: BlockID? = b
      while let at = block {
        if let bound = bound(of: x, above: isSum, onEntryTo: at, graph, predecessors),
          isSum ? bound + step.immediate < limit : bound - step.immediate >= -limit
        {
          removeCheck(v, &graph)
          break
        }
        block = dominators.immediateDominator(at)
      }
    }
  }
}

/// What the branch into `b`, if it is the only way in, says about `x`: its greatest (or smallest) value.
private func bound(
  of x: ValueID, above: Bool, onEntryTo b: BlockID, _ graph: Graph, _ predecessors: [[BlockID]]
) -> Int64? {
  guard let (c, r) = comparison(with: x, onEntryTo: b, graph, predecessors) else { return nil }
  let other: Int64
  switch graph[r].op {
  case .constInt: other = graph[r].immediate
  case .loadLength: other = above ? greatestLength : 0
  default: other = above ? limit - 1 : -limit
  }
  switch (c, above) {
  case (.less, true): return other - 1
  case (.greater, false): return other + 1
  case (.lessOrEqual, true), (.greaterOrEqual, false), (.equal, _): return other
  default: return nil
  }
}

/// How `x` compares with what, by the branch into `b` if that is the only way in.
private func comparison(
  with x: ValueID, onEntryTo b: BlockID, _ graph: Graph, _ predecessors: [[BlockID]]
) -> (Comparison, ValueID)? {
  guard predecessors[Int(b.index)].count == 1 else { return nil }
  let p = predecessors[Int(b.index)][0]
  guard let t = graph.terminator(p), graph[t].op == .branch else { return nil }
  let condition = graph.operand(t, 0)
  guard graph[condition].op == .compareInt, var c = Comparison(rawValue: graph[condition].immediate) else {
    return nil
  }
  let (l, r) = (graph.operand(condition, 0), graph.operand(condition, 1))
  if graph[p].successors[0].target != b { c = c.negated }
  return l == x ? (c, r) : r == x ? (c.swapped, l) : nil
}

extension Comparison {
  fileprivate var negated: Comparison {
    switch self {
    case .less: return .greaterOrEqual
    case .lessOrEqual: return .greater
    case .greater: return .lessOrEqual
    case .greaterOrEqual: return .less
    case .equal: return .notEqual
    case .notEqual: return .equal
    }
  }
  /// With the operands exchanged.
  fileprivate var swapped: Comparison {
    switch self {
    case .less: return .greater
    case .lessOrEqual: return .greaterOrEqual
    case .greater: return .less
    case .greaterOrEqual: return .lessOrEqual
    case .equal, .notEqual: return self
    }
  }
}
