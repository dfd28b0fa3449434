// The running virtual machine: a universe, its compiler and its editors, wired together. Start reading here.
//
//   interpreter ── hotEntry, hotLoop ─► Tiering ─► CompilerService ─► InstalledCode.install (at a poll)
//   compiled code ── deoptimize ─► Deoptimizer ─► interpreter
//   editors ── Editor ─► Accepts (at a poll) ─► Receipt
//
// Everything runs on the VM thread, except where a method says "any thread".

import Foundation
import IR
import Optimizer
import VM

public typealias CanvasEvent = VM.CanvasEvent

public final class Runtime: @unchecked Sendable {
  private let machine: Machine
  // What others ask.
  public let editor: Editor
  public let history: HistoryEditor
  public let inspector: Inspector
  public let evaluations: Evaluations
  public let sideEvaluations: SideEvaluations
  public let codeSearch: CodeSearch
  public let debugging: DebugController
  public let calls: Calls
  let vmThread: ProgramThread
  private let interruptions = Interruptions()
  let leftProcesses: LeftProcesses
  private let inspections: Inspections

  // What the program and its code ask, and what happens at polls.
  let compiling: CompilerService
  private let baseline: BaselineTier
  let tiering: Tiering
  let deoptimizer: Deoptimizer
  let debugger: Debugger
  let versions: MethodVersions
  let accepts: Accepts
  let programEdits: ProgramEdits
  let effectWatch: EffectWatch
  let settling: Settling
  private let changeLog: ChangeLogWriter
  let acceptHistory = History()
  private let reclamation: Reclamation
  private let stress: Stress
  /// What was printed has waited long enough for the machine's thread.
  let isFlushDue = Guarded(false)

  public var options: Options { machine.options }
  public var universe: Universe { machine.universe }
  public var program: RuntimeProgram { machine.program }
  public var installed: InstalledCode { machine.installed }
  var counters: Counters { machine.counters }

  /// Makes a virtual machine without a program. `compileWorker` and a folder are the words that start a process that
  /// does `CompileWorker.run`, of this same build; without, GCC runs in this process. `stages` changes optimizer and
  /// backend (tests).
  public init(
    options: Options = Options(), classPath: [String] = [], capabilities: Capabilities = .all,
    output: Output = Output(), compileWorker: [String]? = nil, stages: (CompilerStages) -> CompilerStages = { $0 }
  ) {
    var options = options
    if !capabilities.writesClasses { options.writeBack = false }
    if !options.jit { options.baseline = false }
    machine = Machine(
      options: options, universe: Universe(options: Self.vmOptions(options, classPath, capabilities), output: output))
    vmThread = ProgramThread(
      stackBytes: NativeStack.bytes(forFrames: options.stackLimit), niceness: options.niceness)
    leftProcesses = LeftProcesses(machine.universe, interruptions)
    inspections = Inspections(machine.universe, vmThread)
    compiling = CompilerService(machine)
    baseline = BaselineTier(machine, compiling)
    tiering = Tiering(machine, compiling, baseline)
    stress = Stress(machine)
    let overrides = FrameOverrides()
    deoptimizer = Deoptimizer(machine, tiering, stress, overrides)
    debugger = Debugger(machine, tiering, overrides)
    debugging = DebugController(debugger, vmThread, inspections)
    versions = MethodVersions(machine)
    effectWatch = EffectWatch(machine)
    settling = Settling(machine)
    changeLog = ChangeLogWriter(machine)
    reclamation = Reclamation(machine)
    accepts = Accepts(machine, tiering, reclamation, versions, changeLog, acceptHistory, effectWatch, settling)
    programEdits = ProgramEdits(machine, tiering, accepts, versions, changeLog)
    editor = Editor(machine, vmThread, inspections, accepts, versions, changeLog, acceptHistory)
    history = HistoryEditor(machine, acceptHistory, versions, inspections, editor)
    inspector = Inspector(machine, compiling, tiering, versions, vmThread, inspections)
    codeSearch = CodeSearch(machine.universe)
    sideEvaluations = SideEvaluations(machine.universe, debugger, inspections, editor)
    evaluations = Evaluations(machine.universe, vmThread, interruptions, inspections, editor)
    calls = Calls(machine.universe, debugger, vmThread, interruptions, sideEvaluations)
    debugger.calls = calls
    calls.link = MachineLink(self)
    calls.loadClass = { [evaluations] in try evaluations.load($0) }
    calls.programEnded = { [notices = machine.notices] in notices.tellWaiting() }
    universe.registerPrimitives()
    calls.registerBlocks()
    connectHooks()
    connectFunctions()
    connectThread()
    if options.jit {
      compiling.start(
        worker: options.compileIn == .worker ? compileWorker : nil, stages, sampleDue: tiering.isSampleDue)
    }
    stress.arm()
  }

