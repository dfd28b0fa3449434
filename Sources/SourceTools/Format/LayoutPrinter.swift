// Layout → text. What fits in its line, and was not broken by the author, stands in one line. Otherwise bodies,
// cascades and keyword messages are broken between all of their parts, operators and literal arrays where a line
// is full.

import Syntax

struct LayoutPrinter {
  private enum White: Equatable {
    case none
    case space
    case newLine(indent: Int, blank: Bool)
  }

  private(set) var text = ""
  private let lineEnd: String
  /// Scalars in the last line.
  private var column = 0
  /// White space that is owed before the next token.
  private var pending = White.none
  private var isAfterOpener = false

  private let stackBase = NativeStack.position()

  private static let step = 4
  static let width = SourceFormatter.lineWidth

  init(lineEnd: String) { self.lineEnd = lineEnd }

  // MARK: Words

  private mutating func write(_ word: String) {
    writePending()
    text += word
    if let last = word.unicodeScalars.lastIndex(of: "\n") {
      column = word.unicodeScalars.distance(from: last, to: word.unicodeScalars.endIndex) - 1
    } else {
      column += word.unicodeScalars.count
    }
    isAfterOpener = word == "(" || word == "#(" || word == "^"
  }

  private mutating func write(_ comment: Comment) {
    writePending()
    write(comment.text(atColumn: column))
  }

  private mutating func writePending() {
    switch pending {
    case .none: break
    case .space:
      text += " "
      column += 1
    case .newLine(let indent, let blank):
      if !text.isEmpty {
        text += blank ? lineEnd + lineEnd : lineEnd
        text += String(repeating: " ", count: indent)
        column = indent
      }
    }
    pending = .none
  }

  private mutating func space() { if pending == .none { pending = .space } }

  private mutating func newLine(_ indent: Int, blank: Bool = false) {
    pending = .newLine(indent: indent, blank: blank)
  }

  /// A token and the comments before it. A comment that follows text in its line stays there, also if the layout
  /// goes to the next line after it; one that begins a line, or ends one, goes on doing so.
  private mutating func put(_ token: FormatToken, _ indent: Int) {
    let isCloser = token.text == ")" || token.text == "]" || token.text == ";"
    for comment in token.comments {
      if comment.breaksBefore == 0 {
        let owed = pending
        pending = isAfterOpener ? .none : .space
        write(comment)
        if case .newLine = owed {
          pending = owed
        } else if comment.breakAfter {
          newLine(indent + Self.step)
        } else {
          pending = isCloser ? owed : .space
        }
      } else {
        var column = indent + Self.step
        if case .newLine(let indent, _) = pending { column = indent } else { newLine(column) }
        write(comment)
        if comment.breakAfter { newLine(column) } else { pending = isCloser ? .none : .space }
      }
    }
    write(token.text)
  }

  // MARK: Classes

  mutating func print(_ file: LayoutBuilder.File) throws(TooDeep) {
    for comment in file.leading.comments { lineComment(comment, 0) }
    if file.leading.hasBreak && file.leading.breaks > 0 {
      newLine(0, blank: file.leading.breaks > 1)
    } else if !file.leading.comments.isEmpty {
      space()
    }
    for (i, token) in file.header.enumerated() {
      if i > 0 { space() }
      put(token, 0)
    }
    try items(file.items)
    if file.items.isEmpty { space() } else { newLine(0) }
    put(file.close, 0)
    for comment in file.trailing.comments { lineComment(comment, 0) }
    text += lineEnd
  }

  /// Fields and methods of both sides.
  private mutating func items(_ items: [LayoutItem]) throws(TooDeep) {
    let columns = EqualsColumns(items, indent: Self.step)
    var previous: Int?
    for (i, item) in items.enumerated() {
      let next = items[i...].firstIndex { !$0.isComment }
      let isForced = previous.map { a in next.map { isSeparated(items, a, $0, columns) } ?? false } ?? false
      if case .comment(let comment) = item.kind {
        lineComment(comment, Self.step, blank: isForced && comment.breaksBefore > 0)
        // Only the first comment on a line of its own is set off.
        if comment.breaksBefore > 0 { previous = i }
        continue
      }
      newLine(Self.step, blank: isForced || item.breaks > 1)
      previous = i
      switch item.kind {
      case .method(let method): try print(method, column: columns[i])
      case .variables(let tokens): print(variables: tokens, Self.step)
      case .separator(let token): put(token, Self.step)
      case .comment, .statement: break
      }
    }
  }

  /// A comment among methods or statements.
  private mutating func lineComment(_ comment: Comment, _ indent: Int, blank: Bool = false) {
    if comment.breaksBefore > 0 {
      newLine(indent, blank: blank || comment.breaksBefore > 1)
    } else if !text.isEmpty {
      pending = .space
    }
    write(comment)
  }

