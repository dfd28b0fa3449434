// `ovid run`, and plain `ovid Name.som`: runs one program, and with --watch accepts the files that are saved.

import ArgumentParser
import Foundation
import Ovid

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Runs a program (also without the word: ovid Name.som).",
    usage: usage, discussion: help)

  static let usage = "ovid [run] [flags] [-cp dir:dir…] Name|path/Name.som [arguments]"

  static var help: String {
    """
    The program's own folder is searched for classes first, then the class path, then the bundled core library
    (unless the class path has an Object.som of its own). With arguments, run: is sent to a new instance of the
    program if it understands it, else run. The exit status is what the program gave to system exit:, or 1 after
    an error. Flags count only before the program; what follows it is the program's.

      -cp, --classpath dir:dir…  folders to search for classes
      --stats-file FILE          write counters as JSON at the end
      --replay FILE              make the accepts of a change log again first
      -w, --watch                accept what changed in a file whenever one is saved, renamed or deleted; an error
                                 waits for the next one (implies --debuggable)

    Flags of the virtual machine [default; environment variable]:
    \(Options.documentation().split(separator: "\n").map { "  \($0)" }.joined(separator: "\n"))
    """
  }

  @Argument(parsing: .captureForPassthrough, help: ArgumentHelp(visibility: .hidden)) var words: [String] = []

  func run() throws { Self.end(Self.execute(words)) }

  /// Ends the process without waiting for a compiler that may be at work.
  static func end(_ status: Int32) -> Never {
    fflush(nil)
    _exit(status)
  }

  /// The whole command; answers its exit status.
  static func execute(_ words: [String]) -> Int32 {
    RunArguments.execute(words, usage: usage, help: help) { parsed in
      guard let word = parsed.program else {
        complain("which program? For example: ovid Hello.som (`ovid --help` lists what else there is).")
        return ExitStatus.usage
      }
      if parsed.pace != ReplayPace() {
        complain("--speed and --longest-pause are for sessions: ovid replay --help")
        return ExitStatus.usage
      }
      let program = ProgramName(word)
      var parsed = parsed
      // What has failed must be able to start again, compiled or not.
      if parsed.isWatching { parsed.options.debuggable = true }
      return try ProgramRun.perform(parsed, word, parsed.arguments, isFirstWord: words.first == word) { vm in
        if let log = parsed.replayedLog {
          for problem in try vm.problems(replaying: log) { complain(problem) }
        }
        guard parsed.isWatching else { return {} }
        let files = SavedFiles(vm: vm, folders: program.searchPath(parsed.classPath))
        let watcher = try FileWatcher(
          folders: files.folders,
          handler: FileWatcher.Handler(
            saved: { files.accept($0, missing: $1) }, deleted: { files.noteGone($0) }))
        return { watcher.stop() }
      }
    }
  }
}
