// `ovid repl`, and plain `ovid`: a prompt. Without a terminal on standard input it evaluates what comes there.

import ArgumentParser
import Foundation
import Ovid

struct ReplCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "repl",
    abstract: "Evaluates what you type (also without any word: ovid).",
    usage: usage, discussion: help)

  static let usage = "ovid [repl] [flags] [-cp dir:dir…] [Name|path/Name.som …]"

  static var help: String {
    """
    Loads the classes or files, and evaluates statements and classes as they are typed; :help tells more. An input
    that is not complete goes on in the next line. If standard input is no terminal, there are no prompts, and the
    exit status is 1 if an input failed. The current folder is searched for classes first, then the class path,
    then the bundled core library. Flags are those of `ovid run`; --replay makes the accepts of a change log again
    once the classes are loaded.
    """
  }

  @Argument(parsing: .captureForPassthrough, help: ArgumentHelp(visibility: .hidden)) var words: [String] = []

  func run() throws { RunCommand.end(Self.execute(words)) }

  /// The whole command; answers its exit status.
  static func execute(_ words: [String]) -> Int32 {
    RunArguments.execute(words, usage: usage, help: help) { parsed in
      if parsed.isWatching || parsed.statisticsFile != nil {
        complain("\(parsed.isWatching ? "--watch" : "--stats-file") is for programs: ovid run --help")
        return ExitStatus.usage
      }
      if parsed.pace != ReplayPace() {
        complain("--speed and --longest-pause are for sessions: ovid replay --help")
        return ExitStatus.usage
      }
      let isInteractive = isatty(STDIN_FILENO) == 1
      // Before there is any other thread, so that all of them leave Ctrl-C to the one that waits for it.
      let interrupts = isInteractive ? Interrupts(subject: "the expression") : nil
      let console = Console()
      let vm = try VirtualMachine(
        options: parsed.options, classPath: ["."] + parsed.classPath, capabilities: .all, output: console.programOutput,
        compileWorker: CompileWorker.ownCommand)
      let session = ReplSession(vm: vm, console: console, interrupts: interrupts)
      let status = session.run(
        loading: [parsed.program].compactMap(\.self) + parsed.arguments, replaying: parsed.replayedLog)
      vm.abandon()
      return status
    }
  }
}
