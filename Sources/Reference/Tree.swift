// What evaluation walks: the syntax tree, node for node, with the names that are variables resolved to their places. It
// is the same for every machine, so a process makes it once for each text of the core library.

import Syntax

/// A method's text, parsed and resolved.
final class MethodTree: Sendable {
  let definition: MethodDefinition
  let source: SourceText
  let code: Code
  /// The selector.
  let name: Name
  /// The names in it that are no variables: what they mean depends on the class (`Bindings`).
  let names: [Name]
  /// Of these, the ones that are assigned.
  let assigned: [String]
  /// Literals whose objects are made once for each version.
  let literalCount: Int

  init(_ definition: MethodDefinition, _ source: SourceText) {
    self.definition = definition
    self.source = source
    name = Name(definition.selector)
    var resolver = Resolver()
    code = resolver.code(definition.arguments, definition.body, scopes: [])
    names = resolver.names
    assigned = resolver.assigned
    literalCount = resolver.literalCount
  }

  var selector: String { definition.selector }
  var text: String { definition.text(in: source) }

  /// The same arguments, and the same text behind the pattern.
  func saysTheSame(as other: MethodTree) -> Bool {
    func body(_ tree: MethodTree) -> String {
      let range = tree.definition.range
      return tree.source[SourceRange(tree.definition.patternRange.end, range.end)]
    }
    return definition.argumentNames == other.definition.argumentNames && body(self) == body(other)
  }
}

/// The inside of a method or a block. Its variables are its arguments, and then its temporaries.
final class Code: Sendable {
  let argumentCount: Int
  let temporaryCount: Int
  let statements: [Node]
  /// The last statement begins with `^`.
  let returnsLast: Bool
  /// Whether a running of it has a scope of its own: for variables, or as what `^` in blocks returns from.
  let hasScope: Bool
  /// Whether it is a literal block that is part of a conditional or a loop (`Parts.swift`).
  let isPart: Bool

  init(
    argumentCount: Int, temporaryCount: Int, hasScope: Bool, isPart: Bool, _ statements: [Node], returnsLast: Bool
  ) {
    self.hasScope = hasScope
    self.returnsLast = returnsLast
    self.argumentCount = argumentCount
    self.isPart = isPart
    self.temporaryCount = temporaryCount
    self.statements = statements
  }

  static let nothing = Code(
    argumentCount: 0, temporaryCount: 0, hasScope: false, isPart: false, [], returnsLast: false)
}

/// An expression.
enum Node: Sendable {
  case literal(Literal)
  case receiver
  case variable(Place)
  /// No variable: its index in `MethodTree.names`.
  case name(Int)
  case assignment(Assignment)
  case send(Send)
  case cascade(Cascade)
  case block(Code)

  final class Literal: Sendable {
    /// Among the literals of the method.
    let index: Int
    let value: LiteralValue
    init(_ index: Int, _ value: LiteralValue) {
      self.index = index
      self.value = value
    }
  }

  /// A variable of the scope that is so many scopes further out.
  struct Place {
    let scopesOut: Int
    let index: Int
    /// The same, seen from one scope further out.
    var further: Place { Place(scopesOut: scopesOut - 1, index: index) }
  }

  final class Assignment: Sendable {
    enum Target {
      case variable(Place)
      case name(Int)
    }
    let target: Target
    let value: Node
    init(_ target: Target, _ value: Node) {
      self.target = target
      self.value = value
    }
  }

  final class Send: Sendable {
    let receiver: Node
    let message: Message
    init(_ receiver: Node, _ message: Message) {
      self.receiver = receiver
      self.message = message
    }
  }

  final class Cascade: Sendable {
    let receiver: Node
    let messages: [Message]
    init(_ receiver: Node, _ messages: [Message]) {
      self.receiver = receiver
      self.messages = messages
    }
  }

  final class Message: Sendable {
    let selector: Name
    let arguments: [Node]
    /// The receiver is `super`.
    let isSuper: Bool
    /// What an activation of a method protects while it waits for this, given that it has as many arguments.
    let protection: Activation.Protection?
    init(_ selector: Name, _ arguments: [Node], isSuper: Bool) {
      self.selector = selector
      self.arguments = arguments
      self.isSuper = isSuper
      protection = Activation.Protection(selector)
    }
  }
}

private struct Resolver {
  private(set) var names: [Name] = []
  private(set) var assigned: [String] = []
  private(set) var literalCount = 0

  /// - Parameter scopes: the names of the variables around it, innermost scope last.
  mutating func code(
    _ arguments: [VariableDeclaration], _ body: Body, scopes: [[String]], isPart: Bool = false
  ) -> Code {
    let variables = (arguments + body.temporaries).map(\.name)
    let isMethod = scopes.isEmpty, hasScope = isMethod || !variables.isEmpty
    let scopes = hasScope ? scopes + [variables] : scopes
    var statements: [Node] = []
    var returnsLast = false
    for statement in body.statements where !returnsLast {
      switch statement {
      case .expression(let value): statements.append(node(value, scopes))
      case .returning(let value, _, _):
        statements.append(node(value, scopes))
        returnsLast = true
      }
    }
    return Code(
      argumentCount: arguments.count, temporaryCount: body.temporaries.count, hasScope: hasScope, isPart: isPart,
      statements, returnsLast: returnsLast)
  }

  private mutating func node(_ expression: Expression, _ scopes: [[String]], isPart: Bool = false) -> Node {
    switch expression {
    case .literal(let value, _):
      literalCount += 1
      return .literal(Node.Literal(literalCount - 1, value))
    case .variable(let reference):
      if Bindings.reserved.contains(reference.name) { return .receiver }
      if let place = place(of: reference.name, scopes) { return .variable(place) }
      return .name(index(of: reference.name))
    case .assignment(let assignment):
      let value = node(assignment.value, scopes), name = assignment.target.name
      if !Bindings.reserved.contains(name), let place = place(of: name, scopes) {
        return .assignment(Node.Assignment(.variable(place), value))
      }
      assigned.append(name)
      return .assignment(Node.Assignment(.name(index(of: name)), value))
    case .send(let send):
      return .send(
        Node.Send(
          node(send.receiver, scopes, isPart: send.isLoopWhile), message(send.message, to: send.receiver, scopes)))
    case .cascade(let cascade):
      let receiver = node(cascade.receiver, scopes)
      return .cascade(Node.Cascade(receiver, cascade.messages.map { message($0, to: cascade.receiver, scopes) }))
    case .block(let block): return .block(code(block.arguments, block.body, scopes: scopes, isPart: isPart))
    }
  }

  private mutating func message(
    _ message: Syntax.Message, to receiver: Expression, _ scopes: [[String]]
  ) -> Node.Message {
    var isSuper = false
    if case .variable(let reference) = receiver { isSuper = reference.name == "super" }
    let hasParts = message.hasParts(of: receiver)
    let arguments = message.arguments.map { node($0, scopes, isPart: hasParts) }
    return Node.Message(Name(message.selector), arguments, isSuper: isSuper)
  }

  private func place(of name: String, _ scopes: [[String]]) -> Node.Place? {
    for (scopesOut, scope) in scopes.reversed().enumerated() {
      if let index = scope.lastIndex(of: name) { return Node.Place(scopesOut: scopesOut, index: index) }
    }
    return nil
  }

  private mutating func index(of text: String) -> Int {
    let name = Name(text)
    if let known = names.firstIndex(of: name) { return known }
    names.append(name)
    return names.count - 1
  }
}