  /// A blank line stands between the two, whatever the author did.
  private func isSeparated(_ items: [LayoutItem], _ a: Int, _ b: Int, _ columns: EqualsColumns) -> Bool {
    switch (items[a].kind, items[b].kind) {
    case (.comment, _): false
    case (.method, .method): columns[a] == nil || columns[b] == nil
    case (.separator, _), (_, .separator), (.variables, .method): true
    default: false
    }
  }

  private mutating func print(_ method: LayoutMethod, column equalsColumn: Int?) throws(TooDeep) {
    let start = Self.step
    for (i, token) in method.pattern.enumerated() {
      if i > 0 { space() }
      put(token, start)
    }
    if let equalsColumn, let width = method.patternWidth {
      for _ in width + 1..<max(equalsColumn, width + 1) {
        text += " "
        column += 1
      }
    }
    space()
    put(method.equals, start)
    space()
    put(method.opening, start)
    guard let body = method.body else { return }
    if equalsColumn != nil {
      try flat(body, start)
    } else {
      try broken(body, start, 0, keepsPeriod: true)
      newLine(start)
    }
    put(body.close, start)
  }

  // MARK: Bodies

  private mutating func print(variables tokens: [FormatToken], _ indent: Int) {
    for (i, token) in tokens.enumerated() {
      if i > 0 {
        let width = token.text.unicodeScalars.count + (i + 2 == tokens.count ? 2 : 0)
        if column + 1 + width > Self.width { newLine(indent + 2) } else { space() }
      }
      put(token, indent)
    }
  }

  /// On one line, with a space on both sides.
  private mutating func flat(_ body: LayoutBody, _ indent: Int) throws(TooDeep) {
    space()
    let last = body.items.lastIndex { if case .statement = $0.kind { true } else { false } }
    for (i, item) in body.items.enumerated() {
      switch item.kind {
      case .comment(let comment): write(comment)
      case .variables(let tokens):
        for (j, token) in tokens.enumerated() {
          if j > 0 { space() }
          put(token, indent)
        }
      case .statement(let caret, let value, _):
        if let caret { put(caret, indent) }
        try print(value, indent, 0, isFlat: true)
        if i != last { write(".") }
      case .method, .separator: break
      }
      space()
    }
  }

  /// One statement a line; the closing bracket is not printed.
  private mutating func broken(
    _ body: LayoutBody, _ outer: Int, _ tail: Int, keepsPeriod: Bool
  ) throws(TooDeep) {
    let indent = outer + Self.step
    let last = body.items.lastIndex { if case .statement = $0.kind { true } else { false } }
    for (i, item) in body.items.enumerated() {
      let blank = i > 0 && item.breaks > 1
      switch item.kind {
      case .comment(let comment):
        if comment.breaksBefore > 0 { newLine(indent, blank: blank) } else { pending = .space }
        write(comment)
      case .variables(let tokens):
        newLine(indent, blank: blank)
        print(variables: tokens, indent)
      case .statement(let caret, let value, let hasPeriod):
        newLine(indent, blank: blank)
        if let caret { put(caret, indent) }
        let needsPeriod = i != last || (keepsPeriod && hasPeriod)
        try print(value, indent, needsPeriod ? 1 : i == last ? tail : 0, isFlat: false)
        if needsPeriod { write(".") }
      case .method, .separator: break
      }
    }
  }

  // MARK: Expressions

  private var position: Int {
    switch pending {
    case .none: column
    case .space: column + 1
    case .newLine(let indent, _): indent
    }
  }

  private func fits(_ width: Int?) -> Bool { width.map { position + $0 <= Self.width } ?? false }

  /// - Parameters:
  ///   - indent: of the line that the expression begins in.
  ///   - tail: width of what must follow in its last line.
  ///   - isFlat: known to fit on one line.
  private mutating func print(
    _ node: LayoutNode, _ indent: Int, _ tail: Int, isFlat: Bool
  ) throws(TooDeep) {
    if NativeStack.used(since: stackBase) > NativeStack.budget { throw TooDeep() }
    let isFlat = isFlat || fits(node.width.map { $0 + tail })
    switch node.kind {
    case .token(let token): put(token, indent)
    case .parentheses(let open, let inner, let close):
      put(open, indent)
      try print(inner, indent, tail + 1, isFlat: isFlat)
      put(close, indent)
    case .array(let open, let elements, let close): try array(open, elements, close, indent, tail, isFlat)
    case .chain(let first, let links): try chain(first, links, indent, tail, isFlat)
    case .keyword(let receiver, let parts):
      try print(receiver, indent, 0, isFlat: isFlat)
      try keywords(parts, indent, tail, isFlat)
    case .cascade(let receiver, let parts):
      try print(receiver, indent, 0, isFlat: isFlat)
      try cascade(parts, indent, tail, isFlat)
    case .assignment(let tokens, let value):
      for token in tokens {
        put(token, indent)
        space()
      }
      try print(value, indent, tail, isFlat: isFlat)
    case .block(let block): try self.block(block, indent, tail, isFlat)
    }
  }

