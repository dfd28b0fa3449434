// Statements or an expression become a method of the same class, and a message to self stands in their place.

import Syntax

extension MethodRefactoring {
  /// What is selected.
  private enum Selection {
    case expression(MethodOutline.Node)
    case statements(body: Int, Range<Int>)
  }

  /// - Parameters:
  ///   - range: whole statements, or an expression.
  ///   - isFree: nobody has that selector.
  /// - Returns: the edits and the selector; nil if nothing whole is selected.
  public func extractMethod(
    _ range: SourceRange, isFree: (String) -> Bool
  ) throws(RefactoringObstacle) -> (edits: [RefactoringEdit], selector: String)? {
    let selected = trimmed(range)
    guard selected.start < selected.end, let selection = selection(selected) else { return nil }
    switch selection {
    case .expression(let node): return try extract(node, isFree)
    case .statements(let body, let statements): return try extract(statements, of: body, isFree)
    }
  }

  private func selection(_ range: SourceRange) -> Selection? {
    let number = outline.body(around: range)
    let statements = statementRanges(of: number)
    let inside = statements.indices.filter { range.contains(statements[$0]) }
    if let first = inside.first, let last = inside.last {
      let isWhole = statements[first].start == range.start && statements[last].end == range.end
      if isWhole { return .statements(body: number, first..<last + 1) }
    }
    return node(at: range).map { .expression($0) }
  }

  // MARK: An expression

  private func extract(
    _ node: MethodOutline.Node, _ isFree: (String) -> Bool
  ) throws(RefactoringObstacle) -> ([RefactoringEdit], String) {
    let range = wholeRange(node.expression)
    if case .variable(let variable) = node.expression, variable.name == "super" {
      throw RefactoringObstacle("super is no value of its own")
    }
    if outline.returns.contains(where: range.contains) {
      throw RefactoringObstacle("a block in it returns from the method")
    }
    try checkActivation(range)
    let outer = try outerLocals(of: range)
    if let assigned = outer.first(where: { $0.writes.contains(where: range.contains) }) {
      throw RefactoringObstacle("it assigns \(assigned.name)")
    }
    let made = newMethod("^\(reindented(range))", arguments: outer.map(\.name), temporaries: [], isFree)
    let call = placed(made.call, isMessage: !outer.isEmpty, at: node)
    return (try checked([RefactoringEdit(range, call), made.edit]), made.selector)
  }

  // MARK: Statements

  private func extract(
    _ statements: Range<Int>, of number: Int, _ isFree: (String) -> Bool
  ) throws(RefactoringObstacle) -> ([RefactoringEdit], String) {
    let body = outline.bodies[number].body
    let ranges = statementRanges(of: number), last = body.statements[statements.upperBound - 1]
    let lastRange = ranges[statements.upperBound - 1]
    let range = SourceRange(ranges[statements.lowerBound].start, lastRange.end)
    try checkActivation(range)
    let outer = try outerLocals(of: range)
    let assigned = outer.filter { $0.writes.contains(where: range.contains) }
    let isEnd = statements.upperBound == body.statements.count
    var text = reindented(range)
    var prefix = "", edits: [RefactoringEdit] = [], temporaries: [String] = []
    var arguments = outer

    if outline.returns.contains(where: range.contains) {
      // Right if nothing comes after it: the new method returns where this one did, or comes to its end as this one would.
      var returnsAlways = isEnd && number == 0
      if case .returning = last { returnsAlways = true }
      if !returnsAlways { throw RefactoringObstacle("it may return from the method, and may not") }
      prefix = "^"
    } else {
      var isValue = false
      if isEnd, number != 0, case .expression = last { isValue = true }
      var outputs: [Local] = []
      for local in assigned {
        let isUsedOutside = local.uses.contains { !range.contains($0.range) }
        // In a block, a variable from outside keeps its value for the next time.
        let keepsValue =
          outline.bodies.firstIndex { $0.body.temporaries.contains { $0.range.start == local.declaration } } != number
        let isAssignedFirst = isAssignedFirst(local, in: body.statements[statements])
        if isUsedOutside || local.isArgument || keepsValue && !isAssignedFirst {
          outputs.append(local)
        } else if let removal = removingDeclaration(local) {
          edits.append(removal)
        }
        if isAssignedFirst || !(isUsedOutside || local.isArgument || keepsValue) {
          arguments.removeAll { $0.declaration == local.declaration }
          temporaries.append(local.name)
        }
      }
      if outputs.count > 1 {
        throw RefactoringObstacle(
          "it assigns \(outputs.map(\.name).joined(separator: " and ")); a method answers one value")
      }
      if let output = outputs.first {
        if isValue, !isAssignment(last, to: output) {
          throw RefactoringObstacle("it assigns \(output.name), and what it ends with is the value of the block")
        }
        prefix = "\(output.name) := "
        text += ".\n\(bodyIndentation)^\(output.name)"
      } else if isValue {
        text = returningLast(range, lastRange.start - range.start)
      }
    }
    let made = newMethod(text, arguments: arguments.map(\.name), temporaries: temporaries, isFree)
    return (try checked(edits + [RefactoringEdit(range, prefix + made.call), made.edit]), made.selector)
  }

