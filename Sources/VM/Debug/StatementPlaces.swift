// Where statements begin in bytecode: what a debugger stops at.

import Bytecode
import Syntax

extension MethodInfo {
  /// The statements of the text that this bytecode runs, by the pc of their first instruction; of those that begin there
  /// together, the innermost. Empty for primitives and for what is not compiled yet.
  public var statementPlaces: [Int: SourceRange] {
    guard let chunk, let definition, !definition.isPrimitive else { return [:] }
    let scopes = definition.scopes
    guard let own = scopes.first(where: { $0.block == chunk.nodeID }) else { return [:] }
    // Innermost last. What is in a block of its own has no instruction here.
    var open = scopes.filter { own.range.contains($0.range) }.flatMap(\.body.statements).map(\.range)
    open.sort { ($0.start, -$0.end) < ($1.start, -$1.end) }
    var places: [Int: SourceRange] = [:]
    for (pc, range) in chunk.ranges.enumerated() {
      if open.isEmpty { break }
      open.removeAll { statement in
        guard statement.contains(range) else { return false }
        places[pc] = statement
        return true
      }
    }
    return places
  }
}

extension SourceRange {
  /// Whether the other one lies in it.
  public func contains(_ other: SourceRange) -> Bool { start <= other.start && other.end <= end }
}

extension MethodInfo {
  /// Where a statement begins in this bytecode; nil: it is not part of it.
  public func firstPC(of statement: SourceRange) -> Int? {
    guard let chunk, let own = definition?.scopes.first(where: { $0.block == chunk.nodeID }),
      own.range.contains(statement)
    else { return nil }
    return chunk.ranges.firstIndex { statement.contains($0) }
  }

  /// Where activations stop first: at the first statement, unless they come there again and again.
  public var entryPC: Int? {
    guard let chunk, !chunk.instructions.isEmpty, definition?.isPrimitive == false else { return nil }
    guard let first = statementPlaces.keys.min(), !chunk.loopHeaders.contains(first) else { return 0 }
    return first
  }
}

extension Universe {
  /// A method and the blocks in it, and the same in its other variant, as far as they have bytecode.
  public func withBlocksAndTwin(_ info: MethodInfo) -> [MethodInfo] {
    var result: [MethodInfo] = []
    var open = [info]
    if let twin = info.twin.flatMap(methods.find) { open.append(twin) }
    while let next = open.popLast() {
      result.append(next)
      open += next.blocks.compactMap(methods.find)
    }
    return result
  }

  /// The method whose dictionary entry an activation runs for: of a block, the method it is in; of another variant, the
  /// original.
  public func root(of info: MethodInfo) -> MethodInfo {
    let root = methods[variants.root(of: info.id)]
    return root.original.flatMap(methods.find) ?? root
  }
}
