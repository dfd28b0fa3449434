// What debuggers ask: a prompt, an editor, a browser. Each request is answered at the next safepoint of whatever runs.

import Foundation
import MachineLayout
import Syntax
import VM

/// The debugger of a machine. Any thread but the machine's own, on which requests are refused. What happens by itself is
/// told through `VirtualMachine.onEvent`, as `RuntimeEvent.debug`.
public final class DebugController: @unchecked Sendable {
  private let debugger: Debugger
  private let thread: ProgramThread
  private let inspections: Inspections

  init(_ debugger: Debugger, _ thread: ProgramThread, _ inspections: Inspections) {
    self.debugger = debugger
    self.thread = thread
    self.inspections = inspections
  }

  /// Runs `body` at a safepoint.
  private func ask<T>(_ body: @escaping (Debugger) throws(DebugError) -> T) throws(DebugError) -> T {
    if thread.isCurrent {
      throw DebugError(.fromWithin, "The debugger cannot be asked from a callback of the machine; use another thread.")
    }
    let result = inspections.atSafepoint { [debugger] () -> Result<T, DebugError> in
      do throws(DebugError) { return .success(try body(debugger)) } catch { return .failure(error) }
    }
    // What was let go may be a process that no request runs.
    thread.wake()
    return try result.get()
  }

  /// From now on errors that nobody handles, and `halt`, stop their process and keep its stack. Without, breakpoints go,
  /// and whatever is stopped goes on.
  public func attach(_ isAttached: Bool = true) throws(DebugError) { try ask { $0.attach(isAttached) } }

  // MARK: Looking

  /// All processes that have not ended, by number; 1 is the program's main one.
  public func processes() throws(DebugError) -> [ProcessReport] {
    try ask { debugger in
      debugger.universe.processes.map { view in
        ProcessReport(
          id: view.id, name: view.name, priority: view.priority, activity: view.activity,
          stop: debugger.stops[view.id]?.last.map(debugger.report))
      }
    }
  }

  /// The activations of a process that stands still, the innermost first: at most `count`, from `first` on. `all`: the
  /// machine's own, too.
  public func stack(
    _ process: Int, all: Bool = false, from first: Int = 0, count: Int = 100
  ) throws(DebugError) -> [ActivationReport] {
    try ask { debugger throws(DebugError) in
      let stop = try debugger.currentStop(process)
      let entries = debugger.entries(from: stop.top)
      let shown = entries.indices.filter { all || debugger.isShown(entries[$0]) }
      return shown.dropFirst(max(0, first)).prefix(max(0, count)).map { debugger.report(entries[$0], $0, stop) }
    }
  }

  /// The text that an activation runs.
  public func text(of id: ActivationID) throws(DebugError) -> ActivationText {
    try ask { debugger throws(DebugError) in
      let (_, entry) = try debugger.entry(id)
      let root = debugger.universe.root(of: entry.info)
      guard let text = root.sourceText, let source = root.source, let start = root.definition?.range.start else {
        throw DebugError(.refused, "\(root.name) is a primitive: it has no text.")
      }
      let place = source.position(of: start)
      return ActivationText(text: text, line: place.line, column: place.column)
    }
  }

  /// The variables of an activation: its own, those of the blocks and methods around, and the fields of its receiver.
  public func variables(_ id: ActivationID) throws(DebugError) -> [VariableReport] {
    try ask { debugger throws(DebugError) in
      let (stop, entry) = try debugger.entry(id)
      return debugger.variables(of: entry, stop)
    }
  }

  /// Fields and elements of a value: at most `count`, from `first` on.
  public func children(_ id: ValueID, from first: Int = 0, count: Int = 100) throws(DebugError) -> [VariableReport] {
    try ask { debugger throws(DebugError) in
      let (stop, value) = try debugger.value(id)
      return debugger.children(of: value, first, count, stop)
    }
  }

  /// A value as it is now, with its fields and elements as `children` answers them. What an evaluation beside the program
  /// has answered gets new numbers, so that it can be looked at again and again.
  /// - Parameter path: values through which somebody came here; a part that is one of them says so (`VariableReport.above`).
  public func inspect(
    _ id: ValueID, from first: Int = 0, count: Int = 100, path: [ValueID] = []
  ) throws(DebugError) -> (value: ValueReport, children: [VariableReport]) {
    try ask { debugger throws(DebugError) in
      let (keeper, value) = try debugger.value(id)
      let group = id.process == 0 ? debugger.kept.make() : keeper
      let report = debugger.report(value, group)
      var children = debugger.children(of: value, first, count, group)
      debugger.markKnown(&children, group, path)
      return (report, children)
    }
  }

  // MARK: Evaluating

  /// Evaluates statements in an activation, with its `self` and variables; they may be assigned. An error in them, or a
  /// breakpoint, stops the process again, within that; `leave` ends the evaluation then. Waits for so many seconds; after
  /// that `pause` stops it. `isPrinted`: its text is what `printString` answers, and not only "a Point".
  public func evaluate(
    _ text: String, in id: ActivationID, isPrinted: Bool = false, seconds: Double = 10
  ) throws(DebugError) -> EvaluationReport {
    try evaluation(text, id, isPrinted: isPrinted, seconds) { debugger, stop, value in debugger.report(value, stop) }
  }

