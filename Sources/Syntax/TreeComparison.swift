// Are two syntax trees the same, wherever their parts stand in the text?

public struct TreeComparison {
  /// What differs first, in words.
  public private(set) var difference = "its meaning"
  private let stackBase = NativeStack.position()

  public init() {}

  public mutating func isSame(_ a: ClassDefinition, _ b: ClassDefinition) -> Bool {
    guard a.name == b.name, a.superclassName == b.superclassName, a.instanceFields == b.instanceFields,
      a.classFields == b.classFields, (a.separatorRange == nil) == (b.separatorRange == nil)
    else {
      difference = "the class's name, superclass or fields"
      return false
    }
    return isSame(a.instanceMethods, b.instanceMethods, of: a.name)
      && isSame(a.classMethods, b.classMethods, of: "\(a.name) class")
  }

  private mutating func isSame(_ a: [MethodDefinition], _ b: [MethodDefinition], of owner: String) -> Bool {
    guard a.map(\.selector) == b.map(\.selector) else {
      difference = "the methods of \(owner)"
      return false
    }
    for (a, b) in zip(a, b) where !isSame(a, b) {
      difference = "\(owner)>>\(a.selector)"
      return false
    }
    return true
  }

  func isSame(_ a: MethodDefinition, _ b: MethodDefinition) -> Bool {
    a.selector == b.selector && a.isPrimitive == b.isPrimitive && a.nodeCount == b.nodeCount
      && isSame(a.arguments, b.arguments) && isSame(a.body, b.body)
  }

  private func isSame(_ a: [VariableDeclaration], _ b: [VariableDeclaration]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { $0.name == $1.name && $0.id == $1.id }
  }

  private func isSame(_ a: Body, _ b: Body) -> Bool {
    isSame(a.temporaries, b.temporaries) && a.statements.count == b.statements.count
      && zip(a.statements, b.statements).allSatisfy { a, b in
        switch (a, b) {
        case (.expression(let a), .expression(let b)): isSame(a, b)
        case (.returning(let a, let i, _), .returning(let b, let j, _)): i == j && isSame(a, b)
        default: false
        }
      }
  }

  private func isSame(_ a: Expression, _ b: Expression) -> Bool {
    // What cannot be compared is not the same.
    if NativeStack.used(since: stackBase) > NativeStack.budget { return false }
    switch (a, b) {
    case (.literal(let a, _), .literal(let b, _)): return isSame(a, b)
    case (.variable(let a), .variable(let b)): return isSame(a, b)
    case (.assignment(let a), .assignment(let b)):
      return a.id == b.id && isSame(a.target, b.target) && isSame(a.value, b.value)
    case (.block(let a), .block(let b)):
      return a.id == b.id && isSame(a.arguments, b.arguments) && isSame(a.body, b.body)
    case (.cascade(let a), .cascade(let b)):
      return a.id == b.id && isSame(a.receiver, b.receiver) && a.messages.count == b.messages.count
        && zip(a.messages, b.messages).allSatisfy { isSame($0, $1) }
    case (.send(var a), .send(var b)):
      // Down the receivers without recursion: chains are long.
      while isSame(a.message, b.message) {
        guard case .send(let nextA) = a.receiver, case .send(let nextB) = b.receiver else {
          return isSame(a.receiver, b.receiver)
        }
        (a, b) = (nextA, nextB)
      }
      return false
    default: return false
    }
  }

  private func isSame(_ a: VariableReference, _ b: VariableReference) -> Bool {
    a.name == b.name && a.id == b.id
  }

  private func isSame(_ a: Message, _ b: Message) -> Bool {
    a.selector == b.selector && a.id == b.id && a.arguments.count == b.arguments.count
      && zip(a.arguments, b.arguments).allSatisfy { isSame($0, $1) }
  }

  private func isSame(_ a: LiteralValue, _ b: LiteralValue) -> Bool {
    switch (a, b) {
    // -0.0 is not 0.0.
    case (.double(let a), .double(let b)): a.bitPattern == b.bitPattern
    case (.array(let a), .array(let b)): a.count == b.count && zip(a, b).allSatisfy { isSame($0, $1) }
    default: a == b
    }
  }
}

extension MethodDefinition {
  /// The same method, perhaps laid out in another way.
  public func isSame(as other: MethodDefinition) -> Bool { TreeComparison().isSame(self, other) }
}
