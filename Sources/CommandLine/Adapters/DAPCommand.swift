// `ovid dap`: the debugger for editors, on standard input and output.

import ArgumentParser
import DebugAdapter
import EditorProtocols
import Foundation
import LiveServer
import LiveSession
import Synchronization

struct DAPCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dap", abstract: "The debugger for editors: the Debug Adapter Protocol on standard streams.",
    discussion: """
      An editor starts it, and says which program to launch, or which session of `ovid live` to attach to. Arguments of
      launch: program (a class or the path of its file), args, classPath (folders), flags (as of ovid run), cwd,
      stopOnEntry, noDebug. Of attach: address, as ovid live prints it, or the class or process number of the program;
      nothing if only one runs.
      docs/protocols.md lists what is offered, docs/editors/dap.md how editors are set up.
      """)

  func run() throws {
    let signals = EndingSignals()
    let launched = LaunchedPrograms()
    signals.watch { launched.end() }
    let stream = MessageStream.standard(.contentLength)
    let host = DebugHost(
      launch: { try launched.launch($0) },
      attach: { DebugTarget(link: try SessionSocket(address: try SessionRegistry().address(of: $0))) })
    let adapter = DebugAdapter(host: host) { stream.write($0) }
    AdapterStreams.serve(
      stream, receive: { adapter.receive($0) }, endOfInput: { adapter.endOfInput() }, run: { await adapter.run() })
    launched.end()
    RunCommand.end(ExitStatus.success)
  }
}

/// The program that a client has launched.
private final class LaunchedPrograms: Sendable {
  private let program = Mutex<LiveProgram?>(nil)

  func launch(_ arguments: LaunchArguments) throws -> DebugTarget {
    func absolute(_ path: String) -> String {
      guard let cwd = arguments.cwd, !path.hasPrefix("/") else { return path }
      return "\(cwd)/\(path)"
    }
    var words = arguments.flags ?? []
    if let folders = arguments.classPath, !folders.isEmpty {
      words += ["-cp", folders.map(absolute).joined(separator: ":")]
    }
    words += ["--", absolute(arguments.program)]
    let parsed = try RunArguments(
      words + (arguments.args ?? []), environment: ProcessInfo.processInfo.environment)
    let word = try parsed.program(of: "dap", noPace: "--speed and --longest-pause are for sessions of old")
    let loaded = try LiveProgram(parsed, word)
    program.withLock { $0 = loaded }
    return DebugTarget(link: LocalLink(loaded.session)) { [self] in end() }
  }

  func end() {
    let ended = program.withLock { program in
      defer { program = nil }
      return program
    }
    ended?.end()
  }
}
