// The tokens of a text that has parsed, with what stands between them: the parser leaves comments and line breaks
// out of its tree, and the formatter reads them here, beside the tree.

import Syntax

/// What stands before a token.
struct Gap {
  var comments: [Comment] = []
  /// Line ends directly before the token.
  var breaks = 0
  /// There is a line end, outside of comments.
  var hasBreak = false
}

/// A token to print: its text, and the comments before it.
struct FormatToken {
  var comments: [Comment] = []
  var text: String
  /// It begins a line, or a comment before it does.
  var breakBefore = false

  /// Its width if it stands, comments included, within one line; nil if it cannot.
  var width: Int? {
    if text.utf8.contains(0x0A) { return nil }
    var width = text.unicodeScalars.count
    for comment in comments {
      if !comment.isInline { return nil }
      width += comment.text.unicodeScalars.count + 1
    }
    return width
  }
}

struct TokenCursor {
  private var state: ParserState
  /// From where on comments have not been taken yet.
  private var gapStart = 0
  /// How the first line outside of comments and strings ends; nil before it.
  private(set) var lineEnd: String?
  /// Offset of a parenthesis → offset of the one that closes it.
  private let closing: [Int: Int]

  init(_ state: ParserState) {
    self.state = state
    var ahead = state
    var open: [Int] = []
    var closing: [Int: Int] = [:]
    while !ahead.tokenIs(.endOfInput) {
      switch ahead.token.kind {
      case .openParenthesis, .arrayStart: open.append(ahead.token.start)
      case .closeParenthesis: if let start = open.popLast() { closing[start] = ahead.token.start }
      default: break
      }
      ahead.advance()
    }
    self.closing = closing
  }

  var kind: TokenKind { state.token.kind }
  var start: Int { state.token.start }
  var startsWithBar: Bool { state.tokenStartsWithBar }

  /// The next token is a minus sign that belongs to a number.
  var isNegativeNumber: Bool {
    guard state.tokenIsOperator(0x2D) else { return false }
    var ahead = state
    ahead.advance()
    return ahead.tokenIs(.integer) || ahead.tokenIs(.double)
  }

  /// The next token is a parenthesis around all of `range`.
  func opensParenthesis(around range: SourceRange) -> Bool {
    guard kind == .openParenthesis, let end = closing[start] else { return false }
    return end >= range.end
  }

  /// Takes the comments before the next token away from it.
  mutating func takeGap() -> Gap {
    var gap = Gap()
    var found: [(range: SourceRange, breaks: Int)] = []
    var offset = gapStart
    let bytes = state.source.bytes
    while offset < state.token.start {
      if bytes[offset] == 0x22 {
        let start = offset
        offset += 1
        while bytes[offset] != 0x22 { offset += 1 }
        found.append((SourceRange(start, offset + 1), gap.breaks))
        gap.breaks = 0
      } else if bytes[offset] == 0x0A {
        if lineEnd == nil { lineEnd = offset > 0 && bytes[offset - 1] == 0x0D ? "\r\n" : "\n" }
        gap.breaks += 1
        gap.hasBreak = true
      }
      offset += 1
    }
    for (i, comment) in found.enumerated() {
      let after = i + 1 < found.count ? found[i + 1].breaks : gap.breaks
      gap.comments.append(
        Comment(
          text: state.text(comment.range.start, comment.range.end), breaksBefore: comment.breaks,
          breakAfter: after > 0, column: state.source.column(of: comment.range.start)))
    }
    gapStart = state.token.start
    return gap
  }

  /// Takes the next token.
  mutating func take() -> FormatToken {
    let gap = takeGap()
    let token = state.token
    let text =
      switch token.kind {
      // White space can follow the #.
      case .symbol: "#" + state.text(token.textStart, token.end)
      case .symbolString: "#" + state.text(token.textStart - 1, token.end)
      case .arrayStart: "#("
      default: state.tokenText
      }
    state.advance()
    gapStart = state.previousEnd
    return FormatToken(comments: gap.comments, text: text, breakBefore: gap.hasBreak)
  }

  /// Takes one `|`, which can be the beginning of a longer operator to the lexer.
  mutating func takeBar() -> FormatToken {
    let gap = takeGap()
    state.takeBar()
    gapStart = state.previousEnd
    return FormatToken(comments: gap.comments, text: "|", breakBefore: gap.hasBreak)
  }
}
