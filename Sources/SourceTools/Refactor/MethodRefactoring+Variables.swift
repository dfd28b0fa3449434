// An expression gets a name of its own, and a name that is only another word for an expression goes.

import Syntax

extension MethodRefactoring {
  /// An expression becomes a local variable, which is assigned before the statement that it stands in.
  /// - Returns: the edits and the name; nil if no expression is selected.
  public func extractVariable(_ range: SourceRange) throws(RefactoringObstacle) -> (
    edits: [RefactoringEdit], name: String
  )? {
    let selected = trimmed(range)
    guard selected.start < selected.end, let node = node(at: selected) else { return nil }
    let place = outline.bodies[node.body]
    let statement = statementRanges(of: node.body)[node.statement]
    if case .variable(let variable) = node.expression, variable.name == "super" {
      throw RefactoringObstacle("super is no value of its own")
    }
    if !node.expression.isInert || isVariable(node.expression) {
      let isFixed = node.expression.isInert
      if outline.nodes(before: node).contains(where: { isFixed ? !$0.isInert : !isUnaffected($0) }) {
        throw RefactoringObstacle("what stands before it in the statement is evaluated first")
      }
      let writes = locals.flatMap(\.writes).filter(node.expression.range.contains)
      if !writes.isEmpty { throw RefactoringObstacle("it assigns a variable") }
    }
    let name = freeName("value")
    let range = wholeRange(node.expression), text = source[range]
    let declaration = declaring(name, in: place)
    // A statement of its own has a value that nobody wants.
    if node.role == .statement {
      let assigned = RefactoringEdit(SourceRange(statement.start, statement.start), "\(name) := ")
      return (try checked([declaration, assigned]), name)
    }
    let lineEnd = isFirstOfLine(statement.start) ? source.lineEnd + indentation(at: statement.start) : " "
    let assignment = RefactoringEdit(SourceRange(statement.start, statement.start), "\(name) := \(text).\(lineEnd)")
    if range.start == statement.start {
      let both = RefactoringEdit(range, assignment.text + name)
      return (try checked([declaration, both]), name)
    }
    return (try checked([declaration, assignment, RefactoringEdit(range, name)]), name)
  }

  /// Whatever else is evaluated, it does nothing, and its value stays.
  func isUnaffected(_ expression: Expression) -> Bool {
    guard case .variable(let node) = expression, isVariable(expression) else { return expression.isInert }
    guard let local = locals.first(where: { local in local.uses.contains { $0.range == node.range } }) else {
      return false
    }
    let home = outline.body(around: node.range)
    return local.writes.allSatisfy { outline.body(around: $0) == home }
  }

  func isVariable(_ expression: Expression) -> Bool {
    if case .variable(let node) = expression { return !["self", "nil", "true", "false"].contains(node.name) }
    return false
  }

  /// A local variable that is assigned once goes; what was assigned stands where it was used.
  /// - Returns: the edits and the name; nil if no temporary variable is there.
  public func inlineVariable(at offset: Int) throws(RefactoringObstacle) -> (edits: [RefactoringEdit], name: String)? {
    guard let name = file.name(at: offset), name.method == method, case .local(let declaration, false) = name.role,
      let local = locals.first(where: { $0.declaration == declaration }),
      let home = outline.bodies.firstIndex(where: { $0.body.temporaries.contains { $0.range.start == declaration } })
    else { return nil }
    let (value, number) = try assignment(of: local, in: home)
    let statements = outline.bodies[home].body.statements
    let reads = local.uses.filter { !$0.isWrite }.compactMap { use in
      outline.nodes.last { $0.expression.range == use.range }
    }
    if reads.isEmpty { throw RefactoringObstacle("\(local.name) is not used") }
    if reads.contains(where: { $0.expression.range.start < statements[number].range.start }) {
      throw RefactoringObstacle("\(local.name) is used before it is assigned")
    }
    if !isStable(value, reads.count) { try checkNext(reads, local, home, number) }
    try checkNames(in: value, at: reads)

    let text = source[wholeRange(value)]
    var edits = reads.map { RefactoringEdit($0.expression.range, placed(text, isMessage: value.isMessage, at: $0)) }
    edits.append(removingStatement(number, of: statementRanges(of: home)))
    if let removal = removingDeclaration(local) { edits.append(removal) }
    return (try checked(edits), local.name)
  }

