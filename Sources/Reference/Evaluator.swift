// Evaluation, straight from the syntax tree: every message is looked up when it is sent, and every activation runs the
// tree it started with.

import BigInt
import Syntax

extension ReferenceMachine {
  // MARK: Sends

  /// Sends a message; `start` is where a super send begins to look.
  func send(
    _ selector: Name, to receiver: Value, _ arguments: consuming [Value] = [], from sender: Activation,
    above start: Class? = nil
  ) throws(Unwinding) -> Value {
    try countStep()
    guard let method = (start ?? classOf(receiver)).lookup(selector) else {
      return try sendNotUnderstood(selector, to: receiver, arguments, from: sender)
    }
    return try activate(method, receiver, arguments, from: sender)
  }

  func sendNotUnderstood(
    _ selector: Name, to receiver: Value, _ arguments: [Value], from sender: Activation
  ) throws(Unwinding) -> Value {
    guard let handler = classOf(receiver).lookup(.doesNotUnderstand) else {
      return try raise(.other("Method \(selector.text) not found in class \(classOf(receiver).name)"), from: sender)
    }
    return try activate(handler, receiver, [symbol(selector.text), array(arguments)], from: sender)
  }

  func activate(
    _ method: Method, _ receiver: Value, _ arguments: consuming [Value], from sender: Activation
  ) throws(Unwinding) -> Value {
    switch method.code {
    case .primitive(let primitive):
      return try primitive.body(PrimitiveCall(self, method, receiver, arguments, sender))
    case .tree(let tree):
      let activation = Activation(
        method, tree.code, nil, receiver, arguments, from: sender, method.bindings, serial: steps)
      return try run(activation, in: nil)
    }
  }

  func evaluate(
    _ block: BlockObject, _ arguments: consuming [Value], from sender: Activation
  ) throws(Unwinding) -> Value {
    let wanted = block.code.argumentCount
    if wanted != arguments.count {
      return try raise(
        .wrongArgumentCount("A block with \(wanted) arguments was given \(arguments.count)"), from: sender)
    }
    let creator = block.creator
    let activation = Activation(
      creator.method, block.code, block, creator.receiver, arguments, from: sender, creator.bindings, serial: steps)
    return try run(activation, in: block.scope)
  }

  // MARK: Activations

  /// Runs an activation to its end, as often as it restarts.
  private func run(_ activation: Activation, in outer: Scope?) throws(Unwinding) -> Value {
    if activation.depth > depthLimit,
      schedule.current.hasStackReserve || activation.depth > depthLimit + Self.depthReserve
    {
      return try raiseStackOverflow(from: activation.sender ?? activation)
    }
    let code = activation.code
    while true {
      let own =
        code.hasScope
        ? Scope(activation.arguments, code.temporaryCount, of: nilValue, outer: outer, process: schedule.current.id)
        : nil
      let scope = own ?? outer!
      defer { own?.isOver = true }
      do {
        return try statements(code, scope, activation)
      } catch {
        switch error {
        case .returning(let home, let value) where home === own: return value
        case .restarting(let target) where target === activation: activation.protection = nil
        case .handled(let target, let value) where target === activation: return value
        case .again(let target, let value) where target === activation:
          activation.protection = nil
          if !isNil(value) { activation.receiver = value }
        default:
          own?.isOver = true
          try runEnsured(activation, error)
          throw error
        }
      }
    }
  }

  /// What an activation of ensure: does while something unwinds through it. If its block is left itself, that goes on.
  private func runEnsured(_ activation: Activation, _ reason: Unwinding) throws(Unwinding) {
    guard activation.protection == .ensuring, let block = activation.arguments.last else { return }
    switch reason {
    case .ending(_, isError: false), .limit: return
    default: _ = try send(.value, to: block, from: activation)
    }
  }

  private func statements(_ code: Code, _ scope: Scope, _ activation: Activation) throws(Unwinding) -> Value {
    var last = nilValue
    for i in code.statements.indices { last = try evaluate(code.statements[i], scope, activation) }
    if code.returnsLast { return try return_(last, scope, activation) }
    return activation.block == nil ? activation.receiver : last
  }

  private func return_(_ value: Value, _ scope: Scope, _ activation: Activation) throws(Unwinding) -> Value {
    guard let block = activation.block else { return value }
    let home = scope.home
    if !home.isOver, home.process == schedule.current.id { throw .returning(from: home, value) }
    // The home has returned, or another process runs it: the sender of the block's evaluation is asked, and its answer is the block's value.
    let (escaped, ending) = try escapee(block, activation)
    let sender = ending.sender ?? ending
    let answer = try send(.escapedBlock, to: sender.receiver, [.object(escaped)], from: activation)
    if ending !== activation { throw .handled(by: ending, answer) }
    return answer
  }

