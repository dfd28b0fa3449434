// A program that is loaded, with a session that others look at it through.

import Foundation
import LiveSession
import Ovid

struct LiveProgram: Sendable {
  let vm: VirtualMachine
  let session: LiveSession
  /// The class that is run.
  let className: String

  /// - Parameter word: the program, as it was written.
  init(_ parsed: RunArguments, _ word: String, speed: String? = nil) throws {
    let program = ProgramName(word)
    try ProgramFile.check(program, written: word)
    var options = parsed.options
    options.debuggable = true
    let output = OutputFeed()
    let (out, error) = output.sinks
    vm = try VirtualMachine(
      options: options, classPath: program.searchPath(parsed.classPath), capabilities: .all,
      output: .redirected(out: out, error: error),
      compileWorker: CompileWorker.ownCommand)
    className = try vm.loadProgram(program.className)
    if let log = parsed.replayedLog {
      for problem in try vm.problems(replaying: log) { complain(problem) }
    }
    session = try LiveSession(
      vm,
      LiveSession.Program(
        className: className, file: vm.classReport(className)?.path, arguments: parsed.arguments, speed: speed),
      output: output)
  }

  /// Nothing of it is needed any more.
  func end() {
    session.end()
    vm.finishWriting()
    vm.abandon()
  }
}
