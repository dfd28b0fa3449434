// `ovid run`, and plain `ovid Name.som`: runs one program, and with --watch accepts the files that are saved.

import ArgumentParser
import Foundation
import Laboratory
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
      -w, --watch                accept the methods that changed in a file whenever one is saved

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
      let program = ProgramName(word)
      try ProgramFile.check(program, written: word)
      let signals = EndingSignals()
      let vm = try VirtualMachine(
        options: parsed.options, classPath: program.searchPath(parsed.classPath),
        compileWorker: CompileWorker.ownCommand)
      signals.watch { vm.flushOutput() }
      let className: String
      do { className = try vm.loadProgram(program.className) } catch {
        // A first word that is no command is a program.
        let meant = words.first == word ? OvidCommandLine.command(near: word) : nil
        throw LoadFailure(description: "\(error)" + (meant.map { "; did you mean `ovid \($0)`?" } ?? ""))
      }
      if let log = parsed.replayedLog {
        for problem in try vm.problems(replaying: log) { complain(problem) }
      }
      var watcher: FileWatcher?
      if parsed.isWatching {
        let files = SavedFiles(vm: vm, folders: program.searchPath(parsed.classPath))
        watcher = try FileWatcher(folders: files.folders) { files.accept($0, $1) }
      }
      defer { watcher?.stop() }
      let status = try vm.run(className, arguments: parsed.arguments)
      // The receipt of the edit that ended the program may not have been printed yet.
      watcher?.stop()
      if parsed.options.stats { complain("statistics\n\(vm.statistics())") }
      if let file = parsed.statisticsFile {
        try RunReport(statistics: vm.statistics()).write(file)
      }
      let failure = vm.outputFailure()
      vm.abandon()
      if let failure {
        // A reader that has seen enough (`| head`) is nobody's error.
        if failure != EPIPE { complain("cannot write standard output: \(String(cString: strerror(failure)))") }
        return ExitStatus.failure
      }
      return Int32(truncatingIfNeeded: status) & 0xFF
    }
  }

  struct LoadFailure: Error, CustomStringConvertible {
    let description: String
  }
}