  /// A `^` in the literal block of a conditional or a loop belongs to what that stands in, while that runs. Once such
  /// methods have been redefined, it may be told to either (docs/language.md).
  private func escapee(
    _ block: BlockObject, _ activation: Activation
  ) throws(Unwinding) -> (BlockObject, Activation) {
    guard block.code.isPart, let outer = block.creator.block, activation.chain.contains(where: { $0 === block.creator })
    else { return (block, activation) }
    if isLibraryEdited { throw .limit("who is told of a block's escape from a redefined conditional") }
    return try escapee(outer, block.creator)
  }

  // MARK: Expressions

  func evaluate(_ node: Node, _ scope: Scope, _ activation: Activation) throws(Unwinding) -> Value {
    switch node {
    case .literal(let literal): return self.literal(literal, activation)
    case .receiver: return activation.receiver
    case .variable(let place): return scope[place]
    case .name(let index): return try read(index, activation)
    case .assignment(let assignment):
      let value = try evaluate(assignment.value, scope, activation)
      switch assignment.target {
      case .variable(let place):
        scope[place] = value
        return value
      case .name(let index): return try assign(index, value, activation)
      }
    case .send(let send):
      let receiver = try evaluate(send.receiver, scope, activation)
      return try self.send(send.message, to: receiver, scope, activation)
    case .cascade(let cascade):
      let receiver = try evaluate(cascade.receiver, scope, activation)
      var last = receiver
      for message in cascade.messages { last = try send(message, to: receiver, scope, activation) }
      return last
    case .block(let code):
      return .object(BlockObject(blockClass(arguments: code.argumentCount), code, scope, activation))
    }
  }

  private func send(
    _ message: Node.Message, to receiver: Value, _ scope: Scope, _ activation: Activation
  ) throws(Unwinding) -> Value {
    var arguments: [Value] = []
    if !message.arguments.isEmpty { arguments.reserveCapacity(message.arguments.count) }
    for i in message.arguments.indices {
      arguments.append(try evaluate(message.arguments[i], scope, activation))
    }
    guard let protection = message.protection, activation.block == nil,
      activation.arguments.count >= protection.argumentCount
    else { return try send(message, receiver, arguments, activation) }
    // The activation protects what it evaluates while it is at such a send.
    activation.protection = protection
    let value = try send(message, receiver, arguments, activation)
    activation.protection = nil
    return value
  }

  private func send(
    _ message: Node.Message, _ receiver: Value, _ arguments: consuming [Value], _ activation: Activation
  ) throws(Unwinding) -> Value {
    message.isSuper
      ? try sendSuper(message.selector, receiver, arguments, activation)
      : try send(message.selector, to: receiver, arguments, from: activation)
  }

  /// Begins above the class that defines the running code.
  private func sendSuper(
    _ selector: Name, _ receiver: Value, _ arguments: [Value], _ activation: Activation
  ) throws(Unwinding) -> Value {
    guard let above = activation.method.holder.superclass else {
      return try sendNotUnderstood(selector, to: receiver, arguments, from: activation)
    }
    return try send(selector, to: receiver, arguments, from: activation, above: above)
  }

  private func read(_ index: Int, _ activation: Activation) throws(Unwinding) -> Value {
    switch activation.bindings.meanings[index] {
    case .field(let field):
      guard let object = activation.receiver.object, let place = object.class_.current(field) else {
        return try raiseRemovedField(activation)
      }
      return object[place] ?? nilValue
    case .removedField: return try raiseRemovedField(activation)
    case .global:
      let name = activation.bindings.names[index]
      if let value = globals[name] { return value }
      if activation.method.isBundled, let value = loadBundled(name.text) { return value }
      return try send(.unknownGlobal, to: activation.receiver, [symbol(name.text)], from: activation)
    }
  }

  private func assign(_ index: Int, _ value: Value, _ activation: Activation) throws(Unwinding) -> Value {
    guard case .field(let field) = activation.bindings.meanings[index], let object = activation.receiver.object,
      let place = object.class_.current(field)
    else { return try raiseRemovedField(activation) }
    object[place] = value
    return value
  }

  private func raiseRemovedField(_ activation: Activation) throws(Unwinding) -> Value {
    try raise(.other("\(activation.method.name) uses a field that was removed"), from: activation)
  }

  private func literal(_ literal: Node.Literal, _ activation: Activation) -> Value {
    let made = activation.bindings.literals
    if let value = made.values[literal.index] { return value }
    let value = make(literal.value)
    made.values[literal.index] = value
    return value
  }

  private func make(_ literal: LiteralValue) -> Value {
    switch literal {
    case .integer(let value): Value(value)
    case .bigInteger(let digits): .integer(BigInt(digits) ?? 0)
    case .double(let value): .double(value)
    case .string(let text): string(text)
    case .symbol(let text): symbol(text)
    case .array(let elements): array(elements.map(make))
    }
  }
}
