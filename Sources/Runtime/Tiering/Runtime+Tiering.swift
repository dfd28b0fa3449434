// The tiering policy: what is compiled when, and when to stop trying. Counters run out in the interpreter
// (`hotEntry`, `hotLoop`); finished code is installed at polls.

import Foundation
import IR
import Optimizer
import VM

/// What the policy remembers. VM thread.
struct TieringState {
  /// Speculations of each unit that failed too often. What edits do to a unit is not counted.
  var failedSpeculations: [CompileKey: AgingCount] = [:]
  /// Compiled again since what they call has become hot.
  var reprofiles: [CompileKey: AgingCount] = [:]
  /// Ends of the compile worker while it compiled nothing else.
  var workerDeaths: [CompileKey: AgingCount] = [:]
  /// Left to the interpreter until then (`Clock`; `.max`: for good), and why.
  var resting: [CompileKey: (until: Int, why: String)] = [:]
  /// Invalidated by an accept and not compiled again since: receipt, and when it was requested.
  var awaited: [CompileKey: (receipt: Int, requested: Int)] = [:]
  /// Methods whose counter ran out at a loop, and at how many loop events in a row since.
  var probes: [Int: Int] = [:]
  /// Loops that asked for their code, and have not entered it yet.
  var waitingLoops: Set<CompileKey> = []
  /// Fields in which code that was to be compiled wants unboxed doubles.
  var wantedDoubles: Set<FieldPlace> = []
  /// Fields of unboxed doubles in which too much else was found.
  var unwantedDoubles: Set<FieldPlace> = []
  /// Nothing could be compiled lately: when to try again (`Clock`).
  var pausedUntil = 0
  var hasLookedForRoom = false
  var handlesOverflow = false
}

extension Runtime {
  // MARK: Becoming hot

  /// A method's counter ran out at its entry.
  func hotEntry(_ method: Method) {
    tiering.probes[method.id] = nil
    method[.rounds] += 1
    resetCounter(method)
    request(CompileKey(method: method.id))
  }

  /// A method's counter ran out at a loop: answers the entry for the running activation, or 0.
  func hotLoop(_ frame: Words, _ method: Method, _ pc: Int) -> UInt64 {
    guard compiler != nil else { return 0 }
    let key = CompileKey(method: method.id, osrPC: pc)
    if isProbing(key, method) { return 0 }
    method[.rounds] += 1
    resetCounter(method)
    if let code = installed.current(key) {
      // Another activation became hot than the one that asked for the code: the method itself is.
      if tiering.waitingLoops.remove(key) == nil { request(CompileKey(method: method.id)) }
      return enter(code)
    }
    tiering.waitingLoops.insert(key)
    request(key)
    return installed.current(key).map(enter) ?? 0
  }

  /// Whether the loop itself or the calls of its method made the counter run out is not known: the next events are
  /// looked at one by one. If the method is entered among them, `hotEntry` has it compiled as a whole: a loop of few
  /// iterations would be left before it enters code of its own, and that code costs as much as the method's.
  private func isProbing(_ key: CompileKey, _ method: Method) -> Bool {
    if options.compileNow || tiering.awaited[key] != nil || installed.current(key) != nil { return false }
    // Who is still in the interpreter then has been there for long.
    if installed.current(CompileKey(method: key.method)) != nil { return false }
    let seen = tiering.probes[key.method, default: 0] + 1
    if seen > Self.probedEvents {
      tiering.probes[key.method] = nil
      return false
    }
    tiering.probes[key.method] = seen
    resetCounter(method, .atOnce)
    return true
  }
  private static let probedEvents = 32

  private func enter(_ code: CompiledCode) -> UInt64 {
    counters.osrEntries += 1
    trace(.osr, "enter \(code.name)")
    return UInt64(code.entry)
  }

  private func resetCounter(_ method: Method, _ recompilation: Recompilation = .fromStart) {
    method[.counter] = UInt64(max(1, recompilation.calls(options)))
  }

  private func request(_ key: CompileKey) {
    guard let compiler, !isResting(key), installed.current(key) == nil else { return }
    let info = universe.methods[key.method]
    guard info.chunk != nil, info.kind != .superseded else { return }
    if tiering.pausedUntil > 0 {
      if Clock.microseconds() < tiering.pausedUntil { return }
      tiering.pausedUntil = 0
    }
    tellOfNoRoom()
    if options.compileNow {
      for result in compiler.compile([key]) { finish(result) }
    } else if key.osrPC != nil || !awaitsLoop {
      submit(key, heat: key.osrPC == nil ? 1 : 2)
    }
  }

