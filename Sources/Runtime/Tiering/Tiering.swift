// What is compiled when. Counters run out in the interpreter (`hotEntry`, `hotLoop`); what is compiled becomes part of the
// program at polls. When to try again is said in `Recompilation`, when to stop in `Setbacks`.

import IR
import Optimizer
import VM

/// VM thread.
final class Tiering {
  private let options: Options
  private let universe: Universe
  private let program: RuntimeProgram
  private let installed: InstalledCode
  private let compiling: CompilerService
  private let baseline: BaselineTier
  private let counters: Counters
  private let codeHistory: CodeHistory
  private let notices: Notices
  private let events: EventBus

  private var sampler = CallSampler()
  /// Speculations of each unit that failed too often. What edits do to a unit is not counted.
  private var failedSpeculations = Setbacks(period: speculationPeriod)
  /// Compiled again since what they call has become hot.
  private var reprofiles = Setbacks(period: speculationPeriod)
  /// Ends of the compile worker while it compiled nothing else.
  private var workerDeaths = Setbacks(period: deathRest)
  private var resting = RestingUnits()
  /// Invalidated by an accept and not compiled again since.
  private var awaited: [CompileKey: Accepted] = [:]
  /// Methods whose counter ran out at a loop, and at how many loop events in a row since.
  private var probes: [Int: Int] = [:]
  /// Loops that asked for their code, and have not entered it yet.
  private var waitingLoops: Set<CompileKey> = []
  /// Fields in which code that was to be compiled wants unboxed doubles.
  private var wantedDoubles: Set<FieldPlace> = []
  /// Fields of unboxed doubles in which too much else was found.
  private var unwantedDoubles: Set<FieldPlace> = []
  /// Nothing could be compiled lately: when to try again (`Clock`).
  private var pausedUntil = 0
  private var hasLookedForRoom = false

  /// An accept: its receipt, and when it was requested.
  typealias Accepted = (receipt: Int, requested: Int)

  init(_ machine: Machine, _ compiling: CompilerService, _ baseline: BaselineTier) {
    options = machine.options
    universe = machine.universe
    program = machine.program
    installed = machine.installed
    counters = machine.counters
    codeHistory = machine.codeHistory
    notices = machine.notices
    events = machine.events
    self.compiling = compiling
    self.baseline = baseline
  }

  // MARK: Becoming hot

  /// A method's counter ran out at its entry.
  func hotEntry(_ method: Method) {
    if baseline.warm(method) { return }
    probes[method.id] = nil
    method[.rounds] += 1
    resetCounter(method)
    want(CompileKey(method: method.id))
  }

  /// A method's counter ran out at a loop: answers the entry for the running activation, or 0.
  func hotLoop(_ frame: Words, _ method: Method, _ pc: Int) -> UInt64 {
    if baseline.warm(method) { return 0 }
    guard compiling.isThere else { return 0 }
    let key = CompileKey(method: method.id, osrPC: pc)
    if isProbing(key, method) { return 0 }
    method[.rounds] += 1
    resetCounter(method)
    if let code = installed.current(key) {
      // Another activation became hot than the one that asked for the code: the method itself is.
      if waitingLoops.remove(key) == nil { want(CompileKey(method: method.id)) }
      return enter(code)
    }
    waitingLoops.insert(key)
    want(key)
    return installed.current(key).map(enter) ?? 0
  }

  /// Whether the loop itself or the calls of its method made the counter run out is not known: the next events are
  /// looked at one by one. If the method is entered among them, `hotEntry` has it compiled as a whole: a loop of few
  /// iterations would be left before it enters code of its own, and that code costs as much as the method's.
  private func isProbing(_ key: CompileKey, _ method: Method) -> Bool {
    if options.compileNow || awaited[key] != nil || installed.current(key) != nil { return false }
    // Who is still in the interpreter then has been there for long.
    if installed.current(CompileKey(method: key.method)) != nil { return false }
    let seen = probes[key.method, default: 0] + 1
    if seen > Self.probedEvents {
      probes[key.method] = nil
      return false
    }
    probes[key.method] = seen
    resetCounter(method, .atOnce)
    return true
  }
  private static let probedEvents = 32

