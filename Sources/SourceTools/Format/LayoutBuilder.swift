// Syntax tree and tokens → layout. The tree says what belongs together, the cursor what the tree leaves out; both
// are walked in the same order.

import Syntax

struct LayoutBuilder {
  var cursor: TokenCursor
  private let source: SourceText
  private let stackBase = NativeStack.position()

  init(_ source: SourceText, _ cursor: TokenCursor) {
    self.source = source
    self.cursor = cursor
  }

  // MARK: Classes

  struct File {
    /// Comments before the class.
    var leading: Gap
    var header: [FormatToken]
    var items: [LayoutItem]
    var close: FormatToken
    /// Comments after the class.
    var trailing: Gap
  }

  mutating func file(_ definition: ClassDefinition) throws(TooDeep) -> File {
    let leading = cursor.takeGap()
    var header = [cursor.take(), cursor.take()]
    while cursor.kind != .openParenthesis { header.append(cursor.take()) }
    header.append(cursor.take())
    var items: [LayoutItem] = []
    try side(definition.instanceFieldsRange != nil, definition.instanceMethods, &items)
    if definition.separatorRange != nil {
      let breaks = addComments(&items)
      items.append(LayoutItem(kind: .separator(cursor.take()), breaks: breaks))
      try side(definition.classFieldsRange != nil, definition.classMethods, &items)
    }
    addComments(&items)
    let close = cursor.take()
    return File(leading: leading, header: header, items: items, close: close, trailing: cursor.takeGap())
  }

  private mutating func side(
    _ hasFields: Bool, _ methods: [MethodDefinition], _ items: inout [LayoutItem]
  ) throws(TooDeep) {
    if hasFields { variables(&items) }
    for method in methods {
      let breaks = addComments(&items)
      items.append(LayoutItem(kind: .method(try self.method(method)), breaks: breaks))
    }
  }

  private mutating func method(_ definition: MethodDefinition) throws(TooDeep) -> LayoutMethod {
    var pattern: [FormatToken] = []
    while cursor.start < definition.patternRange.end { pattern.append(cursor.take()) }
    let start = definition.patternRange.start
    let isOneLine = !source.bytes[start..<cursor.start].contains(0x0A)
    let column = isOneLine ? source.column(of: cursor.start) - source.column(of: start) : nil
    let equals = cursor.take()
    let opening = cursor.take()
    return LayoutMethod(
      pattern: pattern, equals: equals, opening: opening,
      body: definition.isPrimitive ? nil : try body(definition.body),
      equalsColumn: equals.comments.isEmpty ? column : nil)
  }

  // MARK: Bodies

  /// Adds the comments before the next token; answers the line ends between the last of them and it.
  @discardableResult
  private mutating func addComments(_ items: inout [LayoutItem]) -> Int {
    let gap = cursor.takeGap()
    for comment in gap.comments {
      items.append(LayoutItem(kind: .comment(comment), breaks: comment.breaksBefore))
    }
    return gap.breaks
  }

  /// `| a b |`; nothing if no variables and no comments are in it.
  private mutating func variables(_ items: inout [LayoutItem]) {
    let breaks = addComments(&items)
    var tokens = [cursor.takeBar()]
    while !cursor.startsWithBar { tokens.append(cursor.take()) }
    tokens.append(cursor.takeBar())
    if tokens.count > 2 || tokens.contains(where: { !$0.comments.isEmpty }) {
      items.append(LayoutItem(kind: .variables(tokens), breaks: breaks))
    }
  }

  private mutating func body(_ body: Body) throws(TooDeep) -> LayoutBody {
    var items: [LayoutItem] = []
    if cursor.startsWithBar { variables(&items) }
    for statement in body.statements {
      let breaks = addComments(&items)
      var caret: FormatToken?
      let value: LayoutNode
      switch statement {
      case .expression(let expression): value = try self.expression(expression)
      case .returning(let expression, _, _):
        caret = cursor.take()
        value = try self.expression(expression)
      }
      // Comments before a period are printed after it.
      let comments = cursor.takeGap().comments
      let hasPeriod = cursor.kind == .period
      if hasPeriod { _ = cursor.take() }
      items.append(LayoutItem(kind: .statement(caret: caret, value, hasPeriod: hasPeriod), breaks: breaks))
      for comment in comments {
        items.append(LayoutItem(kind: .comment(comment), breaks: comment.breaksBefore))
      }
    }
    addComments(&items)
    return LayoutBody(items: items, close: cursor.take())
  }

  // MARK: Expressions

