// Walks the messages of a tree.

extension Body {
  /// Every message in the body, in blocks too.
  public func forEachSend(_ visit: (_ selector: String, _ arguments: [Expression]) -> Void) {
    for statement in statements {
      switch statement {
      case .expression(let value), .returning(let value, _, _): value.forEachSend(visit)
      }
    }
  }
}

extension Expression {
  /// Every message in the expression, in blocks too.
  public func forEachSend(_ visit: (_ selector: String, _ arguments: [Expression]) -> Void) {
    switch self {
    case .literal, .variable: break
    case .assignment(let node): node.value.forEachSend(visit)
    case .block(let node): node.body.forEachSend(visit)
    case .cascade(let node):
      node.receiver.forEachSend(visit)
      for message in node.messages {
        visit(message.selector, message.arguments)
        for argument in message.arguments { argument.forEachSend(visit) }
      }
    case .send(var node):
      while true {
        visit(node.selector, node.arguments)
        for argument in node.arguments { argument.forEachSend(visit) }
        guard case .send(let next) = node.receiver else { return node.receiver.forEachSend(visit) }
        node = next
      }
    }
  }
}
