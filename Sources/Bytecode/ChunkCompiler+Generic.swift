// Control structures as sends, for generic variants (see docs/contracts.md, Variants):
//
//     receiver, other operands, blocks; send; jump end
//     the same structure as jumps, entered through sync points only, by activations that were inside
//   end:
//
// Chunks that exist in generic variants only have just the first line. An activation that was inside a loop ends the
// iteration that it is in; what comes then is the rest of the loop's definition, as a send (`LoopPart`).

import Syntax

extension ChunkCompiler {
  func compileGeneric(_ construct: Construct, _ send: Send, into destination: Int?) throws(BytecodeFailure) {
    let start = sp
    let base = sp
    let result = destination ?? base
    let outer = pending
    switch construct {
    case .whileLoop:
      sync(send.id, .head)
      try push(send.receiver)
    case .counting(let first, let limit, _, _):
      let trivialLimit = ChunkCompiler.immediateLimit(limit) != nil || isTrivial(limit)
      if trivialLimit, ChunkCompiler.isInteger(first) || isTrivial(first) {
        countingHeads(send, first, limit)
        try push(first)
        try push(limit)
      } else {
        pending.append(Int16(try push(first)))
        if trivialLimit { countingHeads(send, first, limit) }
        try push(limit)
        if !trivialLimit {
          pending.append(Int16(base + 1))
          countingHeads(send, first, limit)
        }
      }
    case .repetition(let count, _):
      if ChunkCompiler.immediateLimit(count) != nil || isTrivial(count) {
        countingHeads(send, nil, count)
        try push(count)
      } else {
        pending.append(Int16(try push(count)))
        countingHeads(send, nil, count)
      }
    case .conditional, .and, .or:
      if isTrivial(send.receiver) {
        sync(send.id, .head)
        try push(send.receiver)
      } else {
        pending.append(Int16(try push(send.receiver)))
        sync(send.id, .head)
      }
    case .nilTest: try push(send.receiver)
    }
    pending = outer
    let first: Int
    if case .counting = construct { first = 1 } else { first = 0 }
    for argument in send.arguments[first...] { try push(argument) }
    sp = base
    try emitSend(send.selector, send.arguments.count, base: base, into: result, send.message.range)
    if kind == .kept {
      let end = newLabel()
      emitJump(.jump, to: end, send.message.selectorRange, depth: max(sp, (destination ?? 0) + 1))
      try keepInlined(construct, send, end: end, into: destination)
      bind(end)
    }
    sp = start
  }

  private func countingHeads(_ send: Send, _ start: Expression?, _ limit: Expression) {
    if let start, !ChunkCompiler.isInteger(start) { sync(send.id, .head) }
    if !ChunkCompiler.isInteger(limit) { sync(send.id, .secondGuard) }
  }

  /// The structure as jumps. Control enters at sync points inside of bodies, or at loop headers.
  private func keepInlined(
    _ construct: Construct, _ send: Send, end: Int, into destination: Int?
  ) throws(BytecodeFailure) {
    let range = send.message.selectorRange
    switch construct {
    case .conditional(let whenTrue, let whenFalse, let trueFirst):
      for block in trueFirst ? [whenTrue, whenFalse] : [whenFalse, whenTrue] {
        guard let block else { continue }
        try inlineBody(block, into: destination)
        emitJumpToEnd(end, destination, range)
      }
    case .and(let block), .or(let block): try inlineBody(block, into: destination)
    case .nilTest(let whenNil, let whenNotNil, _):
      if let whenNotNil {
        try inlineBody(whenNotNil, into: destination)
        emitJumpToEnd(end, destination, range)
      }
      if let whenNil { try inlineBody(whenNil, into: destination) }
    case .whileLoop(let condition, let body, let sense):
      try keepWhile(send, condition, body, sense, end: end, into: destination)
    case .counting(let start, let limit, let step, let body):
      try keepCounting(send, start: start, limit: limit, step: step, body, into: destination)
    case .repetition(let count, let body):
      try keepCounting(send, start: nil, limit: count, step: 1, body, into: destination)
    }
  }

