// `ovid mcp`: a running program for agents, on standard input and output.

import AgentServer
import ArgumentParser
import EditorProtocols
import Foundation
import LiveServer
import LiveSession
import Ovid

struct MCPCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mcp", abstract: "A running program for agents: the Model Context Protocol on standard streams.",
    usage: usage, discussion: help)

  static let usage = """
    ovid mcp [flags] [-cp dir:dir…] Name|path/Name.som [arguments]
    ovid mcp --attach [SESSION]
    """

  static let help = """
    Runs the program and offers an agent tools that look at it, debug it and change it while it runs; or those of a
    program that runs already under ovid live: the only one, or that with a class, a process number or the address that
    ovid live prints. An agent's client starts this command. It ends, and a program of its own with it, when its input
    does.
    Flags are those of ovid run. docs/protocols.md lists the tools, docs/editors/mcp.md how clients are set up.
    """

  @Argument(parsing: .captureForPassthrough, help: ArgumentHelp(visibility: .hidden)) var words: [String] = []

  func run() throws { RunCommand.end(Self.execute(words)) }

  /// The whole command; answers its exit status.
  static func execute(_ words: [String]) -> Int32 {
    if words.first == "--attach" || words.first?.hasPrefix("--attach=") == true { return attach(words) }
    return RunArguments.execute(words, usage: usage, help: help) { parsed in
      let word = try parsed.program(of: "mcp", noPace: "--speed and --longest-pause are for sessions of old")
      let signals = EndingSignals()
      let program = try LiveProgram(parsed, word)
      signals.watch { program.end() }
      program.session.start()
      serve(LocalLink(program.session))
      program.end()
      return ExitStatus.success
    }
  }

  private static func attach(_ words: [String]) -> Int32 {
    let given =
      words[0].hasPrefix("--attach=")
      ? ["--attach", String(words[0].dropFirst("--attach=".count))] + words.dropFirst() : words
    guard given.count <= 2 else {
      complain("--attach takes one session: a class, a process number, or the address that ovid live prints")
      return ExitStatus.usage
    }
    do {
      let address = try SessionRegistry().address(of: given.count == 2 ? given[1] : nil)
      serve(try SessionSocket(address: address))
    } catch {
      complain("\(error)")
      return ExitStatus.failure
    }
    return ExitStatus.success
  }

  private static func serve(_ link: any SessionLink) {
    let stream = MessageStream.standard(.lines)
    let server = AgentServer(link, version: VirtualMachine.version) { stream.write($0) }
    AdapterStreams.serve(
      stream, receive: { server.receive($0) }, endOfInput: { server.endOfInput() }, run: { await server.run() })
  }
}
