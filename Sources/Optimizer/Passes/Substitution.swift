// Replacing values everywhere at once: operands, edges, frame states.

import IR

/// Values to be replaced, each by another value that may itself be replaced.
struct Substitution {
  private var map: [ValueID: ValueID] = [:]
  var isEmpty: Bool { map.isEmpty }

  mutating func replace(_ v: ValueID, with other: ValueID) { map[v] = other }

  func callAsFunction(_ v: ValueID) -> ValueID {
    var v = v
    while let next = map[v] { v = next }
    return v
  }

  func contains(_ v: ValueID) -> Bool { map[v] != nil }

  /// Rewrites every mention in the graph; drops the replaced instructions from their blocks.
  func apply(to graph: inout Graph) {
    if isEmpty { return }
    for b in graph.blockIDs {
      graph[b].instructions.removeAll { contains($0) }
      for i in graph[b].instructions {
        for n in graph.operands(i).indices.map({ $0 - graph.operands(i).startIndex }) {
          let o = graph.operand(i, n)
          if contains(o) { graph.setOperand(i, n, self(o)) }
        }
        if let s = graph[i].state { apply(to: &graph[s]) }
      }
      if let s = graph[b].loopEntry { apply(to: &graph[s]) }
      for e in graph[b].successors.indices {
        for a in graph[b].successors[e].arguments.indices {
          let v = graph[b].successors[e].arguments[a]
          if contains(v) { graph[b].successors[e].arguments[a] = self(v) }
        }
      }
    }
    if let s = graph.entryState { apply(to: &graph[s]) }
    if let h = graph.homeEnvironment { graph.homeEnvironment = self(h) }
  }

  private func apply(to state: inout FrameState) {
    func replaced(_ s: StateValue) -> StateValue {
      if case .value(let v) = s, contains(v) { return .value(self(v)) }
      return s
    }
    for f in state.frames.indices {
      for r in state.frames[f].registers.indices {
        state.frames[f].registers[r].value = replaced(state.frames[f].registers[r].value)
      }
    }
    for o in state.virtuals.indices { state.virtuals[o].fields = state.virtuals[o].fields.map(replaced) }
  }
}

extension Graph {
  /// The edges into each block, as (block, successor index).
  func incomingEdges(reachable: [BlockID]) -> [BlockID: [(BlockID, Int)]] {
    var result: [BlockID: [(BlockID, Int)]] = [:]
    for b in reachable {
      for (i, e) in self[b].successors.enumerated() { result[e.target, default: []].append((b, i)) }
    }
    return result
  }

  mutating func removeParameters(_ b: BlockID, _ doomed: [Int], edges: [(BlockID, Int)]) {
    for i in doomed.reversed() {
      self[b].parameters.remove(at: i)
      for (p, e) in edges { self[p].successors[e].arguments.remove(at: i) }
    }
  }
}
