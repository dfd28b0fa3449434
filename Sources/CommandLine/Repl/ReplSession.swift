// One session: reads inputs, runs them, says what they answer.

import Foundation
import Ovid
import SourceTools
import Synchronization

final class ReplSession {
  let vm: VirtualMachine
  let workspace: Workspace
  let console: Console
  private let interrupts: Interrupts?
  private let lines: any LineSource
  private let isInteractive: Bool
  private var pending = PendingInput()
  private var failures = 0
  /// The exit status, once the session is to end.
  private var status: Int32?
  private let epilogues = PromptEpilogues()
  /// What has ended in an error last.
  private var failed: String?

  static let prompt = "ovid> "
  static let continuationPrompt = "    | "

  /// Reads standard input; as a terminal, if there are interrupts to wait for.
  init(vm: VirtualMachine, console: Console, interrupts: Interrupts?) {
    self.vm = vm
    self.console = console
    self.interrupts = interrupts
    let workspace = vm.makeWorkspace()
    self.workspace = workspace
    isInteractive = interrupts != nil
    let completer = Completer(vm: vm, workspace: workspace)
    lines = SessionLines.make(console, interrupts, history: "history", complete: completer.complete)
  }

  /// For tests.
  init(vm: VirtualMachine, console: Console, lines: any LineSource, isInteractive: Bool) {
    self.vm = vm
    self.console = console
    self.lines = lines
    self.isInteractive = isInteractive
    interrupts = nil
    workspace = vm.makeWorkspace()
  }

  /// Runs until the end of input; answers the exit status.
  /// - Parameter log: a change log whose accepts are made again before the first input.
  func run(loading programs: [String], replaying log: String? = nil) -> Int32 {
    if isInteractive {
      vm.onEvent { [epilogues] in epilogues.take($0) }
      console.say("\(VirtualMachine.version). Type an expression or a class; :help lists commands, Ctrl-D ends.")
    }
    for program in programs { load(program) }
    if let log { replay(log) }
    while status == nil {
      step()
      if let failure = console.failure {
        if failure != EPIPE {
          console.complain("ovid: cannot write standard output: \(String(cString: strerror(failure)))")
        }
        return ExitStatus.failure
      }
    }
    return status ?? ExitStatus.success
  }

  private func replay(_ log: String) {
    do { for problem in try vm.problems(replaying: log) { fail(problem) } } catch { fail("\(error)") }
  }

  private func step() {
    for line in epilogues.takeLines() { console.say(line) }
    switch lines.next(prompt: pending.isEmpty ? Self.prompt : Self.continuationPrompt) {
    case .interrupted:
      console.prompt("^C\n")
      pending = PendingInput()
    case .end:
      if isInteractive { console.prompt("\n") }
      if pending.isEmpty { quit() } else { finishAtEnd() }
    case .unusable(let reason):
      fail(reason)
      pending = PendingInput()
    case .text(let line): take(line)
    }
  }

  private func take(_ line: String) {
    let trimmed = line.trimmingCharacters(in: .whitespaces)
    if pending.isEmpty {
      if trimmed.isEmpty { return }
      if trimmed.hasPrefix(":") {
        // A command that waits for more lines remembers itself with them.
        pending.remember(line)
        ColonCommand.run(trimmed, in: self)
        if pending.isEmpty { finish() }
        return
      }
    }
    pending.add(line)
    if pending.isTooLong {
      fail("an input may have \(PendingInput.limit) bytes; this one has more, and is dropped")
      pending = PendingInput()
    } else if pending.isWorthParsing {
      runPending(isLast: false)
    }
  }

  /// The input that ran, or was refused, is done with.
  private func finish() {
    for entry in pending.entries { lines.remember(entry) }
    pending = PendingInput()
  }

