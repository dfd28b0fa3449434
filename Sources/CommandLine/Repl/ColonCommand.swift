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
      name: "accept", argument: "[--policy] Class",
      summary: "accepts the method that follows: count = ( … ); --restart and --migrate", action: acceptMethod
    ),
    ColonCommand(
      name: "undo", argument: "[entry|Class>>selector]",
      summary: "takes back the last accept, one by its number, or the last one of a method", isArgumentOptional: true,
      action: undo),
    ColonCommand(
      name: "redo", argument: "[entry|Class>>selector]", summary: "does again what was taken back",
      isArgumentOptional: true, action: redo),
    ColonCommand(
      name: "history", argument: "[entry]", summary: "the last accepts, or all of one", isArgumentOptional: true,
      action: history),
    ColonCommand(
      name: "versions", argument: "Class>>selector", summary: "the versions that a method has had", action: versions),
    ColonCommand(
      name: "diff", argument: "entry|Class>>selector [v1 [v2]]",
      summary: "what an accept changed; how a version differs from another, or the current one", action: diff),
    ColonCommand(
      name: "revert", argument: "Class>>selector v1",
      summary: "brings a version back (7: as accept 7 left it; -7: before)",
      action: revert),
    ColonCommand(
      name: "rename", argument: "Class NewName", summary: "gives a class another name, and its file with it",
      action: renameClass),
    ColonCommand(
      name: "remove", argument: "Class[>>selector]",
      summary: "takes a class out of the program, and deletes its file; or removes a method", action: remove),
    ColonCommand(
      name: "tier", argument: "Class>>selector", summary: "whether a method is compiled, and where it is inlined",
      action: showTier),
    ColonCommand(
      name: "explain", argument: "Class>>selector",
      summary: "what the machine does with a method, line by line", action: explain),
    ColonCommand(
      name: "debug", argument: "[expression]",
      summary: "evaluates what has failed last again, or this, under the debugger", isArgumentOptional: true
    ) { $0.debug($1) },
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
      "  " + ":\(command.name) \(command.argument)".padding(toLength: 38, withPad: " ", startingAt: 0) + command.summary
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

  private static func explain(_ session: ReplSession, _ argument: String) {
    guard let key = method(argument, session), let report = session.vm.lens(of: key) else { return }
    session.console.say(report.text(source: session.vm.source(of: key)))
  }

  // MARK: Editing

  private static func acceptMethod(_ session: ReplSession, _ argument: String) {
    let accepted: AcceptWords
    do { accepted = try AcceptWords(argument) } catch { return session.fail("\(error)") }
    let words = accepted.rest.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
    guard let name = words.first.map(String.init), report(name, session) != nil else { return }
    let method = MethodText(words.count > 1 ? words[1].trimmingCharacters(in: .whitespaces) : "")
    session.expectMethod(className: name, isClassSide: method.isClassSide, accepted.policy, beginning: method.text)
  }

  private static func renameClass(_ session: ReplSession, _ argument: String) {
    let names = argument.split(separator: " ").map(String.init)
    guard names.count == 2 else {
      return session.fail("\(argument): expected the name of a class and its new one, for example Vector Row")
    }
    session.accept(ChangeSet([.renameClass(names[0], to: names[1])], author: "prompt"), "")
  }

  private static func remove(_ session: ReplSession, _ argument: String) {
    let change = MethodKey(argument).map { Change.removeMethod($0, basedOn: nil) } ?? .removeClass(argument)
    session.accept(ChangeSet([change], author: "prompt"), "")
  }
}
