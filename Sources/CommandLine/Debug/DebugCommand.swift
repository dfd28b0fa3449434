// `ovid debug`: a program under the debugger, in the terminal.

import ArgumentParser
import Foundation
import Ovid

struct DebugCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "debug",
    abstract: "Runs a program under the debugger: breakpoints, steps, edits while it stands still.",
    usage: usage, discussion: help)

  static let usage = "ovid debug [flags] [-cp dir:dir…] Name|path/Name.som [arguments]"

  static var help: String {
    """
    Loads the program and reads commands, at first before it runs: `break Class>>selector` and `run`. It stops at
    breakpoints, at errors that nobody handles, where it sends halt, and at Ctrl-C. If standard input is no terminal,
    there are no prompts, and a command that lets the program go on waits until it stops again or has ended before the
    next line is read. The exit status is the program's; if it has not ended, 0, or 1 if a command of a pipe failed.
    Flags are those of ovid run.

    Commands:
    \(DebuggerCommand.all)
    """
  }

  @Argument(parsing: .captureForPassthrough, help: ArgumentHelp(visibility: .hidden)) var words: [String] = []

  func run() throws { RunCommand.end(Self.execute(words)) }

  /// The whole command; answers its exit status.
  static func execute(_ words: [String]) -> Int32 {
    RunArguments.execute(words, usage: usage, help: help) { parsed in
      let word = try parsed.program(of: "debug", noPace: "--speed and --longest-pause are for sessions")
      return try debug(parsed, word)
    }
  }

  private static func debug(_ parsed: RunArguments, _ word: String) throws -> Int32 {
    let program = ProgramName(word)
    try ProgramFile.check(program, written: word)
    let isInteractive = isatty(STDIN_FILENO) == 1
    // Before there is any other thread, so that all of them leave Ctrl-C to the one that waits for it.
    let interrupts = isInteractive ? Interrupts(subject: "the program") : nil
    let console = Console()
    var options = parsed.options
    options.debuggable = true
    let vm = try VirtualMachine(
      options: options, classPath: program.searchPath(parsed.classPath), capabilities: .all,
      output: console.programOutput,
      compileWorker: CompileWorker.ownCommand)
    let className = try vm.loadProgram(program.className)
    if let log = parsed.replayedLog {
      for problem in try vm.problems(replaying: log) { complain(problem) }
    }
    var current: () -> ActivationID? = { nil }
    let completer = DebugCompleter(vm: vm) { current() }
    let lines = SessionLines.make(console, interrupts, history: "debug-history", complete: completer.complete)
    let session = DebugSession(
      vm, console, lines, interrupts, isInteractive: isInteractive,
      .program(entry: entry(of: className, hasArguments: !parsed.arguments.isEmpty, vm))
    ) { [arguments = parsed.arguments] in
      Int32(truncatingIfNeeded: try vm.run(className, arguments: arguments)) & 0xFF
    }
    current = { [unowned session] in session.selection?.activation?.id }
    if isInteractive {
      console.say("\(VirtualMachine.version). \(className) is loaded: `run` starts it, `help` lists commands.")
    }
    let status = try session.run()
    if parsed.options.stats { complain("statistics\n\(vm.statistics())") }
    vm.abandon()
    return status
  }

  /// Where the program begins.
  private static func entry(of className: String, hasArguments: Bool, _ vm: VirtualMachine) -> [Breakpoint.Place] {
    let selectors = hasArguments ? ["run:", "run"] : ["run"]
    let found = selectors.lazy.compactMap { vm.implementation(of: MethodKey(className: className, selector: $0)) }
    return found.first.map { [.entry($0)] } ?? []
  }
}
