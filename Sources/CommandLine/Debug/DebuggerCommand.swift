// The commands of the debugger: a row each. What they do is in the files beside, by matter.

import Foundation
import Ovid

struct DebuggerCommand {
  enum Group: String, CaseIterable {
    case going = "Going on"
    case stopping = "Stopping"
    case looking = "Looking"
    case changing = "Changing"
    case processes = "Processes"
    case session = "Session"
  }
  var group: Group
  var name: String
  /// A letter that names it, too.
  var short: String?
  /// What stands after the name, as help shows it; empty: nothing may.
  var argument = ""
  var isArgumentOptional = false
  /// At most 50 characters, so that help fits in 80 columns.
  var summary: String
  /// What `help NAME` says besides.
  var detail = ""
  /// An empty line does it again.
  var isRepeated = false
  var action: (DebugSession, _ argument: String) throws -> Void

  nonisolated(unsafe) static let table: [DebuggerCommand] = [
    DebuggerCommand(group: .going, name: "run", short: "r", summary: "starts the program, or goes on") { session, _ in
      try session.goOn()
    },
    DebuggerCommand(
      group: .going, name: "continue", short: "c", summary: "what stands still goes on",
      detail: "An error goes on to who handles it; if nobody does, its process ends with a traceback."
    ) { session, _ in try session.goOn() },
    DebuggerCommand(
      group: .going, name: "step", short: "s", summary: "to the next statement, into methods and blocks",
      isRepeated: true
    ) { session, _ in try session.step(.into) },
    DebuggerCommand(
      group: .going, name: "next", short: "n", summary: "to the next statement of this activation", isRepeated: true
    ) { session, _ in try session.step(.over) },
    DebuggerCommand(
      group: .going, name: "finish", short: "f", summary: "until this activation has returned", isRepeated: true
    ) { session, _ in try session.step(.out) },
    DebuggerCommand(
      group: .going, name: "until", short: "u", argument: "LINE", summary: "to a line of this activation",
      detail: "Lines are counted as `list` shows them.", action: { try $0.stepUntil($1) }),

    DebuggerCommand(
      group: .stopping, name: "break", short: "b", argument: "PLACE [if CONDITION] [after N]", summary: "stops there",
      detail: """
        PLACE is Class>>selector, Class>>selector:3 (the third line of the method),
        File.som:12, or 12 (a line that `list` shows).
        The condition is evaluated there, and stops if it is true.
        after 3: from the third time on.
        A breakpoint follows its statement when the method is edited.
        """, action: { try $0.setBreakpoint($1) }),
    DebuggerCommand(
      group: .stopping, name: "log", argument: "PLACE TEXT", summary: "prints a text there; {x} in it is evaluated",
      detail: "PLACE is as for `break`.", action: { try $0.setLogpoint($1) }),
    DebuggerCommand(
      group: .stopping, name: "catch", argument: "Class|all", summary: "stops where such an exception is signalled",
      detail: "Also if somebody handles it. `catch all` is `catch Error`.\nWhat nobody handles always stops.",
      action: { try $0.setCatchpoint($1) }),
    DebuggerCommand(group: .stopping, name: "breakpoints", summary: "lists them") { session, _ in
      try session.listBreakpoints()
    },
    DebuggerCommand(
      group: .stopping, name: "delete", argument: "N|all", summary: "removes a breakpoint",
      action: { try $0.deleteBreakpoint($1) }),
    DebuggerCommand(group: .stopping, name: "enable", argument: "N", summary: "a breakpoint counts again") {
      try $0.enableBreakpoint($1, true)
    },
    DebuggerCommand(
      group: .stopping, name: "disable", argument: "N", summary: "a breakpoint does not count until `enable`"
    ) { try $0.enableBreakpoint($1, false) },

    DebuggerCommand(
      group: .looking, name: "stack", argument: "[all]", isArgumentOptional: true, summary: "the activations",
      detail: "`stack all` shows the machine's own, too: they evaluate blocks, and look for\nwho handles an error.",
      action: { try $0.showStack($1) }),
    DebuggerCommand(
      group: .looking, name: "up", summary: "selects the activation that called this one", isRepeated: true
    ) { session, _ in try session.selectFrame(session.selected().frame + 1) },
    DebuggerCommand(
      group: .looking, name: "down", summary: "selects the activation that this one called", isRepeated: true
    ) { session, _ in try session.selectFrame(session.selected().frame - 1) },
    DebuggerCommand(
      group: .looking, name: "frame", argument: "N", summary: "selects an activation, as `stack` counts",
      action: { try $0.selectFrame($0.number($1, "frame")) }),
    DebuggerCommand(
      group: .looking, name: "list", short: "l", summary: "the text around the statement",
      detail: "Says, too, which version of the method runs, and which one is installed."
    ) { session, _ in try session.listSource() },
    DebuggerCommand(group: .looking, name: "locals", summary: "variables, and the fields of self") { session, _ in
      try session.showLocals()
    },
    DebuggerCommand(
      group: .looking, name: "print", short: "p", argument: "EXPRESSION", summary: "evaluates in this activation",
      action: { try $0.printValue($1) }),
    DebuggerCommand(
      group: .looking, name: "inspect", short: "i", argument: "[EXPRESSION]", isArgumentOptional: true,
      summary: "fields and elements of a value",
      detail: "Without an expression: those that follow the last ones, or of self.", action: { try $0.inspect($1) }),
    DebuggerCommand(
      group: .looking, name: "set", argument: "NAME := EXPRESSION", summary: "gives a variable or field a value",
      action: { try $0.set($1) }),

    DebuggerCommand(
      group: .changing, name: "accept", short: "a", argument: "[--policy] [File.som|Class>>selector|Class]",
      isArgumentOptional: true, summary: "edits this method with $EDITOR, or as said",
      detail: """
        accept                   this activation's method, with $VISUAL or $EDITOR
        accept Class>>selector   another method, the same way
        accept File.som          what has changed in a file
        accept Class             the method that follows, in as many lines as it has
        accept --migrate …       what runs the old version goes on in the new one, from the head of its loop; --restart: it
                                 begins again
        """, action: { try $0.accept($1) }),
    DebuggerCommand(
      group: .changing, name: "restart", argument: "[own]", isArgumentOptional: true,
      summary: "begins this activation again",
      detail: "In the version of its method that is installed, or in its own.", action: { try $0.restart($1) }),
    DebuggerCommand(
      group: .changing, name: "return", argument: "EXPRESSION", summary: "this activation ends, and answers a value",
      action: { try $0.returnValue($1) }),
    DebuggerCommand(
      group: .changing, name: "resume", argument: "EXPRESSION", summary: "an error that nobody handles answers a value",
      action: { try $0.resume($1) }),
    DebuggerCommand(group: .changing, name: "leave", summary: "ends an evaluation that has stopped") { session, _ in
      try session.leave()
    },

    DebuggerCommand(group: .processes, name: "processes", summary: "lists them, and what they do") { session, _ in
      try session.listProcesses()
    },
    DebuggerCommand(
      group: .processes, name: "process", argument: "N", summary: "selects a process that stands still",
      action: { try $0.selectProcess($1) }),
    DebuggerCommand(
      group: .processes, name: "pause", argument: "[N]", isArgumentOptional: true,
      summary: "stops a process at its next safepoint", action: { try $0.pause($1) }),
    DebuggerCommand(
      group: .processes, name: "terminate", argument: "[N]", isArgumentOptional: true,
      summary: "ends a process; what `ensure:` protects is run", action: { try $0.terminate($1) }),

    DebuggerCommand(
      group: .session, name: "help", short: "h", argument: "[COMMAND|all]", isArgumentOptional: true,
      summary: "the commands; what one does, or all", action: { try $0.help($1) }),
    DebuggerCommand(group: .session, name: "quit", short: "q", summary: "ends the program (so does Ctrl-D)") {
      session, _ in session.quit()
    },
  ]

