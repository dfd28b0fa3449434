// A program from its file to its exit status, with somebody who edits it meanwhile: saved files, or a session of old.

import Foundation
import Laboratory
import Ovid

enum ProgramRun {
  /// Loads and runs a program, as it was written; answers the exit status of the process.
  /// - Parameters:
  ///   - isFirstWord: the program may be meant to be a command.
  ///   - beside: begins what goes on beside the program, right before it starts, and answers what ends that.
  static func perform(
    _ parsed: RunArguments, _ word: String, _ arguments: [String], isFirstWord: Bool,
    beside: (VirtualMachine) throws -> () -> Void
  ) throws -> Int32 {
    let program = ProgramName(word)
    try ProgramFile.check(program, written: word)
    let signals = EndingSignals()
    let vm = try VirtualMachine(
      options: parsed.options, classPath: program.searchPath(parsed.classPath),
      capabilities: .all, compileWorker: CompileWorker.ownCommand)
    signals.watch { vm.flushOutput() }
    let className: String
    do {
      className = try load(program, vm, waiting: parsed.isWatching ? program.searchPath(parsed.classPath) : nil)
    } catch {
      // A first word that is no command is a program.
      let meant = isFirstWord ? OvidCommandLine.command(near: word) : nil
      throw LoadFailure(description: "\(error)" + (meant.map { "; did you mean `ovid \($0)`?" } ?? ""))
    }
    let stop = try beside(vm)
    let status: Int
    do { status = try vm.run(className, arguments: arguments) } catch {
      stop()
      throw error
    }
    // The receipt of the edit that ended the program may not have been printed yet.
    stop()
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

  /// - Parameter waiting: folders; a program that cannot be loaded is loaded again when something is saved there.
  private static func load(_ program: ProgramName, _ vm: VirtualMachine, waiting folders: [String]?) throws -> String {
    while true {
      do { return try vm.loadProgram(program.className) } catch {
        guard let folders else { throw error }
        complain("\(error)\nThe program begins when that is mended and saved; Ctrl-C ends it.")
        let saved = DispatchSemaphore(value: 0)
        let watcher = try FileWatcher(
          folders: folders,
          handler: FileWatcher.Handler(
            saved: { _, _ in
              saved.signal()
              return [:]
            }, deleted: { _ in }))
        saved.wait()
        watcher.stop()
      }
    }
  }

  private struct LoadFailure: Error, CustomStringConvertible {
    let description: String
  }
}
