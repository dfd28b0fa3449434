// `ovid explain`: a program runs for a while, and then one of its methods is looked at through the lens, while it runs.

import ArgumentParser
import Foundation
import Ovid

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Runs a program, and says what the machine does with one of its methods.",
    usage: usage, discussion: help)

  static let usage =
    "ovid explain [--seconds n] [flags] [-cp dir:dir…] Name|path/Name.som 'Class>>selector' [arguments]"

  static var help: String {
    """
    At which tier each line runs, what is inlined there and where the method is inlined itself, on what its code depends,
    where and why compiled code was left for the interpreter, and what has invalidated it. The program runs to its end, but
    for no longer than --seconds (2); what it prints on standard output is left out. Flags are those of ovid run.
    For example: ovid explain Benchmarks/Fibonacci.som 'Fibonacci>>fib:'
    """
  }

  @Argument(parsing: .captureForPassthrough, help: ArgumentHelp(visibility: .hidden)) var words: [String] = []

  func run() throws { RunCommand.end(Self.execute(words)) }

  /// The whole command; answers its exit status.
  static func execute(_ words: [String]) -> Int32 {
    var words = words, seconds = 2.0
    if words.first == "--seconds" {
      guard words.count > 1, let number = Double(words[1]), number > 0, number <= 86400 else {
        complain("--seconds needs a number above 0, up to 86400: --seconds 5")
        return ExitStatus.usage
      }
      seconds = number
      words.removeFirst(2)
    }
    return RunArguments.execute(words, usage: usage, help: help) { parsed in
      guard let word = parsed.program, let text = parsed.arguments.first else {
        complain("which program, and which of its methods? For example: ovid explain Hello.som 'Hello>>run'")
        return ExitStatus.usage
      }
      if parsed.isWatching || parsed.statisticsFile != nil || parsed.replayedLog != nil || parsed.pace != ReplayPace() {
        complain("--watch, --stats-file, --replay and their like are for programs that run alone: ovid run --help")
        return ExitStatus.usage
      }
      guard let key = MethodKey(text) else {
        complain("\(text): expected Class>>selector, for example 'Vector>>append:'")
        return ExitStatus.usage
      }
      return try explain(key, parsed, word, seconds)
    }
  }

  private static func explain(
    _ key: MethodKey, _ parsed: RunArguments, _ word: String, _ seconds: Double
  ) throws -> Int32 {
    let program = ProgramName(word)
    try ProgramFile.check(program, written: word)
    let vm = try VirtualMachine(
      options: parsed.options, classPath: program.searchPath(parsed.classPath),
      capabilities: .all, output: .redirected(out: { _ in }, error: { FileHandle.standardError.write(Data($0)) }),
      compileWorker: CompileWorker.ownCommand)
    let className = try vm.loadProgram(program.className)
    try vm.load(key.className)
    guard let found = vm.implementation(of: key) else {
      complain("\(key.className)\(key.isClassSide ? " class" : "") has no method \(key.selector)")
      return ExitStatus.failure
    }
    let arguments = Array(parsed.arguments.dropFirst())
    let ended = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      _ = try? vm.run(className, arguments: arguments)
      ended.signal()
    }
    let runs = ended.wait(timeout: .now() + seconds) == .timedOut
    if let report = vm.lens(of: found) { print(report.text(source: vm.source(of: found))) }
    if runs {
      vm.quit()
      ended.wait()
    }
    vm.abandon()
    return ExitStatus.success
  }
}
