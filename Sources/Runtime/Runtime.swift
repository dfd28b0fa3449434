// The running virtual machine: a universe, its compiler and its editors, wired together. Start reading here.
//
//   interpreter ── hotEntry, hotLoop ─► Tiering ─► CompilerThread ─► InstalledCode.install (at a poll)
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
  private let requests = Guarded(Requests())
  /// What the compiler has to tell the user.
  private let pendingNotices = Guarded<[String]>([])
  /// Of the backend's phases, for what was compiled for the program.
  let generating = Guarded(PhaseTimes())
  /// What was printed has waited long enough for the machine's thread.
  private let isFlushDue = Guarded(false)

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
    installed = InstalledCode(universe: universe, program: program)
    deoptimizer = Deoptimizer(universe: universe)
    stress = Stress(options)
    vmThread = ProgramThread(stackBytes: Self.nativeStackBytes(options))
    universe.registerPrimitives()
    universe.thread[.runtime] = UInt64(UInt(bitPattern: Unmanaged.passUnretained(self).toOpaque()))
    installHooks()
    installFunctions()
    vmThread.began = { [unowned self] in nativeStack.begin(stackBytes: $0) }
    // After a job: whoever waited for that may have let go of this machine already.
    vmThread.idle = { [weak self] in _ = self.map { $0.poll($0.universe.bottomFrame, isIdle: true) } }
    vmThread.resumes = { [unowned self] in if sampler.isResting { sampleSoon() } }
    if options.jit { startCompiler(stages) }
    stress.arm(self)
  }

  deinit {
    generator.end()
    compilerThread?.stop()
    vmThread.stop()
    universe.thread[.runtime] = 0
  }

  /// Calls between native code and the interpreter nest as deep as the program's stack allows. Reserved, not committed.
  private static func nativeStackBytes(_ options: Options) -> Int { 64 << 20 + 32 * options.stackLimit }

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

  /// The runtime whose thread words these are.
  static func of(_ thread: Words) -> Runtime {
    let raw = UnsafeRawPointer(bitPattern: UInt(thread[Thread.Slot.runtime.rawValue])).unsafelyUnwrapped
    return Unmanaged<Runtime>.fromOpaque(raw).takeUnretainedValue()
  }

  private func installHooks() {
    universe.hooks.wordsInUse = { [unowned self] in installed.wordsInUse($0) }
    universe.hooks.liveSlots = { [unowned self] in installed.liveSlots($0) }
    universe.hooks.activations = { [unowned self] frame in
      installed.code(frame)?.activations(frame, methods: universe.methods) ?? []
    }
    universe.hooks.unallocatedBlocks = { [unowned self] frame in
      installed.code(frame)?.unallocatedBlocks(frame) ?? []
    }
    universe.hooks.argument = { [unowned self] frame, number, register in
      installed.code(frame)?.argument(register, of: number, frame) ?? .value(.nil)
    }
    universe.hooks.methodsInFrame = { [unowned self] in installed.methods(inFrame: $0) }
    universe.hooks.methodsInCode = { [unowned self] in installed.methods(inCodeOf: $0) }
    universe.hooks.classesInCode = { [unowned self] in installed.classesInRetiredCode }
    universe.hooks.reclaimed.append { [unowned self] in forget($0) }
    universe.hooks.extraRoots.append { [unowned self] in installed.visitRoots($0) }
    universe.hooks.changed.append { [unowned self] in programChanged($0) }
    universe.hooks.nativeStackChanged = { [unowned self] in nativeStack.begin(low: UInt($0.low), bytes: UInt($0.size)) }
    universe.hooks.restart = { [unowned self] in restart($0) }
    universe.hooks.edit = { [unowned self] in edit($0, $1) }
    universe.hooks.totalCompilationTime = { [unowned self] in
      (counters.optimizingMicroseconds + counters.generatingMicroseconds) / 1000
    }
    universe.hooks.poll = { [unowned self] in poll($0) }
    universe.output.requestFlush = { [weak self] in
      self?.isFlushDue.set(true)
      self?.interrupt()
      self?.vmThread.wake()
    }
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
    let status = try? request {
      try vmThread.perform { [self] in
        defer { tellNotices() }
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

  /// What was asked of the requests that are under way; see `request`.
  private struct Requests {
    var count = 0
    /// The exit status.
    var quit: Int?
    var isInterrupted = false

    mutating func take() -> (quit: Int?, isInterrupted: Bool) {
      defer { (quit, isInterrupted) = (nil, false) }
      return (quit, isInterrupted)
    }
  }

  /// Around everything that runs code of the program from outside: `stop` and `interruptProgram` are for what is under
  /// way, and what has ended leaves nothing for the next.
  public func request<T>(_ body: () throws -> T) rethrows -> T {
    requests.update { $0.count += 1 }
    defer {
      requests.update {
        $0.count -= 1
        if $0.count == 0 { _ = $0.take() }
      }
    }
    return try body()
  }

  /// Ends the program that runs at its next poll; does nothing if none does. Any thread.
  public func stop(status: Int = 130) {
    requests.update { if $0.count > 0 { $0.quit = status } }
    interrupt()
  }

  /// Interrupts the program or evaluation that is under way, if there is one: at its next safepoint it ends with a
  /// traceback. Any thread.
  public func interruptProgram() {
    requests.update { if $0.count > 0 { $0.isInterrupted = true } }
    interrupt()
  }

  /// What happens when a poll was requested: false unwinds.
  private func poll(_ frame: Words, isIdle: Bool = false) -> Bool {
    counters.polls += 1
    pollDepth += 1
    defer { pollDepth -= 1 }
    if pollDepth == 1 {
      counters.freedUnits += installed.freeUnused(from: frame)
      reclaimIfDue(frame)
    }
    if !isIdle {
      let (quit, isInterrupted) = requests.update { $0.take() }
      if let quit {
        _ = universe.terminate(status: quit, because: .stopped)
        return false
      }
      if isInterrupted {
        _ = universe.raise(.interrupted, frame)
        return false
      }
    }
    tellNotices()
    if isFlushDue.take() { universe.output.flush() }
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
    s.generating = generating.get()
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

  /// The same from any thread: the program's own tells it, at a poll or at its end.
  func noticeSoon(_ text: String) {
    pendingNotices.update { $0.append(text) }
    interrupt()
  }

  private func tellNotices() {
    let texts = pendingNotices.update { (texts: inout [String]) -> [String] in
      defer { texts = [] }
      return texts
    }
    for text in texts { notice(text) }
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
