// The `ovid` command: its subcommands, and the rule that a first word which is none of them is a program to run.

import ArgumentParser
import Foundation
import Ovid
import SourceTools

public enum OvidCommandLine {
  /// Runs the process's own command line. Every way out leads through `exit`.
  public static func main() -> Never {
    // A closed pipe on standard output is an error of the write, not the end of the process.
    signal(SIGPIPE, SIG_IGN)
    leaveWithoutDestructors()
    let arguments = Array(Swift.CommandLine.arguments.dropFirst())
    guard let first = arguments.first else { RunCommand.end(ReplCommand.execute([])) }
    if first == CompileWorker.ownCommand[1] { compile(arguments) }
    if arguments == ["--version"] {
      print(VersionText.text)
      exit(0)
    }
    // `ovid Name.som …` is the path that must start fast: it does without building the parser of subcommands.
    if !isCommand(first) { RunCommand.end(RunCommand.execute(arguments)) }
    OvidCommand.main(arguments)
    exit(0)
  }

  private static func compile(_ arguments: [String]) -> Never {
    if arguments.count == 2, let status = CompileWorker.run(folder: arguments[1]) { exit(status) }
    complain("\(arguments[0]) is what ovid starts to compile for it, and of no use to people.")
    exit(ExitStatus.usage)
  }

  /// The compiler thread may be inside libgccjit when the program ends: its library's destructors must not run
  /// under it, and waiting for it would cost up to a second.
  private static func leaveWithoutDestructors() {
    #if canImport(Glibc)
      on_exit(
        { status, _ in
          fflush(nil)
          _exit(status)
        }, nil)
    #endif
  }

  /// The command that a word may be a slip of.
  static func command(near word: String) -> String? {
    if word.contains("/") || word.hasSuffix(".som") { return nil }
    return NearName.closest(to: word, among: OvidCommand.configuration.subcommands.map { $0._commandName })
  }

  static func isCommand(_ word: String) -> Bool {
    if ["-h", "--help", "-help", "--version", "--help-hidden", "help"].contains(word) { return true }
    return OvidCommand.configuration.subcommands.contains { $0._commandName == word }
      || word.hasPrefix("--experimental-dump") || word.hasPrefix("--generate-completion-script")
  }
}

struct OvidCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ovid",
    abstract: "Runs SOM programs, fast, and lets you edit their methods while they run.",
    usage: """
      ovid
      ovid [run] [flags] [-cp dir:dir…] Name|path/Name.som [arguments]
      ovid <subcommand> [options]
      """,
    discussion: """
      `ovid` alone is a prompt that evaluates what you type. `ovid Hello.som` runs a program. Flags of the virtual machine stand before the program; `ovid run --help` \
      lists them. What stands after the program belongs to the program.
      Start with: ovid demo live-edit
      """,
    version: VirtualMachine.version,
    subcommands: [
      RunCommand.self, LiveCommand.self, DAPCommand.self, MCPCommand.self, DebugCommand.self, ReplCommand.self,
      ReplayCommand.self, DemoCommand.self,
      BenchCommand.self,
      DisassembleCommand.self, ExplainCommand.self,
      DoctorCommand.self, CacheCommand.self, FormatCommand.self, CheckCommand.self, LSPCommand.self,
      TestCommand.self,
      FuzzCommand.self, SoakCommand.self, ConformanceCommand.self,
    ])

  func run() throws { throw CleanExit.helpRequest(Self.self) }
}

/// Exit statuses of the command itself; a program's own status is passed on as it is.
enum ExitStatus {
  static let success: Int32 = 0
  /// An error in the program, or a program that could not be loaded.
  static let failure: Int32 = 1
  /// Words on the command line that make no sense (EX_USAGE).
  static let usage: Int32 = 64
}

/// Writes one line on standard error, as every error of the command looks.
func complain(_ message: String) {
  FileHandle.standardError.write(Data("ovid: \(message)\n".utf8))
}
