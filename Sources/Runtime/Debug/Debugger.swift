// Stopping processes of the program, and letting them go on. Everything here happens on the machine's thread, most of it
// on the stack of the process at hand: a process that is stopped waits in `stop`, does there what is asked of it, and
// leaves it when it goes on.

import Bytecode
import MachineLayout
import VM

/// VM thread.
final class Debugger {
  let universe: Universe
  let installed: InstalledCode
  /// Compiled code can be unwound to and restarted (`Options.debuggable`).
  let isDebuggable: Bool
  private let events: EventBus
  private let tiering: Tiering
  private(set) var breakpoints: BreakpointTable!
  let overrides: FrameOverrides
  /// Whether errors that nobody handles stop their process.
  private(set) var isAttached = false
  private var lastStop = 0
  private var lastEvaluation = 0
  /// By process, the innermost last: an evaluation in a stopped process can be stopped, too.
  private(set) var stops: [Int: [DebugStop]] = [:]
  private var evaluations: [Int: [DebugEvaluation]] = [:]
  /// What evaluations beside the program have answered.
  let kept = KeptValues()
  private var step: Step?
  /// Activations that go over to other versions; these are no stops.
  private let migrations: Migrations
  /// Who is told of errors as values: it has this debugger. (Not weak: see `PollRequests`.)
  unowned var calls: Calls?
  /// Has its say before anybody is told of an error.
  var probation: Probation?
  /// Processes that are to stop at their next safepoint.
  private var pausing: Set<Int> = []

  init(_ machine: Machine, _ tiering: Tiering, _ overrides: FrameOverrides) {
    universe = machine.universe
    installed = machine.installed
    isDebuggable = machine.options.debuggable
    events = machine.events
    self.tiering = tiering
    self.overrides = overrides
    migrations = Migrations(machine)
    breakpoints = BreakpointTable(machine, tiering) { [events] in events.post(.debug(.breakpointChanged($0))) }
    universe.hooks.reachedBreakpoint = { [unowned self] in reachedBreakpoint($0) }
    universe.hooks.unhandled = { [unowned self] in unhandled($0, $1) }
    universe.hooks.halted = { [unowned self] in halted($0) }
    universe.hooks.linked = { [unowned self] in breakpoints.linked($0) }
    universe.hooks.changed.append { [unowned self] _ in breakpoints.follow() }
    universe.hooks.reclaimed.append { [unowned self] in
      breakpoints.forget($0)
      migrations.forget($0)
    }
    universe.hooks.extraRoots.append { [unowned self] visit in
      for stop in stops.values.joined() { stop.forEachRoot(visit) }
      kept.forEachRoot(visit)
      overrides.forEachRoot(visit)
    }
  }

  /// Without a debugger the program runs as if there were none: breakpoints go, and what is stopped goes on.
  func attach(_ isAttached: Bool) {
    self.isAttached = isAttached
    if isAttached { return }
    breakpoints.removeAll()
    endStep()
    pausing = []
    for process in stops.keys { resume(process) }
  }

  // MARK: Stopping

  /// The current process stands still at `frame` until somebody lets it go on. Answers how it does.
  private func stop(_ reason: StopReport.Reason, _ frame: Words, _ prepare: (DebugStop) -> Void = { _ in })
    -> AfterStop
  {
    let process = universe.runningProcess
    lastStop += 1
    let stop = DebugStop(number: lastStop, process: process, reason, at: frame)
    prepare(stop)
    if step?.process == process { endStep() }
    universe.output.flush()
    stops[process, default: []].append(stop)
    let report = report(stop)
    events.post(.debug(.stopped(report)))
    evaluations[process]?.last.map { answer($0, .success(.stopped(report))) }
    let isLeft = !universe.stopProcess(frame) { stop.resumption != nil }
    stops[process]?.removeAll { $0 === stop }
    if stops[process]?.isEmpty == true { stops[process] = nil }
    events.post(.debug(.continued(process: process)))
    if isLeft { return .unwind }
    tiering.resume()
    switch stop.resumption {
    case .answer(let root): return .answer(stop.value(root) ?? .nil)
    case .unwind: return .unwind
    case .goOn, nil: return .goOn
    }
  }
  /// How a process goes on that has stood still: `DebugStop.Resumption`, with the value itself.
  private enum AfterStop {
    case goOn, unwind
    case answer(Value)
  }

  private func goesOn(_ after: AfterStop) -> Bool {
    if case .unwind = after { false } else { true }
  }

  /// The activations of a stack, the innermost first; no more frames than `frames`.
  func entries(from top: Words, frames: Int = .max) -> [StackEntry] {
    universe.placedActivations(from: top, frames: frames).map { activation, place in
      StackEntry(
        activation: activation, place: place, info: universe.methods[activation.method],
        code: Frame(place.frame).isCompiled ? installed.code(place.frame) : nil, overrides: overrides)
    }
  }