  /// Runs what was typed so far, if it is complete; reports that it is not if nothing comes after it.
  private func runPending(isLast: Bool) {
    switch pending.purpose {
    case .evaluation:
      let text = pending.text
      let answer = during { [vm, workspace] in vm.evaluate(text, in: workspace) }
      if case .failed = answer { failed = text }
      if case .incomplete(let errors) = answer {
        if !isLast { return }
        fail(CaretReport.text(errors, in: text))
      } else {
        tell(answer, text)
      }
    case .method(let className, let isClassSide, let policy):
      if !isLast, VirtualMachine.isIncomplete(method: pending.text) { return }
      let text = pending.text
      accept(ChangeSet([.method(className, text, classSide: isClassSide)], author: "prompt", policy: policy), text)
    }
    finish()
  }

  private func finishAtEnd() {
    runPending(isLast: true)
    if !isInteractive { quit() }
  }

  private func tell(_ answer: WorkspaceAnswer, _ text: String) {
    switch answer {
    case .nothing, .incomplete: break
    case .value(let result): console.say(result.literalText)
    case .accepted(let receipt): tell(receipt, text)
    case .refused(let errors): fail(CaretReport.text(errors, in: text))
    case .failed:
      console.finishLine()
      failures += 1
      if isInteractive { console.say(":debug evaluates this again, and stops at the error") }
    case .interrupted:
      console.finishLine()
      failures += 1
    case .exit(let status): self.status = Int32(truncatingIfNeeded: status) & 0xFF
    }
  }

  // MARK: For the commands

  func fail(_ message: String) {
    failures += 1
    console.complain(message)
  }

  func quit() { status = isInteractive || failures == 0 ? ExitStatus.success : ExitStatus.failure }

  /// The lines that follow, up to a complete method, are accepted in the class.
  func expectMethod(className: String, isClassSide: Bool, _ policy: AcceptPolicy, beginning text: String) {
    pending.purpose = .method(className: className, isClassSide: isClassSide, policy)
    if text.isEmpty { return }
    pending.begin(text)
    runPending(isLast: false)
  }

  func accept(_ changes: ChangeSet, _ text: String) { tell(vm.accept(changes), text) }

  /// Prints a receipt.
  func tell(_ receipt: Receipt, _ text: String) {
    guard receipt.succeeded else {
      // What could not even be asked for has no number.
      let what = receipt.id == 0 ? "" : "accept \(receipt.id) refused:\n"
      return fail(what + CaretReport.text(receipt.errors, in: text))
    }
    console.say("\(receipt)")
    epilogues.open(receipt)
  }

  /// Loads a class by name, or accepts a file.
  func load(_ word: String) {
    let program = ProgramName(word)
    do {
      guard word.hasSuffix(".som") || program.folder != nil else {
        try vm.load(word)
        return
      }
      let path = "\(program.folder ?? ".")/\(program.className).som"
      try ProgramFile.check(program, written: word)
      let text = try SomFiles.text(path, shown: word)
      vm.addClassPath(program.folder ?? ".")
      tell(vm.accept(ChangeSet([.classSource(text, file: path)], author: "prompt")), text)
    } catch {
      fail("\(error)")
    }
  }

  /// Evaluates under the debugger: a text, or what has failed last.
  func debug(_ text: String) {
    guard let text = text.isEmpty ? failed : text else {
      return fail("nothing has failed yet; :debug EXPRESSION evaluates under the debugger")
    }
    let answer = Mutex(WorkspaceAnswer.nothing)
    let session = DebugSession(vm, console, lines, interrupts, isInteractive: isInteractive, .evaluation) {
      [vm, workspace] in
      let new = vm.evaluate(text, in: workspace)
      answer.withLock { $0 = new }
      return ExitStatus.success
    }
    do {
      _ = try session.run()
      try vm.debugger.attach(false)
    } catch { return fail("\(error)") }
    failures += session.failures
    let end = answer.withLock { $0 }
    if case .incomplete(let errors) = end { return fail(CaretReport.text(errors, in: text)) }
    tell(end, text)
  }

  /// Runs `body`, which Ctrl-C interrupts at the machine's next safepoint.
  private func during<T>(_ body: () -> T) -> T {
    guard let interrupts else { return body() }
    return interrupts.during({ [vm] in vm.interrupt() }, body)
  }
}