  func submit(_ key: CompileKey, heat: Int) {
    do throws(NativeThread.Failure) { try compilerThread?.submit(key, heat: heat) } catch {
      // Another time there may be one.
      notice("no thread for the compiler: \(error); interpreting until then (ulimit -u and ulimit -v show limits)")
      tiering.pausedUntil = Clock.microseconds() + Self.compilerPause
    }
  }

  /// Whether an accept has just thrown a running loop out of its code. What the loop calls becomes hot before it is
  /// compiled again, and most of that is inlined then: the compiler keeps itself free for the loop.
  private var awaitsLoop: Bool {
    if tiering.awaited.isEmpty { return false }
    let now = Clock.microseconds()
    return tiering.awaited.contains { $0.key.osrPC != nil && now - $0.value.requested < Self.loopPrivilege }
  }
  /// Microseconds: longer than compiling a loop takes.
  private static let loopPrivilege = 200_000
  /// Microseconds until what could not be compiled for the moment is tried again.
  static let compilerPause = 1_000_000

  /// A unit is left to the interpreter: for good, or for so many microseconds.
  private func giveUp(_ key: CompileKey, _ why: String, for time: Int? = nil) {
    tiering.resting[key] = (time.map { Clock.microseconds() + $0 } ?? .max, why)
    let duration = time.map { " for \($0 / 1_000_000) s" } ?? ""
    trace(.compile, "\(universe.methods[key.method].name) is left to the interpreter\(duration): \(why)")
  }

  private func isResting(_ key: CompileKey) -> Bool {
    guard let rest = tiering.resting[key] else { return false }
    if Clock.microseconds() < rest.until { return true }
    tiering.resting[key] = nil
    return false
  }

  /// A speculation of the unit was given up, or the program itself has changed what the unit took for constant.
  func noteFailedSpeculation(of code: CompiledCode) {
    guard code.state == .installed else { return }
    let key = code.key
    let failures = tiering.failedSpeculations[key, default: AgingCount(period: Self.speculationPeriod)]
      .add(Clock.microseconds())
    if failures >= options.recompileLimit {
      giveUp(key, "\(failures) of its speculations failed lately", for: Self.speculationRest)
    }
  }
  /// Microseconds until one of them is forgotten: a compile for each is little work then.
  static let speculationPeriod = 10_000_000
  private static let speculationRest = 60_000_000

  /// The worker died while it compiled this unit alone. That may be nobody's fault (the kernel has no memory left), so
  /// the unit has more chances, later and later; after three it is taken for the cause.
  private func noteWorkerDeath(_ key: CompileKey, _ failure: CompileFailure) {
    let name = universe.methods[key.method].name
    let deaths = tiering.workerDeaths[key, default: AgingCount(period: Self.deathRest)].add(Clock.microseconds())
    if deaths >= Self.deathLimit {
      notice(
        "\(name) is interpreted for \(Self.deathRest / 60_000_000) minutes: a process ended \(deaths) times while it "
          + "compiled that (\(failure))")
      giveUp(key, failure.description, for: Self.deathRest)
    } else {
      tiering.resting[key] = (Clock.microseconds() + Self.deathPause << (2 * (deaths - 1)), failure.description)
      trace(.compile, "\(name) has to wait: \(failure)")
    }
  }
  static let deathLimit = 3
  private static let deathPause = 250_000
  private static let deathRest = 600_000_000

  /// The compiler finds out itself whether there is room for its files; a program may be over before that.
  private func tellOfNoRoom() {
    if tiering.hasLookedForRoom { return }
    tiering.hasLookedForRoom = true
    if let obstacle = compiler?.lackOfRoom() { notice("\(obstacle); interpreting until then") }
  }

  // MARK: Installing

  func installResults() {
    for result in compilerThread?.takeResults() ?? [] { finish(result) }
  }