  /// Nil: nobody is there who could look at it.
  private func halted(_ frame: Words) -> Bool? {
    if isQuiet(universe.runningProcess) { return true }
    return isAttached ? goesOn(stop(.halt, frame)) : nil
  }

  private func isQuiet(_ process: Int) -> Bool {
    evaluations[process]?.last.map { $0.isQuiet && !$0.isCall } ?? false
  }

  private func reachedBreakpoint(_ frame: Words) -> Bool {
    let process = universe.runningProcess
    let pc = Frame(frame).pc, method = Frame(frame).method
    let info = universe.methods[method]
    if migrations.goOver(frame, at: pc) { return true }
    if isQuiet(process) { return true }
    if let step, step.process == process, step.contains(pc, of: info.id),
      let end = step.stops(at: pc, in: info.id, depth: universe.activations(from: frame).count)
    {
      return goesOn(
        stop(.step, frame) { stop in
          guard end == .behindMessage, step.hasAnswer, let chunk = info.chunk else { return }
          stop.answered = stop.keep(Value(bits: frame[chunk.instructions[pc - 1].a]))
        })
    }
    var due: [Int] = [], message: String?
    for id in breakpoints.ids(at: pc, in: info.id) {
      switch isDue(id, frame) {
      case .no: break
      case .yes(let why):
        due.append(id)
        message = message ?? why
      case .unwinds: return false
      }
    }
    if due.isEmpty { return true }
    return goesOn(
      stop(due.contains(where: isSignal) ? .error : .breakpoint, frame) { stop in
        stop.breakpoints = due
        stop.message = message
        if due.contains(where: isSignal) { note(self.error(at: frame), in: stop) }
      })
  }

  private func isSignal(_ id: Int) -> Bool {
    if case .signal = breakpoints.entries[id]?.breakpoint.place { true } else { false }
  }

  private enum Due {
    case no, unwinds
    case yes(String?)
  }

  /// Whether a breakpoint stops the process that has come by.
  private func isDue(_ id: Int, _ frame: Words) -> Due {
    guard let breakpoint = breakpoints.entries[id]?.breakpoint else { return .no }
    if case .signal(let name) = breakpoint.place {
      guard let wanted = universe.classes.named(name),
        universe.classes.inherits(selfOf(frame).classIndex, from: wanted.index)
      else { return .no }
    }
    if let condition = breakpoint.condition {
      switch quietly(condition, frame) {
      case .success(nil): return .unwinds
      case .success(let value?): if value != .true { return .no }
      case .failure(let error): return .yes("The condition of breakpoint \(id) has failed: \(error.message)")
      }
    }
    guard breakpoints.noteHit(id) >= breakpoint.hitCount else { return .no }
    guard let message = breakpoint.logMessage else { return .yes(nil) }
    guard let text = logged(message, frame) else { return .unwinds }
    // After what the program has printed before.
    universe.output.flush()
    events.post(.debug(.logged(breakpoint: id, process: universe.runningProcess, text: text)))
    return .no
  }

  private func selfOf(_ frame: Words) -> Value { universe.innermostActivation(of: Frame(frame))?.receiver ?? .nil }

