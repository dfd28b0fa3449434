// What TAB offers: commands, classes, variables, and the selectors that the receiver understands, as far as it is known.

import Foundation
import Ovid

struct Completer {
  let vm: VirtualMachine
  let workspace: Workspace

  static let pseudoVariables = ["nil", "true", "false", "system", "self"]

  func complete(_ line: String, _ cursor: Int) -> Completion {
    let text = String(decoding: Array(line.utf8).prefix(cursor), as: UTF8.self)
    return Self.completion(of: Self.word(at: text), among: candidates(text))
  }

  /// The unfinished name before the cursor.
  static func word(at text: String) -> String {
    String(text.reversed().prefix { $0.isLetter || $0.isNumber || $0 == "_" }.reversed())
  }

  /// What all candidates have in common beyond the word; the candidates, if that is nothing.
  static func completion(of word: String, among candidates: [String]) -> Completion {
    let matching = Set(candidates.filter { $0.hasPrefix(word) && $0 != word }).sorted()
    guard let first = matching.first, let last = matching.last else { return Completion() }
    // Sorted: what the outermost have in common, all have.
    let common = zip(first, last).prefix { $0 == $1 }.count
    let insertion = String(first.prefix(common).dropFirst(word.count))
    if matching.count == 1 { return Completion(insertion: insertion.last == ":" ? insertion + " " : insertion) }
    return Completion(insertion: insertion, alternatives: insertion.isEmpty ? matching : [])
  }

  func candidates(_ text: String) -> [String] {
    let trimmed = text.drop { $0 == " " }
    if trimmed.hasPrefix(":") {
      guard let space = trimmed.firstIndex(of: " ") else {
        return ColonCommand.table.map(\.name)
      }
      return Self.places(trimmed[trimmed.index(after: space)...].drop { $0 == " " }, vm)
    }
    let before = text.dropLast(Self.word(at: text).count)
    let receiver = before.last { $0 != " " }
    // After an operand stands a selector; elsewhere, an operand.
    guard let receiver, receiver.isLetter || receiver.isNumber || "_)]'".contains(receiver) else { return operands() }
    let name = Self.word(at: String(before.reversed().drop { $0 == " " }.reversed()))
    return Self.parts(understood(by: name))
  }

  /// Classes, and after `Class>>` its selectors.
  static func places(_ argument: Substring, _ vm: VirtualMachine) -> [String] {
    guard let arrow = argument.range(of: ">>") else {
      return classes(vm) + (argument.contains(" ") ? ["class"] : [])
    }
    var name = String(argument[..<arrow.lowerBound])
    let isClassSide = name.hasSuffix(" class")
    if isClassSide { name.removeLast(" class".count) }
    return vm.selectors(understoodBy: name, classSide: isClassSide).sorted()
  }

  private static func classes(_ vm: VirtualMachine) -> [String] { vm.classNames() + vm.loadableClassNames() }
  private func operands() -> [String] { vm.variables(of: workspace) + Self.classes(vm) + Self.pseudoVariables }

  /// Of a variable or a class the selectors are known; of anything else all are offered.
  private func understood(by name: String) -> Set<String> {
    if let className = vm.className(ofVariable: name, in: workspace) {
      return vm.selectors(understoodBy: className)
    }
    if vm.classReport(name) != nil { return vm.selectors(understoodBy: name, classSide: true) }
    return vm.selectors(understoodBy: nil)
  }

  /// The names in selectors: `at:put:` can go on with `at:`, and later with `put:`.
  static func parts(_ selectors: Set<String>) -> [String] {
    selectors.flatMap { selector in
      selector.contains(":") ? selector.split(separator: ":").map { $0 + ":" } : [selector]
    }.filter { $0.first?.isLetter == true }
  }
}
