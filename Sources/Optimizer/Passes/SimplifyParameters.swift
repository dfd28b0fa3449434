// Block parameters that have the same value on every edge are that value.
//
//   b1(v1: tagged, v2: int):  …  jump b1(v1, v3)        b1(v2: int):  …  jump b1(v3)
//   jump b1(v9, v4)                                 =>  jump b1(v4)          v1 is v9

import IR

let simplifyParameters = Pass(name: "simplifyParameters") { graph in
  var changed = true
  while changed {
    changed = false
    let order = graph.reversePostOrder
    let incoming = graph.incomingEdges(reachable: order)
    var substitution = Substitution()
    for b in order {
      guard let edges = incoming[b] else { continue }
      var doomed: [Int] = []
      for (i, p) in graph[b].parameters.enumerated() {
        var only: ValueID?
        var same = true
        for (from, e) in edges {
          let a = substitution(graph[from].successors[e].arguments[i])
          if a == p { continue }
          if only == nil { only = a } else if only != a { same = false }
        }
        if same, let only {
          substitution.replace(p, with: only)
          doomed.append(i)
        }
      }
      if !doomed.isEmpty {
        graph.removeParameters(b, doomed, edges: edges)
        changed = true
      }
    }
    substitution.apply(to: &graph)
  }
}
