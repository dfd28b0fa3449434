// Which integers are never less than a constant. A loop's parameter is not if it does not start so, and no iteration
// makes it so from values that are not: the analysis assumes of each parameter it is asking about that it holds.
//
//   b1(v1: int): … v2 = addInt v1 1 … jump b1(v2)      entered with 0: v1 and v2 are not negative

import IR

struct LowerBounds {
  let graph: Graph
  private let places: [ValueID: (block: BlockID, index: Int)]
  private let incoming: [BlockID: [(BlockID, Int)]]
  private struct Question: Hashable {
    let bound: Int64
    let value: ValueID
  }
  private var answers: [Question: Bool] = [:]
  /// Parameters that are asked about, and what has been shown of anything since: true if all of it is.
  private var assumed: [ValueID: Int64] = [:]
  /// What could not be shown, for what was assumed then.
  private var failed: Set<Question> = []

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

  mutating func isAtLeast(_ bound: Int64, _ v: ValueID) -> Bool {
    let question = Question(bound: bound, value: v)
    if let known = answers[question] { return known }
    assumed = [:]
    failed = []
    let result = holds(v, bound, depth: 0)
    // A success proves what it assumed.
    if result { for (v, bound) in assumed { answers[Question(bound: bound, value: v)] = true } }
    answers[question] = result
    return result
  }

  private mutating func holds(_ v: ValueID, _ bound: Int64, depth: Int) -> Bool {
    let question = Question(bound: bound, value: v)
    if let known = answers[question] { return known }
    // A parameter that has to be greater the more often it is asked about goes down.
    if let shown = assumed[v], shown >= bound || graph[v].op == .blockParameter { return shown >= bound }
    if depth > 50 || failed.contains(question) { return false }
    let before = assumed
    if shows(v, bound, depth + 1) {
      assumed[v] = max(assumed[v] ?? bound, bound)
      return true
    }
    assumed = before
    failed.insert(question)
    return false
  }

  private mutating func holds(_ v: ValueID, _ bound: (partialValue: Int64, overflow: Bool), depth: Int) -> Bool {
    !bound.overflow && holds(v, bound.partialValue, depth: depth)
  }

  private mutating func shows(_ v: ValueID, _ bound: Int64, _ depth: Int) -> Bool {
    let n = graph[v]
    func constant(_ i: Int) -> Int64? {
      let o = graph[graph.operand(v, i)]
      return o.op == .constInt ? o.immediate : nil
    }
    switch n.op {
    case .constInt: return n.immediate >= bound
    case .loadLength, .loadByte, .remainderIntUnsigned: return bound <= 0
    // These have not overflowed.
    case .addInt, .addIntUnchecked:
      let a = graph.operand(v, 0), b = graph.operand(v, 1)
      if let c = constant(1) { return holds(a, bound.subtractingReportingOverflow(c), depth: depth) }
      if let c = constant(0) { return holds(b, bound.subtractingReportingOverflow(c), depth: depth) }
      if holds(a, bound, depth: depth) && holds(b, 0, depth: depth) { return true }
      return bound > 0 && holds(a, 0, depth: depth) && holds(b, bound, depth: depth)
    case .subtractInt, .subtractIntUnchecked:
      guard let c = constant(1) else { return false }
      return holds(graph.operand(v, 0), bound.addingReportingOverflow(c), depth: depth)
    case .multiplyInt, .orInt:
      return bound <= 0 && holds(graph.operand(v, 0), 0, depth: depth) && holds(graph.operand(v, 1), 0, depth: depth)
    case .shiftRightInt: return bound <= 0 && holds(graph.operand(v, 0), 0, depth: depth)
    case .andInt:
      return bound <= 0 && (holds(graph.operand(v, 0), 0, depth: depth) || holds(graph.operand(v, 1), 0, depth: depth))
    case .moduloInt: return bound <= 0 && (constant(1) ?? 0) > 0
    case .blockParameter:
      guard let place = places[v], let edges = incoming[place.block] else { return false }
      assumed[v] = bound
      return edges.allSatisfy { from, e in
        holds(graph[from].successors[e].arguments[place.index], bound, depth: depth)
      }
    default: return false
    }
  }
}
