// Evaluation, straight from the syntax tree: every message is looked up when it is sent, and every activation runs the
// tree it started with.

import BigInt
import Syntax

extension ReferenceMachine {
  // MARK: Sends

  /// Sends a message; `start` is where a super send begins to look.
  func send(
    _ selector: String, to receiver: Value, _ arguments: [Value] = [], from sender: Activation,
    above start: Class? = nil
  ) throws(Unwinding) -> Value {
    try countStep()
    let lookupClass = start ?? classOf(receiver)
    if let method = lookupClass.lookup(selector) {
      return try activate(method, receiver, arguments, from: sender)
    }
    return try sendNotUnderstood(selector, to: receiver, arguments, from: sender)
  }

  func sendNotUnderstood(
    _ selector: String, to receiver: Value, _ arguments: [Value], from sender: Activation
  ) throws(Unwinding) -> Value {
    guard let handler = classOf(receiver).lookup("doesNotUnderstand:arguments:") else {
      return try raise(.other("Method \(selector) not found in class \(classOf(receiver).name)"), from: sender)
    }
    return try activate(handler, receiver, [symbol(selector), array(arguments)], from: sender)
  }

  func activate(
    _ method: Method, _ receiver: Value, _ arguments: [Value], from sender: Activation
  ) throws(Unwinding) -> Value {
    switch method.code {
    case .primitive(let primitive, _):
      return try primitive(PrimitiveCall(self, method, receiver, arguments, sender))
    case .tree(let definition, _):
      let activation = Activation(
        method, nil, receiver, arguments, from: sender, method.bindings, serial: outcome.steps)
      return try run(activation, definition.arguments, definition.body, in: nil)
    }
  }

  func evaluate(_ block: BlockObject, _ arguments: [Value], from sender: Activation) throws(Unwinding) -> Value {
    let wanted = block.literal.arguments.count
    if wanted != arguments.count {
      return try raise(
        .wrongArgumentCount("A block with \(wanted) arguments was given \(arguments.count)"), from: sender)
    }
    let creator = block.creator
    let activation = Activation(
      creator.method, block, creator.receiver, arguments, from: sender, creator.bindings, serial: outcome.steps)
    return try run(activation, block.literal.arguments, block.literal.body, in: block.scope)
  }

  // MARK: Activations

