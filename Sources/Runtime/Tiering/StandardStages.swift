// The real stages: `Optimizer` and `GccBackend`, as the options want them.

import Foundation
import GccBackend
import IR
import Optimizer
import VM

extension CompilerStages {
  /// `generating` gathers the times of the backend's phases.
  static func standard(
    _ options: Options, _ program: RuntimeProgram, _ output: Output, _ generator: any CodeGenerator,
    _ generating: Guarded<PhaseTimes>
  ) -> CompilerStages {
    var optimizing = OptimizerOptions()
    optimizing.elidePolls = options.uneditable
    optimizing.passLimit = options.passes
    optimizing.debuggable = options.debuggable
    let base = optimizing
    // Not GCC's version: what another one has made is as good, and to ask for it is to load libgccjit.
    let code = CodeOptions(options)
    let prefix = "\(Self.build) \(Self.machine) \(code.key)\n"
    let evaluate: Evaluate = { try EvaluatedImage.make($0) }
    var stages = CompilerStages(
      prepare: { generator.prepare() },
      folders: { generator.folders(scratch: $0) },
      optimize: { key in
        program.isBeingRead.lock()
        defer { program.isBeingRead.unlock() }
        guard let generation = program.generation(for: key) else { throw CompileFailure("it was replaced") }
        let method = MethodID(key.method)
        var optimizing = base
        if let dump = options.dumpIR {
          let name = program.facts(method).name
          if dump.matches(name) { optimizing.observe = Self.printer(dump, name, output) }
        }
        let result: CompilationResult
        do {
          result = try Optimizer.compile(method: method, osrPC: key.osrPC, program: program, options: optimizing)
        } catch {
          throw CompileFailure("\(error)")
        }
        if !result.doubleFields.isEmpty {
          throw CompileFailure("it wants doubles in fields", extent: .unboxing(result.doubleFields))
        }
        return OptimizedUnit(
          graph: result.graph, dependencies: result.dependencies,
          inlined: result.inlined.map {
            OptimizedUnit.Inlined(method: $0.callee.raw, callSite: $0.pc, caller: $0.caller.raw)
          }, coldCalls: result.coldCalls, coverage: result.coverage, generation: generation, times: result.times)
      },
      text: { prefix + $0.text },
      generate: { graphs, path in
        var backend = code.backend(for: graphs, path: path)
        let dumps = options.dumpAsm.map { dump in graphs.contains { dump.matches($0.name) } } ?? false
        if dumps { backend.assemblyPath = path + ".s" }
        var times = PhaseTimes()
        let metadata = try generator.compile(graphs, backend, times: &times)
        generating.update { $0.add(times) }
        if dumps, let text = try? String(contentsOfFile: path + ".s", encoding: .utf8) {
          output.printError(text)
        }
        return metadata
      }, evaluate: options.compileIn == .evaluator ? evaluate : nil)
    stages.stencilText = "\(Self.build) \(Self.machine) stencils"
    stages.stencils = { path in
      var times = PhaseTimes()
      try generator.compileStencils(BackendOptions(outputPath: path), times: &times)
      generating.update { $0.add(times) }
    }
    return stages
  }

  /// Prints the graph after the pass that was asked for, or after the last.
  private static func printer(
    _ dump: DumpRequest, _ name: String, _ output: Output
  ) -> @Sendable (String, Graph) -> Void {
    { stage, graph in
      if let pass = dump.pass, pass != stage { return }
      output.printError("; \(name) after \(stage)\n\(graph.text)\n")
    }
  }

  /// Another build of the compiler may make other code of the same text.
  private static let build: String = {
    var status = stat()
    guard stat("/proc/self/exe", &status) == 0 else { return "?" }
    return "\(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
  }()

  private static let machine: String = {
    var name = utsname()
    uname(&name)
    return withUnsafeBytes(of: &name.machine) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }()
}
