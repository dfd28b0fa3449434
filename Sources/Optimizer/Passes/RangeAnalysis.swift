// Sums that cannot overflow because a comparison on the way to them bounds an operand.
//
//   v5 = compareInt less v1 v2        v5 = compareInt less v1 v2
//   branch v5, b1, b2                 branch v5, b1, b2
//   b1: v6 = addInt v1 1 …        =>  b1: v6 = addIntUnchecked v1 1

import IR

private let limit: Int64 = 1 << 62

let rangeAnalysis = Pass(name: "rangeAnalysis") { graph in
  removeOverflowChecks(&graph)
  var signs = SignAnalysis(graph)
  for b in graph.reversePostOrder {
    // Less than a number that is not negative, by a constant.
    for v in graph[b].instructions where graph[v].op == .subtractInt {
      let step = graph[graph.operand(v, 1)]
      if step.op == .constInt, step.immediate > 0, signs.isNonNegative(graph.operand(v, 0)) { removeCheck(v, &graph) }
    }
    for v in graph[b].instructions where graph[v].op == .moduloInt || graph[v].op == .remainderInt {
      let divisor = graph[graph.operand(v, 1)]
      guard divisor.op == .constInt, divisor.immediate > 0, signs.isNonNegative(graph.operand(v, 0)) else { continue }
      graph[v].op = .remainderIntUnsigned
      graph[v].immediate = 0
      graph[v].state = nil
    }
  }
}

/// Which integers are never negative. A loop's parameter is not if it does not start so, and no iteration makes it
/// so from values that are not: the analysis assumes of each parameter it is asking about that it holds.
///
///   b1(v1: int): … v2 = addInt v1 1 … jump b1(v2)      entered with 0: v1 and v2 are not negative
private struct SignAnalysis {
  let graph: Graph
  private let places: [ValueID: (block: BlockID, index: Int)]
  private let incoming: [BlockID: [(BlockID, Int)]]
  private var isKnown: [ValueID: Bool] = [:]
  private var assumed: Set<ValueID> = []

  init(_ graph: Graph) {
    self.graph = graph
    let order = graph.reversePostOrder
    incoming = graph.incomingEdges(reachable: order)
    var places: [ValueID: (block: BlockID, index: Int)] = [:]
    for b in order {
      for (i, p) in graph[b].parameters.enumerated() { places[p] = (b, i) }
    }
    self.places = places
  }

  mutating func isNonNegative(_ v: ValueID) -> Bool {
    if let known = isKnown[v] { return known }
    assumed = []
    let result = holds(v, depth: 0)
    // A success proves what it assumed.
    isKnown[v] = result
    if result { for a in assumed { isKnown[a] = true } }
    return result
  }

  private mutating func holds(_ v: ValueID, depth: Int) -> Bool {
    if let known = isKnown[v] { return known }
    if assumed.contains(v) { return true }
    if depth > 50 { return false }
    let n = graph[v]
    switch n.op {
    case .constInt: return n.immediate >= 0
    case .loadLength, .loadByte, .remainderIntUnsigned: return true
    // These have not overflowed.
    case .addInt, .addIntUnchecked, .multiplyInt, .orInt:
      let a = graph.operand(v, 0), b = graph.operand(v, 1)
      return holds(a, depth: depth + 1) && holds(b, depth: depth + 1)
    case .shiftRightInt: return holds(graph.operand(v, 0), depth: depth + 1)
    case .andInt:
      let before = assumed
      if holds(graph.operand(v, 0), depth: depth + 1) { return true }
      assumed = before
      return holds(graph.operand(v, 1), depth: depth + 1)
    case .moduloInt:
      let k = graph[graph.operand(v, 1)]
      return k.op == .constInt && k.immediate > 0
    case .blockParameter:
      guard let place = places[v], let edges = incoming[place.block] else { return false }
      assumed.insert(v)
      for (from, e) in edges where !holds(graph[from].successors[e].arguments[place.index], depth: depth + 1) {
        return false
      }
      return true
    default: return false
    }
  }
}

private func removeCheck(_ v: ValueID, _ graph: inout Graph) {
  graph[v].op = graph[v].op == .addInt ? .addIntUnchecked : .subtractIntUnchecked
  graph[v].immediate = 0
  graph[v].state = nil
}

private func removeOverflowChecks(_ graph: inout Graph) {
  let dominators = DominatorTree(graph)
  let predecessors = graph.predecessors
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
  guard predecessors[Int(b.index)].count == 1 else { return nil }
  let p = predecessors[Int(b.index)][0]
  guard let t = graph.terminator(p), graph[t].op == .branch else { return nil }
  let condition = graph.operand(t, 0)
  guard graph[condition].op == .compareInt, var c = Comparison(rawValue: graph[condition].immediate) else {
    return nil
  }
  var (l, r) = (graph.operand(condition, 0), graph.operand(condition, 1))
  if graph[p].successors[0].target != b { c = c.negated }
  if r == x {
    (l, r) = (r, l)
    c = c.swapped
  }
  guard l == x else { return nil }
  let other = graph[r].op == .constInt ? graph[r].immediate : above ? limit - 1 : -limit
  switch (c, above) {
  case (.less, true): return other - 1
  case (.greater, false): return other + 1
  case (.lessOrEqual, true), (.greaterOrEqual, false), (.equal, _): return other
  default: return nil
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