  /// Gives a variable of an activation, or a field of its receiver, the value of an expression.
  @discardableResult
  public func set(_ variable: String, in id: ActivationID, to text: String) throws(DebugError) -> EvaluationReport {
    try evaluate("\(variable) := \(text)", in: id)
  }

  /// Gives a field or an element of a value, as `children` counts them, the value of an expression.
  @discardableResult
  public func set(
    child index: Int, of value: ValueID, to text: String, in id: ActivationID
  ) throws(DebugError) -> EvaluationReport {
    try evaluation(text, id, 10) { debugger, stop, new in
      let handles = debugger.universe.handles
      let mark = handles.count
      defer { handles.pop(to: mark) }
      let kept = handles.push(new)
      guard let (_, object) = try? debugger.value(value) else { return debugger.report(handles[kept], stop) }
      let target = handles.push(object)
      _ = debugger.universe.setPart(index, of: target, to: kept, stop.top)
      return debugger.report(handles[kept], stop)
    }
  }

  private func evaluation(
    _ text: String, _ id: ActivationID, isPrinted: Bool = false, _ seconds: Double,
    _ finish: @escaping (Debugger, DebugStop, Value) -> ValueReport
  ) throws(DebugError) -> EvaluationReport {
    let waiting = Waiting<Result<EvaluationReport, DebugError>>()
    try begin(text, id, isPrinted: isPrinted, finish) { waiting.fulfil($0) }
    guard let result = waiting.wait(seconds: seconds) else {
      throw DebugError(
        .running, "It has not ended in \(seconds) seconds. Pause the process to see what it does, then leave.")
    }
    return try result.get()
  }

  /// Evaluates without waiting: `completion` is called once, on the machine's thread, when the evaluation has ended or
  /// stopped.
  public func evaluate(
    _ text: String, in id: ActivationID, isPrinted: Bool = false,
    completion: @escaping @Sendable (Result<EvaluationReport, DebugError>) -> Void
  ) throws(DebugError) {
    try begin(text, id, isPrinted: isPrinted, { debugger, stop, value in debugger.report(value, stop) }, completion)
  }

  private func begin(
    _ text: String, _ id: ActivationID, isPrinted: Bool,
    _ finish: @escaping (Debugger, DebugStop, Value) -> ValueReport,
    _ completion: @escaping (Result<EvaluationReport, DebugError>) -> Void
  ) throws(DebugError) {
    try ask { debugger throws(DebugError) in
      _ = try debugger.entry(id)
      let evaluation = DebugEvaluation(number: debugger.nextEvaluation(), isQuiet: false, isPrinted: isPrinted)
      evaluation.answer = completion
      _ = debugger.universe.demandEvaluation(of: id.process) { frame in
        guard let (stop, entry) = try? debugger.entry(id) else {
          debugger.finish(evaluation, of: id.process, .failure(Debugger.gone))
          return true
        }
        switch debugger.evaluate(text, entry, at: frame, evaluation) {
        case .success(let value?):
          var report = finish(debugger, stop, value)
          report.text = evaluation.printed ?? report.text
          debugger.finish(evaluation, of: id.process, .success(report))
        case .success(nil):
          debugger.finish(evaluation, of: id.process, .failure(DebugError(.failed, "The evaluation was left.")))
          return false
        case .failure(let error): debugger.finish(evaluation, of: id.process, .failure(error))
        }
        return true
      }
    }
  }

  // MARK: Going on

  /// The process goes on; an error goes on to whoever handles it, or ends the process.
  public func resume(_ process: Int) throws(DebugError) {
    try ask { debugger throws(DebugError) in
      _ = try debugger.currentStop(process)
      debugger.resume(process)
    }
  }

  /// The process goes on and stops again soon; `index` counts as in `ActivationID`, nil is the innermost that is shown.
  public func step(_ process: Int, _ kind: DebugStep, from index: Int? = nil) throws(DebugError) {
    try ask { debugger throws(DebugError) in
      let stop = try debugger.currentStop(process)
      let entries = debugger.entries(from: stop.top)
      guard let at = index ?? entries.firstIndex(where: debugger.isShown), entries.indices.contains(at) else {
        throw DebugError(.refused, "Process \(process) has no activation to step in.")
      }
      debugger.begin(kind, of: stop, at: at, entries)
    }
  }

  /// The error answers the value of an expression to whoever has made it. Of an error only.
  public func resume(_ process: Int, with text: String) throws(DebugError) {
    let stop = try ask { debugger throws(DebugError) in try debugger.currentStop(process) }
    guard stop.reason == .unhandledError else {
      throw DebugError(
        .refused, "Only an error that nobody handles can be given an answer; `return` does it elsewhere.")
    }
    let innermost = try innermost(process)
    try useValue(of: text, in: innermost) { debugger, stop, root in debugger.resume(process, .answer(root: root)) }
  }