  /// Runs an activation to its end, as often as it restarts.
  private func run(
    _ activation: Activation, _ parameters: [VariableDeclaration], _ body: Body, in outer: Scope?
  ) throws(Unwinding) -> Value {
    if activation.depth > depthLimit { return try raiseStackOverflow(from: activation.sender ?? activation) }
    while true {
      let running = Activation.Running()
      activation.running = running
      defer { running.isOver = true }
      let scope = Scope(outer: outer, home: outer?.home ?? running)
      for (parameter, value) in zip(parameters, activation.arguments) { scope.declare(parameter.name, value) }
      for temporary in body.temporaries { scope.declare(temporary.name, nilValue) }
      do {
        return try self.body(body, scope, activation)
      } catch {
        switch error {
        case .returning(let home, let value) where home === running: return value
        case .restarting(let target) where target === activation: activation.protection = nil
        case .handled(let target, let value) where target === activation: return value
        case .again(let target, let value) where target === activation:
          activation.protection = nil
          if !isNil(value) { activation.receiver = value }
        default:
          running.isOver = true
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
    default: _ = try send("value", to: block, from: activation)
    }
  }

  private func body(_ body: Body, _ scope: Scope, _ activation: Activation) throws(Unwinding) -> Value {
    var last = nilValue
    for statement in body.statements {
      switch statement {
      case .expression(let expression): last = try evaluate(expression, scope, activation)
      case .returning(let expression, _, _):
        let value = try evaluate(expression, scope, activation)
        return try return_(value, scope, activation)
      }
    }
    return activation.block == nil ? activation.receiver : last
  }

  private func return_(_ value: Value, _ scope: Scope, _ activation: Activation) throws(Unwinding) -> Value {
    guard let block = activation.block else { return value }
    if !scope.home.isOver { throw .returning(from: scope.home, value) }
    // The home has returned: the sender of the block's evaluation is asked, and its answer is the block's value.
    let sender = activation.sender ?? activation
    return try send("escapedBlock:", to: sender.receiver, [.object(block)], from: activation)
  }

  // MARK: Expressions

  func evaluate(_ expression: Expression, _ scope: Scope, _ activation: Activation) throws(Unwinding) -> Value {
    switch expression {
    case .literal(let value, let range): return literal(value, range, activation)
    case .variable(let reference): return try read(reference.name, scope, activation)
    case .assignment(let node):
      let value = try evaluate(node.value, scope, activation)
      return try assign(node.target.name, value, scope, activation)
    case .send(let node):
      let receiver = try evaluate(node.receiver, scope, activation)
      return try send(node.message, to: receiver, node.receiver, scope, activation)
    case .cascade(let node):
      let receiver = try evaluate(node.receiver, scope, activation)
      var last = receiver
      for message in node.messages { last = try send(message, to: receiver, node.receiver, scope, activation) }
      return last
    case .block(let node):
      return .object(BlockObject(blockClass(arguments: node.arguments.count), node, scope, activation))
    }
  }

  private func send(
    _ message: Message, to receiver: Value, _ expression: Expression, _ scope: Scope, _ activation: Activation
  ) throws(Unwinding) -> Value {
    var arguments: [Value] = []
    for argument in message.arguments { arguments.append(try evaluate(argument, scope, activation)) }
    // An activation protects what it evaluates while it is at such a send.
    if activation.block == nil {
      let count = activation.arguments.count
      if message.selector == "valueHandling", count >= 2 { activation.protection = .handling }
      if message.selector == "valueEnsuring", count >= 1 { activation.protection = .ensuring }
    }
    if case .variable(let reference) = expression, reference.name == "super" {
      let value = try sendSuper(message.selector, receiver, arguments, activation)
      activation.protection = nil
      return value
    }
    let value = try send(message.selector, to: receiver, arguments, from: activation)
    activation.protection = nil
    return value
  }

  /// Begins above the class that defines the running code.
  private func sendSuper(
    _ selector: String, _ receiver: Value, _ arguments: [Value], _ activation: Activation
  ) throws(Unwinding) -> Value {
    guard let above = activation.method.holder.superclass else {
      return try sendNotUnderstood(selector, to: receiver, arguments, from: activation)
    }
    return try send(selector, to: receiver, arguments, from: activation, above: above)
  }

  private func read(_ name: String, _ scope: Scope, _ activation: Activation) throws(Unwinding) -> Value {
    if name == "self" || name == "super" { return activation.receiver }
    if let value = scope.value(of: name) { return value }
    switch activation.bindings.meanings[name] {
    case .field(let field)?:
      guard let object = activation.receiver.object, let place = object.class_.current(field) else {
        return try raiseRemovedField(activation)
      }
      return object[place] ?? nilValue
    case .removedField?: return try raiseRemovedField(activation)
    case .global?, nil:
      if let value = globals[name] { return value }
      return try send("unknownGlobal:", to: activation.receiver, [symbol(name)], from: activation)
    }
  }

  private func assign(
    _ name: String, _ value: Value, _ scope: Scope, _ activation: Activation
  ) throws(Unwinding) -> Value {
    if scope.assign(name, value) { return value }
    guard case .field(let field)? = activation.bindings.meanings[name], let object = activation.receiver.object,
      let place = object.class_.current(field)
    else { return try raiseRemovedField(activation) }
    object[place] = value
    return value
  }

  private func raiseRemovedField(_ activation: Activation) throws(Unwinding) -> Value {
    try raise(.other("\(activation.method.name) uses a field that was removed"), from: activation)
  }

  private func literal(_ literal: LiteralValue, _ range: SourceRange, _ activation: Activation) -> Value {
    let made = activation.bindings.literalValues
    if let value = made.values[range.start] { return value }
    let value = make(literal)
    made.values[range.start] = value
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
