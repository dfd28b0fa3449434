// The commands of the prompt: a row each, and what they do.

import Foundation
import Ovid

struct ColonCommand {
  var name: String
  /// What stands after the name, as help shows it; empty: nothing may.
  var argument: String
  var summary: String
  var isArgumentOptional = false
  var action: (ReplSession, _ argument: String) -> Void

  nonisolated(unsafe) static let table: [ColonCommand] = [
    ColonCommand(name: "help", argument: "", summary: "lists the commands") { session, _ in session.console.say(help) },
    ColonCommand(
      name: "load", argument: "file.som|Class", summary: "loads a class, or accepts what changed in its file"
    ) { $0.load($1) },
    ColonCommand(
      name: "browse", argument: "[Class]", summary: "a class's fields and methods; without a name, the classes",
      isArgumentOptional: true, action: browse),
    ColonCommand(
      name: "source", argument: "Class>>selector",
      summary: "a method's text (Class class>>selector: of the class side)",
      action: showSource),
    ColonCommand(
      name: "accept", argument: "Class", summary: "accepts the method that follows: count = ( … )", action: acceptMethod
    ),
    ColonCommand(
      name: "undo", argument: "[Class>>selector]", summary: "takes back the last accept, or the last one of a method",
      isArgumentOptional: true, action: undo),
    ColonCommand(
      name: "tier", argument: "Class>>selector", summary: "whether a method is compiled, and where it is inlined",
      action: showTier),
    ColonCommand(name: "variables", argument: "", summary: "the variables of this session") { session, _ in
      for name in session.vm.variables(of: session.workspace) {
        let className = session.vm.className(ofVariable: name, in: session.workspace) ?? ""
        session.console.say("\(name): \(className)")
      }
    },
    ColonCommand(name: "quit", argument: "", summary: "ends the session (so does Ctrl-D)") { session, _ in
      session.quit()
    },
  ]

  /// Runs a line that begins with a colon. A name may be shortened as long as it is clear.
  static func run(_ line: String, in session: ReplSession) {
    let words = line.dropFirst().split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
    let name = words.first.map(String.init) ?? ""
    let argument = words.count > 1 ? words[1].trimmingCharacters(in: .whitespaces) : ""
    let found = table.filter { !name.isEmpty && $0.name.hasPrefix(name) }
    guard found.count == 1, let command = found.first else {
      let choice = found.map { ":\($0.name)" }.joined(separator: ", ")
      return session.fail(
        found.isEmpty ? "there is no command :\(name); :help lists them" : ":\(name) may be \(choice)")
    }
    if argument.isEmpty, !command.argument.isEmpty, !command.isArgumentOptional {
      return session.fail(":\(command.name) needs \(command.argument)")
    }
    if !argument.isEmpty, command.argument.isEmpty {
      return session.fail(":\(command.name) takes nothing after it")
    }
    command.action(session, argument)
  }

  static var help: String {
    let rows = table.map { command in
      "  " + ":\(command.name) \(command.argument)".padding(toLength: 28, withPad: " ", startingAt: 0) + command.summary
    }
    return """
      Statements are evaluated, and the value of the last one is printed: 6 * 7
      What is assigned stays until the session ends: x := 3 + 4. Classes can be typed in: Name = ( … )
      An input that is not complete goes on in the next line; Ctrl-C drops it, and interrupts what runs.
      \(rows.joined(separator: "\n"))
      """
  }

  // MARK: Browsing

  /// The class, loaded if need be; complains if there is none.
  private static func report(_ name: String, _ session: ReplSession) -> ClassReport? {
    if let report = session.vm.classReport(name) { return report }
    do { try session.vm.load(name) } catch {
      session.fail("\(error)")
      return nil
    }
    return session.vm.classReport(name)
  }

  private static func browse(_ session: ReplSession, _ argument: String) {
    if argument.isEmpty { return session.console.say(session.vm.classNames().joined(separator: " ")) }
    guard let report = report(argument, session) else { return }
    var lines = ["\(report.name) = \(report.superclass ?? "nil")" + (report.path.map { "   (\($0))" } ?? "")]
    func side(_ fields: [String], _ selectors: [String]) {
      if !fields.isEmpty { lines.append("  | \(fields.joined(separator: " ")) |") }
      lines += selectors.map { "  \($0)" }
    }
    side(report.fields, report.selectors)
    if !report.classFields.isEmpty || !report.classSelectors.isEmpty {
      lines.append("  ----")
      side(report.classFields, report.classSelectors)
    }
    if !report.subclasses.isEmpty { lines.append("subclasses: \(report.subclasses.joined(separator: " "))") }
    session.console.say(lines.joined(separator: "\n"))
  }

  /// The method that the words name: of the class itself, or inherited. Complains if there is none.
  private static func method(_ text: String, _ session: ReplSession) -> MethodKey? {
    guard let key = MethodKey(text) else {
      session.fail("\(text): expected Class>>selector, for example Vector>>append:")
      return nil
    }
    guard report(key.className, session) != nil else { return nil }
    guard let found = session.vm.implementation(of: key) else {
      session.fail("\(key.className)\(key.isClassSide ? " class" : "") has no method \(key.selector)")
      return nil
    }
    if found != key { session.console.say("inherited: \(found)") }
    return found
  }

  private static func showSource(_ session: ReplSession, _ argument: String) {
    guard let key = method(argument, session), let text = session.vm.source(of: key) else { return }
    session.console.say(text)
  }

  private static func showTier(_ session: ReplSession, _ argument: String) {
    guard let key = method(argument, session), let report = session.vm.tier(of: key) else { return }
    session.console.say("\(report)")
  }

  // MARK: Editing

  private static func acceptMethod(_ session: ReplSession, _ argument: String) {
    let words = argument.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
    guard let name = words.first.map(String.init), report(name, session) != nil else { return }
    var rest = words.count > 1 ? words[1].trimmingCharacters(in: .whitespaces) : ""
    let isClassSide =
      rest == "class" || rest.hasPrefix("class ") && !rest.dropFirst(5).drop { $0 == " " }.hasPrefix("=")
    if isClassSide { rest = rest.dropFirst(5).trimmingCharacters(in: .whitespaces) }
    session.expectMethod(className: name, isClassSide: isClassSide, beginning: rest)
  }

  private static func undo(_ session: ReplSession, _ argument: String) {
    var key: MethodKey?
    if !argument.isEmpty {
      key = MethodKey(argument)
      if key == nil { return session.fail("\(argument): expected Class>>selector, for example Vector>>append:") }
    }
    let steps = session.undo.takeLast(of: key)
    if steps.isEmpty {
      return session.fail("this session has accepted nothing \(key.map { "in \($0) " } ?? "")that could be undone")
    }
    session.tell(session.vm.accept(UndoHistory.changes(steps)), "", noting: false)
  }
}