  /// Makes a machine whose program prints to `out` and `error` (nil: the process's own); to sinks, line by line if
  /// somebody watches.
  public convenience init(
    options: Options, classPath: [String], capabilities: Capabilities, out: ((UnsafeRawBufferPointer) -> Void)?,
    error: ((UnsafeRawBufferPointer) -> Void)?, flushesLines: Bool, compileWorker: [String]?
  ) {
    self.init(
      options: options, classPath: classPath, capabilities: capabilities,
      output: Output(out: out, error: error, flushesLines: flushesLines),
      compileWorker: compileWorker)
  }

  deinit {
    calls.close()
    settling.stop()
    compiling.stop()
    vmThread.stop()
    universe.thread[.runtime] = 0
  }

  private static func vmOptions(_ options: Options, _ classPath: [String], _ capabilities: Capabilities) -> VMOptions {
    var vm = VMOptions()
    vm.nurseryBytes = options.nurserySize
    vm.heapLimit = options.heapLimit
    vm.stackBytes = options.stackLimit
    vm.gcEvery = options.gcEvery
    vm.gcSteps = options.gcSteps
    vm.incrementalGC = options.incrementalGC
    vm.processStackBytes = options.processStackLimit
    vm.timeSlice = options.timeSlice
    vm.preemptEvery = options.preemptEvery
    vm.traceGC = options.trace.contains(.gc)
    vm.upstreamWording = options.upstreamWording
    vm.compileThreshold = options.compileThreshold
    vm.firstThreshold =
      options.baseline ? min(options.baselineThreshold, options.compileThreshold) : options.compileThreshold
    vm.classPath = classPath
    vm.capabilities = capabilities
    return vm
  }

  // MARK: Running

  /// Loads the core library. Once, before anything else.
  public func boot() throws {
    try vmThread.perform { [self] in
      if let log = try changeLog.open() { acceptHistory.continueLog(log) }
      if options.writeBack { universe.options.classPath.forEach(ReplaceableFile.removeLeftovers) }
      try universe.boot()
      program.refreshGlobals()
    }
  }

  /// Runs a program: class `name`, with `arguments` of which the first is the program's name. Answers the exit
  /// status. Any thread but the VM's; blocks.
  public func run(_ name: String, arguments: [String] = []) -> Int {
    let status = try? interruptibly {
      try vmThread.perform { [self] in
        defer { machine.notices.tellWaiting() }
        return universe.run(name, arguments: arguments)
      }
    }
    return status ?? 1
  }

  /// Whether the calling thread is the machine's own: then code of the program may be under way.
  public var isOnProgramThread: Bool { vmThread.isCurrent }

  /// Runs `body` on the VM thread, at a moment when no program runs.
  public func perform<T>(_ body: @escaping (Universe) throws -> T) throws -> T {
    try vmThread.perform { [self] in try body(universe) }
  }

  func makeProbation() -> Probation { Probation(universe, machine.events, inspections, debugger, history) }

  // MARK: Interrupting

  /// Makes the program poll soon. Any thread.
  public func interrupt() { universe.requestPoll() }

  /// Around everything that runs code of the program from outside: `stop` and `interruptProgram` are for that.
  public func interruptibly<T>(_ body: () throws -> T) rethrows -> T { try interruptions.during(body) }