  private func enter(_ code: CompiledCode) -> UInt64 {
    counters.figures.osrEntries += 1
    notices.trace(.osr, "enter \(code.name)")
    return UInt64(code.entry)
  }

  private func resetCounter(_ method: Method, _ recompilation: Recompilation = .fromStart) {
    method[.counter] = UInt64(max(1, recompilation.calls(options)))
  }

  /// Has a unit compiled that is hot, if it is worth it.
  private func want(_ key: CompileKey) {
    guard compiling.isThere, !resting.contains(key), installed.current(key) == nil else { return }
    let info = universe.methods[key.method]
    guard info.chunk != nil, info.kind != .superseded else { return }
    if pausedUntil > 0 {
      if Clock.microseconds() < pausedUntil { return }
      pausedUntil = 0
    }
    tellOfNoRoom()
    if options.compileNow {
      for result in compiling.compile(key) { finish(result) }
    } else if key.osrPC != nil || !awaitsLoop {
      submit(key, heat: key.osrPC == nil ? 1 : 2)
    }
  }

  private func submit(_ key: CompileKey, heat: Int) {
    do throws(NativeThread.Failure) { try compiling.submit(key, heat: heat) } catch {
      // Another time there may be one.
      notices.tell(
        "no thread for the compiler: \(error); interpreting until then (ulimit -u and ulimit -v show limits)")
      pausedUntil = Clock.microseconds() + Self.compilerPause
    }
  }

  /// Whether an accept has just thrown a running loop out of its code. What the loop calls becomes hot before it is
  /// compiled again, and most of that is inlined then: the compiler keeps itself free for the loop.
  private var awaitsLoop: Bool {
    if awaited.isEmpty { return false }
    let now = Clock.microseconds()
    return awaited.contains { $0.key.osrPC != nil && now - $0.value.requested < Self.loopPrivilege }
  }
  /// Microseconds: longer than compiling a loop takes.
  private static let loopPrivilege = 200_000
  /// Microseconds until what could not be compiled for the moment is tried again.
  private static let compilerPause = 1_000_000

  /// The compiler finds out itself whether there is room for its files; a program may be over before that.
  private func tellOfNoRoom() {
    if hasLookedForRoom { return }
    hasLookedForRoom = true
    if let obstacle = compiling.lackOfRoom() { notices.tell("\(obstacle); interpreting until then") }
  }

  // MARK: Giving up

  /// A unit is left to the interpreter: for good, or for so many microseconds.
  private func giveUp(_ key: CompileKey, _ why: String, for time: Int? = nil) {
    resting.add(key, why, for: time)
    let duration = time.map { " for \($0 / 1_000_000) s" } ?? ""
    notices.trace(.compile, "\(universe.methods[key.method].name) is left to the interpreter\(duration): \(why)")
  }

  /// Why the compiler has given up on a method (id).
  func reasonOfRest(of method: Int) -> String? { resting.reason(of: method) }

  /// A speculation of the unit was given up, or the program itself has changed what the unit took for constant.
  func noteFailedSpeculation(of code: CompiledCode) {
    guard code.state == .installed else { return }
    let failures = failedSpeculations.add(code.key)
    if failures >= options.recompileLimit {
      giveUp(code.key, "\(failures) of its speculations failed lately", for: Self.speculationRest)
    }
  }
  /// Microseconds until one of them is forgotten: a compile for each is little work then.
  private static let speculationPeriod = 10_000_000
  private static let speculationRest = 60_000_000

