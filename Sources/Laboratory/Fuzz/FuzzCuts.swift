// What can be taken out of a program, as replacements in the texts of its files.

import Syntax

struct FuzzCuts {
  /// From coarse to fine.
  enum Level: CaseIterable {
    case files, methods, statements, expressions, declarations
  }

  enum Cut {
    case file(String)
    /// Of an accept: its number from 0, and the change's.
    case change(Int, Int)
    case text(file: String, SourceRange, by: String)
  }

  let program: FuzzProgram
  private(set) var cuts: [Cut] = []

  init(_ program: FuzzProgram, _ level: Level) {
    self.program = program
    for (name, text) in program.files.sorted(by: { $0.key < $1.key }) {
      if level == .files {
        if name != FuzzProgram.main { cuts.append(.file(name)) }
        continue
      }
      let source = SourceText(name: name, text)
      guard let definition = try? Parser.parseClass(source) else { continue }
      var finder = CutFinder(source: source, level: level)
      finder.classDefinition(definition)
      cuts += finder.found.map { .text(file: name, $0.range, by: $0.text) }
    }
    if level == .files {
      for (i, changes) in program.accepts.enumerated() { cuts += changes.indices.map { .change(i, $0) } }
    }
  }

  /// The program without these; of those that overlap, the first counts.
  func applying(_ indices: Range<Int>) -> FuzzProgram {
    var result = program
    var replacements: [String: [(range: SourceRange, text: String)]] = [:]
    for cut in cuts[indices].reversed() {
      switch cut {
      case .file(let name): result.files[name] = nil
      case .change(let accept, let change): result.accepts[accept].remove(at: change)
      case .text(let file, let range, let text): replacements[file, default: []].append((range, text))
      }
    }
    for (file, list) in replacements {
      var bytes = Array((program.files[file] ?? "").utf8)
      var limit = Int.max
      for (range, text) in list.sorted(by: { $0.range.start > $1.range.start }) where range.end <= limit {
        bytes.replaceSubrange(range.start..<range.end, with: Array(text.utf8))
        limit = range.start
      }
      result.files[file] = String(decoding: bytes, as: UTF8.self)
    }
    return result
  }
}

private struct CutFinder {
  let source: SourceText
  let level: FuzzCuts.Level
  var found: [(range: SourceRange, text: String)] = []

  init(source: SourceText, level: FuzzCuts.Level) {
    self.source = source
    self.level = level
  }

  private mutating func cut(_ start: Int, _ end: Int, _ text: String = "") {
    if start < end, source[SourceRange(start, end)] != text { found.append((SourceRange(start, end), text)) }
  }
  private mutating func replace(_ range: SourceRange, _ text: String) { cut(range.start, range.end, text) }

  mutating func classDefinition(_ definition: ClassDefinition) {
    for method in definition.instanceMethods + definition.classMethods {
      if level == .methods { replace(method.range, "") }
      self.method(method)
    }
    if level == .declarations {
      fields(definition.instanceFields, definition.instanceFieldsRange)
      fields(definition.classFields, definition.classFieldsRange)
      if definition.superclassName != nil { replace(definition.superclassRange, "Object") }
    }
  }

  private mutating func fields(_ names: [String], _ range: SourceRange?) {
    guard let range else { return }
    for name in names { replace(range, "| \(names.filter { $0 != name }.joined(separator: " ")) |") }
    replace(range, "")
  }

  mutating func method(_ method: MethodDefinition) {
    if level == .statements, !method.body.statements.isEmpty, let last = method.body.statements.last {
      cut(method.body.statements[0].range.start, last.range.end)
    }
    body(method.body)
  }

  private mutating func body(_ body: Body) {
    if level == .declarations {
      for (i, variable) in body.temporaries.enumerated() {
        let next = i + 1 < body.temporaries.count ? body.temporaries[i + 1].range.start : variable.range.end
        cut(variable.range.start, next)
      }
    }
    let statements = body.statements
    for (i, statement) in statements.enumerated() {
      if level == .statements {
        if i + 1 < statements.count {
          cut(statement.range.start, statements[i + 1].range.start)
        } else if i > 0 {
          cut(statements[i - 1].range.end, statement.range.end)
        } else {
          replace(statement.range, "")
        }
        unwrap(statement)
      }
      switch statement {
      case .expression(let value): expression(value)
      case .returning(let value, _, _): expression(value)
      }
    }
  }

  /// A statement becomes what is in one of its blocks.
  private mutating func unwrap(_ statement: Statement) {
    guard case .expression(let value) = statement else { return }
    value.forEachBlock { [source] block in
      guard let first = block.body.statements.first, let last = block.body.statements.last else { return }
      found.append((statement.range, source[SourceRange(first.range.start, last.range.end)]))
    }
  }

  private mutating func expression(_ expression: Expression) {
    let range = expression.range
    switch expression {
    case .literal(let value, _): literal(value, range)
    case .variable: if level == .expressions { replace(range, "nil") }
    case .assignment(let node):
      if level == .expressions { replace(range, source[node.value.range]) }
      self.expression(node.value)
    case .send(let node):
      if level == .expressions {
        for text in ["nil", "1"] + ([node.receiver] + node.arguments).map({ source[$0.range] }) {
          replace(range, text)
        }
      }
      self.expression(node.receiver)
      for argument in node.arguments { self.expression(argument) }
    case .cascade(let node):
      if level == .expressions {
        replace(range, source[node.receiver.range])
        for i in node.messages.indices {
          let kept = node.messages.indices.filter { $0 != i }.map { source[node.messages[$0].range] }
          replace(range, "\(source[node.receiver.range]) \(kept.joined(separator: "; "))")
        }
      }
      self.expression(node.receiver)
      for message in node.messages { for argument in message.arguments { self.expression(argument) } }
    case .block(let node):
      if level == .expressions { replace(range, "nil") }
      body(node.body)
    }
  }

  private mutating func literal(_ value: LiteralValue, _ range: SourceRange) {
    switch value {
    case .string(let text): quoted(text, range)
    case .integer(let n) where level == .expressions && n > 1:
      replace(range, "1")
      replace(range, "\(n / 2)")
    case .bigInteger where level == .expressions: replace(range, "4611686018427387904")
    default: break
    }
  }

  /// The text of a method that an edit compiles is as good as one of a file.
  private mutating func quoted(_ text: String, _ range: SourceRange) {
    let inner = SourceText(name: "edit", text)
    guard text.contains("("), let method = try? Parser.parseMethod(inner) else {
      if level == .expressions, !text.isEmpty { replace(range, "''") }
      return
    }
    var finder = CutFinder(source: inner, level: level)
    finder.method(method)
    for cut in finder.found {
      var bytes = inner.bytes
      bytes.replaceSubrange(cut.range.start..<cut.range.end, with: Array(cut.text.utf8))
      replace(range, ProgramGenerator.quote(String(decoding: bytes, as: UTF8.self)))
    }
  }
}

extension Expression {
  /// The blocks that are receivers or arguments of messages in it, outside of other blocks.
  fileprivate func forEachBlock(_ visit: (BlockLiteral) -> Void) {
    switch self {
    case .block(let node): visit(node)
    case .literal, .variable: break
    case .assignment(let node): node.value.forEachBlock(visit)
    case .send(let node):
      node.receiver.forEachBlock(visit)
      for argument in node.arguments { argument.forEachBlock(visit) }
    case .cascade(let node):
      node.receiver.forEachBlock(visit)
      for message in node.messages { for argument in message.arguments { argument.forEachBlock(visit) } }
    }
  }
}
