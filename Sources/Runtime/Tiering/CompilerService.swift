// The compiler of one machine: where GCC runs, and on which thread the rest. Without one, everything is interpreted.

import Foundation
import GccBackend
import IR
import VM

final class CompilerService: @unchecked Sendable {
  private let options: Options
  private let universe: Universe
  private let program: RuntimeProgram
  private let notices: Notices
  private var compiler: Compiler?
  private var thread: CompilerThread?
  private var generator: any CodeGenerator = InProcessGenerator()
  /// Of the backend's phases, for what was compiled for the program.
  private let generating = Guarded(PhaseTimes())

  init(_ machine: Machine) {
    options = machine.options
    universe = machine.universe
    program = machine.program
    notices = machine.notices
  }

  /// `worker` and a folder are the words that start the process that compiles; nil: this one does. `sampleDue` is told
  /// when a sample is to be taken.
  func start(worker: [String]?, _ stages: (CompilerStages) -> CompilerStages, sampleDue: Guarded<Bool>) {
    do {
      let files = try ObjectFiles(
        folder: options.noCache ? nil : options.cacheDirectory, isUsual: options.cacheIsUsual
      ) { [notices] in notices.tell($0) }
      if let worker {
        var limits = WorkerGenerator.Limits()
        limits.idleSeconds = options.workerIdle == 0 ? nil : Double(options.workerIdle)
        generator = WorkerGenerator(command: worker, folder: files.scratch, limits: limits) { [weak notices] in
          notices?.tellSoon($0)
        }
      }
      let compiler = Compiler(stages: stages(standardStages()), files: files)
      self.compiler = compiler
      if options.compileNow { return }
      let polls = universe.pollRequests
      thread = CompilerThread(
        compiler: compiler, batchLimit: options.batchLimit, deliver: { polls.request() },
        sample: {
          sampleDue.set(true)
          polls.request()
        })
    } catch {
      notices.tell("\(error); interpreting everything")
    }
  }

  /// Optimizer and backend as the options want them.
  func standardStages() -> CompilerStages {
    .standard(options, program, universe.output, generator, generating)
  }

  // MARK: Compiling

  var isThere: Bool { compiler != nil }

  /// Why nothing can be compiled now, as far as it shows at a glance.
  func lackOfRoom() -> CompileFailure? { compiler?.lackOfRoom() }

  /// Compiles a unit on this thread.
  func compile(_ key: CompileKey) -> [CompileResult] { compiler?.compile([key]) ?? [] }

  /// Something is compiled soon: what takes time is begun.
  func expectWork() { thread?.expectWork() }

  /// Queues a unit.
  func submit(_ key: CompileKey, heat: Int) throws(NativeThread.Failure) { try thread?.submit(key, heat: heat) }

  /// What is compiled since the last call.
  func takeResults() -> [CompileResult] { thread?.takeResults() ?? [] }

  /// Asks for one sample in so many seconds.
  func sample(after seconds: Double) { thread?.sample(after: seconds) }

  /// Methods (ids) that are gone need no code.
  func forget(_ dead: Set<Int>) { thread?.forget(dead) }

  /// The machine code of a graph, as text; nothing is kept of it.
  func assembly(of graph: Graph, times: inout PhaseTimes) throws -> String? {
    let files = try ObjectFiles(folder: nil) { _ in }
    let path = files.scratchPath()
    var backend = CodeOptions(options).backend(for: [graph], path: path)
    backend.assemblyPath = path + ".s"
    _ = try generator.compile([graph], backend, times: &times)
    return try? String(contentsOfFile: path + ".s", encoding: .utf8)
  }

  // MARK: Baseline code

  /// The stencils, if they can be had at once.
  func stencilsAtHand() -> StencilLibrary? {
    if let bundled = StencilLibrary.bundled { return bundled }
    // One that compiles on the program's thread waits for everything.
    return (try? compiler?.stencils(making: options.compileNow)) ?? nil
  }

  /// Has them made in the background. `deliver` is called on the compiler's thread, before the next poll.
  func makeStencils(_ deliver: @escaping @Sendable (StencilLibrary) -> Void) {
    guard let compiler else { return }
    // Without them, or a thread, everything else goes on.
    try? thread?.setErrand(after: Self.pauseBeforeStencils) {
      if let made = try? compiler.stencils(making: true) { deliver(made) }
    }
  }
  /// Seconds: what becomes hot right at the start is compiled before.
  private static let pauseBeforeStencils = 0.05

  // MARK: Reporting

  /// Whether libgccjit can be loaded: its version, or what is wrong. Any thread; may wait for the worker to start.
  func state() -> (version: Int?, problem: String?) { Self.state(of: generator) }

  static func state(of generator: any CodeGenerator) -> (version: Int?, problem: String?) {
    do { return (try generator.compilerVersion(), nil) } catch { return (nil, "\(error)") }
  }

  func report(_ statistics: inout Statistics) {
    statistics.generating = generating.get()
    let workers = generator.figures
    statistics.workersStarted = workers.started
    statistics.workersDied = workers.died
    statistics.workerPeakKilobytes = workers.peakKilobytes
    statistics.workerSharedKilobytes = workers.sharedKilobytes
  }

  // MARK: The end

  /// Nothing is compiled any more. VM thread.
  func giveUp() {
    generator.end()
    thread?.stop(abandoning: true)
    compiler = nil
    thread = nil
  }

  /// Takes no more work. Any thread.
  func stop(abandoning: Bool = false) {
    generator.end()
    thread?.stop(abandoning: abandoning)
  }

  func removeScratch() { compiler?.removeScratch() }
}
