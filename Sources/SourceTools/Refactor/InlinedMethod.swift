// A method whose statements are to stand in the place of a message: what becomes of its names, of its arguments, and of its value.

import Syntax

struct InlinedMethod {
  /// What stands for the receiver (the first) or for an argument.
  struct Operand {
    let expression: Expression
    let text: String
    /// What the method calls it; of the receiver: self.
    let name: String
    /// Where the method names it, and in which of its bodies.
    var uses: [(range: SourceRange, body: Int)]
    /// The method's last value, too, is this one.
    var isAnswer = false
    let isAssigned: Bool
    /// The same whenever it is evaluated.
    var isSimple = false

    var useCount: Int { uses.count + (isAnswer ? 1 : 0) }
  }
  let method: MethodRefactoring
  /// Without a return that ends it.
  let value: Expression?

  init(_ reference: MethodReference) throws(RefactoringObstacle) {
    let definition = reference.place.definition
    guard let method = MethodRefactoring(reference.file, around: definition.range) else {
      throw RefactoringObstacle("the method is not there any more")
    }
    if definition.isPrimitive { throw RefactoringObstacle("\(reference.title) is a primitive") }
    self.method = method
    if case .returning(let value, _, _)? = definition.body.statements.last { self.value = value } else { value = nil }
    if let name = method.names.first(where: { $0.isSelector && MethodOutline.ofItsActivation.contains($0.name) }) {
      throw RefactoringObstacle("\(reference.title) sends \(name.name)")
    }
  }

  /// It returns elsewhere than at its end.
  var returnsEarly: Bool { method.outline.returns.count > (value == nil ? 0 : 1) }

  /// The receiver and the arguments, with where they are used.
  func operands(_ values: [(expression: Expression, text: String)]) -> [Operand] {
    let locals = method.locals
    return values.enumerated().map { i, value in
      let ranges: [SourceRange]
      var isAssigned = false
      if i == 0 {
        ranges = method.names.filter { $0.role == .constant && $0.name == "self" }.map(\.range)
      } else {
        let declaration = method.definition.arguments[i - 1].range.start
        let local = locals.first { $0.declaration == declaration }
        ranges = local?.uses.map(\.range) ?? []
        isAssigned = local?.writes.isEmpty == false
      }
      return Operand(
        expression: value.expression, text: value.text,
        name: i == 0 ? "receiver" : method.definition.arguments[i - 1].name,
        uses: ranges.map { ($0, method.outline.body(around: $0)) }, isAssigned: isAssigned)
    }
  }

  /// Each of the operands may be evaluated where it is used: once, in their order, and nothing comes before the last of them that
  /// one could change, or that could change one.
  func evaluatesFirst(_ operands: [Operand]) -> Bool {
    var wanted = operands[...]
    guard operands.allSatisfy({ $0.useCount == 1 && !$0.isAssigned }) else { return false }
    for node in method.outline.nodes {
      guard let next = wanted.first else { return true }
      if node.body == 0, next.uses.first?.range == node.expression.range {
        wanted.removeFirst()
      } else if node.body == 0 {
        if !node.expression.isInert { return false }
        let isOther = operands.contains { $0.uses.first?.range == node.expression.range }
        let isOuter = method.names.contains { $0.role == .outer && $0.range == node.expression.range }
        if isOther || isOuter { return false }
      }
    }
    // What nothing has come before may be the answer, too.
    return wanted.isEmpty || wanted.count == 1 && wanted.first?.uses.isEmpty == true
  }

  // MARK: Text

  /// The statements before the value, with the period of the last one; and the value.
  /// - Parameters:
  ///   - replaced: what stands for names, by where these begin.
  func text(_ replaced: [Int: (text: String, isMessage: Bool)]) -> (statements: String, value: String?) {
    let ranges = method.statementRanges(of: 0)
    guard let first = ranges.first, let last = ranges.last else { return ("", nil) }
    if let value {
      let before = text(SourceRange(first.start, last.start), replaced)
      return (before.trimmed, text(method.wholeRange(value), replaced))
    }
    return (text(SourceRange(first.start, last.end), replaced) + ".", nil)
  }

  private func text(_ range: SourceRange, _ replaced: [Int: (text: String, isMessage: Bool)]) -> String {
    var bytes = Array(method.source.bytes[range.start..<range.end])
    for name in method.names.reversed() where range.contains(name.range) {
      guard let (text, isMessage) = replaced[name.range.start] else { continue }
      let node = method.outline.nodes.last { $0.expression.range == name.range }
      let placed = node.map { method.placed(text, isMessage: isMessage, at: $0) } ?? text
      bytes.replaceSubrange(
        (name.range.start - range.start)..<(name.range.end - range.start), with: Array(placed.utf8))
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A string or a comment goes over the end of a line.
  var hasBrokenText: Bool { method.hasBrokenText(in: method.definition.range) }

  /// Where its lines begin.
  var indentation: String {
    method.statementRanges(of: 0).first.map { method.isFirstOfLine($0.start) ? method.indentation(at: $0.start) : "" }
      ?? ""
  }
}

extension String {
  /// Without space at its end.
  var trimmed: String {
    var result = Substring(self)
    while result.last?.isWhitespace == true { result.removeLast() }
    return String(result)
  }
}

extension Expression {
  /// In the place of an operand, it has parentheses.
  var isMessage: Bool {
    switch self {
    case .send(let send): !send.arguments.isEmpty
    case .cascade, .assignment: true
    case .literal, .variable, .block: false
    }
  }
}
