// The embedding interface: one SOM virtual machine, on a thread of its own. Start reading here.

import Foundation
import Runtime

/// A SOM virtual machine that a program embeds: it loads classes, evaluates, runs programs, and accepts edits
/// while they run.
///
/// ```swift
/// let vm = try VirtualMachine(classPath: ["Examples"])
/// print(try vm.evaluate("(1 to: 10) inject: 0 into: [ :a :b | a + b ]"))
/// Thread.detachNewThread { _ = try? vm.run("Server") }          // runs on the machine's own thread
/// let receipt = try vm.accept(ChangeSet([.method("Server", "greeting = ( ^'hello' )")]))
/// print(receipt)                                                // what the edit invalidated, and how fast
/// ```
///
/// Every method may be called from any thread. `load`, `run`, `evaluate` and `disassemble` wait for each other; `accept`
/// and what only looks are done at the next safepoint of the program that runs. Output sinks and event handlers run on
/// the machine's own thread: from there, what only looks, `quit` and `interrupt` can be called; everything else is
/// refused (`VirtualMachineError.calledFromWithin`, or an error in the answer). Several machines in one process do not
/// meet.
public final class VirtualMachine: Sendable {
  /// The name and version of this implementation.
  public static let version = "ovid 0.1"

  let runtime: Runtime
  private let events = EventFan()

  /// Makes a machine and starts its core library.
  /// - Parameters:
  ///   - options: see `Options.table`.
  ///   - classPath: folders with `Name.som` files, searched in order, before the bundled core library.
  ///   - capabilities: what programs may do beyond computing, printing, loading classes from the class path, and changing
  ///     themselves in memory: nothing, if it is not said. Without `writesClasses` no accept changes a file.
  ///   - output: where what programs print goes.
  ///   - compileWorker: the words that, with a folder after them, start a process that does `CompileWorker.run`, of this
  ///     same build; its crashes do not concern the program. Without them GCC runs in this process.
  public init(
    options: Options = Options(), classPath: [String] = [], capabilities: Capabilities = .none,
    output: ProgramOutput = .standard, compileWorker: [String]? = nil
  ) throws(VirtualMachineError) {
    runtime = Runtime(
      options: options, classPath: classPath, capabilities: capabilities, out: output.out, error: output.error,
      flushesLines: output.flushesLines, compileWorker: compileWorker)
    let events = events
    _ = runtime.onEvent { events.send($0) }
    do { try runtime.boot() } catch let error as NoProgramThread {
      throw .noThread(error.description)
    } catch let error as ChangeLogError {
      throw .load("\(error)")
    } catch { throw .load("cannot start the core library: \(error)") }
  }

  deinit {
    events.finish()
    runtime.shutDown()
  }

  /// Removes the machine's temporary files without waiting for a compile that is under way. For a process that
  /// ends at once, and by `_exit`; nothing else may be asked of the machine.
  public func abandon() { runtime.shutDown(abandoning: true) }

  // MARK: Programs

  /// Loads a class, and what it needs, from the class path; does nothing if it is loaded.
  public func load(_ className: String) throws(VirtualMachineError) {
    try refuseFromWithin("load")
    do { try runtime.evaluations.load(className) } catch { throw .load("\(error)") }
  }

  /// Loads a program: the class that `name`.som defines, which may have another name than its file.
  /// - Returns: the name of the class, for `run`.
  public func loadProgram(_ name: String) throws(VirtualMachineError) -> String {
    try refuseFromWithin("loadProgram")
    do { return try runtime.evaluations.loadProgram(name) } catch { throw .load("\(error)") }
  }

  /// Searches one more folder for classes, after the others.
  public func addClassPath(_ folder: String) { runtime.evaluations.addClassPath(folder) }

  /// Loads a program and runs it (docs/language.md, section 7): `run:` with the arguments, its own name first, if
  /// there are any and it is understood; else `run`. Returns when it has ended. An error that nothing handles ends it, and
  /// is printed.
  /// - Parameter limits: what takes more is ended as by `quit`, without what `ensure:` protects, and `limitExceeded` is thrown.
  /// - Returns: the exit status: what the program gave to `system exit:`, 1 after an error or an interrupt, else 0.
  public func run(
    _ className: String, arguments: [String] = [], limits: CallLimits = .none
  ) throws(VirtualMachineError) -> Int {
    try refuseFromWithin("run")
    return try runtime.calls.run(className, [className] + arguments, limits)
  }
  /// The same without holding up a thread; cancelling the task ends the program.
  public func run(
    _ className: String, arguments: [String] = [], limits: CallLimits = .none
  ) async throws(VirtualMachineError) -> Int {
    try refuseFromWithin("run")
    return try await runtime.calls.runAsync(className, [className] + arguments, limits)
  }

