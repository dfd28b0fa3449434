// `ovid demo live-edit`: in panes for a person at a terminal, in plain lines for scripts and tests.

import ArgumentParser
import Foundation
import Laboratory
import Ovid

struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo", abstract: "Shows what Ovid is about.", subcommands: [LiveEditCommand.self])
  func run() throws { throw CleanExit.helpRequest(Self.self) }
}

struct LiveEditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "live-edit",
    abstract: "Edits methB while methA's compiled loop, which has inlined it, runs.",
    discussion: """
      Three panes: the source of methA, the source of methB, and the running program with its speed. Everything \
      shown is measured; a step that does not happen as it must ends the demo with status 1. Where standard output \
      is no terminal, the lines of --script are printed instead.
      """)

  @Flag(help: "Print plain lines, as fast as the steps happen.") var script = false
  @Flag(help: "Type your own methB instead of watching the story.") var interactive = false

  func validate() throws {
    if script && interactive { throw ValidationError("--script and --interactive exclude each other.") }
  }

  func run() throws {
    try reporting {
      let options = try Options(environment: ProcessInfo.processInfo.environment)
      guard options.jit else {
        throw StepFailure(description: "the demo is about compiled code: unset OVID_JIT")
      }
      let signals = EndingSignals()
      let session = try LiveEditSession(options: options)
      defer { session.vm.abandon() }
      if interactive { return try LiveEditPrompt(session: session, signals: signals).run() }
      if !script && isatty(1) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb" {
        let panes = try LiveEditPanes(session: session)
        signals.watch { panes.screen.close() }
        defer { panes.close() }
        try LiveEditScenario(session: session, view: panes).run()
      } else {
        try LiveEditScenario(session: session, view: PlainView()).run()
      }
    }
  }
}

/// Plain lines.
struct PlainView: LiveEditView {
  func step(_ title: String) { write("== \(title)") }
  func tell(_ text: String) { for line in text.split(separator: "\n") { write("   \(line)") } }
  func refresh() {}
  func pause(_ seconds: Double) {}
  private func write(_ line: String) { FileHandle.standardOutput.write(Data("\(line)\n".utf8)) }
}
