// What the compiler is asked for, and what it answers.

import GccBackend
import IR
import Optimizer

/// One unit to compile: a method, or a loop of it to be entered from a running activation.
public struct CompileKey: Hashable, Sendable {
  public let method: Int
  /// The pc of the loop header.
  public let osrPC: Int?
  public init(method: Int, osrPC: Int? = nil) {
    self.method = method
    self.osrPC = osrPC
  }
}

/// What the optimizer made of one method.
public struct OptimizedUnit: Sendable {
  public struct Inlined: Hashable, Sendable {
    public let method: Int
    /// Where in `caller` the send stands.
    public let callSite: Int
    public let caller: Int
    public init(method: Int, callSite: Int, caller: Int) {
      self.method = method
      self.callSite = callSite
      self.caller = caller
    }
  }
  public var graph: Graph
  public var dependencies: [Dependency]
  public var inlined: [Inlined]
  /// Sends that are calls only because they were rare so far.
  public var coldCalls: Set<CodePlace>
  public var coverage: Coverage
  /// `ClassTable.generation` when it was begun; nil if no class index is in it.
  public var generation: Int?
  /// Of the optimizer's phases.
  public var times: PhaseTimes
  public init(
    graph: Graph, dependencies: [Dependency], inlined: [Inlined], coldCalls: Set<CodePlace> = [],
    coverage: Coverage = Coverage(), generation: Int? = nil, times: PhaseTimes = PhaseTimes()
  ) {
    self.graph = graph
    self.dependencies = dependencies
    self.inlined = inlined
    self.coldCalls = coldCalls
    self.coverage = coverage
    self.generation = generation
    self.times = times
  }
}

/// Why something was not compiled. Never the program's problem.
public struct CompileFailure: Error, Sendable, CustomStringConvertible {
  public enum Extent: Sendable, Equatable {
    /// This unit is never compiled.
    case unit
    /// This unit is worth compiling only after it is decided if these fields are to be unboxed.
    case unboxing(Set<FieldPlace>)
    /// The compile worker died of this unit, or while it was at it.
    case worker
    /// Nothing can be compiled now; later perhaps (no room for files).
    case moment
    /// Nothing can be compiled here, now or later (no libgccjit).
    case process
  }
  public let description: String
  public let extent: Extent
  public init(_ description: String, extent: Extent = .unit) {
    self.description = description
    self.extent = extent
  }
}

/// The stages between bytecode and object file, as the compiler thread calls them.
public struct CompilerStages: Sendable {
  /// Units follow: what takes time can begin.
  public var prepare: @Sendable () -> Void
  public var optimize: @Sendable (CompileKey) throws -> OptimizedUnit
  /// The text that identifies the unit in the cache.
  public var text: @Sendable (Graph) -> String
  /// Makes one object file at a path of all graphs, and answers their metadata in the same order.
  public var generate: @Sendable ([Graph], _ path: String) throws -> [CodeMetadata]
  /// Where that writes to, given the folder of the path.
  public var folders: @Sendable (String) -> [String]
  /// Takes the place of `text` and `generate`, without files.
  public var evaluate: Evaluate?
  /// Makes the object file of baseline code's stencils at a path; nil: there are none. And the text that identifies it.
  public var stencils: (@Sendable (_ path: String) throws -> Void)?
  public var stencilText = ""
  public typealias Evaluate = @Sendable (Graph) throws -> (metadata: CodeMetadata, image: any CodeImage)

  public init(
    prepare: @escaping @Sendable () -> Void = {}, folders: @escaping @Sendable (String) -> [String] = { [$0] },
    optimize: @escaping @Sendable (CompileKey) throws -> OptimizedUnit,
    text: @escaping @Sendable (Graph) -> String,
    generate: @escaping @Sendable ([Graph], String) throws -> [CodeMetadata],
    evaluate: Evaluate? = nil
  ) {
    self.prepare = prepare
    self.folders = folders
    self.optimize = optimize
    self.text = text
    self.generate = generate
    self.evaluate = evaluate
  }
}

/// A compiled unit that is not installed yet.
public struct CompiledUnit: Sendable {
  public var unit: OptimizedUnit
  public var metadata: CodeMetadata
  public var object: any CodeImage
  /// Microseconds in the optimizer, and this unit's share of the backend's time.
  public var optimizing: Int
  public var generating: Int
  public var isCached: Bool
}

public struct CompileResult: Sendable {
  public var key: CompileKey
  public var outcome: Result<CompiledUnit, CompileFailure>
}
