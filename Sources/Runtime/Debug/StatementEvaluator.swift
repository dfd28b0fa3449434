// Evaluating statements in an activation: with its `self`, its variables and the fields of its class.
//
// They become a block in a method of the class, whose variables are declared in that method: the block closes over those
// that it uses, so they are in its environment, where their values are put before it is evaluated and read back after it.

import Bytecode
import MachineLayout
import Syntax
import VM

struct StatementEvaluator {
  let universe: Universe
  let entry: StackEntry
  /// The frame on top of which it runs.
  let top: Words
  /// Gives a variable a value; false: it cannot be given one. Does not allocate.
  let setVariable: (ScopedVariable, StackEntry, Value) -> Bool

  static let sourceName = "expression"
  private static let selector = "evaluate"

  /// Their values count until something is allocated.
  private var variables: [ScopedVariable] { Scopes(universe: universe, entry: entry).variables() }

  /// The method that answers the block.
  func compile(_ text: String) throws(DebugError) -> MethodInfo {
    var text = text
    do throws(SyntaxErrors) {
      let statements = try Parser.parseExpression(SourceText(name: Self.sourceName, text)).body.statements
      if case .returning(_, _, let range) = statements.last {
        // With or without `^`, its value is that of the block.
        var bytes = Array(text.utf8)
        if bytes[range.start] == UInt8(ascii: "^") { bytes[range.start] = UInt8(ascii: " ") }
        text = String(decoding: bytes, as: UTF8.self)
      }
    } catch { throw DebugError(.text, error.report) }
    let names = variables.map(\.name).joined(separator: " ")
    let source = SourceText(name: Self.sourceName, "\(Self.selector) = ( | \(names) | ^[\n\(text)\n] )")
    do throws(SyntaxErrors) {
      let definition = try Parser.parseMethod(source)
      let holder = universe.classes[entry.info.holderIndex]
      let info = universe.methodBuilder.make(definition, source, holder, name: Self.sourceName)
      try universe.variants.link(info)
      universe.reclaimer.note(info)
      return info
    } catch {
      throw DebugError(.text, error.diagnostics.first?.message ?? "this is no statement")
    }
  }

  /// Runs it. Answers its value, or 0 while something unwinds.
  func run(_ method: MethodInfo, receiver: Value, for evaluation: DebugEvaluation) throws(DebugError) -> UInt64 {
    guard let words = universe.wordsInUse(top) else {
      throw DebugError(.refused, "Nothing can be evaluated here; go on a bit.")
    }
    let handles = universe.handles
    let mark = handles.count
    defer { handles.pop(to: mark) }
    // Whatever allocates may move what the stack does not show.
    let variables = self.variables
    let receiver = handles.push(receiver)
    var known: [Int?] = variables.map { if case .value(let value) = $0.value { handles.push(value) } else { nil } }
    for (i, variable) in variables.enumerated() {
      if case .double(let d) = variable.value { known[i] = universe.makeDouble(d, top).map(handles.push) }
    }
    let bits = universe.call(method.method, handles[receiver], frame: top, words: words)
    if bits == 0 { return 0 }
    let block = handles.push(Value(bits: bits))
    let places = places(of: variables, in: handles[block])
    for (place, value) in zip(places, known) {
      guard let place, let value else { continue }
      universe.heap.store(environment(handles[block]), place, handles[value])
    }
    let before = handles.count
    for place in places { handles.push(place.map { environment(handles[block])[$0] } ?? .nil) }
    guard let answer = universe.evaluate(handles[block], frame: top, words: words) else {
      throw DebugError(.text, "This is no statement.")
    }
    let result = handles.push(answer == 0 ? .nil : Value(bits: answer))
    // What was assigned counts, even if the evaluation has failed after it.
    for (i, place) in places.enumerated() {
      guard let place else { continue }
      let now = environment(handles[block])[place]
      if now != handles[before + i] && !set(variables[i].name, now) && answer != 0 {
        throw DebugError(
          .refused, "\(variables[i].name) cannot be set: compiled code keeps it elsewhere. Restart the activation.")
      }
    }
    if answer == 0 { return 0 }
    if evaluation.isPrinted {
      guard let text = print(handles[result], words) else { return 0 }
      evaluation.printed = text
    }
    return handles[result].bits
  }

  /// As the prompt prints it; what is written as a literal, so. Nil: something unwinds.
  private func print(_ value: Value, _ words: Int) -> String? {
    let brief = universe.briefText(value, limit: Self.textLimit)
    let printing = universe.symbols.intern("printStringLimitedTo:")
    if universe.isLiteral(value) { return brief }
    guard let method = universe.lookup.method(value.classIndex, printing) else { return brief }
    let bits = universe.call(method, value, [Value(integer: Self.textLimit)], frame: top, words: words)
    if bits == 0 { return nil }
    return universe.string(Value(bits: bits)) ?? brief
  }
  private static let textLimit = 2000

  private func set(_ name: String, _ value: Value) -> Bool {
    variables.first { $0.name == name }.map { setVariable($0, entry, value) } ?? false
  }

  private func environment(_ block: Value) -> ObjectPointer { block.object[BlockLayout.environment].object }

  /// By variable: the body word in the block's environment, if the block uses it.
  private func places(of variables: [ScopedVariable], in block: Value) -> [Int?] {
    let environment = block.object[BlockLayout.environment]
    let info = universe.methods[Method(block.object[BlockLayout.method].rawAddress)]
    guard environment.isPointer, environment != .none, let outer = info.outer.flatMap(universe.methods.find),
      let chunk = outer.chunk, let definition = outer.definition
    else { return variables.map { _ in nil } }
    var byName: [String: Int] = [:]
    for declaration in definition.body.temporaries {
      guard case .environment(_, let index) = chunk.variables[declaration.id] else { continue }
      byName[declaration.name] = EnvironmentLayout.firstVariable + index
    }
    return variables.map { byName[$0.name] }
  }
}
