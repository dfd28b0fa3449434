// What the names of a method mean: found once when it is defined, and again when the fields of its class change.

import Syntax

/// What the names that are no variables of a method stand for.
struct Bindings {
  enum Meaning {
    case field(Field)
    /// Was a field when the method was defined.
    case removedField
    case global
  }
  private(set) var meanings: [String: Meaning] = [:]
  private var literals = Literals()

  /// Objects of literals, made once for each version, by the place in the text.
  final class Literals { var values: [Int: Value] = [:] }
  var literalValues: Literals { literals }

  init() {}

  /// Throws why the method cannot be one of the class.
  init(_ method: MethodDefinition, in holder: Class) throws(ReferenceError) {
    var binder = Binder(fields: holder.fields)
    try binder.body(method.body, scopes: [method.arguments.map(\.name)])
    meanings = binder.meanings
  }

  func again(in holder: Class) -> Bindings {
    var result = self
    let fields = holder.fields
    for (name, meaning) in meanings {
      if let field = fields.last(where: { $0.name == name }) {
        result.meanings[name] = .field(field)
      } else if case .field = meaning {
        result.meanings[name] = .removedField
      }
    }
    return result
  }

  static let reserved: Set<String> = ["self", "super"]
}

private struct Binder {
  let fields: [Field]
  var meanings: [String: Bindings.Meaning] = [:]

  mutating func body(_ body: Body, scopes: [[String]]) throws(ReferenceError) {
    let scopes = scopes + [body.temporaries.map(\.name)]
    for statement in body.statements {
      switch statement {
      case .expression(let value), .returning(let value, _, _): try expression(value, scopes)
      }
    }
  }

  private mutating func expression(_ expression: Expression, _ scopes: [[String]]) throws(ReferenceError) {
    switch expression {
    case .literal: break
    case .variable(let reference): try name(reference.name, scopes, isAssigned: false)
    case .assignment(let node):
      try self.expression(node.value, scopes)
      try name(node.target.name, scopes, isAssigned: true)
    case .send(let node):
      try self.expression(node.receiver, scopes)
      for argument in node.arguments { try self.expression(argument, scopes) }
    case .cascade(let node):
      try self.expression(node.receiver, scopes)
      for message in node.messages {
        for argument in message.arguments { try self.expression(argument, scopes) }
      }
    case .block(let node): try body(node.body, scopes: scopes + [node.arguments.map(\.name)])
    }
  }

  private mutating func name(_ name: String, _ scopes: [[String]], isAssigned: Bool) throws(ReferenceError) {
    if Bindings.reserved.contains(name) {
      if isAssigned { throw ReferenceError("\(name) cannot be assigned") }
      return
    }
    if scopes.contains(where: { $0.contains(name) }) { return }
    if let field = fields.last(where: { $0.name == name }) {
      meanings[name] = .field(field)
    } else {
      if isAssigned { throw ReferenceError("\(name) is a global, which cannot be assigned") }
      meanings[name] = .global
    }
  }
}

/// Why an edit is refused, or a class cannot be loaded.
struct ReferenceError: Error {
  let message: String
  init(_ message: String) { self.message = message }
}