  /// Evaluates statements, with nil as `self`; the value of the last one, or of `^`, is the answer, as plain values. Processes
  /// that it starts go on after it, whenever nothing else is asked of the machine, until they end, `quit`, or the machine's
  /// end. While a program runs, this is a process of its own, which takes turns with it.
  /// - Throws: `failed` for an error that nothing handled (nothing is printed), `exit` after `system exit:`, `syntax`, …
  public func evaluate(_ text: String, limits: CallLimits = .none) throws(VirtualMachineError) -> EvaluationResult {
    try runtime.calls.evaluation(text, limits)
  }
  /// The same without holding up a thread; cancelling the task ends the evaluation.
  public func evaluate(_ text: String, limits: CallLimits = .none) async throws(VirtualMachineError) -> EvaluationResult
  {
    try await runtime.calls.evaluationAsync(text, limits)
  }

  /// Asks the program or evaluation that runs to end at its next safepoint, and the processes that evaluations have left.
  /// Does not wait; does nothing if there are none.
  public func quit(status: Int = 130) { runtime.stop(status: status) }

  /// Interrupts the program, evaluation or process that runs: at its next safepoint it ends with a traceback, like an error that
  /// no handler sees. Does not wait; does nothing if none runs.
  public func interrupt() { runtime.interruptProgram() }

  /// Code of the program may be under way on this thread, and nothing else may run there.
  func refuseFromWithin(_ operation: String) throws(VirtualMachineError) {
    if runtime.isOnProgramThread { throw .calledFromWithin(operation: operation) }
  }

  // MARK: Workspaces

  /// An empty workspace: variables that inputs share. It belongs to this machine.
  public func makeWorkspace() -> Workspace { runtime.evaluations.makeWorkspace() }

  /// Evaluates statements, or accepts the text of a class, as at a prompt. `self` is nil; a variable that is
  /// assigned and declared nowhere belongs to the workspace. An uncaught error prints its traceback and message,
  /// and ends this evaluation only.
  ///
  /// ```swift
  /// let workspace = vm.makeWorkspace()
  /// _ = vm.evaluate("x := 3 + 4", in: workspace)
  /// if case .value(let x) = vm.evaluate("x * 2", in: workspace) { print(x) }     // 14
  /// ```
  public func evaluate(_ text: String, in workspace: Workspace) -> WorkspaceAnswer {
    do { try refuseFromWithin("evaluate") } catch {
      return .refused([AcceptError(change: 0, message: error.description)])
    }
    return runtime.evaluations.evaluate(text, in: workspace)
  }

  /// The names of a workspace's variables, in order of appearance.
  public func variables(of workspace: Workspace) -> [String] { runtime.evaluations.variables(of: workspace) }

  /// The name of the class of what a variable holds; nil if there is no such variable.
  public func className(ofVariable name: String, in workspace: Workspace) -> String? {
    runtime.evaluations.className(ofVariable: name, in: workspace)
  }

  /// True if the text of a method ends too early: with more lines it may be right.
  public static func isIncomplete(method text: String) -> Bool { Evaluations.isIncomplete(method: text) }

  // MARK: Editing

  /// Makes all of the changes, or none, at the next safepoint, and waits for it. A set with an error in it is
  /// answered by a receipt that lists the errors. What was accepted is written into the files of its classes
  /// (`Options.writeBack`), whose other bytes stay as they are.
  @discardableResult
  public func accept(_ changes: ChangeSet) -> Receipt {
    if let refused = refusal(of: "accept", by: changes.author) { return refused }
    return runtime.editor.accept(changes)
  }

  /// The same, but the answer does not wait for a disk that has the class files: they are written right after it, and
  /// `written` is told the receipt with what became of them, on another thread.
  public func accept(_ changes: ChangeSet, written: @escaping @Sendable (Receipt) -> Void) -> Receipt {
    refusal(of: "accept", by: changes.author) ?? runtime.editor.accept(changes, written: written)
  }

  /// Returns when the class files of all such accepts are written that were answered.
  public func finishWriting() { runtime.editor.finishWriting() }