  private mutating func block(
    _ block: LayoutBlock, _ indent: Int, _ tail: Int, _ isFlat: Bool
  ) throws(TooDeep) {
    put(block.open, indent)
    for (colon, name) in block.arguments {
      space()
      put(colon, indent)
      put(name, indent)
    }
    if let bar = block.bar {
      space()
      put(bar, indent)
    }
    if isFlat {
      try flat(block.body, indent)
    } else {
      try broken(block.body, indent, tail + 2, keepsPeriod: false)
      pending = .space
    }
    put(block.body.close, indent)
  }

  private mutating func chain(
    _ first: LayoutNode, _ links: [Link], _ indent: Int, _ tail: Int, _ isFlat: Bool
  ) throws(TooDeep) {
    try print(first, indent, 0, isFlat: isFlat)
    var indent = indent
    let continued = indent + Self.step
    for (i, link) in links.enumerated() {
      let tail = i + 1 == links.count ? tail : 0
      space()
      if !isFlat, link.selector.breakBefore || link.width.map({ !fits($0 + tail) }) == true {
        newLine(continued)
        indent = continued
      }
      put(link.selector, indent)
      if let operand = link.operand {
        space()
        try print(operand, indent, tail, isFlat: isFlat)
      }
    }
  }

  /// After a receiver, or in a cascade: in one line as far as a last argument that may have lines of its own, or a
  /// line for each part.
  private mutating func keywords(
    _ parts: [KeywordPart], _ outer: Int, _ tail: Int, _ isFlat: Bool, inCascade: Bool = false
  ) throws(TooDeep) {
    guard let last = parts.last else { return }
    // In a cascade, the first keyword stands where the break before it leads, after comments if there are any.
    let placed = inCascade ? 1 : 0
    if inCascade { put(parts[0].keyword, outer) }
    space()
    var head: [Int?] = []
    for (i, part) in parts.enumerated() {
      if i >= placed { head.append(part.keyword.width.map { $0 + 1 }) }
      if i + 1 < parts.count { head.append(part.argument.width.map { $0 + 1 }) }
    }
    // Of two blocks, not one stands in line and the other below.
    let mayHang =
      parts.count == 1 || last.argument.hangs && !parts.dropLast().contains { $0.argument.isBlock }
    let isBroken = parts.dropFirst(placed).contains { $0.keyword.breakBefore }
    let staysInLine =
      isFlat
      || !isBroken
        && (fits(sum(head + [last.argument.width], tail))
          || mayHang
            && fits(sum(head + [last.argument.leadingWidth], 0)))
    let indent = staysInLine ? outer : outer + Self.step
    for (i, part) in parts.enumerated() {
      if i >= placed {
        if staysInLine { space() } else { newLine(indent) }
        put(part.keyword, indent)
        space()
      }
      let isLast = i + 1 == parts.count
      try print(part.argument, indent, isLast ? tail : 0, isFlat: isFlat || (staysInLine && !isLast))
    }
  }

  private mutating func cascade(
    _ parts: [CascadePart], _ outer: Int, _ tail: Int, _ isFlat: Bool
  ) throws(TooDeep) {
    let indent = isFlat ? outer : outer + Self.step
    for (i, part) in parts.enumerated() {
      let tail = i + 1 == parts.count ? tail : 1
      if isFlat { space() } else { newLine(indent) }
      switch part.message {
      case .link(let link):
        put(link.selector, indent)
        if let operand = link.operand {
          space()
          try print(operand, indent, tail, isFlat: isFlat)
        }
      case .keyword(let keyword): try keywords(keyword, indent, tail, isFlat, inCascade: true)
      }
      if let semicolon = part.semicolon { put(semicolon, indent) }
    }
  }

  private mutating func array(
    _ open: FormatToken, _ elements: [LayoutNode], _ close: FormatToken, _ indent: Int, _ tail: Int, _ isFlat: Bool
  ) throws(TooDeep) {
    put(open, indent)
    for (i, element) in elements.enumerated() {
      let tail = i + 1 == elements.count ? tail + 1 : 0
      if i > 0 { space() }
      let isFull = element.width.map { !fits($0 + tail) } ?? false
      if !isFlat, element.beginsLine || (i > 0 && isFull) { newLine(indent + Self.step) }
      try print(element, indent + Self.step, tail, isFlat: isFlat)
    }
    put(close, indent)
  }
}
