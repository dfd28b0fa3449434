// Control structures as jumps: what the inlined variant runs. (`ChunkCompiler+Generic` has the sends that
// stand before them in generic variants.)

import Syntax

extension ChunkCompiler {
  func compile(_ construct: Construct, _ send: Send, into destination: Int?) throws(BytecodeFailure) {
    if isGeneric { return try compileGeneric(construct, send, into: destination) }
    let start = sp
    switch construct {
    case .conditional(let whenTrue, let whenFalse, let trueFirst):
      try conditional(send, whenTrue, whenFalse, trueFirst, into: destination)
    case .and(let block): try logical(send, block, shortCircuit: false, into: destination)
    case .or(let block): try logical(send, block, shortCircuit: true, into: destination)
    case .nilTest(let whenNil, let whenNotNil, _): try nilTest(send, whenNil, whenNotNil, into: destination)
    case .whileLoop(let condition, let body, let sense):
      // A jump, so that the header is reached through it or through `loopJump` alone: an activation that is
      // about to enter the loop can be told from one that is in it.
      let header = newLabel()
      sync(send.id, .head)
      emitJump(.jump, to: header, send.message.selectorRange)
      bind(header)
      try whileLoop(send, condition, body, sense, into: destination)
    case .counting(let first, let limit, let step, let body):
      try counting(send, start: first, limit: limit, step: step, body, into: destination)
    case .repetition(let count, let body):
      try counting(send, start: nil, limit: count, step: 1, body, into: destination)
    }
    sp = start
  }

  /// A jump over the next branch, with the value of this one in `destination`.
  func emitJumpToEnd(_ end: Int, _ destination: Int?, _ range: SourceRange) {
    if isTerminated { return }
    emitJump(.jump, to: end, range, depth: max(sp, (destination ?? 0) + 1))
  }

  // MARK: Conditionals

  private func conditional(
    _ send: Send, _ whenTrue: BlockLiteral?, _ whenFalse: BlockLiteral?, _ trueFirst: Bool,
    into destination: Int?
  ) throws(BytecodeFailure) {
    let other = newLabel()
    let end = newLabel()
    let range = send.message.selectorRange
    try jump(send.receiver, if: !trueFirst, to: other, head: send.id)
    let first = trueFirst ? whenTrue : whenFalse
    let second = trueFirst ? whenFalse : whenTrue
    try inlineBody(first!, into: destination)
    if second == nil, destination == nil {
      bind(other)
      return
    }
    emitJumpToEnd(end, destination, range)
    bind(other)
    if let second {
      try inlineBody(second, into: destination)
    } else if let destination {
      emit(.loadNil, a: destination, range)
    }
    bind(end)
  }

  /// `and:` (short-circuit value false) and `or:` (true).
  private func logical(
    _ send: Send, _ block: BlockLiteral, shortCircuit: Bool, into destination: Int?
  ) throws(BytecodeFailure) {
    let short = newLabel()
    let end = newLabel()
    try jump(send.receiver, if: shortCircuit, to: short, head: send.id)
    try inlineBody(block, into: destination)
    if let destination {
      emitJumpToEnd(end, destination, send.message.selectorRange)
      bind(short)
      emit(shortCircuit ? .loadTrue : .loadFalse, a: destination, send.message.selectorRange)
    } else {
      bind(short)
    }
    bind(end)
  }

  private func nilTest(
    _ send: Send, _ whenNil: BlockLiteral?, _ whenNotNil: BlockLiteral?, into destination: Int?
  ) throws(BytecodeFailure) {
    let start = sp
    let isNil = newLabel()
    let end = newLabel()
    let range = send.message.selectorRange
    let receiver = try operand(send.receiver)
    let jumpDepth = max(sp, receiver + 1)
    emitJump(.jumpIfNil, a: receiver, to: isNil, range, depth: jumpDepth)
    if let whenNotNil {
      try inlineBody(whenNotNil, arguments: [receiver], into: destination)
    } else if let destination {
      move(receiver, to: destination, range)
    }
    emitJumpToEnd(end, destination, range)
    sp = start
    bind(isNil)
    if let whenNil {
      try inlineBody(whenNil, into: destination)
    } else if let destination {
      emit(.loadNil, a: destination, range)
    }
    bind(end)
  }

  // MARK: Conditions

