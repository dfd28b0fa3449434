// One session of the debugger: reads commands while the program stands still, and waits while it runs. What the commands
// do is in `DebuggerCommand.table`.

import Foundation
import Ovid

final class DebugSession {
  /// What commands are about: a stop of a process, and one of its activations.
  struct Selection {
    var stop: StopReport
    /// Of the activations that are shown, the innermost is 0.
    var frame: Int
    /// Nil: only the machine's own are there.
    var activation: ActivationReport?
  }
  /// Why a command cannot be done, and what can.
  struct Refusal: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
  }

  /// What runs under the debugger.
  enum Subject {
    /// It waits for `run`. For a step before that: where it begins.
    case program(entry: [Breakpoint.Place])
    /// It runs at once, and whoever asks for it says how it has ended.
    case evaluation
  }

  let vm: VirtualMachine
  let console: Console
  /// A terminal: there are prompts, and Ctrl-C.
  let isInteractive: Bool
  let program: DebuggedProgram
  private let interrupts: Interrupts?
  private let lines: any LineSource
  private let body: @Sendable () throws -> Int32
  private let epilogues = PromptEpilogues()
  private let subject: Subject

  private(set) var selection: Selection?
  private(set) var hasStarted = false
  /// The exit status, once the session is to end.
  private(set) var status: Int32?
  /// A command that an empty line does again.
  var repeated: String?
  /// What `inspect` has shown last, and how many parts of it.
  var inspected: (value: ValueID, shown: Int)?
  /// The method that is being typed.
  private var pending: PendingInput?
  /// Breakpoints of the machine where the program begins, until it has stopped.
  private var entryBreakpoints: [Int] = []
  /// Commands that could not be done.
  private(set) var failures = 0
  /// Stops that were shown.
  private var announced: Set<Int> = []
  /// An evaluation was told to end.
  var isLeaving = false

  static let prompt = "debug> "
  static let continuationPrompt = "     | "

  /// - Parameter body: runs it, and answers its exit status.
  init(
    _ vm: VirtualMachine, _ console: Console, _ lines: any LineSource, _ interrupts: Interrupts?, isInteractive: Bool,
    _ subject: Subject, body: @escaping @Sendable () throws -> Int32
  ) {
    self.vm = vm
    self.console = console
    self.lines = lines
    self.interrupts = interrupts
    self.isInteractive = isInteractive
    self.subject = subject
    self.body = body
    program = DebuggedProgram(vm, console)
    if isInteractive { vm.onEvent { [epilogues] in epilogues.take($0) } }
  }

  /// Reads commands until the program has ended, or somebody wants to go; answers the exit status.
  func run() throws -> Int32 {
    try vm.debugger.attach()
    if case .evaluation = subject { try start(stopping: false) }
    while status == nil, console.failure == nil { step() }
    if let failure = console.failure {
      if failure != EPIPE { complain("cannot write standard output: \(String(cString: strerror(failure)))") }
      return ExitStatus.failure
    }
    return status ?? ExitStatus.success
  }

  private func step() {
    tellNews()
    if status != nil { return }
    switch lines.next(prompt: pending == nil ? Self.prompt : Self.continuationPrompt) {
    case .interrupted:
      console.prompt("^C\n")
      pending = nil
    case .end:
      if isInteractive { console.prompt("\n") }
      if pending == nil { quit() } else { acceptPending(isLast: true) }
    case .unusable(let reason):
      fail(reason)
      pending = nil
    case .text(let line):
      console.lineWasRead()
      take(line)
    }
  }

  private func take(_ line: String) {
    if pending != nil {
      pending!.add(line)
      return acceptPending(isLast: false)
    }
    var command = line.trimmingCharacters(in: .whitespaces)
    if command.isEmpty {
      guard let repeated else { return }
      command = repeated
    } else {
      lines.remember(line)
    }
    do { try DebuggerCommand.run(command, in: self) } catch { fail("\(error)") }
    // A request may have stopped the process again, or lost it.
    while let news = program.takeNews({ $0.process == selection?.stop.process }) { take(news) }
  }

  /// What is to be said before the next command.
  private func tellNews() {
    for line in program.takeNotes() + epilogues.takeLines() { console.say(line) }
    while let news = program.takeNews({ _ in false }) { take(news) }
    for stop in program.waitingStops where announced.insert(stop.number).inserted {
      console.say(
        "process \(stop.process) stands still, too: \(StopText.reason(stop)) (`process \(stop.process)` looks at it)")
    }
  }

  // MARK: For the commands

  func fail(_ message: String) {
    failures += 1
    console.complain(message)
  }

  func quit() {
    switch subject {
    case .program: status = isInteractive || failures == 0 ? ExitStatus.success : ExitStatus.failure
    case .evaluation:
      try? vm.debugger.terminate(Self.mainProcess)
      isLeaving = true
      while status == nil { wait() }
    }
  }
  static let mainProcess = 1

  /// What commands are about. Throws if nothing stands still.
  func selected() throws -> Selection {
    if let selection { return selection }
    throw Refusal(
      hasStarted
        ? "no process stands still that is selected: `processes` lists them, `pause N` stops one"
        : "the program has not started: `run` starts it, `step` stops at its first statement")
  }

  /// The activation that commands are about.
  func activation() throws -> ActivationReport {
    let selection = try selected()
    if let activation = selection.activation { return activation }
    throw Refusal(
      "process \(selection.stop.process) has no activation of the program here: `stack all` shows what there is")
  }

  func select(_ stop: StopReport?) {
    selection = stop.map { Selection(stop: $0, frame: 0, activation: $0.activation) }
    inspected = nil
  }
  func select(frame: Int, _ activation: ActivationReport) {
    selection?.frame = frame
    selection?.activation = activation
  }

  /// Selects a stop, and shows why and where it is.
  func show(_ stop: StopReport) {
    _ = program.takeNews { $0.number == stop.number }
    select(stop)
    announced.insert(stop.number)
    let text = StopText.text(stop)
    if !text.isEmpty { console.say(text) }
    showPlace()
  }

  /// Shows the place of the selected activation.
  func showPlace() {
    if let activation = selection?.activation { console.say(StopText.place(activation)) }
  }

  // MARK: Going on

  /// Starts the program. `stopping`: at its first statement.
  func start(stopping: Bool) throws {
    if stopping, case .program(let entry) = subject {
      for place in entry { entryBreakpoints.append(try vm.debugger.add(Breakpoint(place)).id) }
    }
    try program.start(body)
    hasStarted = true
    wait()
  }

  /// Waits until something stands still, or the program has ended. Stops of `others` do not count.
  func wait(others: Set<Int> = []) {
    while !take(interruptible(nil) { program.next { !others.contains($0.number) } }) {}
  }

  /// True: there is something to look at, or nothing any more.
  @discardableResult private func take(_ news: DebuggedProgram.News) -> Bool {
    switch news {
    case .stopped(let stop):
      let isBeginning = !stop.breakpoints.isEmpty && Set(stop.breakpoints).isSubset(of: entryBreakpoints)
      for id in entryBreakpoints { try? vm.debugger.removeBreakpoint(id) }
      entryBreakpoints = []
      if isBeginning {
        select(stop)
        showPlace()
      } else {
        show(stop)
      }
      return true
    case .evaluated(let process, let value, let failure):
      if isLeaving {
        console.say("the evaluation is left")
      } else if let failure {
        console.say("the evaluation has ended: \(failure)")
      } else {
        console.say("the evaluation answers \(value?.text ?? "nothing")")
      }
      isLeaving = false
      guard let stop = (try? vm.debugger.processes())?.first(where: { $0.id == process })?.stop else { return false }
      select(stop)
      showPlace()
      return true
    case .ended(let status, let problem):
      select(nil)
      self.status = status
      if case .evaluation = subject { return true }
      for line in program.takeNotes() + epilogues.takeLines() { console.say(line) }
      if let problem { console.complain("ovid: \(problem)") }
      console.say("the program has ended with status \(status)")
      return true
    }
  }

  // MARK: Editing

  /// The lines that follow, up to a complete method, are accepted in the class.
  func expectMethod(className: String, isClassSide: Bool, _ policy: AcceptPolicy, beginning text: String) {
    pending = PendingInput(.method(className: className, isClassSide: isClassSide, policy))
    if text.isEmpty { return }
    pending?.begin(text)
    acceptPending(isLast: false)
  }

  private func acceptPending(isLast: Bool) {
    guard let input = pending, case .method(let className, let isClassSide, let policy) = input.purpose else { return }
    if !isLast, VirtualMachine.isIncomplete(method: input.text) { return }
    pending = nil
    let method = Change.method(className, input.text, classSide: isClassSide)
    accept(ChangeSet([method], author: "debugger", policy: policy), input.text)
  }

  func accept(_ changes: ChangeSet, _ text: String) {
    let receipt = vm.accept(changes)
    guard receipt.succeeded else {
      let what = receipt.id == 0 ? "" : "accept \(receipt.id) refused:\n"
      return fail(what + CaretReport.text(receipt.errors, in: text))
    }
    console.say("\(receipt)")
    if isInteractive { epilogues.open(receipt) }
    guard let selection, let old = selection.activation else { return }
    // The activation may run an old version now.
    guard let now = try? vm.debugger.stack(old.id.process, from: selection.frame, count: 1).first else { return }
    select(frame: selection.frame, now)
    if now.version != now.installedVersion {
      console.say("\(now.name) \(StopText.versions(now)): `restart` begins it again")
    }
  }

  /// Runs `body`; Ctrl-C stops the process meanwhile, or the one that runs then.
  func interruptible<T>(_ process: Int?, _ body: () throws -> T) rethrows -> T {
    let interrupt: @Sendable () -> Void = { [vm] in
      // It is answered at a safepoint, and Ctrl-C must be heard until then.
      DispatchQueue.global().async { try? vm.debugger.pause(process) }
    }
    return try interrupts?.during(interrupt, body) ?? body()
  }

  /// Runs another program that has the terminal meanwhile; Ctrl-C is its own.
  func lendTerminal<T>(_ body: () throws -> T) rethrows -> T { try interrupts?.during({}, body) ?? body() }
}
