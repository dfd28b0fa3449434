// Control structures as sends, for generic variants (see docs/contracts.md, Variants):
//
//     receiver, other operands, blocks; send; jump end
//     the same structure as jumps, entered through sync points only, by activations that were inside
//   end:
//
// Units that exist in generic variants only have just the first line.

import Syntax

extension UnitCompiler {
  func compileGeneric(_ construct: Construct, _ send: Send, into destination: Int?) throws(CompileFailure) {
    let start = sp
    let base = sp
    let result = destination ?? base
    let outer = pending
    switch construct {
    case .whileLoop:
      sync(send.id, .head)
      try push(send.receiver)
    case .counting(let first, let limit, _, _):
      let trivialLimit = UnitCompiler.immediateLimit(limit) != nil || isTrivial(limit)
      if trivialLimit, UnitCompiler.isInteger(first) || isTrivial(first) {
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
      if UnitCompiler.immediateLimit(count) != nil || isTrivial(count) {
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
    if let start, !UnitCompiler.isInteger(start) { sync(send.id, .head) }
    if !UnitCompiler.isInteger(limit) { sync(send.id, .secondGuard) }
  }

  /// The structure as jumps. Control enters at sync points inside of bodies, or at loop headers.
  private func keepInlined(
    _ construct: Construct, _ send: Send, end: Int, into destination: Int?
  ) throws(CompileFailure) {
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
      try whileLoop(send, condition, body, sense, into: destination)
    case .counting(let start, let limit, let step, let body):
      try keepCounting(send, start: start, limit: limit, step: step, body, into: destination)
    case .repetition(let count, let body):
      try keepCounting(send, start: nil, limit: count, step: 1, body, into: destination)
    }
  }

  /// The loop of `counting`, with its own operators as sends and its state in operand registers.
  private func keepCounting(
    _ send: Send, start: Expression?, limit: Expression, step: Int, _ body: BlockLiteral,
    into destination: Int?
  ) throws(CompileFailure) {
    let range = send.message.selectorRange
    let outer = pending
    let base = sp
    func state() throws(CompileFailure) -> Int {
      let register = sp
      pending.append(Int16(register))
      sp = try self.register(after: register, range)
      return register
    }
    var first: Int?
    if destination != nil, let start, !UnitCompiler.isInteger(start) { first = try state() }
    var last: Int?
    if UnitCompiler.immediateLimit(limit) == nil { last = try state() }
    let counter = try state()
    let exit = newLabel()
    let header = loopHeader(send)
    let operands = sp

    func pushOperands(_ right: Int?, _ immediate: Int) throws(CompileFailure) {
      emit(.move, a: operands, b: counter, range)
      sp = try register(after: operands, range)
      if let right {
        emit(.move, a: sp, b: right, range)
      } else {
        emit(Instruction(.loadInteger, a: sp, wide: immediate), range)
      }
      sp = operands
    }
    sync(send.id, .comparisonBefore)
    try pushOperands(last, UnitCompiler.immediateLimit(limit) ?? 0)
    try emitSend(step > 0 ? "<=" : ">=", 1, base: operands, into: operands, range)
    sync(send.id, .comparisonAfter, operands)
    emitJump(.jumpIfFalse, a: operands, to: exit, range, depth: operands + 1)
    try inlineBody(body, arguments: [counter], into: nil)
    sync(send.id, .incrementBefore)
    try pushOperands(nil, abs(step))
    try emitSend(step > 0 ? "+" : "-", 1, base: operands, into: counter, range)
    sync(send.id, .incrementAfter, counter)
    try loopJump(send, header)
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