  private func checkActivation(_ range: SourceRange) throws(RefactoringObstacle) {
    if let name = file.names.first(where: {
      $0.isSelector && MethodOutline.ofItsActivation.contains($0.name) && range.contains($0.range)
    }) {
      throw RefactoringObstacle("it sends \(name.name)")
    }
  }

  private func isAssignment(_ statement: Statement, to local: Local) -> Bool {
    guard case .expression(.assignment(let node)) = statement else { return false }
    return local.writes.contains(node.target.range)
  }

  /// The first statement that names it gives it a value, without asking for the one that it has.
  private func isAssignedFirst(_ local: Local, in statements: ArraySlice<Statement>) -> Bool {
    guard
      let first = statements.first(where: { statement in
        local.uses.contains { statement.range.contains($0.range) }
      }), case .expression(.assignment(let node)) = first, local.writes.contains(node.target.range)
    else { return false }
    return !local.uses.contains { node.value.range.contains($0.range) }
  }

  // MARK: Variables

  /// Those that a part of the method uses and does not declare, in the order in which it does.
  private func outerLocals(of range: SourceRange) throws(RefactoringObstacle) -> [Local] {
    var found: [Local] = []
    for local in locals where !(range.start <= local.declaration && local.declaration < range.end) {
      guard local.uses.contains(where: { range.contains($0.range) }) else { continue }
      // Somebody who runs later sees what is assigned then; a copy would not.
      let isShared = outline.bodies.contains { place in
        !place.isControl && !place.range.contains(range)
          && local.uses.contains { place.range.contains($0.range) }
      }
      if isShared, !local.writes.isEmpty {
        throw RefactoringObstacle("\(local.name) is assigned, and a block that may run later uses it")
      }
      found.append(local)
    }
    func firstUse(_ local: Local) -> Int { local.uses.first { range.contains($0.range) }?.range.start ?? 0 }
    return found.sorted { firstUse($0) < firstUse($1) }
  }

  // MARK: The new method

  private var indentation: String {
    let start = definition.range.start
    return isFirstOfLine(start) ? indentation(at: start) : "    "
  }
  private var bodyIndentation: String { indentation + "    " }

  private func newMethod(
    _ text: String, arguments: [String], temporaries: [String], _ isFree: (String) -> Bool
  ) -> (edit: RefactoringEdit, call: String, selector: String) {
    let rest = String(repeating: "with:", count: max(0, arguments.count - 1))
    let name = Self.free("extracted") { isFree(arguments.isEmpty ? $0 : "\($0):\(rest)") }
    let words = arguments.indices.map { $0 == 0 ? "\(name):" : "with:" }
    let pattern = arguments.isEmpty ? name : zip(words, arguments).map { "\($0) \($1)" }.joined(separator: " ")
    let declared = temporaries.isEmpty ? "" : "\(bodyIndentation)| \(temporaries.joined(separator: " ")) |\n"
    let method = "\n\n\(indentation)\(pattern) = (\n\(declared)\(bodyIndentation)\(text)\n\(indentation))"
    let end = definition.range.end
    return (
      RefactoringEdit(SourceRange(end, end), SourceText.withLineEnds(source.lineEnd, method)), "self \(pattern)",
      arguments.isEmpty ? name : words.joined()
    )
  }

  /// A part of the text with the indentation of the new method's body; as it is if a string or a comment has several lines.
  private func reindented(_ range: SourceRange) -> String {
    let text = source[range].replacing("\r\n", with: "\n")
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.count == 1 || hasBrokenText(in: range) { return text }
    func space(_ line: Substring) -> Int { line.prefix { $0 == " " || $0 == "\t" }.count }
    var common = lines.dropFirst().filter { !$0.allSatisfy(\.isWhitespace) }.map(space).min() ?? 0
    if isFirstOfLine(range.start) { common = min(common, indentation(at: range.start).count) }
    return lines.enumerated().map { i, line in
      i == 0 || line.allSatisfy(\.isWhitespace) ? String(line) : bodyIndentation + line.dropFirst(common)
    }
    .joined(separator: "\n")
  }

  /// The same, and its last statement is answered.
  private func returningLast(_ range: SourceRange, _ offset: Int) -> String {
    let mark = SourceRange(range.start + offset, range.end)
    let last = reindented(mark)
    if offset == 0 { return "^\(last)" }
    let before = reindented(SourceRange(range.start, range.start + offset))
    return "\(before)^\(last)"
  }
}
