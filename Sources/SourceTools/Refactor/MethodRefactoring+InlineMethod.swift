// What a method does stands in the place of a message that finds it.

import Syntax

extension MethodRefactoring {
  /// - Parameters:
  ///   - name: of the message's selector.
  ///   - target: the method that the message finds, whatever the receiver is.
  func inlineMethod(
    _ name: NamePlace, _ target: MethodReference, _ index: SourceIndex
  ) throws(RefactoringObstacle) -> [RefactoringEdit] {
    guard let node = outline.nodes.last(where: { Self.sends(name, $0.expression) }),
      case .send(let send) = node.expression
    else { throw RefactoringObstacle("the message is part of a cascade") }
    let inlined = try InlinedMethod(target)
    try checkNames(of: inlined, target, at: send, index)
    if inlined.returnsEarly, node.role != .returned || node.body != 0 {
      throw RefactoringObstacle("\(target.title) returns elsewhere than at its end")
    }
    let isWanted = node.role != .statement || isWanted(node, index)
    var operands = inlined.operands(([send.receiver] + send.arguments).map { ($0, source[wholeRange($0)]) })
    operands[0].isAnswer = isWanted && inlined.value == nil
    for i in operands.indices { operands[i].isSimple = isSimple(operands[i], node, index) }
    if isSelf(send.receiver) { operands[0].isSimple = true }

    // What cannot stand where the method uses it is evaluated before, under the name that the method has for it.
    var replaced: [Int: (text: String, isMessage: Bool)] = [:]
    var before: [String] = [], temporaries: [String] = []
    var names = FreeNames(self, inlined.method)
    let complex = operands.filter { !$0.isSimple }
    let isMoved = inlined.evaluatesFirst(complex)
    for operand in operands {
      if operand.isSimple || isMoved {
        let text = operand.expression.isSuper ? "self" : operand.text
        for use in operand.uses { replaced[use.range.start] = (text, operand.expression.isMessage) }
      } else if operand.useCount == 0 {
        if !operand.expression.isInert { before.append(operand.text + ".") }
      } else {
        let name = names.take(operand.name, isNew: operand.expression.range == send.receiver.range)
        temporaries.append(name)
        before.append("\(name) := \(operand.text).")
        for use in operand.uses { replaced[use.range.start] = (name, false) }
      }
    }
    for local in inlined.method.locals {
      // (Arguments are operands.)
      if inlined.method.definition.arguments.contains(where: { $0.range.start == local.declaration }) { continue }
      let name = names.take(local.name)
      if inlined.method.definition.body.temporaries.contains(where: { $0.range.start == local.declaration }) {
        temporaries.append(name)
      }
      for place in local.uses.map(\.range.start) + [local.declaration] { replaced[place] = (name, false) }
    }
    let answer = operands[0]
    let text = inlined.text(replaced)
    let value =
      inlined.value.map { (text.value ?? "", $0.isMessage) }
      ?? (answer.isSimple || isMoved
        ? (answer.expression.isSuper ? "self" : answer.text, answer.expression.isMessage)
        : (temporaries.first ?? "self", false))
    if !text.statements.isEmpty { before.append(text.statements) }
    if !before.isEmpty { try checkFirst(node, temporaries) }
    let isMovedIntoValue =
      isMoved && complex.contains { $0.uses.contains { inlined.value?.range.contains($0.range) == true } }
    let isValueWanted = isWanted || inlined.value?.isInert == false || isMovedIntoValue
    return try checked(
      edits(
        node, before, isValueWanted ? value : nil, temporaries,
        indentation: inlined.hasBrokenText || hasBrokenText(in: wholeRange(node.expression)) ? nil : inlined.indentation
      ))
  }

  // MARK: The message

  private static func sends(_ name: NamePlace, _ expression: Expression) -> Bool {
    guard case .send(let send) = expression, send.selector == name.name else { return false }
    return send.arguments.isEmpty
      ? send.message.selectorRange == name.range : send.arguments.map(\.range) == name.arguments
  }