  /// What a set of changes would do: its errors, the compiled units that it would invalidate, the activations that would run
  /// old versions, and whether these could start again or migrate (`ChangeSet.policy`). Nothing changes.
  public func dryRun(_ changes: ChangeSet) -> DryRun { runtime.editor.dryRun(changes) }

  /// Adds or replaces one method, given its whole text: `greet: name = ( ^'Hello, ' + name )`.
  @discardableResult
  public func accept(_ source: String, in className: String, classSide: Bool = false) -> Receipt {
    accept(ChangeSet([.method(className, source, classSide: classSide)]))
  }

  /// Removes one method.
  @discardableResult
  public func removeMethod(_ method: MethodKey) -> Receipt {
    accept(ChangeSet([.removeMethod(method, basedOn: nil)]))
  }

  /// Takes a class out of the program: its name is no global any more. Its instances, and what runs, stay what they are.
  /// With write-back, its file is deleted. `Change.classSource` with its text brings the class back.
  @discardableResult
  public func removeClass(_ name: String) -> Receipt { accept(ChangeSet([.removeClass(name)])) }

  /// Gives a class another name; it stays the class that it was. With write-back, its file gets the name, too. The
  /// receipt says which methods mention the old one.
  @discardableResult
  public func renameClass(_ name: String, to new: String) -> Receipt {
    accept(ChangeSet([.renameClass(name, to: new)]))
  }

  /// The receipt of an edit that is asked for on the machine's own thread.
  func refusal(of operation: String, by author: String) -> Receipt? {
    do { try refuseFromWithin(operation) } catch {
      return Receipt(
        refused: [AcceptError(change: 0, message: error.description, code: .fromWithin)], author: author)
    }
    return nil
  }

  /// Makes the accepts of a change log (`Options.changeLog`) again, in order: what was acknowledged before a crash.
  /// Load the program first. Methods that were edited in their files since stay as they are.
  public func replay(changeLog path: String) throws(VirtualMachineError) -> ReplayReport {
    try refuseFromWithin("replay")
    do { return try runtime.editor.replay(path) } catch { throw .load("\(error)") }
  }

  // MARK: Debugging

  /// The processes of the program, and its debugger. Compiled code that waits can be looked at and restarted in full only
  /// with `Options.debuggable`.
  public var debugger: DebugController { runtime.debugging }

  // MARK: Canvases

  /// Calls `handler` with each frame that the program has drawn on a canvas and presents, from now on (nil: with none
  /// any more): the bytes that docs/canvas.md describes. On the machine's thread: it must return at once, so whoever shows
  /// frames keeps the latest, and shows it when it can. Each frame can be shown without those before it.
  public func onFrame(_ handler: (@Sendable (_ frame: [UInt8]) -> Void)?) {
    runtime.universe.canvases.setHandler(handler)
  }

  /// The frame that was presented last, on any canvas, for somebody who begins to watch; nil if there was none.
  public var lastFrame: [UInt8]? { runtime.universe.canvases.lastFrame }

  /// Tells the program what was done with pointer or keys in front of a canvas. Does not wait. What no browser sends (no
  /// finite place, a key of a thousand letters) is left out, and so are the oldest events when the program looks at none.
  public func canvasEvent(_ event: CanvasEvent) { runtime.canvasEvent(event) }

  // MARK: Beside the program

  /// Evaluations that do not wait for the program that runs, nor it for them: each is a process of its own.
  public var side: SideEvaluations { runtime.sideEvaluations }

  /// Who sends what, who implements it, where a text stands.
  public var code: CodeSearch { runtime.codeSearch }

  /// Counters, memory and processor time, for whoever watches the program.
  public func liveFigures() -> LiveFigures { runtime.liveFigures() }

  // MARK: Observing

  /// What happens to accepted changes, from now on: accepted, first effect, optimized again, settled.
  public var eventStream: AsyncStream<RuntimeEvent> { events.stream() }

  /// Calls `handler` for every event until the machine goes away, on the machine's thread: it must return soon.
  public func onEvent(_ handler: @escaping @Sendable (RuntimeEvent) -> Void) { events.add(handler) }

  /// The text of a method's current version; nil if there is no such method.
  public func source(of method: MethodKey) -> String? { runtime.inspector.source(of: method) }

  /// The text of a version of a method, also one that was replaced or removed; nil if there is none.
  public func source(of method: MethodKey, version: Int) -> String? {
    runtime.inspector.source(of: method, version: version)
  }

