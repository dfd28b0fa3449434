// One random graph in all its forms: as it is, after each pass, and compiled; each in several worlds, with forced
// deoptimizations, invalidations and collections. All must do what the original does.

import IR
import Optimizer

struct GraphPass: Sendable {
  let name: String
  let run: @Sendable (inout Graph) -> Void

  /// The optimizer's.
  static let all = (0..<Optimizer.passCount).map { i in
    GraphPass(name: "\(i + 1) (\(Optimizer.passName(i)))") { Optimizer.run(pass: i, on: &$0) }
  }
}

struct GraphTrial {
  let seed: UInt64
  let original: Graph
  /// After each pass.
  let forms: [(name: String, graph: Graph)]

  init(seed: UInt64, passes: [GraphPass] = GraphPass.all) {
    self.seed = seed
    original = GraphGenerator.make(seed: seed)
    var graph = original
    forms = passes.map { pass in
      pass.run(&graph)
      return (pass.name, graph)
    }
  }

  /// Worlds that each form runs in.
  static let worlds = 4

  /// nil if the original and its transformed forms agree.
  func difference(on machine: GraphMachine, _ forms: [(name: String, graph: Graph)]) -> String? {
    do {
      let program = try Self.runnable(original)
      defer { program.table.deallocate() }
      machine.enter(program, GraphGenerator.places(original))
      for (name, graph) in [("0 (the evaluator, deoptimizing)", original)] + forms {
        let form: RunnableGraph
        do { form = try Self.runnable(graph) } catch { return report(name, graph, "it is no graph: \(error)") }
        defer { form.table.deallocate() }
        if let text = difference(on: machine, program, form, graph) { return report(name, graph, text) }
      }
      return nil
    } catch {
      return report("generated", original, "it is no graph: \(error)")
    }
  }

  /// The same for a form that is loaded.
  func difference(on machine: GraphMachine, compiled: RunnableGraph) -> String? {
    guard let program = try? Self.runnable(original) else { return nil }
    defer { program.table.deallocate() }
    machine.enter(program, GraphGenerator.places(original))
    let graph = forms.last?.graph ?? original
    return difference(on: machine, program, compiled, graph).map { report("compiled", graph, $0) }
  }

  private func difference(
    on machine: GraphMachine, _ program: RunnableGraph, _ form: RunnableGraph, _ graph: Graph
  ) -> String? {
    for world in 0..<Self.worlds {
      let script = GraphScript(seed: seed &* 31 &+ UInt64(world))
      let expected = machine.run(program, script: script, noise: 0)
      let left = machine.leftAt
      let actual = machine.run(form, script: script, noise: seed &+ 1 + UInt64(world) << 48)
      if actual != expected, !machine.hasFailed, let left, !computes(left, graph) { continue }
      if actual != expected { return "world \(world):\n--- the original\n\(expected)--- this form\n\(actual)" }
    }
    return nil
  }

  /// Whether the graph still has the checked arithmetic for which the original left at this pc. The value may not have
  /// been needed: then there was no reason to leave. (If it was needed and is not checked, the evaluator says so.)
  private func computes(_ pc: Int, _ graph: Graph) -> Bool {
    guard let (block, position) = GraphGenerator.places(original)[pc] else { return true }
    let removable: Set<Op> = [.addInt, .subtractInt, .multiplyInt, .shiftLeftInt]
    guard removable.contains(original[original[block].instructions[position]].op) else { return true }
    return graph.blockIDs.contains { b in
      graph[b].instructions.contains { v in
        graph[v].state.map { graph[$0].frames.last?.pc == pc } ?? false
      }
    }
  }

  private func report(_ name: String, _ graph: Graph, _ text: String) -> String {
    "seed \(seed), after pass \(name): \(text)--- original graph\n\(original.text)--- this form's graph\n\(graph.text)"
  }

  static func runnable(_ graph: Graph) throws(IRVerificationError) -> RunnableGraph {
    let code = try EvaluableGraph(graph, GraphMachine.layout)
    let table = Words.allocate(capacity: CodeMetadata.tableHeaderWords + graph.table.count)
    table.initialize(repeating: 0, count: CodeMetadata.tableHeaderWords + graph.table.count)
    fill(table, graph)
    return RunnableGraph(
      form: .evaluated(code), metadata: code.metadata, argumentCount: graph.argumentCount, table: table)
  }

  static func fill(_ table: Words, _ graph: Graph) {
    for (i, entry) in graph.table.enumerated() {
      if case .selector(let id, let count, _) = entry {
        table[CodeMetadata.tableHeaderWords + i] = UInt64(id) << 16 | UInt64(count)
      }
    }
  }
}

extension GraphMachine {
  /// What is run from now on are forms of this graph.
  func enter(_ program: RunnableGraph, _ places: [Int: (block: BlockID, position: Int)]) {
    original = program
    self.places = places
  }
}
