// Makes a graph that goes wrong smaller: takes out edges, instructions, parameters and noise, and puts constants in the
// place of values, as long as it still goes wrong. The states follow from what is left.

import Foundation
import IR

struct GraphReducer {
  private(set) var graph: Graph
  var input: GraphInput

  init(graph: Graph, input: GraphInput) {
    self.graph = graph
    self.input = input
  }

  /// Until nothing can be taken out, or then.
  mutating func reduce(until end: Date, _ fails: (Graph, GraphInput) -> Bool) {
    guard fails(graph, input) else { return }
    var hasChanged = true
    while hasChanged, Date() < end {
      hasChanged = false
      for cut in Self.cuts { if self.cut(cut, end, fails) { hasChanged = true } }
    }
    let numbered = withoutEmptyBlocks()
    if fails(numbered.graph, input) { self = numbered }
  }

  /// One way to make a graph smaller: answers what becomes of it at a place, nil if there is no such place any more. The
  /// same graph if there is nothing to be done there.
  private typealias Cut = @Sendable (GraphReducer, Int) -> GraphReducer?

  private mutating func cut(_ cut: Cut, _ end: Date, _ fails: (Graph, GraphInput) -> Bool) -> Bool {
    var hasChanged = false
    var place = 0
    while Date() < end, let smaller = cut(self, place) {
      if smaller.size < size, fails(smaller.graph, smaller.input) {
        self = smaller
        hasChanged = true
      } else {
        place += 1
      }
    }
    return hasChanged
  }

  /// What gets smaller: blocks and edges, instructions and their operands, values that are no constants, noise.
  private var size: Int {
    var size = 2 * (GraphNoise.Kind.allCases.count - input.calm.count) + 10 - input.given.count
    for b in graph.reversePostOrder {
      size += 4 + 3 * graph[b].parameters.count + 2 * graph[b].successors.count
      for v in graph[b].instructions {
        size += graph[v].op.info.isConstant ? 1 : 4
        for o in graph.operands(v) where !graph[o].op.info.isConstant { size += 1 }
      }
      for e in graph[b].successors { for a in e.arguments where !graph[a].op.info.isConstant { size += 1 } }
    }
    return size
  }

  // MARK: Cuts

  private static let cuts: [Cut] = [
    { $0.returningEarly($1) }, { $0.goingOneWay($1) }, { $0.joined($1) }, { $0.withoutInstruction($1) },
    { $0.withoutParameter($1) },
    { $0.withConstantOperand($1) }, { $0.calmer($1) }, { $0.withSimplerArgument($1) },
  ]

  /// A block that ends the graph.
  private func returningEarly(_ place: Int) -> GraphReducer? {
    let order = graph.reversePostOrder
    guard place < order.count else { return nil }
    var result = self
    let b = order[place]
    guard let terminator = graph.terminator(b), graph[terminator].op != .return else { return result }
    result.graph[b].instructions.removeLast()
    result.graph[b].successors = []
    result.graph.append(.return, [result.constant(.tagged)], to: b)
    result.clean()
    return result
  }

  /// A branch that is a jump.
  private func goingOneWay(_ place: Int) -> GraphReducer? {
    let order = graph.reversePostOrder
    guard place / 2 < order.count else { return nil }
    var result = self
    let b = order[place / 2]
    guard graph[b].successors.count == 2 else { return result }
    result.graph[b].instructions.removeLast()
    result.graph[b].successors = [graph[b].successors[place % 2]]
    result.graph.append(.jump, to: b)
    result.clean()
    return result
  }

  /// A block and the one that only it jumps to.
  private func joined(_ place: Int) -> GraphReducer? {
    let order = graph.reversePostOrder
    guard place < order.count else { return nil }
    var result = self
    let b = order[place]
    guard graph[b].successors.count == 1, let next = graph[b].successors.first?.target, next != b,
      graph[next].parameters.isEmpty, graph.predecessors[Int(next.index)] == [b]
    else { return result }
    result.graph[b].instructions.removeLast()
    result.graph[b].instructions += graph[next].instructions
    result.graph[b].successors = graph[next].successors
    result.clean()
    return result
  }