  /// Jumps to the label if the condition has the value `sense`. `head` is the node of the control structure
  /// that tests it; `isOperand` says that the value is always a pending operand of that structure.
  func jump(
    _ condition: Expression, if sense: Bool, to label: Int, head: NodeID, what: SyncKind = .head,
    isOperand: Bool = false
  ) throws(BytecodeFailure) {
    if NativeStack.used(since: context.stackBase) > NativeStack.budget {
      throw BytecodeFailure(message: "too deeply nested", range: condition.range)
    }
    let start = sp
    defer { sp = start }
    if !isGeneric, case .send(let send) = condition {
      switch analysis.constructs[send.id] {
      case .and(let block)?:
        assume(send.selector)
        return try jump(send, block, shortCircuit: false, if: sense, to: label, head: head, what: what)
      case .or(let block)?:
        assume(send.selector)
        return try jump(send, block, shortCircuit: true, if: sense, to: label, head: head, what: what)
      case nil:
        if let op = Operator(rawValue: send.selector), op.opcode(fused: true) != nil, !isSuper(send.receiver) {
          return try fusedJump(op, send, if: sense, to: label, head: head, what: what)
        }
      default: break
      }
    }
    let register = try operand(condition)
    if isOperand || !isTrivial(condition) { sync(head, what, register) } else { sync(head, what) }
    reserveCall(base: sp, argumentCount: 2)
    emitJump(sense ? .jumpIfTrue : .jumpIfFalse, a: register, to: label, condition.range)
  }

  /// A condition that is itself an `and:` or `or:`: no value is made of it.
  private func jump(
    _ send: Send, _ block: BlockLiteral, shortCircuit: Bool, if sense: Bool, to label: Int, head: NodeID,
    what: SyncKind
  ) throws(BytecodeFailure) {
    let skip = newLabel()
    try jump(send.receiver, if: shortCircuit, to: shortCircuit == sense ? label : skip, head: send.id)
    try inlineStatements(block, arguments: []) { compiler, last throws(BytecodeFailure) in
      if let last {
        try compiler.jump(last, if: sense, to: label, head: head, what: what, isOperand: true)
      } else {
        compiler.emit(.loadNil, a: compiler.sp, block.range)
        compiler.sync(head, what, compiler.sp)
        compiler.reserveCall(base: compiler.sp + 1, argumentCount: 2)
        compiler.emitJump(
          sense ? .jumpIfTrue : .jumpIfFalse, a: compiler.sp, to: label, block.range, depth: compiler.sp + 1)
      }
    }
    bind(skip)
  }

  /// A comparison and the jump on its result, fused.
  private func fusedJump(
    _ op: Operator, _ send: Send, if sense: Bool, to label: Int, head: NodeID, what: SyncKind
  ) throws(BytecodeFailure) {
    var receiver: Int?
    if case .send = send.receiver { receiver = try push(send.receiver) }
    let operands = try operatorOperands(op, send, receiver: receiver)
    let site = try addSite(send.selector, 1, send.message.range)
    assume(send.selector)
    sync(send.id, .before)
    pending.removeLast(operands.pendingCount)
    emitFused(
      op, left: operands.left, right: operands.right, immediate: operands.immediate, base: operands.base,
      site: site,
      send.message.range)
    sync(send.id, .after, operands.base)
    sync(head, what, operands.base)
    emitJump(
      sense ? .jumpIfTrue : .jumpIfFalse, a: operands.base, to: label, send.message.range,
      depth: operands.base + 1)
  }

  private func emitFused(
    _ op: Operator, left: Int, right: Int, immediate: Int?, base: Int, site: UInt16, _ range: SourceRange
  ) {
    reserveCall(base: sp, argumentCount: 2)
    let opcode = op.opcode(immediate: immediate != nil, fused: true)!
    emit(opcode, a: base, b: left, c: immediate ?? right, range, site: site)
    sp = base
  }

  // MARK: Loops

  func loopHeader(_ send: Send) -> (label: Int, loop: Int) {
    let label = newLabel()
    bind(label)
    chunk.loopHeaders.append(code)
    sync(send.id, .loopHeader)
    return (label, chunk.loopHeaders.count - 1)
  }

  func loopJump(_ send: Send, _ header: (label: Int, loop: Int)) throws(BytecodeFailure) {
    guard header.loop <= Int(Int16.max) else {
      throw BytecodeFailure(message: "too many loops in one method or block", range: send.range)
    }
    sync(send.id, .loopJump)
    emitJump(.loopJump, a: header.loop, to: header.label, send.message.selectorRange)
  }

  func whileLoop(
    _ send: Send, _ condition: BlockLiteral, _ body: BlockLiteral, _ sense: Bool, into destination: Int?
  ) throws(BytecodeFailure) {
    let exit = newLabel()
    let header = loopHeader(send)
    try inlineStatements(condition, arguments: []) { compiler, last throws(BytecodeFailure) in
      if let last {
        try compiler.jump(last, if: !sense, to: exit, head: send.id, what: .condition, isOperand: true)
      } else {
        compiler.emit(.loadNil, a: compiler.sp, condition.range)
        compiler.sync(send.id, .condition, compiler.sp)
        compiler.reserveCall(base: compiler.sp + 1, argumentCount: 2)
        compiler.emitJump(
          sense ? .jumpIfFalse : .jumpIfTrue, a: compiler.sp, to: exit, condition.range,
          depth: compiler.sp + 1)
      }
    }
    try inlineBody(body, into: nil)
    try loopJump(send, header)
    bind(exit)
    if let destination { emit(.loadNil, a: destination, send.message.selectorRange) }
  }

