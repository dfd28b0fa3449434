// What TAB offers in the debugger: commands, places, classes, the variables of the selected activation, selectors.

import Ovid

struct DebugCompleter {
  let vm: VirtualMachine
  /// The activation that commands are about.
  let activation: () -> ActivationID?

  func complete(_ line: String, _ cursor: Int) -> Completion {
    let text = String(decoding: Array(line.utf8).prefix(cursor), as: UTF8.self)
    return Completer.completion(of: Completer.word(at: text), among: candidates(text))
  }

  func candidates(_ text: String) -> [String] {
    let trimmed = text.drop { $0 == " " }
    guard let space = trimmed.firstIndex(of: " ") else { return DebuggerCommand.table.map(\.name) }
    let argument = trimmed[trimmed.index(after: space)...].drop { $0 == " " }
    switch (try? DebuggerCommand.find(String(trimmed[..<space])))?.name {
    case "help": return DebuggerCommand.table.map(\.name)
    case "catch": return vm.classNames() + ["all"]
    case "break", "log", "accept": return Completer.places(argument, vm)
    case "stack": return ["all"]
    case "restart": return ["own"]
    default: break
    }
    // After an operand stands a selector; elsewhere, an operand.
    let before = argument.dropLast(Completer.word(at: String(argument)).count).last { $0 != " " }
    guard let before, before.isLetter || before.isNumber || "_)]'".contains(before) else { return operands() }
    return Completer.parts(vm.selectors(understoodBy: nil))
  }

  private func operands() -> [String] {
    let variables = activation().flatMap { try? vm.debugger.variables($0).map(\.name) } ?? []
    return variables + vm.classNames() + Completer.pseudoVariables
  }
}
