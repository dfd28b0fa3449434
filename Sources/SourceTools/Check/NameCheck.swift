// One method's names: variables that nothing uses, and names and selectors that nothing defines.

import Syntax

struct NameCheck {
  private struct Variable {
    let declaration: VariableDeclaration
    let isArgument: Bool
    var isRead = false
    var isWritten = false
  }

  /// All fields in scope, own and inherited.
  let fields: Set<String>
  /// Answers whether a name that is no variable and no field is known: a class, or another global.
  let isGlobal: (String) -> Bool
  let selectors: Set<String>
  /// True if self answers every message, known or not.
  let understandsAll: Bool
  /// Who understands what of those whose class is known; nil: that is not looked at.
  let protocols: Protocols?
  /// Names for "did you mean".
  let knownNames: [String]

  private(set) var findings: [Finding] = []
  /// Fields that the method uses.
  private(set) var usedFields: Set<String> = []
  private var scopes: [[Variable]] = []

  init(
    fields: Set<String>, selectors: Set<String> = [], understandsAll: Bool = false,
    protocols: Protocols? = nil, knownNames: [String] = [], isGlobal: @escaping (String) -> Bool
  ) {
    self.fields = fields
    self.selectors = selectors
    self.understandsAll = understandsAll
    self.protocols = protocols
    self.knownNames = knownNames
    self.isGlobal = isGlobal
  }

  mutating func check(_ method: MethodDefinition) {
    if !method.isPrimitive { scope(method.arguments, method.body) }
  }

  private mutating func scope(_ arguments: [VariableDeclaration], _ body: Body) {
    var names: Set<String> = []
    for declaration in arguments + body.temporaries where !names.insert(declaration.name).inserted {
      add(.warning, .duplicateVariable, "\(declaration.name) is declared twice", declaration.range)
    }
    scopes.append(
      arguments.map { Variable(declaration: $0, isArgument: true) }
        + body.temporaries.map { Variable(declaration: $0, isArgument: false) })
    for (i, statement) in body.statements.enumerated() {
      switch statement {
      case .expression(let value): expression(value)
      case .returning(let value, _, _):
        expression(value)
        if i + 1 < body.statements.count {
          add(.warning, .unreachable, "nothing after a ^ is ever run", body.statements[i + 1].range)
        }
      }
    }
    for variable in scopes.removeLast() where !variable.isArgument && !variable.isRead {
      let name = variable.declaration.name
      add(
        .warning, .unusedVariable,
        variable.isWritten ? "\(name) is assigned, but never read" : "\(name) is never used",
        variable.declaration.range)
    }
  }

  private mutating func expression(_ expression: Expression) {
    switch expression {
    case .literal: break
    case .variable(let reference): use(reference) { $0.isRead = true }
    case .assignment(let node):
      use(node.target, isTarget: true) { $0.isWritten = true }
      self.expression(node.value)
    case .block(let block): scope(block.arguments, block.body)
    case .cascade(let node):
      self.expression(node.receiver)
      for part in node.messages { message(part, to: node.receiver) }
    case .send(let first):
      // Down the receivers without recursion, then up in the order of evaluation.
      var chain = [first]
      while let last = chain.last, case .send(let next) = last.receiver { chain.append(next) }
      if let last = chain.last { self.expression(last.receiver) }
      for send in chain.reversed() { message(send.message, to: send.receiver) }
    }
  }

  private mutating func message(_ message: Message, to receiver: Expression) {
    var isAnswered = false
    if case .variable(let reference) = receiver, ["self", "super"].contains(reference.name) {
      isAnswered = understandsAll
    }
    if !isAnswered {
      selector(message.selector, message.selectorRange, to: receiver)
      // `perform: #foo`, with whatever keywords follow, is a send of foo.
      if message.selector.hasPrefix("perform:"), case .literal(.symbol(let name), let range)? = message.arguments.first
      {
        selector(name, range, to: receiver)
      }
    }
    for argument in message.arguments { expression(argument) }
  }

  private mutating func selector(_ name: String, _ range: SourceRange, to receiver: Expression) {
    guard selectors.contains(name) else {
      return add(
        .warning, .unknownSelector, "no class implements \(name)", range,
        suggestion: NearName.closest(to: name, among: selectors))
    }
    guard let protocols, case .variable(let reference) = receiver else { return }
    let isVariable = scopes.joined().contains { $0.declaration.name == reference.name }
    if isVariable || fields.contains(reference.name) { return }
    guard let understood = protocols.understood(by: reference.name), !understood.selectors.contains(name) else {
      return
    }
    add(
      .warning, .unknownSelector,
      "\(understood.complaint) \(name)", range,
      suggestion: NearName.closest(to: name, among: understood.selectors))
  }

  private mutating func use(
    _ reference: VariableReference, isTarget: Bool = false, _ change: (inout Variable) -> Void
  ) {
    let name = reference.name
    for i in scopes.indices.reversed() {
      if let j = scopes[i].lastIndex(where: { $0.declaration.name == name }) {
        change(&scopes[i][j])
        return
      }
    }
    if fields.contains(name) {
      usedFields.insert(name)
    } else if !isTarget, !isGlobal(name) {
      // What is assigned and is no variable is an error of the compiler.
      let names = scopes.joined().map(\.declaration.name) + fields + knownNames
      add(
        .error, .unknownName,
        "\(name) is no variable, argument or field, and no class or global of that name is known",
        reference.range, suggestion: NearName.closest(to: name, among: names))
    }
  }

  private mutating func add(
    _ severity: Finding.Severity, _ code: Finding.Code, _ message: String, _ range: SourceRange,
    suggestion: String? = nil
  ) {
    findings.append(Finding(severity, code, message, at: range, suggestion: suggestion))
  }
}
