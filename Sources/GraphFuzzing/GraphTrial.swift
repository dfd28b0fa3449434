// One graph in all its forms: as it is, without the objects that need not exist, after each pass, and compiled; each in
// several worlds, with forced deoptimizations, invalidations and collections. All must do what the original does.

import IR
import Optimizer

struct GraphPass: Sendable {
  let name: String
  let run: @Sendable (inout Graph) -> Void

  /// The optimizer's.
  static let all = (0..<Optimizer.passCount).map { i in
    GraphPass(name: "pass \(i + 1) (\(Optimizer.passName(i)))") { Optimizer.run(pass: i, on: &$0) }
  }
}

/// What a graph is run with.
struct GraphInput {
  /// Of the worlds, and of what happens in them.
  let seed: UInt64
  var worlds = Array(0..<4)
  /// Receiver and arguments that are something else than the seed says.
  var given: [Int: UInt64] = [:]
  var calm: Set<GraphNoise.Kind> = []

  init(seed: UInt64) { self.seed = seed }

  func script(_ world: Int) -> GraphScript {
    var script = GraphScript(seed: seed &* 31 &+ UInt64(world))
    script.given = given
    return script
  }

  func noise(_ world: Int) -> GraphNoise { GraphNoise(seed: seed &+ 1 + UInt64(world) << 48, calm: calm) }
}

/// Where a form of a graph first does something else than the graph itself.
struct GraphDifference {
  /// What had been done to the graph last.
  let stage: String
  let world: Int
  let text: String
  let form: Graph
}

struct GraphTrial {
  let input: GraphInput
  let original: Graph
  /// After each pass.
  let forms: [(name: String, graph: Graph)]

  /// What the last form is to be compared with when it is compiled.
  var last: Graph { forms.last?.graph ?? original }

  init(seed: UInt64, passes: [GraphPass] = GraphPass.all) {
    self.init(GraphGenerator.make(seed: seed), GraphInput(seed: seed), passes: passes)
  }

  init(_ original: Graph, _ input: GraphInput, passes: [GraphPass] = GraphPass.all) {
    self.input = input
    self.original = original
    var graph = VirtualObjects.made(in: original)
    var forms = [("the evaluator (deoptimizing)", original), ("virtual objects", graph)]
    for pass in passes {
      pass.run(&graph)
      forms.append((pass.name, graph))
    }
    self.forms = forms
  }

  /// nil if the original and its forms agree.
  func difference(on machine: GraphMachine) -> GraphDifference? {
    do {
      let program = try Self.runnable(original)
      defer { program.table.deallocate() }
      machine.enter(program)
      let expected = expectations(machine, program, input.worlds)
      for (name, graph) in forms {
        let form: RunnableGraph
        do { form = try Self.runnable(graph) } catch {
          return GraphDifference(stage: name, world: 0, text: "it is no graph: \(error)\n", form: graph)
        }
        defer { form.table.deallocate() }
        if let difference = difference(on: machine, form, name, expected) { return difference }
      }
      return nil
    } catch {
      return GraphDifference(stage: "the generator", world: 0, text: "it is no graph: \(error)\n", form: original)
    }
  }

  static let compiling = "the backend"
  /// Running compiled code takes no time in comparison with compiling it.
  private static let compiledWorlds = 24

  /// The same for the last form, compiled.
  func difference(on machine: GraphMachine, compiled code: CompiledGraph) -> GraphDifference? {
    guard let program = try? Self.runnable(original) else { return nil }
    defer { program.table.deallocate() }
    machine.enter(program)
    let form = RunnableGraph(form: .native(code.entry), metadata: code.metadata, graph: last, table: code.table)
    // One world is what was found and is made smaller.
    let worlds = input.worlds.count == 1 ? input.worlds : Array(0..<Self.compiledWorlds)
    return difference(on: machine, form, Self.compiling, expectations(machine, program, worlds))
  }

  /// What the original does in a world.
  private struct Expectation {
    let world: Int
    let script: GraphScript
    let text: String
    let leftAt: Int?
  }

  private func expectations(_ machine: GraphMachine, _ program: RunnableGraph, _ worlds: [Int]) -> [Expectation] {
    worlds.map { world in
      let script = input.script(world)
      let text = machine.run(program, script: script, noise: nil)
      return Expectation(world: world, script: script, text: text, leftAt: machine.leftAt)
    }
  }

  private func difference(
    on machine: GraphMachine, _ form: RunnableGraph, _ name: String, _ expectations: [Expectation]
  ) -> GraphDifference? {
    for expected in expectations {
      let actual = machine.run(form, script: expected.script, noise: input.noise(expected.world))
      if actual == expected.text { continue }
      if !machine.hasFailed, let left = expected.leftAt, !computes(left, form.graph) { continue }
      let text = "--- the original\n\(expected.text)--- this form\n\(actual)"
      return GraphDifference(stage: name, world: expected.world, text: text, form: form.graph)
    }
    return nil
  }

  /// Whether the graph still has the checked arithmetic for which the original left at this pc. The value may not have
  /// been needed: then there was no reason to leave. (If it was needed and is not checked, the evaluator says so.)
  private func computes(_ pc: Int, _ graph: Graph) -> Bool {
    guard let v = GraphStates.places(original)[pc]?.instruction else { return true }
    guard original[v].op.info.effect == .checked else { return true }
    return graph.blockIDs.contains { b in
      graph[b].instructions.contains { v in
        graph[v].state.map { graph[$0].frames.last?.pc == pc } ?? false
      }
    }
  }

  static func runnable(_ graph: Graph) throws(IRVerificationError) -> RunnableGraph {
    let code = try EvaluableGraph(graph, GraphMachine.layout)
    let count = CodeMetadata.tableHeaderWords + graph.table.count
    let table = Words.allocate(capacity: count)
    table.initialize(repeating: 0, count: count)
    return RunnableGraph(form: .evaluated(code), metadata: code.metadata, graph: graph, table: table)
  }
}