  private mutating func expression(_ expression: Expression) throws(TooDeep) -> LayoutNode {
    if NativeStack.used(since: stackBase) > NativeStack.budget { throw TooDeep() }
    if cursor.opensParenthesis(around: expression.range) {
      let open = cursor.take()
      let inner = try self.expression(expression)
      return LayoutNode(.parentheses(open, inner, cursor.take()))
    }
    switch expression {
    case .literal: return literal()
    case .variable: return LayoutNode(.token(cursor.take()))
    case .assignment(let first): return try assignment(first)
    case .block(let block): return try self.block(block)
    case .send(let send): return try self.send(send)
    case .cascade(let cascade): return try self.cascade(cascade)
    }
  }

  private mutating func assignment(_ first: Assignment) throws(TooDeep) -> LayoutNode {
    var tokens = [cursor.take(), cursor.take()]
    var value = first.value
    while case .assignment(let next) = value, !cursor.opensParenthesis(around: next.range) {
      tokens += [cursor.take(), cursor.take()]
      value = next.value
    }
    return LayoutNode(.assignment(tokens, try expression(value)))
  }

  private mutating func send(_ send: Send) throws(TooDeep) -> LayoutNode {
    // Down the receivers without recursion: chains are long.
    var sends = [send]
    var receiver = send.receiver
    while case .send(let inner) = receiver, !cursor.opensParenthesis(around: inner.range) {
      sends.append(inner)
      receiver = inner.receiver
    }
    let first = try expression(receiver)
    var links: [Link] = []
    var parts: [KeywordPart] = []
    for send in sends.reversed() {
      switch try message(send.message) {
      case .link(let link): links.append(link)
      case .keyword(let keyword): parts = keyword
      }
    }
    let chain = links.isEmpty ? first : LayoutNode(.chain(first, links))
    return parts.isEmpty ? chain : LayoutNode(.keyword(chain, parts))
  }

  private mutating func message(_ message: Message) throws(TooDeep) -> CascadePart.Message {
    guard cursor.kind == .keyword else {
      let selector = cursor.take()
      guard let argument = message.arguments.first else {
        return .link(Link(selector: selector, operand: nil))
      }
      return .link(Link(selector: selector, operand: try expression(argument)))
    }
    var parts: [KeywordPart] = []
    for argument in message.arguments {
      let keyword = cursor.take()
      parts.append(KeywordPart(keyword: keyword, argument: try expression(argument)))
    }
    return .keyword(parts)
  }

  private mutating func cascade(_ cascade: Cascade) throws(TooDeep) -> LayoutNode {
    let receiver = try expression(cascade.receiver)
    var parts: [CascadePart] = []
    var beginsLine = false
    for (i, message) in cascade.messages.enumerated() {
      let next = try self.message(message)
      switch next {
      case .link(let link): beginsLine = beginsLine || link.selector.breakBefore
      // A break before a later keyword breaks that message alone.
      case .keyword(let keyword): beginsLine = beginsLine || keyword.first?.keyword.breakBefore == true
      }
      let semicolon = i + 1 < cascade.messages.count ? cursor.take() : nil
      parts.append(CascadePart(message: next, beginsLine: beginsLine, semicolon: semicolon))
      beginsLine = semicolon?.breakBefore == true
    }
    return LayoutNode(.cascade(receiver, parts))
  }

  private mutating func block(_ block: BlockLiteral) throws(TooDeep) -> LayoutNode {
    let open = cursor.take()
    var arguments: [(FormatToken, FormatToken)] = []
    for _ in block.arguments { arguments.append((cursor.take(), cursor.take())) }
    let bar = arguments.isEmpty ? nil : cursor.takeBar()
    var body = try self.body(block.body)
    // The bracket follows the last comment in its line, whatever the author did.
    if let last = body.items.last, case .comment(var comment) = last.kind {
      comment.breakAfter = false
      body.items[body.items.count - 1] = LayoutItem(kind: .comment(comment), breaks: last.breaks)
    }
    return LayoutNode(.block(LayoutBlock(open: open, arguments: arguments, bar: bar, body: body)))
  }

  private mutating func literal() -> LayoutNode {
    guard cursor.kind == .arrayStart else { return LayoutNode(.token(number() ?? cursor.take())) }
    // Nesting is limited by the parser, and a frame of this function is small.
    let open = cursor.take()
    var elements: [LayoutNode] = []
    while cursor.kind != .closeParenthesis { elements.append(literal()) }
    return LayoutNode(.array(open, elements, cursor.take()))
  }

  /// A negative number, which is two tokens.
  private mutating func number() -> FormatToken? {
    guard cursor.isNegativeNumber else { return nil }
    let minus = cursor.take()
    let digits = cursor.take()
    // Comments between the two are printed before the sign, with their line breaks.
    let breakBefore = minus.breakBefore || !digits.comments.isEmpty && digits.breakBefore
    return FormatToken(
      comments: minus.comments + digits.comments, text: "-" + digits.text, breakBefore: breakBefore)
  }
}