  /// A message with what stands in braces evaluated. Nil: something unwinds.
  private func logged(_ message: String, _ frame: Words) -> String? {
    var text = "", rest = message[...]
    while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
      text += rest[..<open]
      switch quietly(String(rest[rest.index(after: open)..<close]), frame) {
      case .success(nil): return nil
      case .success(let value?): text += universe.string(value) ?? universe.briefText(value)
      case .failure(let error): text += "<\(error.message)>"
      }
      rest = rest[rest.index(after: close)...]
    }
    return text + rest
  }

  // MARK: Errors

  private func unhandled(_ message: String, _ frame: Words) -> UInt64? {
    let process = universe.runningProcess
    let call = evaluations[process]?.last.flatMap { $0.isCall ? $0 : nil }
    if let evaluation = evaluations[process]?.last, evaluation.isQuiet, call == nil {
      return fail(evaluation, message)
    }
    if let taken = probation?.takeBack(message, frame) { return taken }
    if let call { call.captured = programError(message, frame) }
    guard isAttached else { return call.map { fail($0, message) } }
    let after = stop(.unhandledError, frame) { stop in
      note(error(at: frame), in: stop)
      stop.message = message
    }
    switch after {
    case .answer(let value): return value.bits
    case .unwind: return 0
    case .goOn:
      // The process does not end for what somebody has tried in it.
      return evaluations[process]?.last.map { fail($0, message) }
    }
  }

  /// Leaves an evaluation because of an error. Answers 0.
  private func fail(_ evaluation: DebugEvaluation, _ message: String) -> UInt64 {
    evaluation.failure = message
    universe.unwind(toEvaluation: evaluation.number)
    return 0
  }

  /// The exception that the machinery on top of the stack signals, if there is one.
  private func error(at frame: Words) -> Value? {
    guard let exception = universe.classes.named("Exception") else { return nil }
    for entry in entries(from: frame, frames: 20).prefix(20) {
      guard universe.isErrorMachinery(entry.info) || entry.info.primitive != nil else { return nil }
      if universe.classes.inherits(entry.activation.receiver.classIndex, from: exception.index) {
        return entry.activation.receiver
      }
    }
    return nil
  }

  /// The error that nobody handles at `frame`, as a value.
  private func programError(_ message: String, _ frame: Words) -> ProgramError {
    var entries = entries(from: frame, frames: 10_000)[...]
    var className = universe.raisedError?.className
    var exception: Value?
    while let entry = entries.first, universe.isErrorMachinery(entry.info) || entry.info.primitive != nil {
      let receiver = entry.activation.receiver
      if let base = universe.classes.named("Exception"),
        universe.classes.inherits(receiver.classIndex, from: base.index)
      {
        (exception, className) = (receiver, universe.className(of: receiver))
      }
      switch entry.info.selector {
      case "doesNotUnderstand:arguments:": className = className ?? "MessageNotUnderstood"
      case "resolve:", "unknownGlobal:": className = className ?? "UnknownGlobal"
      default: break
      }
      // What the program has called stays: the primitive that failed.
      if !universe.isErrorMachinery(entry.info) { break }
      entries.removeFirst()
    }
    let traceback = entries.filter { $0.info.definition != nil }.prefix(ProgramError.tracebackLimit).map { entry in
      let isPrimitive = entry.info.definition?.isPrimitive == true
      let place = isPrimitive ? nil : universe.traceEntry(entry.activation)
      return ProgramError.Activation(
        name: entry.info.name,
        place: place.map { SourcePlace(file: $0.file, line: $0.line, column: $0.column, text: $0.text) })
    }
    return ProgramError(
      className: className ?? "Error", message: message, traceback: Array(traceback),
      exception: exception.flatMap { calls?.value($0) }, underlying: exception.flatMap { calls?.underlying($0) })
  }

  private func note(_ exception: Value?, in stop: DebugStop) {
    guard let exception else { return }
    stop.errorClass = universe.className(of: exception)
    let parts = universe.parts(of: exception)
    if let index = parts.fieldNames.firstIndex(of: "messageText"),
      case .value(let text) = universe.field(index, of: exception)
    {
      stop.message = stop.message ?? universe.string(text)
    }
  }

  // MARK: Migrating

  /// From now on activations go over at these places.
  func migrate(_ new: [Int: PolicyPlan.Migration]) {
    if new.isEmpty { return }
    migrations.add(new)
    breakpoints.set(migrations.places, for: .migrating)
  }

  // MARK: Going on

  /// The process leaves its innermost stop.
  func resume(_ process: Int, _ resumption: DebugStop.Resumption = .goOn, before: @escaping (Words) -> Void = { _ in })
  {
    guard let stop = stops[process]?.last else { return }
    _ = universe.demand(of: process) { frame in
      before(frame)
      stop.resumption = resumption
      if case .unwind = resumption { return false }
      return true
    }
  }

  func begin(_ kind: DebugStep, of stop: DebugStop, at index: Int, _ entries: [StackEntry]) {
    let new = Step(kind, process: stop.process, entries, at: index, universe)
    step = new
    breakpoints.set(new.places, for: .step)
    resume(stop.process)
    if kind == .into { universe.requestPoll() }
  }

  private func endStep() {
    step = nil
    breakpoints.set([:], for: .step)
  }

  /// At a poll: a method may be entered in `frame`. A step into it stops at its first statement.
  func poll(_ frame: Words) {
    guard var step, step.kind == .into else { return }
    // The next entry may be the one.
    universe.requestPoll()
    guard step.process == universe.runningProcess, stops[step.process] == nil || evaluations[step.process] != nil,
      let activation = universe.innermostActivation(of: Frame(frame))
    else { return }
    let info = universe.methods[activation.method]
    guard !universe.isMachinery(info), let pc = info.entryPC, !step.contains(pc, of: info.id) else { return }
    step.addEntry(pc, of: info.id)
    self.step = step
    breakpoints.set(step.places, for: .step)
  }

  /// The process stops at its next safepoint. False: it has ended.
  func pause(_ process: Int) -> Bool {
    // It stands still already, and nothing runs on top of that.
    if let stop = stops[process]?.last, stop.resumption == nil, evaluationCount(process) == 0 { return true }
    guard pausing.insert(process).inserted else { return true }
    return universe.demand(of: process) { [unowned self] frame in
      // Nobody wants it any more: the debugger has gone.
      guard pausing.remove(process) != nil else { return true }
      return goesOn(stop(.pause, frame))
    }
  }

  // MARK: Evaluating

  /// Evaluates statements in the innermost activation of frame `frame`; errors end it. No value: something unwinds.
  private func quietly(_ text: String, _ frame: Words) -> Result<Value?, DebugError> {
    guard let entry = entries(from: frame, frames: 1).first else { return .success(Value.nil) }
    return evaluate(text, entry, at: frame, DebugEvaluation(number: nextEvaluation(), isQuiet: true))
  }
  func nextEvaluation() -> Int {
    lastEvaluation += 1
    return lastEvaluation
  }

  /// Evaluates statements on top of `frame`, the innermost of the current process. No value: something unwinds.
  func evaluate(_ text: String, _ entry: StackEntry, at frame: Words, _ evaluation: DebugEvaluation)
    -> Result<Value?, DebugError>
  {
    let evaluator = StatementEvaluator(universe: universe, entry: entry, top: frame) { [unowned self] in
      set($0, $1, to: $2)
    }
    let handles = universe.handles
    let mark = handles.count
    defer { handles.pop(to: mark) }
    // To compile allocates.
    let receiver = handles.push(entry.activation.receiver)
    return run(evaluation) { () throws(DebugError) in
      let method = try evaluator.compile(text)
      return try universe.handlers.isolating(frame) { () throws(DebugError) in
        try evaluator.run(method, receiver: handles[receiver], for: evaluation)
      }
    }
  }

  /// Runs `body`, which answers 0 while something unwinds, as an evaluation of the current process: it can be left. No
  /// value: something unwinds that does not end here.
  func run(_ evaluation: DebugEvaluation, _ body: () throws(DebugError) -> UInt64) -> Result<Value?, DebugError> {
    let process = universe.runningProcess
    evaluations[process, default: []].append(evaluation)
    // What compiled code has read before it polled may not be so any more.
    universe.changesAtPolls += 1
    defer {
      evaluations[process]?.removeAll { $0 === evaluation }
      if evaluations[process]?.isEmpty == true { evaluations[process] = nil }
    }
    do throws(DebugError) {
      let bits = try body()
      if bits != 0 { return .success(Value(bits: bits)) }
    } catch { return .failure(error) }
    guard universe.endUnwinding(toEvaluation: evaluation.number) else { return .success(nil) }
    return .failure(DebugError(.failed, evaluation.failure ?? "The evaluation was left."))
  }

  /// Ends an evaluation soon that is still under way in a process, because of this.
  func abandon(_ evaluation: DebugEvaluation, of process: Int, _ reason: String) {
    _ = universe.demand(of: process) { [unowned self] _ in
      guard evaluations[process]?.contains(where: { $0 === evaluation }) == true else { return true }
      evaluation.failure = reason
      universe.unwind(toEvaluation: evaluation.number)
      return false
    }
  }

  /// The innermost evaluation of a process that has stopped in it ends. False: there is none.
  func leave(_ process: Int) -> Bool {
    guard let evaluation = evaluations[process]?.last, let stop = stops[process]?.last else { return false }
    _ = universe.demand(of: process) { [unowned self] _ in
      stop.resumption = .unwind
      universe.unwind(toEvaluation: evaluation.number)
      return false
    }
    return true
  }
  func evaluationCount(_ process: Int) -> Int { evaluations[process]?.count ?? 0 }

  private func answer(_ evaluation: DebugEvaluation, _ result: Result<EvaluationReport, DebugError>) {
    let answer = evaluation.answer
    evaluation.answer = nil
    answer?(result)
  }

  /// An evaluation has ended. Who has asked for it has been told of a stop in it, or is told now.
  func finish(_ evaluation: DebugEvaluation, of process: Int, _ result: Result<ValueReport, DebugError>) {
    if evaluation.answer != nil { return answer(evaluation, result.map { .value($0) }) }
    switch result {
    case .success(let value): events.post(.debug(.evaluated(process: process, value: value, failure: nil)))
    case .failure(let error): events.post(.debug(.evaluated(process: process, value: nil, failure: error)))
    }
  }

  private func set(_ variable: ScopedVariable, _ entry: StackEntry, to value: Value) -> Bool {
    switch variable.storage {
    case .register(let r):
      if let code = entry.code {
        overrides.set(.register(entry.place.number, r), entry, code, value, tiering)
      } else {
        entry.place.frame[r] = value.bits
      }
      return true
    case .environment(.value(let environment), let index):
      universe.heap.store(environment.object, EnvironmentLayout.firstVariable + index, value)
      return true
    case .environment(.virtual(let n), let index):
      guard let code = entry.code else { return false }
      overrides.set(.field(n, EnvironmentLayout.firstVariable + index), entry, code, value, tiering)
      return true
    case .environment(.double, _), nil: return false
    }
  }
}
