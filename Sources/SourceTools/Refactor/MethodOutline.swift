// A method's nodes in the order in which they are evaluated, and where each stands: what edits of its text have to know.

import Syntax

struct MethodOutline {
  /// What a node is for those around it.
  enum Role {
    case statement, assigned, returned
    /// A receiver or an argument.
    case operand
  }
  struct Node {
    let expression: Expression
    let role: Role
    /// In `bodies`.
    let body: Int
    /// In the statements of that body.
    let statement: Int
  }
  /// The statements of the method, or of a block.
  struct Place {
    let body: Body
    let arguments: [VariableDeclaration]
    /// The method, or the block with its brackets.
    let range: SourceRange
    /// A block that ends before the message it is given to does, as those of `ifTrue:` and `do:` do.
    let isControl: Bool
  }
  /// In the order in which they are evaluated: what a message needs comes before it. A block's nodes come before the block.
  private(set) var nodes: [Node] = []
  /// The method's own first.
  private(set) var bodies: [Place] = []
  private(set) var returns: [SourceRange] = []

  init(_ method: MethodDefinition) {
    walk(method.body, Place(body: method.body, arguments: method.arguments, range: method.range, isControl: true))
  }

  /// What concerns the activation that sends it: it begins again, or is one that a handler or `ensure:` is known by. So it can be
  /// in no other method.
  static let ofItsActivation: Set = ["restart", "valueHandling", "valueEnsuring"]

  private static let controls: Set<String> = [
    "ifTrue:", "ifFalse:", "ifTrue:ifFalse:", "ifFalse:ifTrue:", "ifNil:", "ifNotNil:", "ifNil:ifNotNil:",
    "ifNotNil:ifNil:", "whileTrue:", "whileFalse:", "whileTrue", "whileFalse", "and:", "or:", "&&", "||", "to:do:",
    "to:by:do:", "downTo:do:", "timesRepeat:", "do:", "doIndexes:", "collect:", "select:", "reject:", "detect:",
    "detect:ifNone:", "inject:into:", "keysAndValuesDo:", "keysDo:", "valuesDo:", "value", "value:", "value:with:",
    "ensure:", "ifCurtailed:", "on:do:",
  ]

  private mutating func walk(_ body: Body, _ place: Place) {
    let number = bodies.count
    bodies.append(place)
    for (i, statement) in body.statements.enumerated() {
      switch statement {
      case .expression(let value): walk(value, .statement, number, i)
      case .returning(let value, _, let range):
        returns.append(range)
        walk(value, .returned, number, i)
      }
    }
  }

  private mutating func walk(
    _ expression: Expression, _ role: Role, _ body: Int, _ statement: Int, isControl: Bool = false
  ) {
    func add(_ expression: Expression, _ role: Role) {
      nodes.append(Node(expression: expression, role: role, body: body, statement: statement))
    }
    switch expression {
    case .literal, .variable: break
    case .assignment(let node): walk(node.value, .assigned, body, statement)
    case .block(let node):
      walk(node.body, Place(body: node.body, arguments: node.arguments, range: node.range, isControl: isControl))
    case .cascade(let node):
      walk(node.receiver, .operand, body, statement)
      for argument in node.messages.flatMap(\.arguments) { walk(argument, .operand, body, statement) }
    case .send(let first):
      // Down the receivers without recursion: chains may be long.
      var chain = [first]
      while let last = chain.last, case .send(let next) = last.receiver { chain.append(next) }
      for (i, send) in chain.reversed().enumerated() {
        let isControl = Self.controls.contains(send.selector)
        if i == 0 { walk(send.receiver, .operand, body, statement, isControl: isControl) }
        for argument in send.arguments { walk(argument, .operand, body, statement, isControl: isControl) }
        if send !== first { add(.send(send), .operand) }
      }
    }
    add(expression, role)
  }

  /// The innermost body around a range.
  func body(around range: SourceRange) -> Int {
    bodies.lastIndex { $0.range.contains(range) } ?? 0
  }

  /// What is evaluated before a node in its statement, in the same body, without the parts of the node itself.
  func nodes(before node: Node) -> [Expression] {
    nodes.prefix { $0.expression.range != node.expression.range || $0.body != node.body }
      .filter {
        $0.body == node.body && $0.statement == node.statement && !node.expression.range.contains($0.expression.range)
      }
      .map(\.expression)
  }
}

extension SourceRange {
  func contains(_ other: SourceRange) -> Bool { start <= other.start && other.end <= end }
}

extension Expression {
  /// To evaluate it does nothing else.
  var isInert: Bool {
    switch self {
    case .literal, .variable, .block: true
    case .assignment, .send, .cascade: false
    }
  }
}
