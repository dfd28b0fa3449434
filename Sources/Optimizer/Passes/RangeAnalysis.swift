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
  let comparisons = Comparisons(graph)
  removeOverflowChecks(&graph, comparisons)
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
      graph[v].state = nil
    }
    let passing = graph[b].instructions.filter { v in
      guard graph[v].op == .guardTrue, graph[graph.operand(v, 0)].op == .isInBounds else { return false }
      let index = graph.operand(graph.operand(v, 0), 0), count = graph.operand(graph.operand(v, 0), 1)
      return comparisons.sayIsBelow(index, count, in: b, graph) && least.isAtLeast(0, index)
    }
    if !passing.isEmpty { graph[b].instructions.removeAll { passing.contains($0) } }
  }
}

private func removeCheck(_ v: ValueID, _ graph: inout Graph) {
  graph[v].op = graph[v].op == .addInt ? .addIntUnchecked : .subtractIntUnchecked
  graph[v].state = nil
}

private func removeOverflowChecks(_ graph: inout Graph, _ comparisons: Comparisons) {
  for b in comparisons.dominators.order {
    for v in graph[b].instructions where graph[v].op == .addInt || graph[v].op == .subtractInt {
      let step = graph[graph.operand(v, 1)]
      guard step.op == .constInt, step.immediate > 0 else { continue }
      let isSum = graph[v].op == .addInt
      let fits = comparisons.say(of: graph.operand(v, 0), in: b, graph) { c, other in
        guard let bound = bound(c, other, above: isSum, graph) else { return false }
        return isSum ? bound + step.immediate < limit : bound - step.immediate >= -limit
      }
      if fits { removeCheck(v, &graph) }
    }
  }
}

/// The greatest (or smallest) value of what compares so with `other`.
private func bound(_ c: Comparison, _ other: ValueID, above: Bool, _ graph: Graph) -> Int64? {
  let value: Int64
  switch graph[other].op {
  case .constInt: value = graph[other].immediate
  case .loadLength: value = above ? greatestLength : 0
  default: value = above ? limit - 1 : -limit
  }
  switch (c, above) {
  case (.less, true): return value - 1
  case (.greater, false): return value + 1
  case (.lessOrEqual, true), (.greaterOrEqual, false), (.equal, _): return value
  default: return nil
  }
}

/// What the branches on the way to a block have compared.
private struct Comparisons {
  let dominators: DominatorTree
  private let predecessors: [[BlockID]]

  init(_ graph: Graph) {
    dominators = DominatorTree(graph)
    predecessors = graph.predecessors
  }

  /// Whether one that holds in `b` satisfies `test`: how `x` compares with what.
  func say(of x: ValueID, in b: BlockID, _ graph: Graph, _ test: (Comparison, ValueID) -> Bool) -> Bool {
    var block: BlockID? = b
    while let at = block {
      if let (c, other) = onEntry(to: at, with: x, graph), test(c, other) { return true }
      block = dominators.immediateDominator(at)
    }
    return false
  }

  /// Whether they say that `index` is less than `count`.
  func sayIsBelow(_ index: ValueID, _ count: ValueID, in b: BlockID, _ graph: Graph) -> Bool {
    // What is compared is the index itself, or that and a constant.
    var (base, offset) = (index, Int64(0))
    while [.subtractInt, .subtractIntUnchecked].contains(graph[base].op),
      graph[graph.operand(base, 1)].op == .constInt, graph[graph.operand(base, 1)].immediate >= 0, offset > -limit
    {
      offset -= graph[graph.operand(base, 1)].immediate
      base = graph.operand(base, 0)
    }
    return say(of: base, in: b, graph) { c, other in
      other == count && (c == .less || (c == .lessOrEqual || c == .equal) && offset < 0)
    }
  }

  /// By the branch into `b`, if that is the only way in.
  private func onEntry(to b: BlockID, with x: ValueID, _ graph: Graph) -> (Comparison, ValueID)? {
    guard predecessors[Int(b.index)].count == 1 else { return nil }
    let p = predecessors[Int(b.index)][0]
    guard let t = graph.terminator(p), graph[t].op == .branch else { return nil }
    let condition = graph.operand(t, 0)
    guard graph[condition].op == .compareInt, var c = graph[condition].comparison else {
      return nil
    }
    let (l, r) = (graph.operand(condition, 0), graph.operand(condition, 1))
    if graph[p].successors[0].target != b { c = c.negated }
    return l == x ? (c, r) : r == x ? (c.swapped, l) : nil
  }
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
