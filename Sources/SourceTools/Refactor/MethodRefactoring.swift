// Edits of one method that leave what it does as it is: parts of it get a name of their own, or lose it. What cannot be done
// so is refused, with the reason.

import Syntax

/// Why an edit would change what the method does.
public struct RefactoringObstacle: Error, Equatable {
  /// Behind "it cannot be done: ".
  public let reason: String
  init(_ reason: String) { self.reason = reason }
}

public struct RefactoringEdit: Equatable {
  public let range: SourceRange
  public let text: String
  init(_ range: SourceRange, _ text: String) {
    self.range = range
    self.text = text
  }
}

public struct MethodRefactoring {
  let file: ClassFile
  /// In `ClassFile.methods`.
  let method: Int
  let outline: MethodOutline

  /// nil: no method is there.
  public init?(_ file: ClassFile, around range: SourceRange) {
    guard let method = file.methods.firstIndex(where: { $0.definition.range.contains(range) }) else { return nil }
    self.file = file
    self.method = method
    outline = MethodOutline(file.methods[method].definition)
  }

  var definition: MethodDefinition { file.methods[method].definition }
  var source: SourceText { file.source }
  /// Those of the method, in the order of the text.
  var names: [NamePlace] { file.names.filter { $0.method == method } }

  // MARK: Variables

  /// A local variable of the method.
  struct Local {
    let name: String
    /// Where its declaration begins.
    let declaration: Int
    let isArgument: Bool
    /// Without its declaration, in the order of the text.
    var uses: [(range: SourceRange, isWrite: Bool)]
    var writes: [SourceRange] { uses.filter(\.isWrite).map(\.range) }
  }

  /// In the order of the text.
  var locals: [Local] {
    var result: [Local] = []
    var places: [Int: Int] = [:]
    for name in names {
      guard case .local(let declaration, let isArgument) = name.role else { continue }
      if places[declaration] == nil {
        places[declaration] = result.count
        result.append(Local(name: name.name, declaration: declaration, isArgument: isArgument, uses: []))
      }
      if name.range.start != declaration, let place = places[declaration] {
        result[place].uses.append((name.range, name.isWrite))
      }
    }
    return result
  }

  /// A name that nothing in the method, and no field, has.
  func freeName(_ wanted: String) -> String {
    var taken = Set(names.filter { !$0.isSelector }.map(\.name))
    let fields = file.methods[method].isClassSide ? file.definition?.classFields : file.definition?.instanceFields
    taken.formUnion(fields ?? [])
    return Self.free(wanted) { !taken.contains($0) }
  }

  static func free(_ wanted: String, _ isFree: (String) -> Bool) -> String {
    var name = wanted, number = 2
    while !isFree(name) {
      name = "\(wanted)\(number)"
      number += 1
    }
    return name
  }

  // MARK: Text

