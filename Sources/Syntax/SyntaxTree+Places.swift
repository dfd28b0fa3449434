// Walks a tree for the places where selectors and names stand: what senders and references are found by.

extension Body {
  /// Every message, with where its selector stands, and every name in operand position; symbols that `perform:` sends count
  /// as messages.
  public func forEachPlace(
    send: (_ selector: String, _ range: SourceRange) -> Void, name: (_ name: String, _ range: SourceRange) -> Void
  ) {
    for statement in statements {
      switch statement {
      case .expression(let value), .returning(let value, _, _): value.forEachPlace(send: send, name: name)
      }
    }
  }
}

extension Expression {
  fileprivate func forEachPlace(
    send: (_ selector: String, _ range: SourceRange) -> Void, name: (_ name: String, _ range: SourceRange) -> Void
  ) {
    func visit(_ message: Message) {
      send(message.selector, message.selectorRange)
      if message.selector.hasPrefix("perform:"),
        case .literal(.symbol(let symbol), let range)? = message.arguments.first
      {
        send(symbol, range)
      }
      for argument in message.arguments { argument.forEachPlace(send: send, name: name) }
    }
    switch self {
    case .literal: break
    case .variable(let node): name(node.name, node.range)
    case .assignment(let node):
      name(node.target.name, node.target.range)
      node.value.forEachPlace(send: send, name: name)
    case .block(let node): node.body.forEachPlace(send: send, name: name)
    case .cascade(let node):
      node.receiver.forEachPlace(send: send, name: name)
      node.messages.forEach(visit)
    case .send(var node):
      // Down the receivers without recursion: chains may be long.
      while true {
        visit(node.message)
        guard case .send(let next) = node.receiver else { return node.receiver.forEachPlace(send: send, name: name) }
        node = next
      }
    }
  }
}