  /// The activation ends, and answers the value of an expression; what `ensure:` protects in those that it has called is run.
  public func `return`(_ text: String, from id: ActivationID) throws(DebugError) {
    try check(id) { $0.returnObstacle }
    try useValue(of: text, in: id) { debugger, stop, root in
      guard let entry = try? debugger.entry(id).1, let value = stop.value(root) else { return }
      debugger.resume(id.process, .unwind) { _ in
        debugger.universe.unwind(to: entry.place.frame, entry.place.number, answering: stop.value(root) ?? value)
      }
    }
  }

  /// The activation starts again, with the same receiver and arguments: in the version of its method that is installed, or
  /// in its own.
  public func restart(_ id: ActivationID, installed: Bool = true) throws(DebugError) {
    try check(id) { $0.restartObstacle }
    try ask { debugger throws(DebugError) in
      let (_, entry) = try debugger.entry(id)
      let method = try debugger.method(toRestart: entry, installed: installed)
      debugger.resume(id.process, .unwind) { _ in
        debugger.universe.unwind(to: entry.place.frame, entry.place.number, restarting: method)
      }
    }
  }

  /// Ends the process; what `ensure:` protects is run. So does the program, if it is its main one.
  public func terminate(_ process: Int) throws(DebugError) {
    try ask { debugger throws(DebugError) in
      guard debugger.universe.terminateProcess(process) else { throw Debugger.noProcess(process) }
    }
  }

  /// Stops a process at its next safepoint, also one that waits; nil: the one that runs.
  public func pause(_ process: Int? = nil) throws(DebugError) {
    try ask { debugger throws(DebugError) in
      let id = process ?? debugger.universe.runningProcess
      guard debugger.pause(id) else { throw Debugger.noProcess(id) }
    }
  }

  /// Ends the innermost evaluation that has stopped its process; that stands again where it was evaluated.
  public func leave(_ process: Int) throws(DebugError) {
    try ask { debugger throws(DebugError) in
      _ = try debugger.currentStop(process)
      guard debugger.leave(process) else {
        throw DebugError(.refused, "Process \(process) has not stopped within an evaluation.")
      }
    }
  }

  private func innermost(_ process: Int) throws(DebugError) -> ActivationID {
    guard let first = try stack(process, count: 1).first else {
      throw DebugError(.refused, "Process \(process) has no activation.")
    }
    return first.id
  }

  private func check(_ id: ActivationID, _ obstacle: @escaping (ActivationReport) -> String?) throws(DebugError) {
    try ask { debugger throws(DebugError) in
      let (stop, entry) = try debugger.entry(id)
      if let obstacle = obstacle(debugger.report(entry, id.index, stop)) { throw DebugError(.refused, obstacle) }
    }
  }

  /// Evaluates an expression, keeps its value in the stop, and does something with that.
  private func useValue(
    of text: String, in id: ActivationID, _ body: @escaping (Debugger, DebugStop, Int) -> Void
  ) throws(DebugError) {
    let report = try evaluate(text, in: id)
    guard case .value(let value) = report, let valueID = value.id else {
      throw DebugError(.failed, "The expression has stopped itself: `leave`, and try another one.")
    }
    try ask { debugger throws(DebugError) in
      guard let stop = try debugger.value(valueID).0 as? DebugStop else { throw Debugger.gone }
      body(debugger, stop, valueID.index)
    }
  }

  // MARK: Breakpoints

  /// Sets one. If it has no place yet, it gets it when its class or method comes.
  public func add(_ breakpoint: Breakpoint) throws(DebugError) -> BreakpointReport {
    try ask { $0.breakpoints.add(breakpoint) }
  }

  /// Gives a breakpoint another place or condition; it keeps its number and its hits.
  public func change(_ id: Int, to breakpoint: Breakpoint) throws(DebugError) -> BreakpointReport {
    try ask { debugger throws(DebugError) in
      guard let report = debugger.breakpoints.change(id, to: breakpoint) else { throw Debugger.noBreakpoint(id) }
      return report
    }
  }

  /// Takes a breakpoint away.
  public func removeBreakpoint(_ id: Int) throws(DebugError) {
    try ask { debugger throws(DebugError) in
      guard debugger.breakpoints.remove(id) else { throw Debugger.noBreakpoint(id) }
    }
  }

  /// All breakpoints, oldest first.
  public func breakpoints() throws(DebugError) -> [BreakpointReport] {
    try ask { debugger in debugger.breakpoints.entries.keys.sorted().compactMap(debugger.breakpoints.report) }
  }
}

/// Something that comes from another thread.
private final class Waiting<T>: @unchecked Sendable {
  private let value = Guarded<T?>(nil)
  private let isThere = DispatchSemaphore(value: 0)

  func fulfil(_ new: T) {
    value.set(new)
    isThere.signal()
  }
  /// Nil: it has not come.
  func wait(seconds: Double) -> T? { isThere.wait(timeout: .now() + seconds) == .success ? value.get() : nil }
}
