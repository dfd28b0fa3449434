// What the formatter prints: the syntax tree again, with parentheses, comments and the author's line breaks. Every
// node knows how wide it is on one line; `nil` is: never on one line.

import Syntax

/// An expression.
final class LayoutNode {
  indirect enum Kind {
    case token(FormatToken)
    case parentheses(FormatToken, LayoutNode, FormatToken)
    case array(FormatToken, [LayoutNode], FormatToken)
    /// Unary and binary messages to the first.
    case chain(LayoutNode, [Link])
    case keyword(LayoutNode, [KeywordPart])
    case cascade(LayoutNode, [CascadePart])
    /// `name :=`, once or more.
    case assignment([FormatToken], LayoutNode)
    case block(LayoutBlock)
  }

  let kind: Kind
  let width: Int?

  init(_ kind: Kind) {
    self.kind = kind
    width = Self.width(of: kind)
  }

  private static func width(of kind: Kind) -> Int? {
    switch kind {
    case .token(let token): token.width
    case .parentheses(let open, let inner, let close): sum([open.width, inner.width, close.width], 0)
    case .array(let open, let elements, let close):
      sum(
        [open.width, close.width] + elements.map { $0.beginsLine ? nil : $0.width },
        max(0, elements.count - 1))
    case .chain(let first, let links): sum([first.width] + links.map(\.width), links.count)
    case .keyword(let receiver, let parts): sum([receiver.width] + parts.map(\.width), parts.count)
    case .cascade(let receiver, let parts):
      sum([receiver.width] + parts.map { $0.beginsLine ? nil : $0.width }, parts.count)
    case .assignment(let tokens, let value): sum(tokens.map(\.width) + [value.width], tokens.count)
    case .block(let block): block.width
    }
  }

  /// The least that stands on the first line however the node is broken.
  var leadingWidth: Int {
    switch kind {
    case .token(let token): token.text.prefix { $0 != "\n" }.unicodeScalars.count
    case .parentheses(_, let inner, _): 1 + inner.leadingWidth
    case .array: 2
    case .chain(let first, _), .keyword(let first, _), .cascade(let first, _): first.leadingWidth
    case .assignment(let tokens, let value):
      tokens.reduce(value.leadingWidth) { $0 + $1.text.unicodeScalars.count + 1 }
    case .block(let block): block.headerWidth
    }
  }

  /// An author's line break stands before it.
  var beginsLine: Bool {
    switch kind {
    case .token(let token): token.breakBefore
    case .parentheses(let open, _, _), .array(let open, _, _): open.breakBefore
    default: false
    }
  }

  var isBlock: Bool { if case .block = kind { true } else { false } }

  /// Its lines may follow the keyword that it is the argument of.
  var hangs: Bool {
    switch kind {
    case .block, .parentheses: true
    default: false
    }
  }
}

/// The sum with `spaces`, or nil if a part is nil.
func sum(_ widths: [Int?], _ spaces: Int) -> Int? {
  var total = spaces
  for width in widths {
    guard let width else { return nil }
    total += width
  }
  return total
}

/// A unary or a binary message.
struct Link {
  let selector: FormatToken
  let operand: LayoutNode?
  var width: Int? {
    if selector.breakBefore { return nil }
    return operand.map { sum([selector.width, $0.width], 1) } ?? selector.width
  }
}

struct KeywordPart {
  let keyword: FormatToken
  let argument: LayoutNode
  var width: Int? { keyword.breakBefore ? nil : sum([keyword.width, argument.width], 1) }
}

struct CascadePart {
  enum Message {
    case link(Link)
    case keyword([KeywordPart])
  }
  let message: Message
  /// A line break before it or before its semicolon.
  let beginsLine: Bool
  /// The one after it.
  let semicolon: FormatToken?

  var width: Int? {
    let own: Int? =
      switch message {
      case .link(let link): link.width
      case .keyword(let parts): sum(parts.map(\.width), parts.count - 1)
      }
    return sum([own, semicolon.map(\.width) ?? 0], 0)
  }
}

/// What stands in a body, in order.
struct LayoutItem {
  enum Kind {
    case comment(Comment)
    /// With both bars.
    case variables([FormatToken])
    case statement(caret: FormatToken?, LayoutNode, hasPeriod: Bool)
    case method(LayoutMethod)
    case separator(FormatToken)
  }
  let kind: Kind
  /// Line ends before it.
  let breaks: Int

  var isComment: Bool { if case .comment = kind { true } else { false } }
}

/// Statements of a method or a block, variables and comments among them.
struct LayoutBody {
  var items: [LayoutItem] = []
  var close: FormatToken

  /// Width between the brackets, with a space on both sides.
  var width: Int? {
    var total = 1
    let lastStatement = items.lastIndex { if case .statement = $0.kind { true } else { false } }
    for (i, item) in items.enumerated() {
      if item.breaks > 0 { return nil }
      let own: Int?
      switch item.kind {
      case .comment(let comment): own = comment.isInline ? comment.text.unicodeScalars.count : nil
      case .variables(let tokens): own = sum(tokens.map(\.width), tokens.count - 1)
      case .statement(let caret, let value, _):
        own = sum([caret.map(\.width) ?? 0, value.width, i == lastStatement ? 0 : 1], 0)
      case .method, .separator: own = nil
      }
      guard let own else { return nil }
      total += own + 1
    }
    return total
  }
}

struct LayoutBlock {
  let open: FormatToken
  /// `:` and name.
  let arguments: [(FormatToken, FormatToken)]
  let bar: FormatToken?
  let body: LayoutBody
  let width: Int?

  init(open: FormatToken, arguments: [(FormatToken, FormatToken)], bar: FormatToken?, body: LayoutBody) {
    self.open = open
    self.arguments = arguments
    self.bar = bar
    self.body = body
    // No space follows the colon, unless a comment does.
    let header =
      arguments.flatMap { [$0.width, $1.width, $1.comments.isEmpty ? 0 : 1] } + [bar.map(\.width) ?? 0]
    width = sum([open.width, body.close.width, body.width] + header, arguments.count + (bar == nil ? 0 : 1))
  }

  var headerWidth: Int {
    arguments.reduce(bar == nil ? 1 : 3) { $0 + $1.1.text.unicodeScalars.count + 2 }
  }
}

struct LayoutMethod {
  /// Selector parts and argument names.
  let pattern: [FormatToken]
  let equals: FormatToken
  /// `primitive`, or the parenthesis before the body.
  let opening: FormatToken
  /// nil for a primitive.
  let body: LayoutBody?
  /// How far the author's `=` is from the beginning of the pattern, if on its line.
  let equalsColumn: Int?

  var patternWidth: Int? { sum(pattern.map(\.width), pattern.count - 1) }

  /// From the `=` on; nil if the method needs several lines.
  var restWidth: Int? {
    guard let body else { return sum([equals.width, opening.width], 1) }
    return sum([equals.width, opening.width, body.width, body.close.width], 1)
  }
}
