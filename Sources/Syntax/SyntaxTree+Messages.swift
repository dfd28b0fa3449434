// Walks the messages of a tree.

extension Body {
  /// Every message in the body with its receiver, those in blocks excepted.
  public func forEachMessage(_ visit: (_ receiver: Expression, _ message: Message) -> Void) {
    for statement in statements {
      switch statement {
      case .expression(let value), .returning(let value, _, _): value.forEachMessage(visit)
      }
    }
  }
}

extension Expression {
  fileprivate func forEachMessage(_ visit: (_ receiver: Expression, _ message: Message) -> Void) {
    switch self {
    case .literal, .variable, .block: break
    case .assignment(let node): node.value.forEachMessage(visit)
    case .cascade(let node):
      node.receiver.forEachMessage(visit)
      for message in node.messages {
        visit(node.receiver, message)
        for argument in message.arguments { argument.forEachMessage(visit) }
      }
    case .send(var node):
      while true {
        visit(node.receiver, node.message)
        for argument in node.arguments { argument.forEachMessage(visit) }
        guard case .send(let next) = node.receiver else { return node.receiver.forEachMessage(visit) }
        node = next
      }
    }
  }
}

extension Body {
  /// Every message in the body; in blocks too, unless that is not wanted.
  public func forEachSend(inBlocks: Bool = true, _ visit: (_ selector: String, _ arguments: [Expression]) -> Void) {
    for statement in statements {
      switch statement {
      case .expression(let value), .returning(let value, _, _): value.forEachSend(inBlocks: inBlocks, visit)
      }
    }
  }
}

extension Expression {
  /// Every message in the expression; in blocks too, unless that is not wanted.
  public func forEachSend(inBlocks: Bool = true, _ visit: (_ selector: String, _ arguments: [Expression]) -> Void) {
    switch self {
    case .literal, .variable: break
    case .assignment(let node): node.value.forEachSend(inBlocks: inBlocks, visit)
    case .block(let node): if inBlocks { node.body.forEachSend(visit) }
    case .cascade(let node):
      node.receiver.forEachSend(inBlocks: inBlocks, visit)
      for message in node.messages {
        visit(message.selector, message.arguments)
        for argument in message.arguments { argument.forEachSend(inBlocks: inBlocks, visit) }
      }
    case .send(var node):
      while true {
        visit(node.selector, node.arguments)
        for argument in node.arguments { argument.forEachSend(inBlocks: inBlocks, visit) }
        guard case .send(let next) = node.receiver else {
          return node.receiver.forEachSend(inBlocks: inBlocks, visit)
        }
        node = next
      }
    }
  }
}
