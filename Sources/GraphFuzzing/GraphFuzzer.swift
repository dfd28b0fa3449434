// Random graphs until something differs: every one through the evaluator after each pass, and batches of them through
// the backend.

import Foundation
import GccBackend
import IR

public struct GraphFuzzer {
  public struct Outcome: Sendable {
    public var graphs = 0
    /// Forms of graphs that were evaluated.
    public var evaluated = 0
    public var compiled = 0
    public var seconds = 0.0
    /// How often each operation occurred in the graphs.
    public var operations: [Op: Int] = [:]
    /// What differed first.
    public var failure: GraphFailure?

    public var evaluatedPerMinute: Int { Int(Double(evaluated) / max(seconds, 0.001) * 60) }
    public var operationsThatNeverOccurred: [String] {
      Op.allCases.filter { operations[$0] == nil && GraphGenerator.makes($0) }.map { "\($0)" }
    }
  }

  let first: UInt64
  let seconds: Double?
  let count: Int?
  /// Graphs that are compiled together; 0: none are.
  let batch: Int
  let passes: [GraphPass]

  /// `isCompiling`: with libgccjit in this process, if it is installed.
  public init(seed: UInt64, seconds: Double?, count: Int?, isCompiling: Bool = true) {
    self.init(seed: seed, seconds: seconds, count: count, isCompiling: isCompiling, passes: GraphPass.all)
  }

  init(seed: UInt64, seconds: Double?, count: Int?, isCompiling: Bool, passes: [GraphPass]) {
    first = seed
    self.seconds = seconds
    self.count = count
    batch = isCompiling && Self.canCompile ? 20 : 0
    self.passes = passes
  }

  static var canCompile: Bool { GccBackend.unavailability == nil }

  /// One graph in so many is compiled too, which takes about half of the time then.
  private static let compiledShare = 4

  public func run(progress: (Outcome) -> Void = { _ in }) -> Outcome {
    let machine = GraphMachine()
    var outcome = Outcome()
    var waiting: [GraphTrial] = []
    let start = Date()
    func elapsed() -> Double { -start.timeIntervalSinceNow }
    while outcome.failure == nil, seconds.map({ elapsed() < $0 }) ?? true, count.map({ outcome.graphs < $0 }) ?? true {
      let trial = GraphTrial(seed: first &+ UInt64(outcome.graphs), passes: passes)
      if let difference = trial.difference(on: machine) { outcome.failure = GraphFailure(trial, difference, passes) }
      outcome.graphs += 1
      outcome.evaluated += trial.forms.count + 1
      for b in trial.original.blockIDs {
        for v in trial.original[b].instructions { outcome.operations[trial.original[v].op, default: 0] += 1 }
      }
      if batch > 0, outcome.graphs % Self.compiledShare == 1 { waiting.append(trial) }
      if outcome.failure == nil, waiting.count == batch, batch > 0 { compile(&waiting, machine, &outcome) }
      outcome.seconds = elapsed()
      progress(outcome)
    }
    if outcome.failure == nil { compile(&waiting, machine, &outcome) }
    outcome.seconds = elapsed()
    return outcome
  }

  private func compile(_ trials: inout [GraphTrial], _ machine: GraphMachine, _ outcome: inout Outcome) {
    defer { trials = [] }
    if trials.isEmpty { return }
    let level = Int(trials[0].input.seed % 3)
    do {
      let compiled = try CompiledGraph.compile(trials.map(\.last), level: level)
      for (trial, code) in zip(trials, compiled) {
        outcome.compiled += 1
        if let difference = trial.difference(on: machine, compiled: code) {
          outcome.failure = GraphFailure(trial, difference, passes, level: level)
          return
        }
      }
    } catch {
      let difference = GraphDifference(
        stage: GraphTrial.compiling, world: 0, text: "a batch from here on cannot be compiled: \(error)\n",
        form: trials[0].last)
      outcome.failure = GraphFailure(trials[0], difference, passes, level: level)
    }
  }
}

extension CompiledGraph {
  /// As the fuzzer runs them.
  static func compile(_ graphs: [Graph], level: Int) throws -> [CompiledGraph] {
    try compile(graphs, GraphMachine.layout) {
      $0.countsDeopts = true
      $0.optimizationLevel = level
    }
  }
}
