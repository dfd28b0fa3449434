// What follows from the graph's edges alone: order, predecessors, dominators. Computed on demand, never kept
// in the graph.

extension Graph {
  /// The reachable blocks, each before its successors except along back edges.
  public var reversePostOrder: [BlockID] {
    guard !blocks.isEmpty else { return [] }
    var visited = Array(repeating: false, count: blocks.count)
    var order: [BlockID] = []
    var stack: [(block: BlockID, next: Int)] = [(entry, 0)]
    visited[Int(entry.index)] = true
    while let top = stack.last {
      let successors = self[top.block].successors
      if top.next < successors.count {
        stack[stack.count - 1].next += 1
        // Last successor first, so that the first one comes first in the result.
        let s = successors[successors.count - 1 - top.next].target
        if !visited[Int(s.index)] {
          visited[Int(s.index)] = true
          stack.append((s, 0))
        }
      } else {
        order.append(top.block)
        stack.removeLast()
      }
    }
    order.reverse()
    return order
  }

  /// For each block, the blocks with an edge to it (twice if both edges of a branch lead there). Edges of
  /// unreachable blocks count too.
  public var predecessors: [[BlockID]] {
    var result = Array(repeating: [BlockID](), count: blocks.count)
    for b in blocks.indices {
      for e in blocks[b].successors { result[Int(e.target.index)].append(BlockID(b)) }
    }
    return result
  }

  /// How often each value is mentioned: by operands, edges, frame states of nodes in blocks, `entryState` and
  /// `homeEnvironment`.
  public var useCounts: [Int] {
    var counts = Array(repeating: 0, count: nodes.count)
    for b in blocks {
      for i in b.instructions {
        for o in operands(i) { counts[Int(o.index)] += 1 }
        if let s = self[i].state { self[s].forEachValue { counts[Int($0.index)] += 1 } }
      }
      for e in b.successors { for a in e.arguments { counts[Int(a.index)] += 1 } }
    }
    if let s = entryState { self[s].forEachValue { counts[Int($0.index)] += 1 } }
    if let h = homeEnvironment { counts[Int(h.index)] += 1 }
    return counts
  }
}

extension FrameState {
  /// Every mention of a value: in registers, then in the fields of virtual objects.
  public func forEachValue(_ body: (ValueID) -> Void) {
    for f in frames {
      for r in f.registers { if case .value(let v) = r.value { body(v) } }
    }
    for o in virtuals {
      for f in o.fields { if case .value(let v) = f { body(v) } }
    }
  }
}

/// Immediate dominators (K. Cooper, T. Harvey, K. Kennedy, "A Simple, Fast Dominance Algorithm").
public struct DominatorTree: Sendable {
  /// The reachable blocks in reverse post-order.
  public let order: [BlockID]
  /// Place in `order`; -1 for unreachable blocks.
  private var position: [Int]
  private var parent: [Int]

  public init(_ graph: Graph) {
    order = graph.reversePostOrder
    position = Array(repeating: -1, count: graph.blocks.count)
    for (i, b) in order.enumerated() { position[Int(b.index)] = i }
    parent = Array(repeating: -1, count: order.count)
    let predecessors = graph.predecessors
    guard !order.isEmpty else { return }
    parent[0] = 0
    var changed = true
    while changed {
      changed = false
      for i in order.indices.dropFirst() {
        var new = -1
        for p in predecessors[Int(order[i].index)] {
          let q = position[Int(p.index)]
          if q < 0 || parent[q] < 0 { continue }
          new = new < 0 ? q : intersect(new, q)
        }
        if parent[i] != new {
          parent[i] = new
          changed = true
        }
      }
    }
  }

  private func intersect(_ a: Int, _ b: Int) -> Int {
    var (a, b) = (a, b)
    while a != b { if a > b { a = parent[a] } else { b = parent[b] } }
    return a
  }

  public func isReachable(_ b: BlockID) -> Bool { position[Int(b.index)] >= 0 }

  /// nil for the entry and for unreachable blocks.
  public func immediateDominator(_ b: BlockID) -> BlockID? {
    let p = position[Int(b.index)]
    return p <= 0 ? nil : order[parent[p]]
  }

  /// True if every path from the entry to `b` passes through `a` (a block dominates itself). Both reachable.
  public func dominates(_ a: BlockID, _ b: BlockID) -> Bool {
    let p = position[Int(a.index)]
    var q = position[Int(b.index)]
    while q > p { q = parent[q] }
    return q == p
  }
}