  private func isSelf(_ expression: Expression) -> Bool {
    if case .variable(let node) = expression { return node.name == "self" || node.name == "super" }
    return false
  }

  /// Somebody uses the value of a statement: it is the last one of a block whose value is used.
  private func isWanted(_ node: MethodOutline.Node, _ index: SourceIndex) -> Bool {
    let place = outline.bodies[node.body]
    guard node.body > 0, node.statement == place.body.statements.count - 1 else { return false }
    // The block is an argument of a construct whose value is its own or nobody's.
    for user in outline.nodes {
      guard case .send(let send) = user.expression,
        let i = send.arguments.firstIndex(where: { $0.range == place.range })
      else { continue }
      guard index.implementors(of: send.selector).allSatisfy(\.file.isLibrary) else { return true }
      switch send.selector {
      case "whileTrue:", "whileFalse:", "timesRepeat:": return false
      case "to:do:", "downTo:do:": return i != 1
      case "to:by:do:": return i != 2
      case "ifTrue:", "ifFalse:", "ifTrue:ifFalse:", "ifFalse:ifTrue:", "ifNil:", "ifNotNil:", "ifNil:ifNotNil:",
        "ifNotNil:ifNil:":
        return user.role != .statement || isWanted(user, index)
      default: return true
      }
    }
    return true
  }

  /// Whatever the method does, and whenever it asks for it, it is the same.
  private func isSimple(
    _ operand: InlinedMethod.Operand, _ node: MethodOutline.Node, _ index: SourceIndex
  ) -> Bool {
    if operand.isAssigned { return false }
    switch operand.expression {
    case .literal(.string, _), .literal(.array, _), .block: return operand.useCount <= 1
    case .literal: return true
    case .send, .cascade, .assignment: return false
    case .variable(let variable):
      if ["self", "nil", "true", "false"].contains(variable.name) { return true }
      guard let local = locals.first(where: { local in local.uses.contains { $0.range == variable.range } }) else {
        return index.owner(ofField: variable.name, in: file, method: method) == nil
          && index.classFile(variable.name, from: file.folder) != nil
      }
      if local.writes.contains(where: node.expression.range.contains) { return false }
      let isKept = operand.uses.contains { $0.body > 0 }
      return isKept ? isFixed(local, from: variable.range) : isUnaffected(operand.expression)
    }
  }

  /// Nothing that its statement evaluates before the message can be changed by it, or can change it.
  private func checkFirst(_ node: MethodOutline.Node, _ temporaries: [String]) throws(RefactoringObstacle) {
    let before = outline.nodes(before: node)
    let assigns = locals.flatMap(\.writes).contains(where: node.expression.range.contains)
    if before.contains(where: { !isUnaffected($0) || assigns && isVariable($0) }) {
      throw RefactoringObstacle("what stands before it in its statement is evaluated first")
    }
    if !temporaries.isEmpty, names.contains(where: { $0.isSelector && $0.name == "restart" }) {
      throw RefactoringObstacle("the method sends restart, and variables would keep their values")
    }
  }

  /// What the other method names must be the same here.
  private func checkNames(
    of inlined: InlinedMethod, _ target: MethodReference, at send: Send, _ index: SourceIndex
  ) throws(RefactoringObstacle) {
    let isOwn = isSelf(send.receiver), there = inlined.method
    let around = outline.bodies.filter { $0.range.contains(send.message.range) }
    for name in there.names {
      if name.role == .constant, name.name == "super" {
        let isSameClass =
          target.file.path == file.path && target.place.isClassSide == file.methods[method].isClassSide
        if !isOwn || !isSameClass { throw RefactoringObstacle("\(target.title) sends to super") }
      }
      guard name.role == .outer else { continue }
      let isHidden = around.contains { place in
        (place.arguments + place.body.temporaries).contains { $0.name == name.name }
      }
      let owner = index.owner(ofField: name.name, in: there.file, method: there.method)?.path
      if owner != nil, !isOwn {
        throw RefactoringObstacle("\(target.title) uses the field \(name.name) of its receiver")
      }
      if isHidden || owner != index.owner(ofField: name.name, in: file, method: method)?.path {
        throw RefactoringObstacle("\(name.name) means something else here")
      }
      if owner != nil || name.name == "system" { continue }
      let found = index.classFile(name.name, from: there.file.folder)
      if found?.path != index.classFile(name.name, from: file.folder)?.path {
        throw RefactoringObstacle("\(name.name) means something else here")
      }
      // What is no class that is known asks its receiver.
      if found == nil, !isOwn { throw RefactoringObstacle("nobody knows what \(name.name) is") }
    }
  }

