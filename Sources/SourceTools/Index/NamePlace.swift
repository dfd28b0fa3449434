// Every name in a class file, with what it is as far as the file alone tells.

import Syntax

/// A name in a text: of a class, a variable, or (a part of) a selector.
public struct NamePlace {
  public enum Role: Equatable {
    /// In the class's header.
    case className, superclass
    /// In a list of fields.
    case fieldDeclaration
    /// In a list of temporaries or arguments, a pattern, or where it is used. `declaration`: where its declaration begins.
    case local(declaration: Int, isArgument: Bool)
    /// No local variable: a field or a global, which only the classes around tell.
    case outer
    /// `self`, `super`, `nil`, `true`, `false`.
    case constant
    /// The part of a method's pattern, from 0.
    case pattern(part: Int)
    /// The part of a message's selector.
    case selector(part: Int)
    /// A symbol that is sent with `perform:`.
    case performed
  }
  public let range: SourceRange
  /// Of a part of a selector: the whole selector.
  public let name: String
  public let role: Role
  /// It is assigned, or declared.
  public let isWrite: Bool
  /// In `ClassFile.methods`; nil outside of methods.
  public let method: Int?
  /// Of a selector: to what it is sent.
  public let receiver: Expression?
  /// Of a selector: where its arguments stand.
  public let arguments: [SourceRange]

  /// A selector, or a part of one.
  public var isSelector: Bool {
    switch role {
    case .pattern, .selector, .performed: true
    default: false
    }
  }
}

/// Where the keywords of a message or a pattern stand, read beside the tree.
enum KeywordParts {
  static func ranges(of selector: String, at first: SourceRange, arguments: [SourceRange], in source: SourceText)
    -> [SourceRange]
  {
    let parts = selector.split(separator: ":").count
    guard selector.hasSuffix(":"), parts > 1, arguments.count == parts else { return [first] }
    var result = [first]
    let words = selector.split(separator: ":")
    for i in 1..<parts {
      let start = wordStart(from: arguments[i - 1].end, before: arguments[i].start, in: source)
      result.append(SourceRange(start, start + words[i].utf8.count + 1))
    }
    return result
  }

  /// Behind an argument: over white space, comments, and parentheses that close it.
  private static func wordStart(from start: Int, before end: Int, in source: SourceText) -> Int {
    var offset = start
    while offset < end {
      switch source.bytes[offset] {
      case 0x22:
        repeat { offset += 1 } while offset < end && source.bytes[offset] != 0x22
        offset += 1
      case 0x20, 0x09, 0x0A, 0x0C, 0x0D, 0x29: offset += 1
      default: return offset
      }
    }
    return end
  }
}

/// Walks the methods of a file.
struct NameCollector {
  private let source: SourceText
  private(set) var names: [NamePlace] = []
  /// What is assigned to local variables, by where their declarations begin.
  private(set) var localValues: [Int: [Expression]] = [:]
  /// What is assigned to other names, with the method that does it.
  private(set) var outerValues: [String: [(value: Expression, method: Int)]] = [:]
  private var scopes: [[(declaration: VariableDeclaration, isArgument: Bool)]] = []
  private var method: Int?

  init(_ source: SourceText) { self.source = source }

  mutating func collect(_ definition: ClassDefinition, _ methods: [MethodPlace]) {
    add(definition.nameRange, definition.name, .className, isWrite: true)
    if definition.superclassRange.start < definition.superclassRange.end, let name = definition.superclassName {
      add(definition.superclassRange, name, name == "nil" ? .constant : .superclass)
    }
    for (fields, range) in [
      (definition.instanceFields, definition.instanceFieldsRange),
      (definition.classFields, definition.classFieldsRange),
    ] {
      guard let range else { continue }
      for field in fields { add(source.rangeOfWord(field, in: range), field, .fieldDeclaration, isWrite: true) }
    }
    for (i, place) in methods.enumerated() {
      method = i
      collect(place.definition)
    }
    method = nil
    names.sort { $0.range.start < $1.range.start }
  }

  private mutating func collect(_ definition: MethodDefinition) {
    let arguments = definition.arguments.map(\.range)
    let pattern = definition.patternRange
    let first = SourceRange(
      pattern.start,
      pattern.start + (definition.selector.split(separator: ":").first.map { $0.utf8.count } ?? 0)
        + (definition.selector.hasSuffix(":") ? 1 : 0))
    for (i, range) in KeywordParts.ranges(of: definition.selector, at: first, arguments: arguments, in: source)
      .enumerated()
    { add(range, definition.selector, .pattern(part: i), isWrite: true, arguments: arguments) }
    scope(definition.arguments, definition.body)
  }

  private mutating func scope(_ arguments: [VariableDeclaration], _ body: Body) {
    let declared = arguments.map { ($0, true) } + body.temporaries.map { ($0, false) }
    for (declaration, isArgument) in declared {
      add(
        declaration.range, declaration.name,
        .local(declaration: declaration.range.start, isArgument: isArgument), isWrite: true)
    }
    scopes.append(declared)
    for statement in body.statements {
      switch statement {
      case .expression(let value), .returning(let value, _, _): expression(value)
      }
    }
    scopes.removeLast()
  }

  private mutating func expression(_ expression: Expression) {
    switch expression {
    case .literal: break
    case .variable(let node): _ = use(node)
    case .assignment(let node):
      if let declaration = use(node.target, isWrite: true) {
        localValues[declaration, default: []].append(node.value)
      } else if let method {
        outerValues[node.target.name, default: []].append((node.value, method))
      }
      self.expression(node.value)
    case .block(let node): scope(node.arguments, node.body)
    case .cascade(let node):
      self.expression(node.receiver)
      for part in node.messages { message(part, node.receiver) }
    case .send(let first):
      // Down the receivers without recursion: chains may be long.
      var chain = [first]
      while let last = chain.last, case .send(let next) = last.receiver { chain.append(next) }
      if let last = chain.last { self.expression(last.receiver) }
      for send in chain.reversed() { message(send.message, send.receiver) }
    }
  }

  private mutating func message(_ message: Message, _ receiver: Expression) {
    let arguments = message.arguments.map(\.range)
    let ranges = KeywordParts.ranges(
      of: message.selector, at: message.selectorRange, arguments: arguments, in: source)
    for (i, range) in ranges.enumerated() {
      add(range, message.selector, .selector(part: i), receiver: receiver, arguments: arguments)
    }
    if message.selector.hasPrefix("perform:"), case .literal(.symbol(let name), let range)? = message.arguments.first {
      add(range, name, .performed, receiver: receiver)
    }
    message.arguments.forEach { expression($0) }
  }

  /// Answers where a local variable's declaration begins.
  private mutating func use(_ node: VariableReference, isWrite: Bool = false) -> Int? {
    for scope in scopes.reversed() {
      if let found = scope.last(where: { $0.declaration.name == node.name }) {
        let start = found.declaration.range.start
        add(node.range, node.name, .local(declaration: start, isArgument: found.isArgument), isWrite: isWrite)
        return start
      }
    }
    let isConstant = ["self", "super", "nil", "true", "false"].contains(node.name)
    add(node.range, node.name, isConstant ? .constant : .outer, isWrite: isWrite)
    return nil
  }

  private mutating func add(
    _ range: SourceRange, _ name: String, _ role: NamePlace.Role, isWrite: Bool = false, receiver: Expression? = nil,
    arguments: [SourceRange] = []
  ) {
    names.append(
      NamePlace(
        range: range, name: name, role: role, isWrite: isWrite, method: method, receiver: receiver,
        arguments: arguments))
  }
}