  /// Ends the program that runs at its next poll, and the processes that earlier requests have left; does nothing if there
  /// are none. Any thread.
  public func stop(status: Int = 130) {
    calls.quitAll(status: status)
    guard interruptions.quit(status: status) else { return }
    interrupt()
    vmThread.wake()
  }

  /// Interrupts the program or evaluation that is under way, if there is one: at its next safepoint it ends with a
  /// traceback. Any thread.
  public func interruptProgram() {
    calls.interruptAll()
    interruptions.interrupt()
    interrupt()
  }

  /// What happens when a poll was requested: false unwinds.
  func poll(_ frame: Words, isIdle: Bool = false) -> Bool {
    counters.figures.polls += 1
    return reclamation.during(pollAt: frame) {
      if !isIdle {
        let (quit, isInterrupted) = interruptions.take()
        if let quit {
          leftProcesses.end()
          _ = universe.terminate(status: quit, because: .stopped)
          return false
        }
        if isInterrupted {
          _ = universe.raise(.interrupted, frame)
          return false
        }
      }
      machine.notices.tellWaiting()
      if isFlushDue.take() { universe.output.flush() }
      tiering.takeResults()
      tiering.sampleIfDue(frame)
      tiering.unboxFields(frame)
      inspections.run(frame)
      guard calls.poll(frame) else { return false }
      universe.wakeEventWaiters()
      if !isIdle { debugger.poll(frame) }
      let goOn = editor.poll(frame)
      settling.poll(frame, isIdle: isIdle)
      stress.poll(accepts, frame)
      return goOn
    }
  }

  // MARK: Canvases

  /// Something has happened in front of a canvas. Any thread.
  public func canvasEvent(_ event: CanvasEvent) {
    guard universe.canvases.add(event) else { return }
    interrupt()
    vmThread.wake()
  }

  // MARK: Observing

  public func onEvent(_ listener: @escaping @Sendable (RuntimeEvent) -> Void) -> Int { machine.events.add(listener) }
  public func removeListener(_ id: Int) { machine.events.remove(id) }

  /// Runs `body` on the VM thread at a safepoint, and waits for it; see `Inspections`. Any thread.
  public func inspect<T>(_ body: @escaping (Runtime) -> T) -> T {
    inspections.atSafepoint { [self] in body(self) }
  }

  /// A snapshot. VM thread.
  public var statistics: Statistics {
    var s = counters.figures
    s.codeUnits = installed.units.count
    s.codeBytes = installed.byteCount
    s.baselineBytes = baseline.bytesInUse
    s.methods = universe.methods.count
    s.shapes = universe.classes.infos.count { $0 != nil }
    s.unboxedClasses = universe.unboxedFields.classCount
    let processes = universe.processFigures
    s.processesStarted = processes.started
    s.mostProcesses = processes.most
    s.processSwitches = processes.switches
    let gc = universe.heap.statistics
    s.collections = gc.count
    s.fullCollections = gc.fullCount
    s.collectingMicroseconds = Int(gc.nanoseconds / 1000)
    s.longestPauseMicroseconds = Int(gc.longestNanoseconds / 1000)
    compiling.report(&s)
    return s
  }

  /// What a watcher shows as it goes on. Any thread.
  public func liveFigures() -> LiveFigures {
    let seconds = vmThread.processorSeconds
    return inspect { runtime in
      LiveFigures(
        statistics: runtime.statistics, heapBytes: runtime.universe.heap.bytesInUse, processorSeconds: seconds)
    }
  }

  // MARK: The end

  /// Takes no more work, and removes the machine's temporary files: nothing of it stays on the disk. With `abandoning`, a
  /// compile that is under way goes on meanwhile if it is in this process: only for a process that ends right afterwards,
  /// by `_exit`, since the compiler must not run while the C library takes itself down. No program may run. Any thread.
  public func shutDown(abandoning: Bool = false) {
    calls.close()
    // Processes that evaluations have left may be running.
    vmThread.stop()
    compiling.stop(abandoning: abandoning)
    compiling.removeScratch()
  }
}
