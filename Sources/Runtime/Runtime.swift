// The running virtual machine: a universe, its compiler and its editors, wired together. Start reading here.
//
//   interpreter ── hotEntry, hotLoop ─► Tiering ─► CompilerThread ─► CodeCache.install (at a poll)
//   compiled code ── deoptimize ─► Deoptimizer ─► interpreter
//   editors ── submit ─► AcceptQueue ─► Accept (at a poll) ─► DependencyRegistry ─► CodeCache.invalidate
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
  public let cache: CodeCache
  let deoptimizer: Deoptimizer
  let acceptQueue = AcceptQueue()
  let events = EventBus()
  let inspections = Inspections()
  let vmThread: ProgramThread

  var compiler: Compiler?
  var generator: any CodeGenerator = InProcessGenerator()
  /// The program that compiles for this machine; see `init`.
  let compileWorker: [String]?
  var compilerThread: CompilerThread?
  var tiering = TieringState()
  var sampler = CallSampler()
  let stress: Stress
  var editing = EditingState()
  let history = Guarded(VersionHistory())
  /// Held while class files are written, one writer at a time.
  let sourceFileLock = NSLock()
  var counters = Statistics()
  var nativeStack = NativeStackGuard()
  /// The compiled frame whose innermost activation starts again when it is deoptimized.
  var restarting: Words?
  /// Nested polls: a listener of changes may run code of the program.
  var pollDepth = 0
  private let notices = Guarded<Set<String>>([])
  private let quit = Guarded<Int?>(nil)
  /// An evaluation is under way; it is to be interrupted.
  var isEvaluating = false
  let interruption = Guarded(false)

  /// Makes a virtual machine without a program. `compileWorker` and a folder are the words that start a process that
  /// does `CompileWorker.run`, of this same build; without, GCC runs in this process. `stages` changes optimizer and
  /// backend (tests).
  public init(
    options: Options = Options(), classPath: [String] = [], output: Output = Output(),
    compileWorker: [String]? = nil, stages: (CompilerStages) -> CompilerStages = { $0 }
  ) {
    self.options = options
    self.compileWorker = options.compileIn == .worker ? compileWorker : nil
    universe = Universe(options: Self.vmOptions(options, classPath), output: output)
    program = RuntimeProgram(universe: universe)
    cache = CodeCache(universe: universe, program: program)
    deoptimizer = Deoptimizer(universe: universe)
    stress = Stress(options)
    vmThread = ProgramThread(stackBytes: max(1 << 30, 32 * options.stackLimit))
    universe.registerPrimitives()
    universe.thread[.runtime] = UInt64(UInt(bitPattern: Unmanaged.passUnretained(self).toOpaque()))
    installHooks()
    installFunctions()
    vmThread.began = { [unowned self] in nativeStack.begin(stackBytes: $0) }
    vmThread.idle = { [unowned self] in _ = poll(universe.bottomFrame) }
    vmThread.resumes = { [unowned self] in if sampler.isResting { sampleSoon() } }
    if options.jit { startCompiler(stages) }
    openChangeLog()
    stress.arm(self)
  }

  deinit {
    generator.end()
    compilerThread?.stop()
    vmThread.stop()
    universe.thread[.runtime] = 0
  }

  private static func vmOptions(_ options: Options, _ classPath: [String]) -> VMOptions {
    var vm = VMOptions()
    vm.nurseryBytes = options.nurserySize
    vm.heapLimit = options.heapLimit
    vm.stackBytes = options.stackLimit
    vm.gcEvery = options.gcEvery
    vm.traceGC = options.trace.contains(.gc)
    vm.hotThreshold = options.compileThreshold
    vm.classPath = classPath
    return vm
  }

  /// The runtime whose thread words these are.
  static func of(_ thread: Words) -> Runtime {
    let raw = UnsafeRawPointer(bitPattern: UInt(thread[Thread.Slot.runtime.rawValue])).unsafelyUnwrapped
    return Unmanaged<Runtime>.fromOpaque(raw).takeUnretainedValue()
  }

  private func installHooks() {
    universe.hooks.wordsInUse = { [unowned self] in cache.wordsInUse($0) }
    universe.hooks.liveSlots = { [unowned self] in cache.liveSlots($0) }
    universe.hooks.virtualFrames = { [unowned self] frame in
      cache.code(frame)?.virtualFrames(frame, methods: universe.methods) ?? []
    }
    universe.hooks.virtualBlocks = { [unowned self] frame in
      cache.code(frame)?.virtualBlocks(frame) ?? []
    }
    universe.hooks.argument = { [unowned self] frame, number, register in
      cache.code(frame)?.argument(register, of: number, frame) ?? .value(.nil)
    }
    universe.hooks.methodsInFrame = { [unowned self] in cache.methods(inFrame: $0) }
    universe.hooks.methodsInCode = { [unowned self] in cache.methods(inCodeOf: $0) }
    universe.hooks.classesInCode = { [unowned self] in cache.classesInRetiredCode }
    universe.hooks.reclaimed.append { [unowned self] in forget($0) }
    universe.hooks.extraRoots.append { [unowned self] in cache.visitRoots($0) }
    universe.hooks.methodChanged.append { [unowned self] in methodChanged($0) }
    universe.hooks.superseded.append { [unowned self] in methodsSuperseded($0) }
    universe.hooks.classChanged.append { [unowned self] in classChanged($0, $1) }
    universe.hooks.globalChanged.append { [unowned self] in globalChanged($0) }
    universe.hooks.restart = { [unowned self] in restart($0) }
    universe.hooks.edit = { [unowned self] in edit($0, $1) }
    universe.hooks.totalCompilationTime = { [unowned self] in
      (counters.optimizingMicroseconds + counters.generatingMicroseconds) / 1000
    }
    universe.hooks.poll = { [unowned self] in poll($0) }
  }

  // MARK: Running

  /// Loads the core library. Once, before anything else.
  public func boot() throws {
    try vmThread.perform { [self] in
      try universe.boot()
      program.refreshGlobals()
    }
  }

  /// Runs a program: class `name`, with `arguments` of which the first is the program's name. Answers the exit
  /// status. Any thread but the VM's; blocks.
  public func run(_ name: String, arguments: [String] = []) -> Int {
    (try? vmThread.perform { [self] in universe.run(name, arguments: arguments) }) ?? 1
  }

  /// Runs `body` on the VM thread, at a moment when no program runs.
  public func perform<T>(_ body: @escaping (Universe) throws -> T) throws -> T {
    try vmThread.perform { [self] in try body(universe) }
  }

  // MARK: Interrupting

  /// Makes the program poll soon. Any thread.
  public func interrupt() { universe.requestPoll() }

  /// Ends the program at its next poll. Any thread.
  public func stop(status: Int = 130) {
    quit.set(status)
    interrupt()
  }

  /// What happens when a poll was requested: false unwinds.
  private func poll(_ frame: Words) -> Bool {
    counters.polls += 1
    pollDepth += 1
    defer { pollDepth -= 1 }
    if pollDepth == 1 {
      counters.freedUnits += cache.freeUnused(from: frame)
      reclaimIfDue(frame)
    }
    if let status = quit.take() {
      _ = universe.terminate(status: status, because: .stopped)
      return false
    }
    if isEvaluating, interruption.take() {
      _ = universe.raise(.interrupted, frame)
      return false
    }
    installResults()
    if sampler.isDue.take() { sample(frame) }
    unboxFields(frame)
    inspections.run()
    let goOn = processAccepts(frame)
    stress.poll(self, frame)
    return goOn
  }

  // MARK: Statistics and notices

  /// A snapshot. VM thread.
  public var statistics: Statistics {
    var s = counters
    s.codeUnits = cache.units.count
    s.codeBytes = cache.byteCount
    s.methods = universe.methods.count
    s.shapes = universe.classes.infos.count { $0 != nil }
    s.unboxedClasses = universe.unboxedClassCount
    let gc = universe.heap.statistics
    s.collections = gc.count
    s.fullCollections = gc.fullCount
    s.collectingMicroseconds = Int(gc.nanoseconds / 1000)
    s.longestPauseMicroseconds = Int(gc.longestNanoseconds / 1000)
    let workers = generator.figures
    s.workersStarted = workers.started
    s.workersDied = workers.died
    s.workerPeakKilobytes = workers.peakKilobytes
    s.workerSharedKilobytes = workers.sharedKilobytes
    return s
  }

  /// Tells the user something once, on standard error.
  func notice(_ text: String) {
    if notices.update({ (set: inout Set<String>) -> Bool in set.insert(text).inserted }) {
      universe.output.printError("ovid: \(text)\n")
    }
  }

  func trace(_ topic: TraceTopic, _ text: @autoclosure () -> String) {
    if options.trace.contains(topic) { universe.output.printError("[\(topic.rawValue)] \(text())\n") }
  }
}

/// A value behind a lock.
final class Guarded<T>: @unchecked Sendable {
  private let lock = NSLock()
  private var value: T
  init(_ value: T) { self.value = value }
  func update<R>(_ body: (inout T) -> R) -> R { lock.withLock { body(&value) } }
  func set(_ new: T) { update { $0 = new } }
  func get() -> T { update { $0 } }
}

extension Guarded where T == Bool {
  func take() -> Bool {
    update { (value: inout Bool) -> Bool in
      defer { value = false }
      return value
    }
  }
}

extension Guarded where T == Int? {
  func take() -> Int? {
    update { (value: inout Int?) -> Int? in
      defer { value = nil }
      return value
    }
  }
}