  /// Runs a line. A name may be shortened as long as it is clear.
  static func run(_ line: String, in session: DebugSession) throws {
    let words = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
    let command = try find(words.first.map(String.init) ?? "")
    let argument = words.count > 1 ? words[1].trimmingCharacters(in: .whitespaces) : ""
    if argument.isEmpty, !command.argument.isEmpty, !command.isArgumentOptional {
      throw DebugSession.Refusal("\(command.name) needs \(command.argument)")
    }
    if !argument.isEmpty, command.argument.isEmpty {
      throw DebugSession.Refusal("\(command.name) takes nothing after it")
    }
    session.repeated = command.isRepeated ? line : nil
    try command.action(session, argument)
  }

  static func find(_ name: String) throws -> DebuggerCommand {
    if let command = table.first(where: { $0.name == name || $0.short == name }) { return command }
    let found = table.filter { $0.name.hasPrefix(name) }
    if found.count == 1 { return found[0] }
    throw DebugSession.Refusal(
      found.isEmpty
        ? "there is no command \(name); `help` lists them, and `print EXPRESSION` evaluates"
        : "\(name) may be \(found.map(\.name).joined(separator: ", "))")
  }
}

// MARK: Help

extension DebuggerCommand {
  private var usage: String { argument.isEmpty ? name : "\(name) \(argument)" }

  /// The names, by group.
  static var names: String {
    let rows = Group.allCases.map { group in
      let names = table.filter { $0.group == group }.map { command in
        command.name + (command.short.map { command.name.hasPrefix($0) ? " (\($0))" : "" } ?? "")
      }
      return StopText.padded(group.rawValue, 11) + names.joined(separator: ", ")
    }
    return """
      \(rows.joined(separator: "\n"))
      Names may be shortened as long as they are clear; an empty line steps again.
      `help break` tells more of one, `help all` something of each.
      """
  }

  /// A line for each.
  static var all: String {
    table.map { command in
      let name = command.usage.utf8.count > 24 ? command.name + " …" : command.usage
      return "  \(StopText.padded(command.short ?? "", 3))\(StopText.padded(name, 24)) \(command.summary)"
    }.joined(separator: "\n")
  }

  var help: String {
    let head = usage + (short.map { "   (or \($0))" } ?? "") + "\n  \(summary)"
    return head + detail.split(separator: "\n").map { "\n  \($0)" }.joined()
  }
}

extension DebugSession {
  func help(_ name: String) throws {
    switch name {
    case "": console.say(DebuggerCommand.names)
    case "all": console.say(DebuggerCommand.all)
    default: console.say(try DebuggerCommand.find(name).help)
    }
  }

  /// The number that a command needs.
  func number(_ text: String, _ command: String) throws -> Int {
    guard let number = Int(text) else { throw Refusal("\(command) needs a number, and \(text) is none") }
    return number
  }
}