  /// The limit as an immediate operand, if it can be one.
  static func immediateLimit(_ limit: Expression) -> Int? {
    guard case .literal(.integer(let value), _) = limit, Int16(exactly: value) != nil else { return nil }
    return value
  }

  static func isInteger(_ expression: Expression) -> Bool {
    if case .literal(.integer, _) = expression { return true }
    return false
  }

  /// `to:do:`, `to:by:do:`, `downTo:do:`; without `start`, `timesRepeat:`, which counts from 1 and whose
  /// value is the limit. During the loop these are pending, as far as they exist: start (if it is wanted as
  /// the value and no literal), limit (if not immediate), counter.
  private func counting(
    _ send: Send, start: Expression?, limit: Expression, step: Int, _ body: BlockLiteral,
    into destination: Int?
  ) throws(BytecodeFailure) {
    let range = send.message.selectorRange
    let immediate = ChunkCompiler.immediateLimit(limit)
    let limitIsTrivial = immediate != nil || isTrivial(limit)
    let outer = pending
    // Start and limit, evaluated once; the guards of both.
    var first: Int?
    if let start, !(ChunkCompiler.isInteger(start) && limitIsTrivial) {
      let later = SourceRange(limit.range.start, send.range.end)
      first = try operand(start, unassignedIn: destination == nil ? limit.range : later)
      if !limitIsTrivial || !isTrivial(start) { pending.append(Int16(first!)) }
    }
    var last = 0
    if immediate == nil {
      last = try operand(limit, unassignedIn: body.range)
      if !limitIsTrivial { pending.append(Int16(last)) }
    }
    reserveCall(base: sp, argumentCount: 3)
    if let start, !ChunkCompiler.isInteger(start) {
      sync(send.id, .head)
      emit(.guardInteger, a: first!, start.range)
    }
    if !ChunkCompiler.isInteger(limit) {
      sync(send.id, .secondGuard)
      // The receiver of `timesRepeat:`, which doubles do not understand, or a limit.
      emit(start == nil ? .guardSmallInteger : .guardInteger, a: last, limit.range)
    }
    pending = outer
    if destination != nil, let start, !ChunkCompiler.isInteger(start) { pending.append(Int16(first!)) }
    if immediate == nil { pending.append(Int16(last)) }

    // The counter is the block's argument, unless the body can change or capture that.
    let scope = analysis.scope(of: body)
    var counter = sp
    if let argument = analysis.scopes[scope].variables.first, body.arguments.count == 1,
      let register = variableRegister[argument], analysis.variables[argument].assignments.isEmpty
    {
      counter = register
    }
    if let start {
      if let first { move(first, to: counter, start.range) } else { try value(start, into: counter) }
    } else {
      emit(Instruction(.loadInteger, a: counter, wide: 1), range)
    }
    if counter == sp { sp = try register(after: sp, range) }
    pending.append(Int16(counter))

    let exit = newLabel()
    let header = loopHeader(send)
    let comparison = step > 0 ? Operator.lessOrEqual : .greaterOrEqual
    let site = try addSite(comparison.rawValue, 1, range)
    sync(send.id, .comparisonBefore)
    emitFused(
      comparison, left: counter, right: last, immediate: immediate, base: sp, site: site, range)
    sync(send.id, .comparisonAfter, sp)
    emitJump(.jumpIfFalse, a: sp, to: exit, range, depth: sp + 1)
    try inlineBody(body, arguments: [counter], into: nil)
    try increment(send, counter, by: step, range)
    try loopJump(send, header)
    bind(exit)
    pending = outer
    guard let destination else { return }
    if let start {
      if ChunkCompiler.isInteger(start) {
        try value(start, into: destination)
      } else {
        move(first!, to: destination, range)
      }
    } else if immediate != nil {
      try value(limit, into: destination)
    } else {
      move(last, to: destination, range)
    }
  }

  private func increment(_ send: Send, _ counter: Int, by step: Int, _ range: SourceRange)
    throws(BytecodeFailure)
  {
    let site = try addSite(step > 0 ? "+" : "-", 1, range)
    if Int16(exactly: step) != nil {
      reserveCall(base: sp, argumentCount: 1)
      sync(send.id, .incrementBefore)
      emit(
        step > 0 ? .addImmediate : .subtractImmediate, a: counter, b: counter, c: abs(step), range, site: site
      )
    } else {
      emit(Instruction(.loadInteger, a: sp, wide: step), range)
      reserveCall(base: sp + 1, argumentCount: 1)
      sync(send.id, .incrementBefore)
      emit(.add, a: counter, b: counter, c: sp, range, site: site, depth: sp + 1)
    }
    sync(send.id, .incrementAfter, counter)
  }
}