  private func keepWhile(
    _ send: Send, _ condition: BlockLiteral, _ body: BlockLiteral, _ sense: Bool, end: Int, into destination: Int?
  ) throws(BytecodeFailure) {
    let range = send.message.selectorRange
    let base = sp
    let header = newLabel(), again = newLabel(), exit = newLabel()
    bind(header)
    sync(send.id, .loopHeader)
    try push(send.receiver)
    try push(send.arguments[0])
    sp = base
    try emitSend(
      (sense ? LoopPart.whileTrue : .whileFalse).rawValue, 1, base: base, into: destination ?? base, range)
    emitJumpToEnd(end, destination, range)

    // Who is in the condition tests it, and evaluates the body.
    try inlineStatements(condition, arguments: []) { compiler, last throws(BytecodeFailure) in
      let value: Int
      if let last {
        value = try compiler.operand(last)
      } else {
        value = compiler.sp
        compiler.emit(.loadNil, a: value, condition.range)
        compiler.sp = try compiler.register(after: value, condition.range)
      }
      compiler.sync(send.id, .condition, value)
      let test = compiler.sp
      compiler.emit(.move, a: test, b: value, range)
      try compiler.emitSend(
        (sense ? LoopPart.goesOn : .goesOnUnless).rawValue, 0, base: test, into: test, range)
      compiler.emitJump(.jumpIfFalse, a: test, to: exit, range, depth: test + 1)
      compiler.sp = base
    }
    try push(send.arguments[0])
    sp = base
    try emitSend("value", 0, base: base, into: base, range)
    emitJump(.jump, to: again, range)

    try inlineBody(body, into: nil)
    bind(again)
    sync(send.id, .loopJump)
    try push(send.receiver)
    sp = base
    try emitSend(LoopPart.again.rawValue, 0, base: base, into: base, range)
    emitJump(.jumpIfTrue, a: base, to: header, range, depth: base + 1)
    // Something else than a restart was sent: the loop's definition ends here, and answers self.
    if let destination {
      try push(send.receiver)
      move(base, to: destination, range)
      sp = base
    }
    emitJumpToEnd(end, destination, range)
    bind(exit)
    if let destination { emit(.loadNil, a: destination, range) }
  }

  /// The loop of `counting`, with its state in operand registers.
  private func keepCounting(
    _ send: Send, start: Expression?, limit: Expression, step: Int, _ body: BlockLiteral,
    into destination: Int?
  ) throws(BytecodeFailure) {
    let range = send.message.selectorRange
    let outer = pending
    let base = sp
    func state() throws(BytecodeFailure) -> Int {
      let register = sp
      pending.append(Int16(register))
      sp = try self.register(after: register, range)
      return register
    }
    var first: Int?
    if destination != nil, let start, !ChunkCompiler.isInteger(start) { first = try state() }
    var last: Int?
    if ChunkCompiler.immediateLimit(limit) == nil { last = try state() }
    let counter = try state()
    let operands = sp
    func push(_ register: Int) throws(BytecodeFailure) {
      emit(.move, a: sp, b: register, range)
      sp = try self.register(after: sp, range)
    }
    func push(integer: Int) throws(BytecodeFailure) {
      emit(Instruction(.loadInteger, a: sp, wide: integer), range)
      sp = try register(after: sp, range)
    }
    func call(_ selector: String, into result: Int) throws(BytecodeFailure) {
      let count = sp - operands - 1
      sp = operands
      try emitSend(selector, count, base: operands, into: result, range)
    }

    let header = newLabel(), increment = newLabel(), exit = newLabel()
    bind(header)
    sync(send.id, .loopHeader)
    sync(send.id, .comparisonBefore)
    try push(counter)
    if let last { try push(last) } else { try push(integer: ChunkCompiler.immediateLimit(limit)!) }
    if abs(step) != 1 { try push(integer: step) }
    try self.push(.block(body))
    let part: LoopPart = start == nil ? .times : step == 1 ? .upTo : step < 0 ? .downTo : .upToBy
    try call(part.rawValue, into: operands)
    emitJump(.jump, to: exit, range)

    // Who has just compared tests the result, and evaluates the body.
    sync(send.id, .comparisonAfter, operands)
    try emitSend(LoopPart.goesOn.rawValue, 0, base: operands, into: operands, range)
    emitJump(.jumpIfFalse, a: operands, to: exit, range, depth: operands + 1)
    try self.push(.block(body))
    if start != nil { try push(counter) }
    try call(start == nil ? "value" : "value:", into: operands)
    emitJump(.jump, to: increment, range)

    try inlineBody(body, arguments: [counter], into: nil)
    bind(increment)
    sync(send.id, .incrementBefore)
    try push(counter)
    try push(integer: abs(step))
    try call(step > 0 ? "+" : "-", into: counter)
    sync(send.id, .incrementAfter, counter)
    sync(send.id, .loopJump)
    try self.push(.block(body))
    try call(LoopPart.again.rawValue, into: operands)
    emitJump(.jumpIfTrue, a: operands, to: header, range, depth: operands + 1)
    bind(exit)
    pending = outer
    if let destination {
      if let first {
        move(first, to: destination, range)
      } else if let start {
        try value(start, into: destination)
      } else if let last {
        move(last, to: destination, range)
      } else {
        try value(limit, into: destination)
      }
    }
    sp = base
  }
}
