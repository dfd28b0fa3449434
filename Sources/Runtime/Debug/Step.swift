// A step: breakpoints at the statements of the methods on the stack, and behind the messages that wait there, that count
// for one process and one depth of the stack.

import Bytecode
import Syntax
import VM

/// How far a stopped process is to go.
public enum DebugStep: Hashable, Sendable, Codable {
  /// To the next statement, in whatever method or block.
  case into
  /// To the next statement of this activation, or of one that called it.
  case over
  /// Until this activation has returned.
  case out
  /// To a statement on this line of the text that the activation runs.
  case toLine(Int)
}

struct Step {
  let process: Int
  let kind: DebugStep
  /// Statements, by method or block (id), and how deep an activation may be that stops there.
  private var statements: [Int: Set<Int>] = [:]
  private let statementDepth: Int
  /// The instruction behind the message that the nearest activation waits in: its depth. Others may come there without
  /// the message, which then has answered nothing.
  private var returns: [Int: [Int: Int]] = [:]
  /// It is an interpreted activation: what the message answers is in its register, whether it is used or not.
  private(set) var hasAnswer = false

  /// Of the activation `entries[index]`, the innermost first.
  init(_ kind: DebugStep, process: Int, _ entries: [StackEntry], at index: Int, _ universe: Universe) {
    self.process = process
    self.kind = kind
    // How many activations there are below, and with, the one that is stepped in.
    let depth = entries.count - index
    switch kind {
    case .into: statementDepth = Int.max
    case .over, .toLine: statementDepth = depth
    case .out: statementDepth = depth - 1
    }
    var seen: Set<Int> = []
    var isNearest = true
    for (i, entry) in entries.enumerated().dropFirst(index).prefix(Self.reach) {
      if universe.isMachinery(entry.info) { continue }
      if i > index, isNearest {
        // Where the activation returns to; from there on, statements.
        isNearest = false
        noteReturn(to: entry, depth: entries.count - i)
      }
      guard seen.insert(entry.info.id).inserted else { continue }
      for (pc, range) in entry.info.statementPlaces where isWanted(range, entry, isFirst: i == index) {
        statements[entry.info.id, default: []].insert(pc)
      }
    }
  }
  /// Activations that are looked at: exceptions and `^` may end any of them.
  private static let reach = 500

  private func isWanted(_ range: SourceRange, _ entry: StackEntry, isFirst: Bool) -> Bool {
    guard case .toLine(let line) = kind, isFirst else { return true }
    return entry.info.source?.position(of: range.start).line == line
  }

  private mutating func noteReturn(to entry: StackEntry, depth: Int) {
    guard let chunk = entry.info.chunk, chunk.instructions.indices.contains(entry.pc + 1),
      let opcode = chunk.instructions[entry.pc].opcode, !opcode.info.isFused, opcode.info.fallsThrough
    else { return }
    returns[entry.info.id, default: [:]][entry.pc + 1] = depth
    hasAnswer = entry.code == nil || chunk.instructions[entry.pc].a < Int(chunk.depth[entry.pc + 1])
  }

  /// All places, by method or block.
  var places: [Int: Set<Int>] {
    var result = statements
    for (id, pcs) in returns { result[id, default: []].formUnion(pcs.keys) }
    return result
  }

  func contains(_ pc: Int, of method: Int) -> Bool {
    statements[method]?.contains(pc) == true || returns[method]?[pc] != nil
  }

  mutating func addEntry(_ pc: Int, of method: Int) { statements[method, default: []].insert(pc) }

  enum Stop { case statement, behindMessage }
  /// Whether it ends at this place, at such a depth.
  func stops(at pc: Int, in method: Int, depth: Int) -> Stop? {
    if returns[method]?[pc] == depth { return .behindMessage }
    return statements[method]?.contains(pc) == true && depth <= statementDepth ? .statement : nil
  }
}
