// The backend's interface: a batch of graphs → an object file and the metadata to read its frames.

import CGccJit
import IR
import Synchronization

/// Why there is no code. Never the user's program's fault: the caller goes on without.
public enum BackendError: Error, CustomStringConvertible, Sendable, Hashable, Codable {
  /// libgccjit is not installed, or too old.
  case unavailable(String)
  /// The graph cannot be compiled.
  case invalidGraph(String)
  /// A folder that libgccjit or the assembler writes to is full: later there may be room.
  case noRoom(folder: String)
  /// There is no process or pipe to be had for the assembler: later perhaps.
  case passing(String)
  /// Somebody has ended the assembler.
  case killed(String)
  /// libgccjit or the assembler refused.
  case compilation(String)

  public var description: String {
    switch self {
    case .unavailable(let m): return "no compiler: \(m)"
    case .invalidGraph(let m): return "invalid graph: \(m)"
    case .noRoom(let folder): return "no room in \(folder) for the compiler's temporary files"
    case .passing(let m), .killed(let m): return m
    case .compilation(let m): return "compilation failed: \(m)"
    }
  }
}

public struct BackendOptions: Sendable, Hashable, Codable {
  /// Where the object file goes; see `ObjectImage`.
  public var outputPath: String
  /// GCC's: 0 to 3.
  public var optimizationLevel = 1
  /// If set, the assembly text is written there too.
  public var assemblyPath: String?
  /// Leaves out everything that makes compiled code interruptible and invalidatable (stack check, loop polls,
  /// validity tests), to measure what that costs. Such code must not run a program that somebody edits.
  public var elideEditability = false
  /// Counts guards and safepoints in `thread.deoptCountdown` and deoptimizes when it gets to 0.
  public var countsDeopts = false
  /// More options for GCC, such as `-march=native`.
  public var compilerOptions: [String] = []

  /// Keeps what GCC itself writes to standard error (wrong options, internal errors) for the error message.
  /// Redirects the whole process's standard error while GCC runs: for worker processes only.
  public var capturesStandardError = false
  /// Where it goes then; the file is left only by a process that does not survive the compile.
  public var standardErrorPath: String { outputPath + ".err" }

  public init(outputPath: String) { self.outputPath = outputPath }
}

public enum GccBackend {
  /// libgccjit allows one compilation at a time in a process.
  private static let lock = Mutex(())

  /// nil if compilation is possible, else the reason why not. Loads libgccjit.
  public static var unavailability: String? {
    switch JitLibrary.shared {
    case .success: return nil
    case .failure(let e): return e.message
    }
  }

  /// GCC's major version, a part of the code cache's key; nil without libgccjit.
  public static var compilerVersion: Int? {
    guard case .success(let library) = JitLibrary.shared else { return nil }
    return Int(library.functions.version_major())
  }

  /// Compiles `graphs` into one object file at `options.outputPath`. The metadata are in the graphs' order;
  /// function names are unique in the object only.
  /// Safe on any thread; calls wait for each other.
  public static func compile(
    _ graphs: [Graph], options: BackendOptions, layout: RuntimeLayout = RuntimeLayout()
  ) throws(BackendError) -> [CodeMetadata] {
    var times = PhaseTimes()
    return try compile(graphs, options: options, layout: layout, times: &times)
  }

  /// The same; adds the times of `lowering`, `GCC` and `assembler`.
  public static func compile(
    _ graphs: [Graph], options: BackendOptions, layout: RuntimeLayout = RuntimeLayout(), times: inout PhaseTimes
  ) throws(BackendError) -> [CodeMetadata] {
    for g in graphs {
      do throws(IRVerificationError) {
        try g.verify()
      } catch {
        throw .invalidGraph(error.description)
      }
    }
    let nodes = graphs.reduce(0) { $0 + $1.nodeCount }
    return try generate(options, nodes: nodes, &times) { context throws(BackendError) in
      var result: [CodeMetadata] = []
      for (i, graph) in graphs.enumerated() {
        result.append(try FunctionLowering(context, graph, index: i, options, layout).lower())
      }
      return result
    }
  }

  /// Makes the object file of the stencils of baseline code, for `StencilLibrary`.
  public static func compileStencils(
    options: BackendOptions, layout: BaselineLayout = BaselineLayout(), times: inout PhaseTimes
  ) throws(BackendError) {
    var options = options
    options.optimizationLevel = 2
    options.compilerOptions += [
      // What is filled in are numbers of 32 bits in the instructions themselves.
      "-fno-pie", "-fno-pic", "-mcmodel=small",
      // Each symbol is a stencil of its own, as short as it can be.
      "-fno-ipa-icf", "-fno-jump-tables", "-falign-functions=1", "-falign-loops=1", "-falign-jumps=1",
      "-fno-tree-loop-distribute-patterns", "-fno-tree-vectorize",
    ]
    try generate(options, nodes: 1000, &times) { context throws(BackendError) in
      Stencils.write(to: StencilImports(context, layout))
    }
  }

  /// What `lower` puts into a context, as an object file.
  private static func generate<T: Sendable>(
    _ options: BackendOptions, nodes: Int, _ times: inout PhaseTimes,
    _ lower: (JitContext) throws(BackendError) -> T
  ) throws(BackendError) -> T {
    let library: JitLibrary
    switch JitLibrary.shared {
    case .success(let l): library = l
    case .failure(let e): throw .unavailable(e.message)
    }
    let assembly = options.assemblyPath ?? options.outputPath + ".s"
    let lowered = lock.withLock { _ -> Result<T, BackendError> in
      do throws(BackendError) {
        try lookForRoom(assembly, nodes)
        let context = try JitContext(library, options)
        let result = try times.measure("lowering") { () throws(BackendError) in try lower(context) }
        let capture = options.capturesStandardError ? StandardErrorCapture(path: options.standardErrorPath) : nil
        do throws(BackendError) {
          try times.measure("GCC") { () throws(BackendError) in try context.compile(toAssembly: assembly) }
        } catch {
          let output = capture?.finish() ?? ""
          try lookForRoom(assembly, nodes)
          throw output.isEmpty ? error : .compilation(output)
        }
        _ = capture?.finish()
        return .success(result)
      } catch {
        return .failure(error)
      }
    }
    let result = try lowered.get()
    let toolchain = Toolchain()
    defer { if options.assemblyPath == nil { toolchain.remove(assembly) } }
    do throws(BackendError) {
      try times.measure("assembler") { () throws(BackendError) in
        try toolchain.assemble(assembly, output: options.outputPath)
      }
    } catch {
      try lookForRoom(assembly, nodes)
      throw error
    }
    return result
  }

  /// Both where libgccjit writes the assembly text and where it is copied to, and assembled.
  private static func lookForRoom(_ assembly: String, _ nodes: Int) throws(BackendError) {
    let slash = assembly.lastIndex(of: "/")
    let output = slash.map { String(assembly[...$0].dropLast($0 == assembly.startIndex ? 0 : 1)) } ?? "."
    for folder in [TemporaryFiles.folder, output] where !TemporaryFiles.hasRoom(in: folder, for: nodes) {
      throw .noRoom(folder: folder)
    }
  }
}
