// How a document is built: what its words are, what can be folded, what is around a place.

import EditorProtocols
import SourceTools
import Syntax

enum SemanticLegend {
  enum Kind: Int, CaseIterable {
    case classKind, parameter, variable, property, method, keyword, string, number, comment, operatorKind, enumMember
    var name: String {
      switch self {
      case .classKind: "class"
      case .operatorKind: "operator"
      default: "\(self)"
      }
    }
  }
  static let declaration = 1, defaultLibrary = 2
  static let json: JSON = [
    "tokenTypes": .array(Kind.allCases.map { .string($0.name) }), "tokenModifiers": ["declaration", "defaultLibrary"],
  ]
}

extension LanguageServer {
  static let semanticTokens: Request = { parameters in
    let file = try parameters.file()
    let server = parameters.server, positions = server.workspace.positions(of: file)
    let wanted = parameters.json["range"] == nil ? nil : try parameters.range(in: file)
    let names = Dictionary(file.names.map { ($0.range.start, $0) }) { first, _ in first }
    var fields: [Bool: Set<String>] = [:]
    for side in [false, true] {
      fields[side] = Set(server.workspace.index.fields(of: file, classSide: side).map(\.name))
    }
    var data: [JSON] = []
    var last = TextPosition(0, 0)
    func add(_ range: SourceRange, _ kind: SemanticLegend.Kind, _ modifiers: Int) {
      // Of several lines: each of them.
      var start = range.start
      while start < range.end {
        let place = positions.position(start)
        let end = min(range.end, positions.lineEnd(place.line))
        let length = positions.position(end).character - place.character
        if length > 0 {
          let isSameLine = place.line == last.line
          data += [
            .integer(place.line - last.line), .integer(isSameLine ? place.character - last.character : place.character),
            .integer(length), .integer(kind.rawValue), .integer(modifiers),
          ]
          last = place
        }
        if place.line + 1 >= positions.lineCount { return }
        start = max(end, positions.lineStart(place.line + 1))
      }
    }
    for (kind, range) in file.tokens {
      if let wanted, range.end < wanted.start || range.start > wanted.end { continue }
      switch kind {
      case nil: add(range, .comment, 0)
      case .string?: add(range, .string, 0)
      case .integer?, .double?: add(range, .number, 0)
      case .symbol?, .symbolString?: add(range, .enumMember, 0)
      case .identifier?, .keyword?, .binary?:
        guard let name = names[range.start] else {
          if file.source[range] == "primitive" { add(range, .keyword, 0) }
          continue
        }
        let (word, modifiers) = server.meaning(name, in: file, fields)
        add(range, word, modifiers)
      default: continue
      }
    }
    return ["data": .array(data)]
  }

  private func meaning(
    _ name: NamePlace, in file: ClassFile, _ fields: [Bool: Set<String>]
  ) -> (SemanticLegend.Kind, Int) {
    let index = workspace.index
    switch name.role {
    case .className: return (.classKind, SemanticLegend.declaration)
    case .fieldDeclaration: return (.property, SemanticLegend.declaration)
    case .local(let declaration, let isArgument):
      return (isArgument ? .parameter : .variable, declaration == name.range.start ? SemanticLegend.declaration : 0)
    case .constant: return (.keyword, 0)
    case .pattern: return (.method, SemanticLegend.declaration)
    case .performed: return (.enumMember, 0)
    case .selector:
      return name.name.first.map { $0.isLetter || $0 == "_" } == true ? (.method, 0) : (.operatorKind, 0)
    case .superclass, .outer:
      if let method = name.method, fields[file.methods[method].isClassSide]?.contains(name.name) == true {
        return (.property, 0)
      }
      guard let found = index.classFile(name.name, from: file.folder) else { return (.variable, 0) }
      return (.classKind, found.isLibrary ? SemanticLegend.defaultLibrary : 0)
    }
  }

  // MARK: Folding

  static let foldingRange: Request = { parameters in
    let file = try parameters.file()
    let positions = parameters.server.workspace.positions(of: file)
    var result: [JSON] = []
    func add(_ range: SourceRange, _ kind: JSON?) {
      let start = positions.position(range.start).line, end = positions.position(range.end).line
      // The last line stays, with the bracket that closes.
      let last = kind == "comment" ? end : end - 1
      if last > start {
        result.append(.fields(["startLine": .integer(start), "endLine": .integer(last), "kind": kind]))
      }
    }
    for (kind, range) in file.tokens where kind == nil { add(range, "comment") }
    if let definition = file.definition { add(definition.range, nil) }
    for method in file.methods {
      for (i, scope) in method.definition.scopes.enumerated() {
        add(i == 0 ? method.definition.range : scope.range, nil)
      }
    }
    return .array(result)
  }

  // MARK: Selection

  static let selectionRange: Request = { parameters in
    let file = try parameters.file()
    let positions = parameters.server.workspace.positions(of: file)
    guard let wanted = parameters.json["positions"]?.array else { throw Parameters.wrong("positions") }
    return .array(
      try wanted.map { place in
        guard let position = TextPosition(place) else { throw Parameters.wrong("positions") }
        let offset = positions.offset(position)
        var result: JSON?
        for range in ranges(around: offset, in: file) {
          result = .fields(["range": positions.json(range), "parent": result])
        }
        return result ?? ["range": positions.json(SourceRange(offset, offset))]
      })
  }

  /// What is around a place, outermost first, each within the one before.
  private static func ranges(around offset: Int, in file: ClassFile) -> [SourceRange] {
    var found: [SourceRange] = [SourceRange(0, file.source.bytes.count)]
    func add(_ range: SourceRange) {
      guard range.start <= offset, offset <= range.end, let last = found.last, range != last,
        last.start <= range.start, range.end <= last.end
      else { return }
      found.append(range)
    }
    if let definition = file.definition { add(definition.range) }
    if let index = file.method(at: offset) {
      let method = file.methods[index].definition
      add(method.range)
      add(method.patternRange)
      var ranges: [SourceRange] = []
      method.body.collectRanges(&ranges)
      for range in ranges.sorted(by: { ($0.start, -$0.end) < ($1.start, -$1.end) }) { add(range) }
    }
    if let token = file.tokens.first(where: { $0.range.start <= offset && offset < $0.range.end })
      ?? file.tokens.first(where: { $0.range.end == offset })
    {
      add(token.range)
    }
    return found
  }
}

extension Body {
  /// Of statements, expressions and blocks.
  fileprivate func collectRanges(_ ranges: inout [SourceRange]) {
    for statement in statements {
      ranges.append(statement.range)
      switch statement {
      case .expression(let value), .returning(let value, _, _): value.collectRanges(&ranges)
      }
    }
  }
}

extension Expression {
  fileprivate func collectRanges(_ ranges: inout [SourceRange]) {
    ranges.append(range)
    switch self {
    case .literal, .variable: break
    case .assignment(let node): node.value.collectRanges(&ranges)
    case .block(let node): node.body.collectRanges(&ranges)
    case .cascade(let node):
      node.receiver.collectRanges(&ranges)
      for message in node.messages {
        ranges.append(message.range)
        message.arguments.forEach { $0.collectRanges(&ranges) }
      }
    case .send(var node):
      while true {
        node.arguments.forEach { $0.collectRanges(&ranges) }
        guard case .send(let next) = node.receiver else { return node.receiver.collectRanges(&ranges) }
        ranges.append(next.range)
        node = next
      }
    }
  }
}