  private func finish(_ result: CompileResult) {
    let key = result.key
    guard let name = universe.methods.find(key.method)?.name else {
      // It was replaced and freed meanwhile.
      counters.droppedCompiles += 1
      return
    }
    switch result.outcome {
    case .failure(let failure):
      switch failure.extent {
      case .unboxing(let fields):
        tiering.wantedDoubles.formUnion(fields)
        resetCounter(universe.methods[key.method].method, .speculationFailed)
        interrupt()
        return
      // The code that is there goes on.
      case .unit where installed.current(key) != nil:
        trace(.compile, "\(name) stays as it is: \(failure)")
      case .unit: giveUp(key, failure.description)
      case .worker: noteWorkerDeath(key, failure)
      case .moment:
        // The unit's counter runs out again, as long as it is hot.
        notice("\(failure); interpreting until then")
        trace(.compile, "\(name) has to wait: \(failure)")
        tiering.pausedUntil = Clock.microseconds() + Self.compilerPause
      case .process:
        notice("\(failure); interpreting everything")
        generator.end()
        compilerThread?.stop(abandoning: true)
        compiler = nil
        compilerThread = nil
      }
      counters.failedCompiles += 1
    case .success(let unit):
      tiering.workerDeaths[key] = nil
      do {
        let code = try counters.loading.measure("loading") { try installed.install(unit, key) }
        noteInstalled(code, unit)
      } catch InstalledCode.InstallFailure.outdated(let why) {
        counters.droppedCompiles += 1
        trace(.compile, "\(name) dropped: \(why)")
        resetCounter(universe.methods[key.method].method, .outdated)
      } catch {
        counters.failedCompiles += 1
        giveUp(key, "\(error)")
      }
    }
  }

  private func noteInstalled(_ code: CompiledCode, _ unit: CompiledUnit) {
    let key = code.key
    counters.optimizing.add(unit.unit.times)
    counters.optimizingMicroseconds += unit.optimizing
    counters.generatingMicroseconds += unit.generating
    if key.osrPC == nil { counters.compiles += 1 } else { counters.osrCompiles += 1 }
    if unit.isCached { counters.cachedCompiles += 1 }
    // The running loop is to look for its code at the next iteration.
    if key.osrPC != nil { resetCounter(universe.methods[key.method].method, .atOnce) }
    trace(
      .compile,
      "\(code.name): \(unit.unit.graph.nodeCount) nodes, \(unit.unit.inlined.count) inlined, "
        + "optimizer \(unit.optimizing) µs, " + (unit.isCached ? "cached" : "gcc \(unit.generating) µs"))
    events.post(.installed(name: code.name, isLoop: key.osrPC != nil))
    if !code.coldCalls.isEmpty { sampleSoon() }
    if let awaited = tiering.awaited.removeValue(forKey: key) {
      events.post(
        .reoptimized(
          receipt: awaited.receipt, name: code.name, microseconds: Clock.microseconds() - awaited.requested))
    }
  }

  // MARK: Fields of doubles

  /// At a poll: changes the shape of classes as compiled code wants it.
  func unboxFields(_ frame: Words) {
    for field in tiering.unwantedDoubles where universe.classes.isCurrent(field.classIndex) {
      universe.unboxedFields.box(of: field.classIndex, word: field.word, frame: frame)
    }
    for field in tiering.wantedDoubles where universe.classes.isCurrent(field.classIndex) {
      universe.unboxedFields.unbox(of: field.classIndex, word: field.word, frame: frame)
    }
    tiering.unwantedDoubles = []
    tiering.wantedDoubles = []
  }

  /// The field of unboxed doubles that this instruction accesses, if it does.
  func doubleField(_ method: Int, _ pc: Int) -> FieldPlace? {
    let info = universe.methods[method]
    guard let i = info.chunk?.instructions[pc], i.opcode?.fieldAccess?.isDouble == true else { return nil }
    return i.fieldPlace.map { FieldPlace(classIndex: info.holderIndex, word: $0) }
  }

  // MARK: Invalidating

  func invalidate(_ code: CompiledCode, because reason: String, _ recompilation: Recompilation) {
    guard code.state == .installed else { return }
    installed.invalidate(code)
    counters.invalidations += 1
    trace(.invalidate, "\(code.name): \(reason)")
    resetCounter(universe.methods[code.key.method].method, recompilation)
  }

  // MARK: The compiler

  func startCompiler(_ stages: (CompilerStages) -> CompilerStages) {
    do {
      let files = try ObjectFiles(folder: options.cacheDirectory) { notice($0) }
      if let compileWorker {
        generator = WorkerGenerator(command: compileWorker, folder: files.scratch) { [weak self] in
          self?.noticeSoon($0)
        }
      }
      let compiler = Compiler(stages: stages(standardStages()), files: files)
      self.compiler = compiler
      if !options.compileNow {
        compilerThread = CompilerThread(
          compiler: compiler, batchLimit: options.batchLimit,
          deliver: { [weak self] in self?.interrupt() },
          sample: { [weak self, isDue = sampler.isDue] in
            isDue.set(true)
            self?.interrupt()
          })
      }
    } catch {
      notice("\(error); interpreting everything")
    }
  }

  /// Waits until the compiler has nothing to do, and installs what it made. Between programs, or in tests.
  public func finishCompiling() {
    compilerThread?.waitUntilIdle()
    installResults()
  }
}
