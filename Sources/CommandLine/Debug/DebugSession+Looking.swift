// Commands that look at what stands still, and evaluate in it.

import Foundation
import Ovid

extension DebugSession {
  // MARK: Activations

  func showStack(_ argument: String) throws {
    let isAll = !argument.isEmpty
    guard argument.isEmpty || "all".hasPrefix(argument) else { throw Refusal("stack takes nothing, or `all`") }
    let process = try selected().stop.process
    // From the innermost on; of a deep stack what is around the selected one.
    let first = isAll ? 0 : max(0, try selected().frame - Self.page / 2)
    let shown = try vm.debugger.stack(process, all: isAll, from: first, count: Self.page + 1)
    let rows = StopText.stack(
      Array(shown.prefix(Self.page)), selected: selection?.activation?.id, first: first, width: console.columns)
    for row in rows { console.say(row) }
    if shown.count > Self.page { console.say("  … `frame \(first + Self.page)` goes on there") }
  }
  private static let page = 30

  func selectFrame(_ frame: Int) throws {
    let process = try selected().stop.process
    guard frame >= 0 else { throw Refusal("this is the innermost activation: `up` goes to who called it") }
    guard let activation = try vm.debugger.stack(process, from: frame, count: 1).first else {
      throw Refusal("there is no activation \(frame): `stack` shows them")
    }
    select(frame: frame, activation)
    showPlace()
  }

  /// The text around the statement, with an arrow at it.
  func listSource() throws {
    let activation = try activation()
    let source = try vm.debugger.text(of: activation.id)
    console.say("\(activation.name) \(StopText.versions(activation))")
    let lines = source.text.split(separator: "\n", omittingEmptySubsequences: false)
    let current = activation.place.map { $0.line - source.line } ?? 0
    let from = max(0, min(current - Self.around, lines.count - 2 * Self.around - 1))
    for (i, line) in lines.enumerated().dropFirst(from).prefix(2 * Self.around + 1) {
      let number = String(source.line + i)
      let gutter = String(repeating: " ", count: max(0, 4 - number.count)) + number
      let text = (i == 0 ? String(repeating: " ", count: source.column - 1) : "") + line
      console.say(StopText.cut("\(i == current ? ">" : " ")\(gutter)  \(text)", console.columns))
    }
  }
  private static let around = 8

  // MARK: Values

  func showLocals() throws {
    let activation = try activation()
    let variables = try vm.debugger.variables(activation.id)
    console.say("  self = \(activation.receiver.text)")
    for row in StopText.variables(variables, width: console.columns) { console.say(row) }
  }

  /// Evaluates; the value, or nil if it has stopped.
  private func evaluate(_ text: String, isPrinted: Bool = false) throws -> ValueReport? {
    let id = try activation().id
    let vm = vm
    let report = try interruptible(id.process) {
      try vm.debugger.evaluate(
        text, in: id, isPrinted: isPrinted, seconds: isInteractive ? Self.endlessly : Self.patience)
    }
    if case .value(let value) = report { return value }
    wait()
    return nil
  }
  private static let endlessly = 1e8
  /// Seconds that an evaluation may take where nobody can interrupt it.
  private static let patience = 10.0

  func printValue(_ text: String) throws {
    if let value = try evaluate(text, isPrinted: true) { console.say(value.text) }
  }

  func set(_ text: String) throws {
    guard let assignment = text.range(of: ":=") else { throw Refusal("set needs NAME := EXPRESSION") }
    let name = text[..<assignment.lowerBound].trimmingCharacters(in: .whitespaces)
    let id = try activation().id
    guard try vm.debugger.variables(id).contains(where: { $0.name == name }) else {
      throw Refusal("there is no variable or field \(name) here: `locals` lists them")
    }
    if let value = try evaluate(text) { console.say("\(name) = \(value.text)") }
  }

  /// Fields and elements of a value, some at a time.
  func inspect(_ text: String) throws {
    if text.isEmpty, let inspected { return try showParts(inspected.value, from: inspected.shown) }
    guard let value = try evaluate(text.isEmpty ? "self" : text) else { return }
    console.say("\(value.text), of class \(value.className)")
    guard let id = value.id, value.childCount > 0 else { return console.say("  it has no fields or elements") }
    try showParts(id, from: 0)
  }

  private func showParts(_ value: ValueID, from first: Int) throws {
    let parts = try vm.debugger.children(value, from: first, count: Self.parts + 1)
    for row in StopText.variables(Array(parts.prefix(Self.parts)), width: console.columns) { console.say(row) }
    let isMore = parts.count > Self.parts
    inspected = isMore ? (value, first + Self.parts) : nil
    if isMore { console.say("  … `inspect` shows what follows") }
  }
  private static let parts = 20
}
