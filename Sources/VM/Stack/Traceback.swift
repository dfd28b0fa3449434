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
    var isPart: [Int: Bool] = [:]
    let frames = activations(from: frame).filter { frame in
      let id = frame.method.id
      if let known = isPart[id] { return !known }
      let new = isErrorMachinery(methods[id])
      isPart[id] = new
      return !new
    }
    return text(frames)
  }

  private static let objectMachinery: Set<String> = [
    "error:", "subclassResponsibility", "doesNotUnderstand:arguments:", "escapedBlock:", "unknownGlobal:",
  ]
  private static let blockMachinery: Set<String> = [
    "on:do:", "on:do:on:do:", "ensure:", "ifCurtailed:", "valueHandling", "valueEnsuring",
  ]

  /// True for methods of the bundled library, and blocks in them, that signal errors or look for who handles them.
  private func isErrorMachinery(_ block: MethodInfo) -> Bool {
    var info = block
    while let outer = info.outer, let method = methods.find(outer) { info = method }
    let holder = classes[info.holderIndex]
    let side = holder.isMetaclass ? classes[holder.instanceIndex] : holder
    // A bundled class whose name the program has taken has a longer one.
    let name = side.name.replacing(Universe.bundledMark, with: "")
    guard side.path == nil, info.source?.name == "\(name).som" else { return false }
    switch side.index {
    case WellKnownClass.system.rawValue: return true
    case WellKnownClass.object.rawValue: return Self.objectMachinery.contains(info.selector)
    case WellKnownClass.block.rawValue: return Self.blockMachinery.contains(info.selector)
    default:
      if side.index == loadedLibraryClass(Universe.handlerClass)?.index { return true }
      return loadedLibraryClass("Exception").map { classes.inherits(side.index, from: $0.index) } ?? false
    }
  }

  private func text(_ frames: [Activation]) -> String {
    if frames.isEmpty { return "" }
    let limit = 40
    var text = "Traceback (most recent call at bottom):\n"
    for (i, frame) in frames.reversed().enumerated() {
      if frames.count > limit {
        if i == limit / 2 { text += "  … \(frames.count - limit) more …\n" }
        if i >= limit / 2 && i < frames.count - limit / 2 { continue }
      }
      // A primitive has no place; the message names it.
      if methods[frame.method].definition?.isPrimitive == true { continue }
      guard let entry = traceEntry(frame) else { continue }
      text += "  \(entry.name), \(entry.file), line \(entry.line), column \(entry.column):\n"
      text += Diagnostic.quotation(entry.text)
    }
    return text
  }
}
