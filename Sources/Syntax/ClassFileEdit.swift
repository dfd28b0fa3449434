// Changing one method, field list, superclass or name in the text of a class file, and leaving every other byte as it is.

/// The text of a class file, parsed, and what it is after an edit.
public struct ClassFileEdit: Sendable {
  public private(set) var source: SourceText
  public private(set) var definition: ClassDefinition

  public init(_ source: SourceText) throws(SyntaxErrors) {
    self.source = source
    definition = try Parser.parseClass(source)
  }

  /// Makes `text` the method `selector` of a side, in the place of the one that is there, or after the side's last
  /// method, with the file's line ends. nil removes it.
  public mutating func setMethod(_ selector: String, classSide: Bool, to text: String?) throws(SyntaxErrors) {
    let text = text.map { SourceText.withLineEnds(source.lineEnd, $0) }
    let methods = classSide ? definition.classMethods : definition.instanceMethods
    if let old = methods.first(where: { $0.selector == selector }) {
      if let text { try replace(old.range, by: text) } else { try removeLines(old.range) }
    } else if let text {
      try append(indentation(of: methods.last?.range) + text, classSide: classSide)
    }
  }

  /// The text of a method; nil if that side has none.
  public func method(_ selector: String, classSide: Bool) -> String? {
    (classSide ? definition.classMethods : definition.instanceMethods).first { $0.selector == selector }?
      .text(in: source)
  }

  /// Makes `names` the fields of a side.
  public mutating func setFields(_ names: [String], classSide: Bool) throws(SyntaxErrors) {
    if names == (classSide ? definition.classFields : definition.instanceFields) { return }
    let text = "| " + names.joined(separator: " ") + " |"
    if let old = classSide ? definition.classFieldsRange : definition.instanceFieldsRange {
      if names.isEmpty { try removeLines(old) } else { try replace(old, by: text) }
    } else if !classSide || definition.classBodyStart != nil {
      let start = classSide ? definition.classBodyStart ?? 0 : definition.instanceBodyStart
      try replace(SourceRange(start, start), by: source.lineEnd + "  " + text)
    } else {
      try append("  " + text, classSide: true)
    }
  }

  public mutating func setName(_ name: String) throws(SyntaxErrors) {
    if name != definition.name { try replace(definition.nameRange, by: name) }
  }

  public mutating func setSuperclass(_ name: String) throws(SyntaxErrors) {
    if name == definition.superclassName { return }
    let range = definition.superclassRange
    try replace(range, by: range.start == range.end ? name + " " : name)
  }

  // MARK: Places

  /// The space before a method that begins its line; that of most files otherwise.
  private func indentation(of range: SourceRange?) -> String {
    guard let range, let start = lineStart(before: range.start) else { return "  " }
    return source[SourceRange(start, range.start)]
  }

  /// The start of the line, if only blanks are between it and `offset`.
  private func lineStart(before offset: Int) -> Int? {
    var i = offset
    while i > 0, source.bytes[i - 1] == 0x20 || source.bytes[i - 1] == 0x09 { i -= 1 }
    return i == 0 || source.bytes[i - 1] == 0x0A ? i : nil
  }

  /// The offset behind the line end, if only blanks are between `offset` and it.
  private func nextLine(after offset: Int) -> Int? {
    var i = offset
    while i < source.bytes.count {
      switch source.bytes[i] {
      case 0x0A: return i + 1
      case 0x20, 0x09, 0x0D: i += 1
      default: return nil
      }
    }
    return nil
  }

  private mutating func append(_ text: String, classSide: Bool) throws(SyntaxErrors) {
    let lineEnd = source.lineEnd
    var text = lineEnd + lineEnd + text
    var place = definition.instanceAppendOffset
    if classSide {
      if let end = definition.classAppendOffset { place = end } else { text = lineEnd + lineEnd + "  ----" + text }
    }
    try replace(SourceRange(place, place), by: text)
  }

  /// Removes a text with its lines, if it has them to itself, and with the empty line before it.
  private mutating func removeLines(_ range: SourceRange) throws(SyntaxErrors) {
    guard var start = lineStart(before: range.start), let end = nextLine(after: range.end) else {
      return try replace(range, by: "")
    }
    if start > 0, let before = lineStart(before: start - 1 - (start > 1 && source.bytes[start - 2] == 0x0D ? 1 : 0)) {
      start = before
    }
    try replace(SourceRange(start, end), by: "")
  }

  private mutating func replace(_ range: SourceRange, by text: String) throws(SyntaxErrors) {
    var bytes = source.bytes
    bytes.replaceSubrange(range.start..<range.end, with: Array(text.utf8))
    self = try ClassFileEdit(SourceText(name: source.name, bytes: bytes))
  }
}
