// The graph fuzzer itself: passes that are right survive it, passes that are wrong do not.

import GccBackend
import IR
import Testing

@testable import GraphFuzzing

@Suite struct GraphFuzzerTests {
  @Test func passesAndBackendAgreeWithTheEvaluator() {
    let outcome = GraphFuzzer(seed: 1, seconds: nil, count: 200).run()
    #expect(outcome.failure == nil)
    #expect(outcome.operationsThatNeverOccurred.isEmpty)
    #expect(GccBackend.unavailability != nil || outcome.compiled == 50)
  }

  @Test func theSameSeedMakesTheSameGraph() {
    #expect(GraphGenerator.make(seed: 5).text == GraphGenerator.make(seed: 5).text)
    #expect(GraphGenerator.make(seed: 5).text != GraphGenerator.make(seed: 6).text)
  }

  /// Most graphs get far: they answer, or call something, and do not leave at their first guard.
  @Test func graphsRun() throws {
    let machine = GraphMachine()
    var events = 0, answers = 0
    for seed in UInt64(0)..<200 {
      let trial = GraphTrial(seed: seed, passes: [])
      let form = try GraphTrial.runnable(trial.original)
      defer { form.table.deallocate() }
      machine.enter(form)
      let text = machine.run(form, script: GraphScript(seed: seed), noise: nil)
      events += machine.events.count
      if text.contains("answers") { answers += 1 }
    }
    #expect(events > 300 && answers > 80)
  }

  // MARK: Wrong passes

  private func isFound(_ mutant: @escaping @Sendable (inout Graph) -> Void, within count: Int = 2000) -> Bool {
    GraphFuzzer(
      seed: 1, seconds: nil, count: count, isCompiling: false, passes: [GraphPass(name: "1 (wrong)", run: mutant)]
    ).run().failure != nil
  }

  private static func forEach(_ graph: inout Graph, _ body: (inout Graph, ValueID, BlockID) -> Void) {
    for b in graph.blockIDs { for v in graph[b].instructions { body(&graph, v, b) } }
  }

  @Test func aRightPassIsNotFound() {
    let found = isFound({ _ in }, within: 300)
    #expect(!found)
  }

  @Test func aSumThatNobodyChecks() {
    let found = isFound { graph in
      Self.forEach(&graph) { graph, v, _ in
        if graph[v].op == .addInt {
          graph[v].op = .addIntUnchecked
          graph[v].state = nil
        }
      }
    }
    #expect(found)
  }

  @Test func aTestThatIsTurnedRound() {
    let found = isFound { graph in
      Self.forEach(&graph) { graph, v, _ in
        if graph[v].op == .compareInt, graph[v].immediate == Comparison.less.rawValue {
          graph[v].immediate = Comparison.lessOrEqual.rawValue
        }
      }
    }
    #expect(found)
  }

  @Test func aStoreThatIsForgotten() {
    let found = isFound { graph in
      for b in graph.blockIDs {
        // What was read before a store is taken for what is there.
        var known: [[Int64]: ValueID] = [:]
        for v in graph[b].instructions where graph[v].op == .loadSlot {
          let key = [Int64(graph.operand(v, 0).index), graph[v].immediate]
          if let earlier = known[key] { Self.replace(v, by: earlier, &graph) } else { known[key] = v }
        }
      }
    }
    #expect(found)
  }

  private static func replace(_ old: ValueID, by new: ValueID, _ graph: inout Graph) {
    Self.forEach(&graph) { graph, v, _ in
      for (i, operand) in graph.operands(v).enumerated() where operand == old { graph.setOperand(v, i, new) }
    }
  }

  @Test func registersThatChangePlaces() {
    let found = isFound { graph in
      Self.forEach(&graph) { graph, v, _ in
        guard let state = graph[v].state, var frame = graph[state].frames.last else { return }
        let typed = frame.registers.indices.filter { Self.type(frame.registers[$0], graph) == .tagged }
        guard typed.count > 1 else { return }
        let value = frame.registers[typed[0]].value
        frame.registers[typed[0]].value = frame.registers[typed[1]].value
        frame.registers[typed[1]].value = value
        graph[v].state = graph.addState(FrameState(frames: [frame]))
      }
    }
    #expect(found)
  }

  private static func type(_ register: VirtualFrame.Register, _ graph: Graph) -> ValueType {
    if case .value(let v) = register.value { return graph[v].type }
    return .none
  }

  @Test func aGuardThatIsGone() {
    let found = isFound { graph in
      for b in graph.blockIDs {
        let kept = graph[b].instructions.filter { graph[$0].op != .guardTrue }
        graph[b].instructions = kept
      }
    }
    #expect(found)
  }

  @Test func aBarrierThatIsGone() {
    let found = isFound { graph in
      Self.forEach(&graph) { graph, v, _ in
        if graph[v].op == .storeSlot { graph[v].immediate |= Op.noBarrier }
      }
    }
    #expect(found)
  }
}