  // MARK: Text

  private func edits(
    _ node: MethodOutline.Node, _ before: [String], _ value: (text: String, isMessage: Bool)?, _ temporaries: [String],
    indentation old: String?
  ) -> [RefactoringEdit] {
    let statements = statementRanges(of: node.body), statement = statements[node.statement]
    let isLine = isFirstOfLine(statement.start)
    let new = isLine ? indentation(at: statement.start) : ""
    let separator = isLine ? "\n" + new : " "
    func placed(_ text: String) -> String {
      guard let old else { return text }
      return text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
        .map { $0 == 0 || $1.allSatisfy(\.isWhitespace) ? String($1) : Self.moved($1, from: old, to: new) }
        .joined(separator: "\n")
    }
    let prefix = before.map { placed($0.replacing("\r\n", with: "\n")) }.joined(separator: separator)
    var edits =
      temporaries.isEmpty ? [] : [declaring(temporaries.joined(separator: " "), in: outline.bodies[node.body])]
    func add(_ range: SourceRange, _ text: String) {
      edits.append(RefactoringEdit(range, SourceText.withLineEnds(source.lineEnd, text)))
    }
    guard let value else {
      if prefix.isEmpty { return edits + [removingStatement(node.statement, of: statements)] }
      add(statement, prefix.hasSuffix(".") ? String(prefix.dropLast()) : prefix)
      return edits
    }
    let range = wholeRange(node.expression)
    let text = self.placed(placed(value.text.replacing("\r\n", with: "\n")), isMessage: value.isMessage, at: node)
    let beginning = prefix.isEmpty ? "" : prefix + separator
    if range.start == statement.start {
      add(range, beginning + text)
    } else {
      if !beginning.isEmpty { add(SourceRange(statement.start, statement.start), beginning) }
      add(range, text)
    }
    return edits
  }

  private static func moved(_ line: Substring, from old: String, to new: String) -> String {
    line.hasPrefix(old) ? new + line.dropFirst(old.count) : new + line.drop { $0 == " " || $0 == "\t" }
  }
}

extension Expression {
  fileprivate var isSuper: Bool { if case .variable(let node) = self { node.name == "super" } else { false } }
}

/// Names for what comes into a method.
private struct FreeNames {
  private var taken: Set<String>
  /// Names that the other method uses, which may be taken once, by what has them there.
  private let theirs: Set<String>

  init(_ here: MethodRefactoring, _ there: MethodRefactoring) {
    taken = Set(here.names.filter { !$0.isSelector }.map(\.name))
    let side = here.file.methods[here.method].isClassSide
    taken.formUnion((side ? here.file.definition?.classFields : here.file.definition?.instanceFields) ?? [])
    theirs = Set(there.names.filter { !$0.isSelector }.map(\.name))
  }

  /// - Parameter isNew: the other method has nothing of that name.
  mutating func take(_ wanted: String, isNew: Bool = false) -> String {
    // (Blocks of one method may use a name each.)
    if !isNew, !taken.contains(wanted) { return wanted }
    let name = MethodRefactoring.free(wanted) { !taken.contains($0) && !theirs.contains($0) }
    taken.insert(name)
    return name
  }
}
