// `ovid live`: a program runs, and a browser looks at it and changes it.

import ArgumentParser
import Foundation
import LiveServer
import LiveSession
import Ovid

struct LiveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "live",
    abstract: "Runs a program, and serves windows in a browser that look at it and change it.",
    usage: usage, discussion: help)

  static let usage = "ovid live [flags] [-cp dir:dir…] Name|path/Name.som [arguments]   or: ovid live --demo"

  static var help: String {
    """
    Runs the program and prints an address, at 127.0.0.1 and with a random token. Whoever opens it in a browser sees the
    program's code and changes it while it runs. What the program prints is shown there; an error that nobody handles
    stops its process and opens the debugger. The session goes on when the program has ended, until Ctrl-C. The
    --attach of ovid lsp and ovid mcp finds it without its address.

      --demo               no program of yours, but a copy of Examples/Live/Flow.som, to be played with
      --port N             listen there, and not at a free port of the system's choice
      --open               open the address in the browser
      --pages FOLDER       serve the pages from a folder, for working on them
      --record FILE        write what happens to a file, so that ovid replay FILE shows it again
      --speed EXPRESSION   an expression of SOM whose number grows with the work done: the speed that is shown

    Other flags are those of ovid run. The protocol is in docs/protocol.md.
    """
  }

  @Argument(parsing: .captureForPassthrough, help: ArgumentHelp(visibility: .hidden)) var words: [String] = []

  func run() throws { RunCommand.end(Self.execute(words)) }

  /// The whole command; answers its exit status.
  static func execute(_ words: [String]) -> Int32 {
    let live: LiveArguments
    do throws(RunArguments.UsageError) { live = try LiveArguments(words) } catch {
      complain("\(error)")
      return ExitStatus.usage
    }
    // The browser that shows the program computes, too, and whoever looks at it waits for that.
    return RunArguments.execute(live.others, defaults: ["OVID_NICE": "5"], usage: usage, help: help) { parsed in
      guard live.isDemo else {
        if parsed.program == nil {
          complain("which program? For example: ovid live Hello.som; or ovid live --demo")
          return ExitStatus.usage
        }
        return try serve(parsed, live, try word(parsed))
      }
      if let program = parsed.program {
        complain("--demo has a program of its own; leave \(program) out, or --demo")
        return ExitStatus.usage
      }
      let demo = try LiveDemo()
      var arguments = parsed, settings = live
      arguments.program = demo.program
      settings.speed = live.speed ?? LiveDemo.speed
      return try serve(arguments, settings, try word(arguments), atEnd: demo.remove)
    }
  }

  private static func word(_ parsed: RunArguments) throws -> String {
    try parsed.program(of: "live", noPace: "--longest-pause is for sessions of old")
  }

  private static func serve(
    _ parsed: RunArguments, _ live: LiveArguments, _ word: String, atEnd: @escaping @Sendable () -> Void = {}
  ) throws -> Int32 {
    let signals = EndingSignals()
    let program = try LiveProgram(parsed, word, speed: live.speed)
    let session = program.session
    if let path = live.record {
      let file: RecordingFile
      do throws(RecordingFile.Failure) { file = try RecordingFile(path) { complain("--record: \($0)") } } catch {
        complain("--record: \(error)")
        return ExitStatus.failure
      }
      try session.record(to: file)
    }
    let server = try LiveServer(
      session, LiveServer.Configuration(port: live.port, pagesFolder: live.pages))
    let registry = SessionRegistry()
    signals.watch {
      registry.remove()
      program.end()
      atEnd()
    }
    server.start()
    do throws(SessionRegistry.Failure) {
      try registry.add(RegisteredSession(program: program.className, address: server.address))
    } catch { complain("--attach will need the address: \(error)") }
    print(server.address)
    fflush(nil)
    if live.isOpening { Browser.open(server.address) }
    session.start()
    // Until a signal ends the process.
    while true { Thread.sleep(forTimeInterval: 3600) }
  }
}