  /// The only one, which is made in any case.
  private func assignment(of local: Local, in home: Int) throws(RefactoringObstacle) -> (
    value: Expression, statement: Int
  ) {
    guard local.writes.count == 1 else {
      throw RefactoringObstacle("\(local.name) is assigned \(local.writes.isEmpty ? "nowhere" : "more than once")")
    }
    for (i, statement) in outline.bodies[home].body.statements.enumerated() {
      if case .expression(.assignment(let node)) = statement, node.target.range == local.writes[0] {
        if case .assignment = node.value { break }
        return (node.value, i)
      }
    }
    throw RefactoringObstacle("\(local.name) is assigned within another statement")
  }

  /// The same whenever it is evaluated, and however often.
  private func isStable(_ value: Expression, _ count: Int) -> Bool {
    switch value {
    case .literal(.string, _), .literal(.array, _): return count == 1
    case .literal: return true
    case .variable(let node):
      if ["self", "nil", "true", "false"].contains(node.name) { return true }
      guard let source = locals.first(where: { local in local.uses.contains { $0.range == node.range } }) else {
        return false
      }
      return isFixed(source, from: node.range)
    default: return false
    }
  }

  /// From a place on, it is assigned no more: the body that declares it has assigned it once, before.
  func isFixed(_ local: Local, from place: SourceRange) -> Bool {
    guard let write = local.writes.first else { return true }
    let home = outline.bodies.firstIndex { $0.body.temporaries.contains { $0.range.start == local.declaration } }
    return local.writes.count == 1 && write.end < place.start && outline.body(around: write) == home
      && outline.body(around: place) == home
  }

  /// What is not stable moves only if nothing happens between.
  private func checkNext(
    _ reads: [MethodOutline.Node], _ local: Local, _ home: Int, _ number: Int
  ) throws(RefactoringObstacle) {
    guard reads.count == 1, let read = reads.first else {
      throw RefactoringObstacle("\(local.name) is used more than once, and its value may be another one each time")
    }
    guard read.body == home, read.statement == number + 1 else {
      throw RefactoringObstacle("what happens between may change the value of \(local.name)")
    }
    if outline.nodes(before: read).contains(where: { !isUnaffected($0) }) {
      throw RefactoringObstacle("what stands before \(local.name) in its statement is evaluated first")
    }
  }

  /// What the value names must be the same where it is used.
  private func checkNames(in value: Expression, at reads: [MethodOutline.Node]) throws(RefactoringObstacle) {
    for name in file.names where name.method == method && value.range.contains(name.range) && !name.isSelector {
      for read in reads {
        let hidden = outline.bodies.contains { place in
          place.range.contains(read.expression.range) && !place.range.contains(value.range)
            && (place.arguments + place.body.temporaries).contains { $0.name == name.name }
        }
        if hidden { throw RefactoringObstacle("\(name.name) means something else where the value would stand") }
      }
    }
  }

  /// With its period, and its line if that has nothing else.
  func removingStatement(_ number: Int, of statements: [SourceRange]) -> RefactoringEdit {
    let range = statements[number]
    var end = number + 1 < statements.count ? statements[number + 1].start : range.end
    // A comment between stays.
    if let comment = file.tokens.first(where: { $0.kind == nil && $0.range.start >= range.end && $0.range.end <= end })
    {
      end = comment.range.start
    }
    return RefactoringEdit(SourceRange(range.start, end), "")
  }
}