  /// The number of a method's current version; nil if the class itself has no such method.
  public func version(of method: MethodKey) -> Int? { runtime.inspector.version(of: method) }

  /// The method that a class finds for a selector: its own or an inherited one; nil if it understands no such message.
  public func implementation(of method: MethodKey) -> MethodKey? { runtime.inspector.implementation(of: method) }

  /// At which tier a method runs now; nil if the class itself has no such method.
  public func tier(of method: MethodKey) -> TierReport? { runtime.inspector.tier(of: method) }

  /// A method through the lens: at which tier each of its lines runs, what is inlined where, on what its code depends, where
  /// and why that was left or invalidated. Nil if the class itself has no such method.
  public func lens(of method: MethodKey) -> LensReport? { runtime.inspector.lens(of: method) }

  /// Who still runs a version of a method that is not the current one any more, and where: the activations of all
  /// processes, innermost first within each, but for those beyond `limit`. None if it is asked on the machine's own thread.
  public func oldActivations(limit: Int = 1000) -> [OldActivation] { runtime.inspector.oldActivations(limit: limit) }

  /// A loaded class; nil if there is none of that name.
  public func classReport(_ name: String) -> ClassReport? { runtime.inspector.classReport(name) }

  /// The loaded class that a file defines; nil if there is none.
  public func className(ofFile path: String) -> String? { runtime.inspector.className(ofFile: path) }

  /// The whole text of a loaded class as it is now: what its file says, with everything that was changed since. With
  /// `Change.classSource` it makes the class again what it is now, also after its removal. Nil if there is no such class.
  public func text(ofClass name: String) -> String? { runtime.inspector.text(ofClass: name) }

  /// The classes that are loaded, sorted.
  public func classNames() -> [String] { runtime.inspector.classNames() }

  /// The classes that can be loaded: those that the folders of the class path have as files, and the bundled ones;
  /// sorted.
  public func loadableClassNames() -> [String] { runtime.inspector.loadableClassNames() }

  /// The selectors that instances of a class (with `classSide`: the class itself) understand; with nil, those that
  /// any loaded class implements.
  public func selectors(understoodBy className: String?, classSide: Bool = false) -> Set<String> {
    runtime.inspector.selectors(understoodBy: className, classSide: classSide)
  }

  /// The classes that a name in the code of a class (of `selector`, if it is a variable) has stood for, as the program's send
  /// sites and globals know: the most frequent first. Runs nothing of the program.
  public func observedKinds(
    of name: String, className: String?, classSide: Bool = false, selector: String? = nil
  ) -> [ObservedKind] {
    runtime.inspector.observedKinds(of: name, className: className, classSide: classSide, selector: selector)
  }

  /// The units of compiled code that are installed now.
  public func compiledCode() -> [CodeReport] { runtime.inspector.codeReports() }

  /// Calls `handler` with what programs print from now on, beside where `ProgramOutput` has it go: in chunks of bytes, on the
  /// thread that writes them, which waits. It must not call back into the machine.
  public func onOutput(_ handler: @escaping @Sendable (_ bytes: UnsafeRawBufferPointer, _ isError: Bool) -> Void) {
    runtime.universe.output.listen(handler)
  }

  /// Writes what the program has printed on the process's standard output and what waits for more to come, before the
  /// process ends without the machine: a signal, say. What goes to sinks is none of its business.
  public func flushOutput() { runtime.universe.output.flushLast() }

  /// The errno with which writing to the process's standard output has failed; nil as long as it has not.
  public func outputFailure() -> Int32? { runtime.inspect { $0.universe.output.failure } }

  /// Whether this machine can compile. Waits until its compiler has started.
  public func compilerSupport() -> CompilerSupport { CompilerSupport(runtime.inspector.compilerState()) }

  /// Counters since the start.
  public func statistics() -> Statistics { runtime.inspect { $0.statistics } }

  /// A method of a loaded class at every stage: source, bytecode, IR, machine code. Waits while a program runs.
  public func disassemble(_ method: MethodKey) throws(VirtualMachineError) -> Disassembly {
    try refuseFromWithin("disassemble")
    let found: Disassembly?
    do { found = try runtime.inspector.disassemble(method) } catch { throw .syntax("\(error)") }
    guard let found else { throw .load("there is no method \(method)") }
    return found
  }
}
