// Walks the statements of a tree, and the scopes around a place.

/// Statements of a method or a block, and the variables that they know.
public struct StatementScope: Sendable {
  /// 0: the method's own.
  public let block: NodeID
  public let arguments: [VariableDeclaration]
  public let body: Body
  public let range: SourceRange
}

extension MethodDefinition {
  /// The method's own scope, then those of its blocks, each before the blocks in it.
  public var scopes: [StatementScope] {
    var result = [StatementScope(block: 0, arguments: arguments, body: body, range: range)]
    var open: [Expression] = body.expressions.reversed()
    while let next = open.popLast() {
      switch next {
      case .literal, .variable: break
      case .assignment(let node): open.append(node.value)
      case .block(let node):
        result.append(
          StatementScope(block: node.id, arguments: node.arguments, body: node.body, range: node.range))
        open += node.body.expressions.reversed()
      case .cascade(let node):
        for message in node.messages.reversed() { open += message.arguments.reversed() }
        open.append(node.receiver)
      case .send(let node):
        open += node.arguments.reversed()
        open.append(node.receiver)
      }
    }
    return result
  }

  /// All statements, those of blocks too, in the order of the text.
  public var statements: [Statement] {
    scopes.flatMap(\.body.statements).sorted { ($0.range.start, -$0.range.end) < ($1.range.start, -$1.range.end) }
  }
}

extension Body {
  fileprivate var expressions: [Expression] {
    statements.map {
      switch $0 {
      case .expression(let value), .returning(let value, _, _): value
      }
    }
  }
}
