// Evaluating beside the program that runs: each evaluation is a process of its own, which begins at the next safepoint. It
// is more urgent than the program for a moment, since most are over then, and takes turns with it after that.

import Foundation
import MachineLayout
import Syntax
import VM

/// Any thread, unless a method says otherwise.
public final class SideEvaluations: @unchecked Sendable {
  private let universe: Universe
  private let debugger: Debugger
  private let inspections: Inspections
  private let editor: Editor
  private let lastNumber = Guarded(0)

  /// Seconds until a `printString` is given up.
  static let printPatience = 2.0
  /// How urgent an evaluation is at first, and for how long.
  private static let urgency = 90
  private static let urgentSeconds = 0.02
  /// How urgent one is that does not end though it should.
  private static let leastPriority = 1
  static let printLimit = 2000

  init(_ universe: Universe, _ debugger: Debugger, _ inspections: Inspections, _ editor: Editor) {
    self.universe = universe
    self.debugger = debugger
    self.inspections = inspections
    self.editor = editor
  }

  /// They count apart from those that the debugger numbers.
  func nextNumber() -> Int {
    lastNumber.update {
      $0 += 1
      return Self.firstNumber + $0
    }
  }
  private static let firstNumber = 1 << 40

  // MARK: Asking

  /// Evaluates statements, or accepts the text of a class. `completion` is called once, on the machine's thread: it must
  /// return soon. `isPrinted`: the text of the value is what its `printString` answers.
  public func evaluate(
    _ text: String, in workspace: Workspace, isPrinted: Bool = false, author: String = "workspace",
    _ completion: @escaping @Sendable (SideAnswer) -> Void
  ) -> SideInput {
    let source = SourceText(name: "input", text)
    let input: ParsedInput
    do throws(SyntaxErrors) { input = try Parser.parseInput(source) } catch {
      return error.isIncomplete ? .incomplete(EditErrors(error).errors) : .refused(EditErrors(error).errors)
    }
    switch input {
    case .nothing: return .nothing
    case .classDefinition(let definition):
      let receipt = editor.accept(ChangeSet([.classSource(text, file: nil)], author: author))
      if receipt.succeeded { inspections.atSafepoint { workspace.variables.forget(definition.name) } }
      return .accepted(receipt)
    case .expression(let definition):
      return .evaluating(
        start(isPrinted: isPrinted, completion) { _, frame throws(SideRefusal) in
          let info = try Self.prepare(definition, source, workspace.variables)
          return workspace.variables.call(info, frame)
        })
    }
  }

  /// What a kept value's `printString` says.
  public func printString(
    _ id: ValueID, _ completion: @escaping @Sendable (SideAnswer) -> Void
  ) -> SideEvaluation {
    start(isPrinted: true, completion) { [debugger] _, _ throws(SideRefusal) in
      do throws(DebugError) { return try debugger.value(id).1.bits } catch { throw .debug(error) }
    }
  }

  /// Gives a field or an element of a kept value, as `DebugController.inspect` counts them, the value of an expression.
  public func setChild(
    _ index: Int, of id: ValueID, to text: String, in workspace: Workspace,
    _ completion: @escaping @Sendable (SideAnswer) -> Void
  ) -> SideInput {
    let source = SourceText(name: "input", text)
    let definition: MethodDefinition
    do throws(SyntaxErrors) { definition = try Parser.parseExpression(source) } catch {
      return .refused(EditErrors(error).errors)
    }
    return .evaluating(
      start(isPrinted: false, completion) { [universe, debugger] handles, frame throws(SideRefusal) in
        let info = try Self.prepare(definition, source, workspace.variables)
        let bits = workspace.variables.call(info, frame)
        if bits == 0 { return 0 }
        let new = handles.push(Value(bits: bits))
        do throws(DebugError) {
          let target = handles.push(try debugger.value(id).1)
          guard universe.setPart(index, of: target, to: new, frame) else {
            throw DebugError(.refused, "It has no field or element \(index).")
          }
        } catch { throw .debug(error) }
        return handles[new].bits
      })
  }

  // MARK: Running. VM thread.

  /// Why nothing was run.
  enum SideRefusal: Error {
    case text([AcceptError])
    case debug(DebugError)
  }
  typealias Body = (_ handles: Handles, _ frame: Words) throws(SideRefusal) -> UInt64

  private static func prepare(
    _ definition: MethodDefinition, _ source: SourceText, _ variables: WorkspaceVariables
  ) throws(SideRefusal) -> MethodInfo {
    do throws(InstallError) { return try variables.prepare(definition, source: source) } catch {
      switch error {
      case .syntax(let errors): throw .text(EditErrors(errors).errors)
      case .compile(let text): throw .text([AcceptError(change: 0, message: text)])
      }
    }
  }

  private func start(
    isPrinted: Bool, _ completion: @escaping @Sendable (SideAnswer) -> Void, _ body: @escaping Body
  ) -> SideEvaluation {
    let side = SideEvaluation(self, isQuiet: false, completion)
    nonisolated(unsafe) let body = body
    inspections.request { [self] in
      if side.isCancelled { return side.end() }
      let process = startProcess("evaluation", ended: { side.end() }) { [self] frame in
        run(side, isPrinted: isPrinted, frame, body)
      }
      // Called here, and not in the process: it has a number before it has its turn. It may have been cancelled meanwhile.
      if !side.begin(process) { cancel(side, process) }
      calm(process) { side.hasEnded }
    }
    return side
  }

