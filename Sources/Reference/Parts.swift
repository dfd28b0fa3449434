// The literal blocks that are parts of conditionals and loops. They are blocks as any other; but as nobody can keep them,
// a `^` in one belongs to the block around it (docs/language.md).

import Syntax

extension Message {
  /// Whether its literal blocks are parts of what the message stands for.
  func hasParts(of receiver: Expression) -> Bool {
    let counts = arguments.map { argument -> Int? in
      if case .block(let block) = argument { block.arguments.count } else { nil }
    }
    switch selector {
    case "ifTrue:", "ifFalse:", "and:", "&&", "or:", "||", "ifNil:", "timesRepeat:": return counts == [0]
    case "ifTrue:ifFalse:", "ifFalse:ifTrue:": return counts == [0, 0]
    case "ifNotNil:": return counts == [0] || counts == [1]
    case "ifNil:ifNotNil:": return counts == [0, 0] || counts == [0, 1]
    case "ifNotNil:ifNil:": return counts == [0, 0] || counts == [1, 0]
    case "to:do:", "downTo:do:": return counts == [nil, 1]
    case "to:by:do:":
      guard case .literal(.integer(let step), _) = arguments[1] else { return false }
      return step > 0 && counts[2] == 1
    case "whileTrue:", "whileFalse:":
      guard case .block(let condition) = receiver else { return false }
      return condition.arguments.isEmpty && counts == [0]
    default: return false
    }
  }
}

extension Send {
  /// Whether its receiver is a part, too.
  var isLoopWhile: Bool {
    ["whileTrue:", "whileFalse:"].contains(selector) && message.hasParts(of: receiver)
  }
}
