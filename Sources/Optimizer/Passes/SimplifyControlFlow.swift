// Branches on constants become jumps, and what nothing reaches any more is emptied.
//
//   branch true, b1, b2  =>  jump b1

import IR

let simplifyControlFlow = Pass(name: "simplifyControlFlow") { graph in
  for b in graph.reversePostOrder {
    guard let t = graph.terminator(b), graph[t].op == .branch else { continue }
    let condition = graph[graph.operand(t, 0)]
    guard condition.op == .constBool else { continue }
    let edge = graph[b].successors[condition.immediate != 0 ? 0 : 1]
    graph[b].instructions.removeLast()
    graph.append(.jump, to: b)
    graph[b].successors = [edge]
  }
  // What nothing reaches any more must not be mentioned by the passes that follow.
  let reachable = Set(graph.reversePostOrder)
  for b in graph.blockIDs where !reachable.contains(b) {
    graph[b].instructions = []
    graph[b].successors = []
    graph[b].parameters = []
  }
}