  /// The worker died while it compiled this unit alone. That may be nobody's fault (the kernel has no memory left), so
  /// the unit has more chances, later and later; after three it is taken for the cause.
  private func noteWorkerDeath(_ key: CompileKey, _ failure: CompileFailure) {
    let name = universe.methods[key.method].name
    let deaths = workerDeaths.add(key)
    if deaths >= Self.deathLimit {
      notices.tell(
        "\(name) is interpreted for \(Self.deathRest / 60_000_000) minutes: a process ended \(deaths) times while it "
          + "compiled that (\(failure))")
      giveUp(key, failure.description, for: Self.deathRest)
    } else {
      resting.add(key, failure.description, for: Self.deathPause << (2 * (deaths - 1)))
      notices.trace(.compile, "\(name) has to wait: \(failure)")
    }
  }
  private static let deathLimit = 3
  private static let deathPause = 250_000
  private static let deathRest = 600_000_000

  // MARK: Results

  /// At a poll: what is compiled becomes part of the program.
  func takeResults() {
    baseline.takeStencils()
    for result in compiling.takeResults() { finish(result) }
  }

  private func finish(_ result: CompileResult) {
    guard let name = universe.methods.find(result.key.method)?.name else {
      // It was replaced and freed meanwhile.
      counters.figures.droppedCompiles += 1
      return
    }
    switch result.outcome {
    case .failure(let failure): note(failure, result.key, name)
    case .success(let unit): install(unit, result.key, name)
    }
  }

  private func note(_ failure: CompileFailure, _ key: CompileKey, _ name: String) {
    switch failure.extent {
    case .unboxing(let fields):
      wantedDoubles.formUnion(fields)
      resetCounter(universe.methods[key.method].method, .speculationFailed)
      universe.requestPoll()
      return
    // The code that is there goes on.
    case .unit where installed.current(key) != nil: notices.trace(.compile, "\(name) stays as it is: \(failure)")
    case .unit: giveUp(key, failure.description)
    case .worker: noteWorkerDeath(key, failure)
    case .moment:
      // The unit's counter runs out again, as long as it is hot.
      notices.tell("\(failure); interpreting until then")
      notices.trace(.compile, "\(name) has to wait: \(failure)")
      pausedUntil = Clock.microseconds() + Self.compilerPause
    case .process:
      notices.tell("\(failure); interpreting everything")
      compiling.giveUp()
    }
    counters.figures.failedCompiles += 1
  }

  private func install(_ unit: CompiledUnit, _ key: CompileKey, _ name: String) {
    workerDeaths.clear(key)
    do {
      let code = try counters.figures.loading.measure("loading") { try installed.install(unit, key) }
      noteInstalled(code, unit)
    } catch InstalledCode.InstallFailure.outdated(let why) {
      counters.figures.droppedCompiles += 1
      notices.trace(.compile, "\(name) dropped: \(why)")
      resetCounter(universe.methods[key.method].method, .outdated)
    } catch {
      counters.figures.failedCompiles += 1
      giveUp(key, "\(error)")
    }
  }

  private func noteInstalled(_ code: CompiledCode, _ unit: CompiledUnit) {
    let key = code.key
    codeHistory.noteInstalled(key)
    count(unit, isLoop: key.osrPC != nil)
    // The running loop is to look for its code at the next iteration.
    if key.osrPC != nil { resetCounter(universe.methods[key.method].method, .atOnce) }
    notices.trace(
      .compile,
      "\(code.name): \(unit.unit.graph.nodeCount) nodes, \(unit.unit.inlined.count) inlined, "
        + "optimizer \(unit.optimizing) µs, " + (unit.isCached ? "cached" : "gcc \(unit.generating) µs"))
    events.post(.installed(name: code.name, isLoop: key.osrPC != nil))
    if !code.coldCalls.isEmpty { sampleSoon() }
    if let awaited = awaited.removeValue(forKey: key) {
      events.post(
        .reoptimized(
          receipt: awaited.receipt, name: code.name, microseconds: Clock.microseconds() - awaited.requested))
    }
  }

