// The pipeline, in order: bytecode and feedback become a graph (Builder), the graph goes through the passes
// (Passes), and the result to the backend. Start reading here.

import Bytecode
import IR

public struct OptimizerOptions: Sendable {
  /// Instructions of bytecode that may be inlined into one unit of code.
  public var inlineBudget = 600
  public var maxInlineDepth = 14
  /// A callee of at most this many instructions is inlined as long as the budget lasts.
  public var maxInlineSize = 120
  /// A callee of at most this many instructions is inlined even where it is hardly ever called.
  public var coldInlineSize = 12
  /// A larger callee than this is inlined only where it is called each time.
  public var warmInlineSize = 30
  /// Calls and iterations of the caller from which on its counts mean something.
  public var trustedInvocations = 500
  /// How often a method may be inlined into itself.
  public var maxRecursion = 2
  /// How many iterations of a small loop share a poll, at most, and how many nodes its body may have for that.
  public var unrolling = 8
  public var unrolledSize = 40
  /// Called after each phase (`build`, then the passes) with its name and the graph.
  public var observe: (@Sendable (String, Graph) -> Void)?
  /// Verify the graph after each phase.
  public var verify = false
  /// Leave out loop polls, to measure their cost. Only with code that nobody edits.
  public var elidePolls = false
  /// Code in which a debugger can look at waiting activations, set their variables, unwind to them and restart them, as if
  /// they were interpreted.
  public var debuggable = false
  /// How many of the passes are run.
  public var passLimit = Optimizer.passCount
  public init() {}
}

/// A send that disappeared into its caller.
public struct InlinedCall: Sendable, Hashable {
  public var callee: MethodID
  public var caller: MethodID
  public var pc: Int
}

public struct CompilationResult: Sendable {
  public var graph: Graph
  public var dependencies: [Dependency]
  public var inlined: [InlinedCall]
  /// Fields that this code loads and wants doubles in.
  public var doubleFields: Set<FieldPlace>
  /// Sends that are calls only because they were rare so far.
  public var coldCalls: Set<CodePlace>
  public var coverage: Coverage
  public var times = PhaseTimes()
}

public enum OptimizerError: Error, Sendable, CustomStringConvertible {
  /// Code that this compiler leaves to the interpreter.
  case notCompilable(String)
  public var description: String {
    switch self {
    case .notCompilable(let why): return "not compilable: \(why)"
    }
  }
}

/// One transformation of a graph.
struct Pass: Sendable {
  let name: String
  let run: @Sendable (inout Graph) -> Void
}

/// What every phase goes through: it is measured, and then, outside of its time, its graph is dumped and verified.
private struct PhaseScope {
  let options: OptimizerOptions
  private(set) var times = PhaseTimes()

  mutating func run(
    _ phase: String, _ body: () throws(OptimizerError) -> CompilationResult
  ) throws(OptimizerError) -> CompilationResult {
    let result = try times.measure(phase, body)
    try finish(phase, result.graph)
    return result
  }

  mutating func run(_ pass: Pass, on graph: inout Graph) throws(OptimizerError) {
    times.measure(pass.name) { pass.run(&graph) }
    try finish(pass.name, graph)
  }

  private func finish(_ phase: String, _ graph: Graph) throws(OptimizerError) {
    options.observe?(phase, graph)
    guard options.verify else { return }
    do {
      try graph.verify()
    } catch {
      throw .notCompilable("after \(phase): \(error)")
    }
  }
}

public enum Optimizer {
  static let passes: [Pass] = [
    simplifyParameters,
    valueNumbering,
    simplifyControlFlow,
    simplifyParameters,
    invariantMotion,
    rangeAnalysis,
    deadCode,
  ]

  public static var passCount: Int { passes.count }

  /// One pass, counted from 0, by itself (tests).
  public static func run(pass i: Int, on graph: inout Graph) { passes[i].run(&graph) }
  public static func passName(_ i: Int) -> String { passes[i].name }

  /// Builds and optimizes the graph of `method`: from its entry, or from the loop header `osrPC`.
  /// May be called on any thread.
  public static func compile(
    method: MethodID, osrPC: Int? = nil, program: any Program, options: OptimizerOptions = OptimizerOptions()
  ) throws(OptimizerError) -> CompilationResult {
    var scope = PhaseScope(options: options)
    var result = try scope.run("build") { () throws(OptimizerError) in
      try build(method: method, osrPC: osrPC, program: program, options: options)
    }
    for pass in passes.prefix(options.passLimit) { try scope.run(pass, on: &result.graph) }
    result.times = scope.times
    return result
  }

  /// Builds until no decision has to be taken back, with a smaller budget when the graph becomes too large.
  private static func build(
    method: MethodID, osrPC: Int?, program: any Program, options: OptimizerOptions
  ) throws(OptimizerError) -> CompilationResult {
    let facts = program.facts(method)
    guard let chunk = facts.chunk else { throw .notCompilable("a primitive") }
    var options = options
    var decisions = Decisions()
    for _ in 0..<400 {
      let builder = GraphBuilder(
        root: facts, chunk: chunk, osrPC: osrPC, program: program, options: options, decisions: decisions)
      let failure: BuildFailure
      do throws(BuildFailure) {
        return try builder.build()
      } catch {
        failure = error
      }
      decisions = builder.decisions
      switch failure {
      case .retry(let decision):
        if !decisions.taken.insert(decision).inserted {
          throw .notCompilable("decision \(decision) was taken twice")
        }
      case .tooLarge:
        if options.inlineBudget < 20 { throw .notCompilable("too large") }
        options.inlineBudget /= 4
      case .unsupported(let why):
        throw .notCompilable(why)
      }
    }
    throw .notCompilable("too many decisions to take back")
  }
}