  private func withoutEmptyBlocks() -> GraphReducer {
    var result = self
    let order = graph.reversePostOrder.sorted()
    let numbers = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, BlockID($0)) })
    result.graph.blocks = order.map { b in
      var block = graph[b]
      for e in block.successors.indices { block.successors[e].target = numbers[block.successors[e].target]! }
      return block
    }
    result.graph.entry = numbers[graph.entry]!
    return result
  }

  private func withoutInstruction(_ place: Int) -> GraphReducer? {
    let all = graph.reversePostOrder.flatMap { b in graph[b].instructions.map { (b, $0) } }
    guard place < all.count else { return nil }
    var result = self
    let (b, v) = all[place]
    let op = graph[v].op
    // Without its poll a loop might not end.
    if op.info.effect == .terminates || op == .poll || v == graph.homeEnvironment { return result }
    result.graph[b].instructions.removeAll { $0 == v }
    if graph[v].type != .none {
      let same = graph.operands(v).first { graph[$0].type == graph[v].type }
      result.replace(v, with: same ?? (result.isUsed(v) ? result.constant(graph[v].type) : v))
    }
    return result
  }

  private func withoutParameter(_ place: Int) -> GraphReducer? {
    let all = graph.reversePostOrder.flatMap { b in graph[b].parameters.indices.map { (b, $0) } }
    guard place < all.count else { return nil }
    var result = self
    let (b, i) = all[place]
    let p = graph[b].parameters[i]
    result.graph[b].parameters.remove(at: i)
    for from in graph.blockIDs {
      for e in graph[from].successors.indices where graph[from].successors[e].target == b {
        result.graph[from].successors[e].arguments.remove(at: i)
      }
    }
    result.replace(p, with: result.constant(graph[p].type))
    return result
  }

  private func withConstantOperand(_ place: Int) -> GraphReducer? {
    let all = graph.reversePostOrder.flatMap { b in
      graph[b].instructions.flatMap { v in graph.operands(v).indices.map { (v, $0 - graph.operands(v).startIndex) } }
    }
    guard place < all.count else { return nil }
    var result = self
    let (v, i) = all[place]
    let operand = graph.operand(v, i)
    if graph[operand].op.info.isConstant { return result }
    result.graph.setOperand(v, i, result.constant(graph[operand].type))
    return result
  }

  private func calmer(_ place: Int) -> GraphReducer? {
    guard place < GraphNoise.Kind.allCases.count else { return nil }
    var result = self
    result.input.calm.insert(GraphNoise.Kind.allCases[place])
    return result
  }

  private func withSimplerArgument(_ place: Int) -> GraphReducer? {
    guard place <= graph.argumentCount else { return nil }
    var result = self
    if result.input.given[place] == nil { result.input.given[place] = GraphMachine.layout.nilWord }
    return result
  }

  // MARK: Changing the graph

  private mutating func constant(_ type: ValueType) -> ValueID {
    let (op, immediate): (Op, Int64) =
      switch type {
      case .int: (.constInt, 1)
      case .float: (.constFloat, Int64(bitPattern: (1.0).bitPattern))
      case .bool: (.constBool, 1)
      default: (.constTagged, Int64(GraphMachine.layout.nilWord))
      }
    let known = graph[graph.entry].instructions.prefix { graph[$0].op.info.isConstant }
    if let v = known.first(where: { graph[$0].op == op && graph[$0].immediate == immediate }) { return v }
    let v = graph.makeNode(op, [], immediate: immediate, state: nil)
    graph[graph.entry].instructions.insert(v, at: 0)
    return v
  }

  private func isUsed(_ v: ValueID) -> Bool {
    graph.reversePostOrder.contains { b in
      graph[b].instructions.contains { graph.operands($0).contains(v) }
        || graph[b].successors.contains { $0.arguments.contains(v) }
    }
  }

  private mutating func replace(_ v: ValueID, with other: ValueID) {
    if v == other { return }
    for b in graph.blockIDs {
      for i in graph[b].instructions {
        for (n, o) in graph.operands(i).enumerated() where o == v { graph.setOperand(i, n, other) }
      }
      for e in graph[b].successors.indices {
        graph[b].successors[e].arguments = graph[b].successors[e].arguments.map { $0 == v ? other : $0 }
      }
    }
  }

  /// Empties what nothing reaches any more.
  private mutating func clean() {
    let reachable = Set(graph.reversePostOrder)
    for b in graph.blockIDs where !reachable.contains(b) { graph[b] = Block() }
  }
}