  /// The class file with edits made.
  public static func text(_ source: SourceText, with edits: [RefactoringEdit]) -> String {
    var bytes = source.bytes
    // From the end; what is inserted at one place keeps its order.
    func key(_ edit: (offset: Int, element: RefactoringEdit)) -> (Int, Int, Int) {
      (edit.element.range.start, edit.element.range.end, edit.offset)
    }
    for (_, edit) in edits.enumerated().sorted(by: { key($0) > key($1) }) {
      bytes.replaceSubrange(edit.range.start..<edit.range.end, with: Array(edit.text.utf8))
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The edits, if what they make can be read.
  func checked(_ edits: [RefactoringEdit]) throws(RefactoringObstacle) -> [RefactoringEdit] {
    let made = SourceText(name: source.name, Self.text(source, with: edits))
    if !file.errors.isEmpty { throw RefactoringObstacle("the class does not parse") }
    do { _ = try Parser.parseClass(made) } catch {
      throw RefactoringObstacle("a comment stands where it would be in the way")
    }
    return edits
  }

  /// A selection without the space around it, and the end of its last statement.
  func trimmed(_ range: SourceRange) -> SourceRange {
    var (start, end) = (range.start, range.end)
    let space: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D]
    while start < end, space.contains(source.bytes[start]) { start += 1 }
    while end > start, space.contains(source.bytes[end - 1]) || source.bytes[end - 1] == UInt8(ascii: ".") { end -= 1 }
    return SourceRange(start, end)
  }

  /// Where the statements of a body stand, with the parentheses around them and without their periods.
  func statementRanges(of number: Int) -> [SourceRange] {
    let place = outline.bodies[number]
    let end = place.range.end - 1, start = contentStart(place)
    var result: [SourceRange] = []
    var depth = 0, isOpen = false
    for (kind, range) in file.tokens where range.start >= start && range.end <= end {
      guard let kind else { continue }
      if kind == .period, depth == 0 {
        isOpen = false
        continue
      }
      if isOpen { result[result.count - 1].end = range.end } else { result.append(range) }
      isOpen = true
      switch kind {
      case .openParenthesis, .arrayStart, .openBracket: depth += 1
      case .closeParenthesis, .closeBracket: depth -= 1
      default: break
      }
    }
    return result.count == place.body.statements.count ? result : place.body.statements.map(\.range)
  }

  /// The node that is exactly selected, perhaps with parentheses around it.
  func node(at range: SourceRange) -> MethodOutline.Node? {
    if let found = outline.nodes.last(where: { wholeRange($0.expression) == range }) { return found }
    guard range.end - range.start > 2, source.bytes[range.start] == 0x28, source.bytes[range.end - 1] == 0x29 else {
      return nil
    }
    return node(at: trimmed(SourceRange(range.start + 1, range.end - 1)))
  }

  /// A text in the place of a node, with parentheses if it needs them there.
  func placed(_ text: String, isMessage: Bool, at node: MethodOutline.Node) -> String {
    isMessage && node.role == .operand && !isParenthesized(wholeRange(node.expression)) ? "(\(text))" : text
  }

  /// With the parentheses around what it begins with: in `(a b) c`, the receiver's are outside of its range.
  func wholeRange(_ expression: Expression) -> SourceRange {
    var range = expression.range
    let tokens = file.tokens
    var missing = 0
    for (kind, token) in tokens where range.contains(token) {
      if kind == .closeParenthesis { missing += 1 }
      if kind == .openParenthesis || kind == .arrayStart { missing -= 1 }
    }
    for (kind, token) in tokens.reversed() where missing > 0 && token.end <= range.start {
      guard kind == .openParenthesis else { continue }
      range.start = token.start
      missing -= 1
    }
    return range
  }

  func hasBrokenText(in range: SourceRange) -> Bool {
    file.tokens.contains { kind, token in
      (kind == nil || kind == .string || kind == .symbolString) && range.contains(token)
        && source[token].contains("\n")
    }
  }

  private func isParenthesized(_ range: SourceRange) -> Bool {
    let before = source.bytes[..<range.start].last { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
    let after = source.bytes[range.end...].first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
    return before == 0x28 && after == 0x29
  }

  /// The space that a line begins with.
  func indentation(at offset: Int) -> String {
    var start = offset
    while start > 0, source.bytes[start - 1] != 0x0A { start -= 1 }
    let end = source.bytes[start...].firstIndex { $0 != 0x20 && $0 != 0x09 } ?? offset
    return source[SourceRange(start, min(end, offset))]
  }

  func isFirstOfLine(_ offset: Int) -> Bool {
    let before = source.bytes[..<offset].last { $0 != 0x20 && $0 != 0x09 }
    return before == nil || before == 0x0A
  }

  /// Declares a variable in a body.
  func declaring(_ name: String, in place: MethodOutline.Place) -> RefactoringEdit {
    if let last = place.body.temporaries.last {
      return RefactoringEdit(SourceRange(last.range.end, last.range.end), " \(name)")
    }
    let offset = bodyStart(place)
    return RefactoringEdit(SourceRange(offset, offset), " | \(name) |")
  }

  /// Behind the temporaries, too.
  private func contentStart(_ place: MethodOutline.Place) -> Int {
    guard let last = place.body.temporaries.last else {
      let start = bodyStart(place)
      // An empty list of temporaries.
      let rest = source.bytes[start..<place.range.end]
      guard let bar = rest.firstIndex(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }), source.bytes[bar] == 0x7C,
        let other = source.bytes[(bar + 1)..<place.range.end].firstIndex(of: 0x7C)
      else { return start }
      return other + 1
    }
    return (source.bytes[last.range.end..<place.range.end].firstIndex(of: 0x7C) ?? last.range.end) + 1
  }

  /// Behind the bracket that opens a body, or the arguments of a block.
  private func bodyStart(_ place: MethodOutline.Place) -> Int {
    if place.range == definition.range {
      let open = source.bytes[definition.patternRange.end...].firstIndex(of: 0x28)
      return (open ?? definition.patternRange.end) + 1
    }
    guard let last = place.arguments.last else { return place.range.start + 1 }
    let bar = source.bytes[last.range.end..<place.range.end].firstIndex(of: 0x7C)
    return (bar ?? last.range.end) + 1
  }

  /// Takes a declaration away; the bars too if nothing else is between them.
  func removingDeclaration(_ local: Local) -> RefactoringEdit? {
    guard
      let temporaries = outline.bodies.map(\.body.temporaries).first(where: {
        $0.contains { $0.range.start == local.declaration }
      }), let index = temporaries.firstIndex(where: { $0.range.start == local.declaration })
    else { return nil }
    let space: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D]
    var (start, end) = (temporaries[index].range.start, temporaries[index].range.end)
    guard temporaries.count == 1 else {
      while space.contains(source.bytes[start - 1]) { start -= 1 }
      return RefactoringEdit(SourceRange(start, end), "")
    }
    while start > 0, source.bytes[start] != 0x7C { start -= 1 }
    while end < source.bytes.count, source.bytes[end] != 0x7C { end += 1 }
    end = min(end + 1, source.bytes.count)
    // With the line, if it has nothing else.
    if isFirstOfLine(start), let rest = source.bytes[end...].first(where: { $0 != 0x20 && $0 != 0x09 }),
      rest == 0x0A || rest == 0x0D
    {
      while end < source.bytes.count, source.bytes[end - 1] != 0x0A { end += 1 }
      while start > 0, source.bytes[start - 1] != 0x0A { start -= 1 }
    } else {
      while end < source.bytes.count, source.bytes[end] == 0x20 { end += 1 }
    }
    return RefactoringEdit(SourceRange(start, end), "")
  }
}
