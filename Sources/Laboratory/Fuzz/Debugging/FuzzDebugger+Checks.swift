// What must be so at each stop, whatever the program is.

import Ovid
import Syntax

/// The text of an activation, with its statements.
struct FuzzMethodText {
  let text: ActivationText
  /// Nil: it is none.
  let definition: MethodDefinition?
  private let source: SourceText

  init(_ text: ActivationText) {
    self.text = text
    source = SourceText(name: "", text.text)
    definition = try? Parser.parseMethod(source)
  }

  /// Where a place of its class's text is in its own; nil: outside of it.
  func offset(of place: SourcePlace) -> Int? {
    let line = place.line - text.line + 1
    let column = line == 1 ? place.column - text.column + 1 : place.column
    guard line >= 1, column >= 1 else { return nil }
    let bytes = source.bytes
    var start = 0
    for _ in 1..<max(1, line) {
      guard let end = bytes[start...].firstIndex(of: 0x0A) else { return nil }
      start = end + 1
    }
    // A column counts Unicode scalars.
    let scalars = String(decoding: bytes[start...], as: UTF8.self).unicodeScalars
    guard column - 1 <= scalars.count else { return nil }
    return start + String(scalars.prefix(column - 1)).utf8.count
  }

  /// A statement that begins there.
  func isStatement(_ start: Int, length: Int) -> Bool {
    definition?.statements.contains { $0.range == SourceRange(start, start + length) } == true
  }
  /// The method begins there, or it is in what has no statements.
  func isBeginning(_ start: Int) -> Bool {
    definition?.range.start == start || scopes(around: start).last?.body.statements.isEmpty == true
  }
  func scopes(around offset: Int) -> [StatementScope] {
    definition?.scopes.filter { $0.range.start <= offset && offset < $0.range.end } ?? []
  }
}

extension FuzzDebugger {
  /// An activation is at a place in the text that it runs.
  func check(_ activation: ActivationReport, _ text: FuzzMethodText, _ stop: StopReport) {
    guard text.definition != nil else { return fail("the text of \(activation.name) is no method", stop) }
    guard let place = activation.place, let offset = text.offset(of: place) else {
      return fail("\(activation.name) has no place in its text", stop)
    }
    let length = activation.end - activation.start
    guard offset + length <= text.text.text.utf8.count, text.scopes(around: offset).isEmpty == false else {
      return fail("\(activation.name) is at \(place.line):\(place.column), outside of its text", stop)
    }
    // Behind a message it is that which counts.
    let isAtStatement = stop.reason == .step && stop.answered == nil || stop.reason == .breakpoint
    if activation.id.index == 0, isAtStatement, !text.isStatement(offset, length: length), !text.isBeginning(offset) {
      fail("\(activation.name) stops at \(place.line):\(place.column), which is no statement", stop)
    }
  }

  func check(_ stop: StopReport, _ stack: [ActivationReport]) {
    let indices = stack.map(\.id.index)
    if indices != indices.sorted() || indices.contains(where: { $0 >= stop.depth }) {
      fail("the stack is out of order: \(indices) of \(stop.depth)", stop)
    }
    if stop.reason == .breakpoint, stop.breakpoints.isEmpty { fail("no breakpoint is said", stop) }
    for id in stop.breakpoints where !breakpoints.contains(id) && !hasProcesses {
      fail("breakpoint \(id) was removed", stop)
    }
  }

  /// Those that the text declares around the place, and no others.
  func check(
    _ variables: [VariableReport], of activation: ActivationReport, _ text: FuzzMethodText, _ stop: StopReport
  ) {
    guard let definition = text.definition, let place = activation.place, let offset = text.offset(of: place) else {
      return
    }
    func names(_ scopes: [StatementScope]) -> Set<String> {
      Set(scopes.flatMap { $0.arguments.map(\.name) + $0.body.temporaries.map(\.name) })
    }
    let shown = variables.filter { $0.kind != .field }
    let around = text.scopes(around: offset).filter { $0.range.start < offset }
    let missing = names(around).subtracting(shown.map(\.name))
    if !missing.isEmpty { fail("variables are not shown: \(missing.sorted())", stop) }
    let strange = Set(shown.map(\.name)).subtracting(names(definition.scopes))
    if !strange.isEmpty { fail("variables are shown that are none: \(strange.sorted())", stop) }
    for variable in shown where variable.kind == .argument && variable.value == nil && keepsArguments {
      fail("argument \(variable.name) has no value", stop)
    }
  }
}
