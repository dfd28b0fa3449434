// Stack traces, from the frames on the VM stack: compiled frames count as what they stand for.

import MachineLayout
import Syntax

/// One line of a traceback, with its place in the source.
public struct TraceEntry: Sendable {
  public let method: Int
  public let name: String
  public let file: String
  public let line: Int
  public let column: Int
  public let text: String
}

extension Universe {
  /// Where an activation is. Nil for the virtual machine's own stubs.
  public func traceEntry(_ frame: Activation) -> TraceEntry? {
    let info = methods[frame.method]
    guard let source = info.source, let definition = info.definition else { return nil }
    var range = definition.range
    if let chunk = info.chunk, frame.pc < chunk.ranges.count { range = chunk.ranges[frame.pc] }
    let (line, column) = source.position(of: range.start)
    return TraceEntry(
      method: info.id, name: info.name, file: source.name, line: line, column: column,
      text: source.line(line) ?? "")
  }

  /// The traceback as it is printed: most recent call last, shortened in the middle, places as upstream writes them,
  /// without the machinery of errors. It ends where the program signalled the error, if it did.
  public func traceback(_ frame: Words) -> String {
    var traceback = Traceback(self)
    return traceback.text(activations(from: frame))
  }
}

/// How activations are printed.
private struct Traceback {
  private let universe: Universe
  /// What `isErrorMachinery` says, by method.
  private var isMachinery: [Int: Bool] = [:]
  /// Lines at the ends of a long one.
  private static let limit = 40

  init(_ universe: Universe) { self.universe = universe }

  mutating func text(_ activations: [Activation]) -> String {
    let shown = activations.filter { isShown(universe.methods[$0.method]) }
    if shown.isEmpty { return "" }
    var text = "Traceback (most recent call at bottom):\n"
    for (i, activation) in shown.reversed().enumerated() {
      if shown.count > Self.limit {
        if i == Self.limit / 2 { text += "  … \(shown.count - Self.limit) more …\n" }
        if i >= Self.limit / 2 && i < shown.count - Self.limit / 2 { continue }
      }
      // A primitive has no place; the message names it.
      if universe.methods[activation.method].definition?.isPrimitive == true { continue }
      guard let entry = universe.traceEntry(activation) else { continue }
      text += "  \(entry.name), \(entry.file), line \(entry.line), column \(entry.column):\n"
      text += Diagnostic.quotation(entry.text)
    }
    return text
  }

  private mutating func isShown(_ info: MethodInfo) -> Bool {
    if let known = isMachinery[info.id] { return !known }
    let new = universe.isErrorMachinery(info)
    isMachinery[info.id] = new
    return !new
  }
}
