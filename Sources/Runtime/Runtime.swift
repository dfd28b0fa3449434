// The running virtual machine: a universe, its compiler and its editors, wired together. Start reading here.
//
//   interpreter ── hotEntry, hotLoop ─► Tiering ─► CompilerService ─► InstalledCode.install (at a poll)
//   compiled code ── deoptimize ─► Deoptimizer ─► interpreter
//   editors ── submit ─► AcceptQueue ─► Runtime+Accept (at a poll) ─► Receipt
//
// Everything runs on the VM thread, except where a method says "any thread".

import Foundation
import IR
import Optimizer
import VM

public final class Runtime: @unchecked Sendable {
  public let options: Options
  public let universe: Universe
  public let program: RuntimeProgram
  public let installed: InstalledCode
  let compiling: CompilerService
  let tiering: Tiering
  let deoptimizer: Deoptimizer
  let acceptQueue = AcceptQueue()
  let events = EventBus()
  let counters = Counters()
  let notices: Notices
  let vmThread: ProgramThread
  private let stress: Stress
  let inspections = Inspections()
  private let interruptions = Interruptions()
  /// What was printed has waited long enough for the machine's thread.
  let isFlushDue = Guarded(false)
  /// Nested polls: a listener of changes may run code of the program.
  private(set) var pollDepth = 0

  var editing = EditingState()
  let history = Guarded(VersionHistory())
  /// Held while class files are written, one writer at a time.
  let sourceFileLock = NSLock()

  /// Makes a virtual machine without a program. `compileWorker` and a folder are the words that start a process that
  /// does `CompileWorker.run`, of this same build; without, GCC runs in this process. `stages` changes optimizer and
  /// backend (tests).
  public init(
    options: Options = Options(), classPath: [String] = [], output: Output = Output(),
    compileWorker: [String]? = nil, stages: (CompilerStages) -> CompilerStages = { $0 }
  ) {
    self.options = options
    universe = Universe(options: Self.vmOptions(options, classPath), output: output)
    program = RuntimeProgram(universe: universe)
    installed = InstalledCode(universe: universe, program: program)
    notices = Notices(universe, topics: options.trace)
    stress = Stress(options)
    compiling = CompilerService(options: options, universe: universe, program: program, notices: notices)
    tiering = Tiering(
      options: options, universe: universe, program: program, installed: installed, compiling: compiling,
      counters: counters, notices: notices, events: events)
    deoptimizer = Deoptimizer(
      universe: universe, program: program, installed: installed, tiering: tiering, stress: stress, counters: counters,
      notices: notices, limit: options.deoptLimit)
    vmThread = ProgramThread(stackBytes: NativeStack.bytes(forFrames: options.stackLimit))
    universe.registerPrimitives()
    connectHooks()
    connectFunctions()
    connectThread()
    if options.jit {
      compiling.start(
        worker: options.compileIn == .worker ? compileWorker : nil, stages, sampleDue: tiering.isSampleDue)
    }
    stress.arm(self)
  }

  deinit {
    compiling.stop()
    vmThread.stop()
    universe.thread[.runtime] = 0
  }

  private static func vmOptions(_ options: Options, _ classPath: [String]) -> VMOptions {
    var vm = VMOptions()
    vm.nurseryBytes = options.nurserySize
    vm.heapLimit = options.heapLimit
    vm.stackBytes = options.stackLimit
    vm.gcEvery = options.gcEvery
    vm.processStackBytes = options.processStackLimit
    vm.timeSlice = options.timeSlice
    vm.preemptEvery = options.preemptEvery
    vm.traceGC = options.trace.contains(.gc)
    vm.upstreamWording = options.upstreamWording
    vm.compileThreshold = options.compileThreshold
    vm.classPath = classPath
    return vm
  }

  // MARK: Running

  /// Loads the core library. Once, before anything else.
  public func boot() throws {
    try vmThread.perform { [self] in
      try openChangeLog()
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
        defer { notices.tellWaiting() }
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

  // MARK: Interrupting

  /// Makes the program poll soon. Any thread.
  public func interrupt() { universe.requestPoll() }

  /// Around everything that runs code of the program from outside: `stop` and `interruptProgram` are for that.
  public func interruptibly<T>(_ body: () throws -> T) rethrows -> T { try interruptions.during(body) }

  /// Ends the program that runs at its next poll; does nothing if none does. Any thread.
  public func stop(status: Int = 130) {
    interruptions.quit(status: status)
    interrupt()
  }

  /// Interrupts the program or evaluation that is under way, if there is one: at its next safepoint it ends with a
  /// traceback. Any thread.
  public func interruptProgram() {
    interruptions.interrupt()
    interrupt()
  }

  /// What happens when a poll was requested: false unwinds.
  func poll(_ frame: Words, isIdle: Bool = false) -> Bool {
    counters.figures.polls += 1
    pollDepth += 1
    defer { pollDepth -= 1 }
    if pollDepth == 1 {
      counters.figures.freedUnits += installed.freeUnused(from: frame)
      reclaimIfDue(frame)
    }
    if !isIdle {
      let (quit, isInterrupted) = interruptions.take()
      if let quit {
        _ = universe.terminate(status: quit, because: .stopped)
        return false
      }
      if isInterrupted {
        _ = universe.raise(.interrupted, frame)
        return false
      }
    }
    notices.tellWaiting()
    if isFlushDue.take() { universe.output.flush() }
    tiering.takeResults()
    tiering.sampleIfDue(frame)
    tiering.unboxFields(frame)
    inspections.run()
    let goOn = processAccepts(frame)
    stress.poll(self, frame)
    return goOn
  }

  // MARK: Statistics

  /// A snapshot. VM thread.
  public var statistics: Statistics {
    var s = counters.figures
    s.codeUnits = installed.units.count
    s.codeBytes = installed.byteCount
    s.methods = universe.methods.count
    s.shapes = universe.classes.infos.count { $0 != nil }
    s.unboxedClasses = universe.unboxedFields.classCount
    let gc = universe.heap.statistics
    s.collections = gc.count
    s.fullCollections = gc.fullCount
    s.collectingMicroseconds = Int(gc.nanoseconds / 1000)
    s.longestPauseMicroseconds = Int(gc.longestNanoseconds / 1000)
    compiling.report(&s)
    return s
  }
}