  private func count(_ unit: CompiledUnit, isLoop: Bool) {
    counters.figures.optimizing.add(unit.unit.times)
    counters.figures.optimizingMicroseconds += unit.optimizing
    counters.figures.generatingMicroseconds += unit.generating
    if isLoop { counters.figures.osrCompiles += 1 } else { counters.figures.compiles += 1 }
    if unit.isCached { counters.figures.cachedCompiles += 1 }
  }

  // MARK: Sampling

  /// A sample was asked for. Any thread.
  var isSampleDue: Guarded<Bool> { sampler.isDue }

  /// A program runs again: whoever has stopped looking where it is goes on.
  func resume() { if sampler.isResting { sampleSoon() } }

  /// There is code with calls that may become hot, or it runs again.
  private func sampleSoon() {
    sampler.hurry()
    compiling.sample(after: sampler.pause)
  }

  /// At a poll, which for compiled code is the entry of a method or a back edge. Of the process that runs: where others
  /// wait, nothing is called often.
  func sampleIfDue(_ frame: Words) {
    guard sampler.isDue.take() else { return }
    if universe.isIdle || frame == universe.bottomFrame { return sampler.rest() }
    let edge = installed.coldCall(into: frame)
    if sampler.note(edge), let edge { recompile(edge) }
    compiling.sample(after: sampler.pause)
  }

  /// The code stays until its successor is there.
  private func recompile(_ edge: CallSampler.Edge) {
    guard let code = installed[edge.code], reprofiles.count(code.key) < options.recompileLimit else { return }
    _ = reprofiles.add(code.key)
    program.hotCalls.update { _ = $0.insert(edge.call) }
    counters.figures.reprofiled += 1
    notices.trace(
      .compile,
      "\(code.name) is to be compiled again: \(universe.methods[edge.call.method.raw].name), "
        + "line \(installed.line(edge.call.method.raw, edge.call.pc)), calls often now")
    submit(code.key, heat: 1)
  }

  // MARK: Fields of doubles

  /// What is found in the field is no double too often.
  func box(_ field: FieldPlace) {
    unwantedDoubles.insert(field)
    universe.requestPoll()
  }

  /// At a poll: changes the shape of classes as compiled code wants it.
  func unboxFields(_ frame: Words) {
    for field in unwantedDoubles where universe.classes.isCurrent(field.classIndex) {
      universe.unboxedFields.box(of: field.classIndex, word: field.word, frame: frame)
    }
    for field in wantedDoubles where universe.classes.isCurrent(field.classIndex) {
      universe.unboxedFields.unbox(of: field.classIndex, word: field.word, frame: frame)
    }
    unwantedDoubles = []
    wantedDoubles = []
  }

  // MARK: Invalidating

  /// With the accept that did it, if it was one: it is told when there is code again.
  func invalidate(
    _ code: CompiledCode, because reason: String, _ recompilation: Recompilation, by accept: Accepted? = nil
  ) {
    if let accept {
      awaited[code.key] = accept
      compiling.expectWork()
    }
    guard code.state == .installed else { return }
    installed.invalidate(code)
    counters.figures.invalidations += 1
    codeHistory.noteInvalidation(
      of: code, because: reason, receipt: accept?.receipt, methods: code.methods.map { universe.methods[$0].name })
    notices.trace(.invalidate, "\(code.name): \(reason)")
    resetCounter(universe.methods[code.key.method].method, recompilation)
  }

  /// Before versions (ids) are freed.
  func forget(_ dead: Set<Int>) {
    func isKept(_ key: CompileKey) -> Bool { !dead.contains(key.method) }
    codeHistory.forget(dead)
    failedSpeculations.forget(dead)
    workerDeaths.forget(dead)
    reprofiles.forget(dead)
    resting.forget(dead)
    awaited = awaited.filter { isKept($0.key) }
    probes = probes.filter { !dead.contains($0.key) }
    waitingLoops = waitingLoops.filter(isKept)
    compiling.forget(dead)
  }
}
