// Where values are in the frame at safepoints.
//
// A tagged value that is live across a safepoint has a *home*: an argument its argument word, a literal the
// table, others a frame word of their own (words are shared by values that are never live together). Values
// that are live across a call on the hot path are stored home once, right after their definition;
// those that only the slow paths of polls, allocations and cold blocks need are stored there, before the call.
// `guardClass` answers its operand, so the two are one value here: `root`.

import IR

struct FramePlan {
  enum Home: Equatable {
    case none
    /// Frame word, below 0 for arguments.
    case word(Int)
    /// Table entry.
    case table(Int)
  }

  let graph: Graph
  let order: [BlockID]
  let liveness: Liveness
  private(set) var roots: [ValueID]
  private(set) var homes: [Home]
  private(set) var isEager: [Bool]
  private(set) var frameSize = 3
  /// Where untagged values are kept during calls that a debugger may look at.
  private(set) var keptBase = 3
  private var keptWords = 0
  /// By instruction, for calls and allocations: roots of the tagged values live across it that have homes.
  private(set) var across: [ValueID: [ValueID]] = [:]
  /// By checked addition or subtraction: an operand that nobody needs after it, except its own frame state, which
  /// can do without: the result tells what the operand was. So the result may take the operand's register.
  private(set) var undone: [ValueID: ValueID] = [:]

  init(_ graph: Graph) {
    self.graph = graph
    let dominators = DominatorTree(graph)
    order = dominators.order
    liveness = Liveness(graph, dominators)
    roots = graph.nodes.indices.map { ValueID($0) }
    homes = Array(repeating: .none, count: graph.nodes.count)
    isEager = Array(repeating: false, count: graph.nodes.count)
    for b in order {
      for v in graph[b].instructions where graph[v].op == .guardClass {
        roots[Int(v.index)] = roots[Int(graph.operand(v, 0).index)]
      }
    }
    let needsHome = findValuesAcrossSafepoints()
    assignWords(needsHome, conflicts(needsHome))
    keptBase = frameSize
    frameSize += keptWords
  }

  func root(_ v: ValueID) -> ValueID { roots[Int(v.index)] }
  func home(_ v: ValueID) -> Home { homes[Int(root(v).index)] }
  func isEager(_ v: ValueID) -> Bool { isEager[Int(root(v).index)] }

  /// Whether the frame has all values of the state of `v` before its call, and not only on the way out.
  func keepsState(_ v: ValueID) -> Bool {
    guard let state = graph[v].state else { return false }
    return graph[v].op.info.effect == .calls && graph[state].isDebuggable
  }

  /// How many untagged values it has.
  private func countUntagged(_ v: ValueID) -> Int {
    var untagged: Set<ValueID> = []
    graph[graph[v].state!].forEachValue { if $0 != v, graph[$0].type != .tagged { untagged.insert(root($0)) } }
    return untagged.count
  }

  private func isHotCall(_ v: ValueID, _ b: BlockID) -> Bool {
    let op = graph[v].op
    return op.info.effect == .calls && op != .poll && !graph[b].isCold
  }

  private mutating func findValuesAcrossSafepoints() -> ValueSet {
    var needsHome = ValueSet(capacity: graph.nodes.count)
    for b in order {
      var found: [(ValueID, [ValueID])] = []
      liveness.forEachInstruction(graph, b) { v, live in
        let op = graph[v].op
        if op == .addInt || op == .subtractInt {
          undone[v] = graph.operands(v).first { graph[$0].op != .constInt && !live.contains($0) }
        }
        guard graph[v].op.info.isSafepoint else { return }
        if keepsState(v) { keptWords = max(keptWords, countUntagged(v)) }
        var members = ValueSet(capacity: graph.nodes.count)
        live.forEach { if graph[$0].type == .tagged { members.insert(roots[Int($0.index)]) } }
        found.append((v, members.elements))
      }
      for (v, members) in found {
        var kept: [ValueID] = []
        for m in members {
          switch graph[m].op {
          case .constTagged, .processMark: continue
          case .argument: homes[Int(m.index)] = .word(Int(graph[m].immediate) - graph.argumentCount - 1)
          case .literal: homes[Int(m.index)] = .table(Int(graph[m].immediate))
          default:
            needsHome.insert(m)
            if isHotCall(v, b) { isEager[Int(m.index)] = true }
          }
          kept.append(m)
        }
        across[v] = kept
      }
    }
    return needsHome
  }

  /// For each value in need of a home, the others that are live when it is defined.
  private func conflicts(_ needsHome: ValueSet) -> [ValueID: ValueSet] {
    var result: [ValueID: ValueSet] = [:]
    func homed(_ live: ValueSet) -> ValueSet {
      var set = ValueSet(capacity: graph.nodes.count)
      live.forEach {
        let r = roots[Int($0.index)]
        if needsHome.contains(r) { set.insert(r) }
      }
      return set
    }
    for b in order {
      let parameters = graph[b].parameters.filter { needsHome.contains($0) }
      if !parameters.isEmpty {
        var set = homed(liveness.liveIn[Int(b.index)])
        for p in parameters { set.insert(p) }
        for p in parameters { result[p] = set }
      }
      liveness.forEachInstruction(graph, b) { v, live in
        if needsHome.contains(v) { result[v] = homed(live) }
      }
    }
    return result
  }

  /// Greedy, in dominance order: optimal for SSA form.
  private mutating func assignWords(_ needsHome: ValueSet, _ conflicts: [ValueID: ValueSet]) {
    for b in order {
      for v in graph[b].parameters + graph[b].instructions where needsHome.contains(v) {
        var taken: Set<Int> = []
        conflicts[v]?.forEach { if case .word(let w) = homes[Int($0.index)] { taken.insert(w) } }
        var word = 3
        while taken.contains(word) { word += 1 }
        homes[Int(v.index)] = .word(word)
        frameSize = max(frameSize, word + 1)
      }
    }
  }
}