  func startProcess(_ label: String, ended: @escaping () -> Void, _ body: @escaping (Words) -> UInt64) -> Int {
    universe.startProcess(label, priority: Self.urgency, ended: ended, body: body)
  }

  /// From soon on it takes turns with the program.
  func calm(_ process: Int, unless hasEnded: @escaping @Sendable () -> Bool) {
    DispatchQueue.global().asyncAfter(deadline: .now() + Self.urgentSeconds) { [weak self] in
      guard let self, !hasEnded() else { return }
      inspections.request { [weak self] in self?.universe.setPriority(Universe.mainPriority, of: process) }
    }
  }

  /// On the stack of the process.
  private func run(_ side: SideEvaluation, isPrinted: Bool, _ frame: Words, _ body: @escaping Body) -> UInt64 {
    let handles = universe.handles
    let mark = handles.count
    defer { handles.pop(to: mark) }
    let evaluation = side.evaluation
    evaluation.answer = { if case .success(.stopped(let stop)) = $0 { side.tell(.stopped(stop)) } }
    let began = Clock.microseconds()
    var refusal: SideRefusal?
    let result = debugger.run(evaluation) { () throws(DebugError) in
      do throws(SideRefusal) { return try body(handles, frame) } catch {
        refusal = error
        return Value.nil.bits
      }
    }
    switch refusal {
    case .text(let errors)?:
      side.tell(.refused(errors))
      return Value.nil.bits
    case .debug(let error)?:
      side.tell(.failed(error))
      return Value.nil.bits
    case nil: break
    }
    switch result {
    case .success(nil): return 0
    case .failure(let error):
      tell(side, .failed(error), or: .failure(error))
      return Value.nil.bits
    case .success(let value?):
      let microseconds = Clock.microseconds() - began
      let handle = handles.push(value)
      let group = debugger.kept.make()
      var answer = SideValue(
        value: debugger.report(handles[handle], group), text: nil, printProblem: nil, microseconds: microseconds)
      if isPrinted, evaluation.answer != nil {
        switch printed(handle, frame, Self.printLimit, seconds: Self.printPatience) {
        case .success(nil): return 0
        case .success(let text?): answer.text = text
        case .failure(let error):
          answer.printProblem = error.message
          answer.text = answer.value.text
        }
      }
      tell(side, .value(answer), or: .success(answer.value))
      return handles[handle].bits
    }
  }

  /// Whoever was told of a stop hears of the end by an event.
  private func tell(_ side: SideEvaluation, _ answer: SideAnswer, or event: Result<ValueReport, DebugError>) {
    guard side.evaluation.answer == nil, let process = side.process else { return side.tell(answer) }
    debugger.finish(side.evaluation, of: process, event)
  }

  /// As the prompt prints it; what is written as a literal, so. Nil: something unwinds.
  func printed(_ handle: Int, _ frame: Words, _ limit: Int, seconds: Double) -> Result<String?, DebugError> {
    let value = universe.handles[handle]
    let brief = universe.briefText(value, limit: limit)
    let printing = universe.symbols.intern("printStringLimitedTo:")
    if universe.isLiteral(value) { return .success(brief) }
    guard let method = universe.lookup.method(value.classIndex, printing) else { return .success(brief) }
    let problem = "Its printString has not ended in \(seconds) seconds, and was given up."
    return limited(seconds, problem) { universe.call(method, value, [Value(integer: limit)], frame: frame) }
      .map { value in value.map { universe.string($0) ?? brief } }
  }

  /// Runs `body` as an evaluation whose errors end it, and which is given up after so many seconds.
  func limited(_ seconds: Double, _ problem: String, _ body: () -> UInt64) -> Result<Value?, DebugError> {
    let evaluation = DebugEvaluation(number: nextNumber(), isQuiet: true)
    let process = universe.runningProcess
    let isOver = Guarded(false)
    DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { [weak self] in
      guard let self, !isOver.get() else { return }
      inspections.request { [weak self] in
        if !isOver.get() { self?.debugger.abandon(evaluation, of: process, problem) }
      }
    }
    defer { isOver.set(true) }
    return debugger.run(evaluation) { body() }
  }

  var handles: Handles { universe.handles }
  func request(_ body: @escaping @Sendable () -> Void) { inspections.request(body) }
  /// Of a value that is a number.
  func number(_ value: Value) -> Double? {
    if let double = universe.double(value) { return double }
    return universe.isInteger(value) ? universe.bigInteger(value).map { Double($0) } : nil
  }

  // MARK: Ending

  func cancel(_ side: SideEvaluation, _ process: Int) {
    giveUp { side.hasEnded ? nil : process }
    DispatchQueue.global().asyncAfter(deadline: .now() + 1) { if !side.hasEnded { side.tell(.cancelled) } }
  }

  /// The process leaves all its activations; one that does not end by that is the least urgent one after a second. Nil:
  /// it has ended, or has not begun.
  func giveUp(_ process: @escaping @Sendable () -> Int?) {
    inspections.request { [weak self] in
      guard let self, let process = process() else { return }
      _ = universe.terminateProcess(process)
    }
    DispatchQueue.global().asyncAfter(deadline: .now() + 1) { [weak self] in
      self?.inspections.request { [weak self] in
        guard let self, let process = process() else { return }
        universe.setPriority(Self.leastPriority, of: process)
      }
    }
  }
}
