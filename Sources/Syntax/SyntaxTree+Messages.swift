// Walks the messages of a tree.

extension Body {
  /// Every message in the body with its receiver; in blocks too, unless that is not wanted.
  public func forEachMessage(inBlocks: Bool = true, _ visit: (_ receiver: Expression, _ message: Message) -> Void) {
    for statement in statements {
      switch statement {
      case .expression(let value), .returning(let value, _, _): value.forEachMessage(inBlocks: inBlocks, visit)
      }
    }
  }

  /// The same, for who does not ask for receivers.
  public func forEachSend(inBlocks: Bool = true, _ visit: (_ selector: String, _ arguments: [Expression]) -> Void) {
    forEachMessage(inBlocks: inBlocks) { visit($1.selector, $1.arguments) }
  }
}

extension Expression {
  fileprivate func forEachMessage(inBlocks: Bool, _ visit: (_ receiver: Expression, _ message: Message) -> Void) {
    switch self {
    case .literal, .variable: break
    case .assignment(let node): node.value.forEachMessage(inBlocks: inBlocks, visit)
    case .block(let node): if inBlocks { node.body.forEachMessage(visit) }
    case .cascade(let node):
      node.receiver.forEachMessage(inBlocks: inBlocks, visit)
      for message in node.messages {
        visit(node.receiver, message)
        for argument in message.arguments { argument.forEachMessage(inBlocks: inBlocks, visit) }
      }
    case .send(var node):
      while true {
        visit(node.receiver, node.message)
        for argument in node.arguments { argument.forEachMessage(inBlocks: inBlocks, visit) }
        guard case .send(let next) = node.receiver else {
          return node.receiver.forEachMessage(inBlocks: inBlocks, visit)
        }
        node = next
      }
    }
  }
}
