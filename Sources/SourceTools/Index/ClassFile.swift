// One class file, read as far as it can be: its methods, its names, its comments.

import Syntax

/// A method in its file.
public struct MethodPlace {
  public let definition: MethodDefinition
  public let isClassSide: Bool
}

public final class ClassFile {
  public let path: String
  public let source: SourceText
  /// Bundled, and not a file of the program's.
  public let isLibrary: Bool
  /// Without the methods and statements that do not parse; nil: not even the header does.
  public let definition: ClassDefinition?
  public let errors: [Diagnostic]
  /// In the order of the text.
  public let methods: [MethodPlace]

  public init(path: String, _ source: SourceText, isLibrary: Bool = false) {
    self.path = path
    self.source = source
    self.isLibrary = isLibrary
    let parsed = Parser.parseClassPartially(source)
    errors = parsed.diagnostics
    definition = parsed.definition ?? errors.first.flatMap { Self.beginning(of: source, before: $0.range.start) }
    methods =
      (definition?.instanceMethods ?? []).map { MethodPlace(definition: $0, isClassSide: false) }
      + (definition?.classMethods ?? []).map { MethodPlace(definition: $0, isClassSide: true) }
  }

  /// The class as if it ended before the method in which something is wrong.
  private static func beginning(of source: SourceText, before error: Int) -> ClassDefinition? {
    var brackets = OpenBrackets()
    var end: Int?
    for (i, byte) in source.bytes[..<min(error, source.bytes.count)].enumerated() {
      brackets.add(byte)
      if byte == 0x0A, brackets.depth == 1, !brackets.isQuoted { end = i + 1 }
    }
    guard let end else { return nil }
    let text = SourceText(name: source.name, bytes: source.bytes[..<end] + [UInt8(ascii: ")")])
    return Parser.parseClassPartially(text).definition
  }

  private lazy var collected: NameCollector = {
    var collector = NameCollector(source)
    if let definition { collector.collect(definition, methods) }
    return collector
  }()
  /// Every name, in the order of the text.
  public var names: [NamePlace] { collected.names }
  var localValues: [Int: [Expression]] { collected.localValues }
  /// What is assigned to a local variable, by where its declaration begins.
  public func values(ofLocal declaration: Int) -> [Expression] { localValues[declaration] ?? [] }
  var outerValues: [String: [(value: Expression, method: Int)]] { collected.outerValues }

  /// Tokens and comments, in the order of the text.
  public lazy var tokens: [(kind: TokenKind?, range: SourceRange)] = {
    Parser.withTokens(of: source) { state in
      var state = state
      var result: [(TokenKind?, SourceRange)] = []
      while true {
        var offset = state.previousEnd
        while offset < state.token.start {
          let start = offset
          offset += 1
          guard source.bytes[start] == 0x22 else { continue }
          while offset < source.bytes.count, source.bytes[offset] != 0x22 { offset += 1 }
          offset = min(offset + 1, source.bytes.count)
          result.append((nil, SourceRange(start, offset)))
        }
        if state.tokenIs(.endOfInput) { return result }
        result.append((state.token.kind, state.token.range))
        let before = state.token.start
        state.advance()
        // What is no token must not stop the reading.
        if state.token.start <= before, !state.tokenIs(.endOfInput) { return result }
      }
    }
  }()

  public var folder: String { KnownClasses.folder(of: path) }

  /// How many names begin at an offset or before it.
  private func nameCount(upTo offset: Int) -> Int {
    var low = 0, high = names.count
    while low < high {
      let middle = (low + high) / 2
      if names[middle].range.start <= offset { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The names that begin in a range.
  public func names(in range: SourceRange) -> ArraySlice<NamePlace> {
    let first = nameCount(upTo: range.start - 1)
    return names[first..<max(first, nameCount(upTo: range.end - 1))]
  }

  /// The name at an offset: one that ends there counts if none begins there.
  public func name(at offset: Int) -> NamePlace? {
    let low = nameCount(upTo: offset)
    let near = names[max(0, low - 2)..<low].reversed()
    return near.first { $0.range.start <= offset && offset < $0.range.end } ?? near.first { $0.range.end == offset }
  }

  public func method(at offset: Int) -> Int? {
    methods.firstIndex { $0.definition.range.start <= offset && offset <= $0.definition.range.end }
  }

  // MARK: Comments

  /// The comment of the class: before its name.
  public var comment: String? {
    definition.flatMap { comment(before: $0.nameRange.start) }
  }

  /// The comment of a method: the first thing in its body, or directly before its pattern.
  public func comment(ofMethod index: Int) -> String? {
    let method = methods[index].definition
    if !method.isPrimitive, let open = source.bytes[method.patternRange.end...].firstIndex(of: 0x28) {
      var offset = open + 1
      while offset < method.range.end, [0x20, 0x09, 0x0A, 0x0D].contains(source.bytes[offset]) { offset += 1 }
      if let text = comment(at: offset) { return text }
    }
    return comment(before: method.range.start)
  }

  private func comment(at offset: Int) -> String? {
    guard offset < source.bytes.count, source.bytes[offset] == 0x22,
      let end = source.bytes[(offset + 1)...].firstIndex(of: 0x22)
    else { return nil }
    return source[SourceRange(offset + 1, end)]
  }

  /// One that stands directly before: at most one line end is between them.
  private func comment(before offset: Int) -> String? {
    var i = offset
    var lineEnds = 0
    while i > 0, [0x20, 0x09, 0x0A, 0x0D].contains(source.bytes[i - 1]) {
      if source.bytes[i - 1] == 0x0A { lineEnds += 1 }
      i -= 1
    }
    guard i > 0, source.bytes[i - 1] == 0x22, lineEnds <= 1,
      let start = source.bytes[..<(i - 1)].lastIndex(of: 0x22)
    else { return nil }
    // Behind other text in its line, it belongs to that.
    var before = start
    while before > 0, [0x20, 0x09].contains(source.bytes[before - 1]) { before -= 1 }
    guard before == 0 || source.bytes[before - 1] == 0x0A else { return nil }
    return source[SourceRange(start + 1, i - 1)]
  }

  /// What is known of a method at a glance: `Foo>>bar: x`.
  public func title(ofMethod index: Int) -> String {
    let method = methods[index]
    return "\(definition?.name ?? "?")\(method.isClassSide ? " class" : "")>>\(pattern(ofMethod: index))"
  }

  /// `at: key put: value`
  public func pattern(ofMethod index: Int) -> String {
    let method = methods[index].definition
    let words = method.selector.split(separator: ":")
    guard method.selector.hasSuffix(":"), words.count == method.arguments.count else {
      return ([method.selector] + method.argumentNames).joined(separator: " ")
    }
    return zip(words, method.argumentNames).map { "\($0): \($1)" }.joined(separator: " ")
  }
}
