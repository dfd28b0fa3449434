// The control structures that bytecode stands for instead of sending: recognized by selector and literal
// blocks alone, so that both variants agree on them.

import Syntax

enum Construct {
  /// `ifTrue:`, `ifFalse:` and both together; `trueFirst` tells the order of the arguments.
  case conditional(whenTrue: BlockLiteral?, whenFalse: BlockLiteral?, trueFirst: Bool)
  case and(BlockLiteral)
  case or(BlockLiteral)
  case nilTest(whenNil: BlockLiteral?, whenNotNil: BlockLiteral?, nilFirst: Bool)
  case whileLoop(condition: BlockLiteral, body: BlockLiteral, sense: Bool)
  /// `start to: limit do: body` and its relatives; the value is `start`.
  case counting(start: Expression, limit: Expression, step: Int, body: BlockLiteral)
  /// `count timesRepeat: body`; the value is `count`.
  case repetition(count: Expression, body: BlockLiteral)

  init?(_ send: Send) {
    self.init(recognizing: send)
    if blocks.contains(where: { Construct.mayRestart($0.block) }) { return nil }
  }

  /// What `restart` starts again is the block that sends it, so that has to be one.
  private static func mayRestart(_ block: BlockLiteral) -> Bool {
    var result = false
    block.body.forEachSend(inBlocks: false) { selector, arguments in
      if selector == "restart" { result = true }
      for case .literal(.symbol("restart"), _) in arguments { result = true }
    }
    return result
  }

  private init?(recognizing send: Send) {
    if case .variable(let reference) = send.receiver, reference.name == "super" { return nil }
    let arguments = send.arguments
    guard let last = arguments.last, let lastBlock = Construct.block(last) else { return nil }
    let argumentCount = lastBlock.arguments.count
    switch send.selector {
    case "ifTrue:" where argumentCount == 0:
      self = .conditional(whenTrue: lastBlock, whenFalse: nil, trueFirst: true)
    case "ifFalse:" where argumentCount == 0:
      self = .conditional(whenTrue: nil, whenFalse: lastBlock, trueFirst: false)
    case "ifTrue:ifFalse:" where argumentCount == 0:
      guard let first = Construct.block(arguments[0]), first.arguments.isEmpty else { return nil }
      self = .conditional(whenTrue: first, whenFalse: lastBlock, trueFirst: true)
    case "ifFalse:ifTrue:" where argumentCount == 0:
      guard let first = Construct.block(arguments[0]), first.arguments.isEmpty else { return nil }
      self = .conditional(whenTrue: lastBlock, whenFalse: first, trueFirst: false)
    case "and:" where argumentCount == 0, "&&" where argumentCount == 0: self = .and(lastBlock)
    case "or:" where argumentCount == 0, "||" where argumentCount == 0: self = .or(lastBlock)
    case "ifNil:" where argumentCount == 0:
      self = .nilTest(whenNil: lastBlock, whenNotNil: nil, nilFirst: true)
    case "ifNotNil:" where argumentCount <= 1:
      self = .nilTest(whenNil: nil, whenNotNil: lastBlock, nilFirst: false)
    case "ifNil:ifNotNil:" where argumentCount <= 1:
      guard let first = Construct.block(arguments[0]), first.arguments.isEmpty else { return nil }
      self = .nilTest(whenNil: first, whenNotNil: lastBlock, nilFirst: true)
    case "ifNotNil:ifNil:" where argumentCount == 0:
      guard let first = Construct.block(arguments[0]), first.arguments.count <= 1 else { return nil }
      self = .nilTest(whenNil: lastBlock, whenNotNil: first, nilFirst: false)
    case "whileTrue:" where argumentCount == 0, "whileFalse:" where argumentCount == 0:
      guard let condition = Construct.block(send.receiver), condition.arguments.isEmpty else { return nil }
      self = .whileLoop(condition: condition, body: lastBlock, sense: send.selector == "whileTrue:")
    case "to:do:" where argumentCount == 1:
      self = .counting(start: send.receiver, limit: arguments[0], step: 1, body: lastBlock)
    case "downTo:do:" where argumentCount == 1:
      self = .counting(start: send.receiver, limit: arguments[0], step: -1, body: lastBlock)
    case "to:by:do:" where argumentCount == 1:
      guard case .literal(.integer(let step), _) = arguments[1], step > 0, Int32(exactly: step) != nil else {
        return nil
      }
      self = .counting(start: send.receiver, limit: arguments[0], step: step, body: lastBlock)
    case "timesRepeat:" where argumentCount == 0:
      self = .repetition(count: send.receiver, body: lastBlock)
    default: return nil
    }
  }

  private static func block(_ expression: Expression) -> BlockLiteral? {
    if case .block(let block) = expression { return block }
    return nil
  }

  /// The blocks that become part of the enclosing chunk, and whether each runs repeatedly.
  var blocks: [(block: BlockLiteral, repeats: Bool)] {
    switch self {
    case .conditional(let a, let b, _): [a, b].compactMap { $0.map { ($0, false) } }
    case .and(let block), .or(let block): [(block, false)]
    case .nilTest(let a, let b, _): [a, b].compactMap { $0.map { ($0, false) } }
    case .whileLoop(let condition, let body, _): [(condition, true), (body, true)]
    case .counting(_, _, _, let body), .repetition(_, let body): [(body, true)]
    }
  }

  /// What inlining takes for granted besides the selector itself.
  var furtherAssumptions: [String] {
    switch self {
    case .counting(_, _, let step, _): step > 0 ? ["<=", "+"] : [">=", "-"]
    case .repetition: ["<=", "+"]
    default: []
    }
  }
}
