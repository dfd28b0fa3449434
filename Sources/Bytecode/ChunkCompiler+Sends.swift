// Message sends, operators, cascades.

import Syntax

extension ChunkCompiler {
  /// A send; without a destination, for its effects.
  func compileSend(_ send: Send, into destination: Int?) throws(BytecodeFailure) {
    if let construct = analysis.constructs[send.id] {
      if !isGeneric { assume(send.selector, construct.furtherAssumptions) }
      return try compile(construct, send, into: destination)
    }
    // Down the chain of receivers, without recursion.
    var chain = [send]
    while case .send(let inner) = chain.last!.receiver, analysis.constructs[inner.id] == nil {
      chain.append(inner)
    }
    let base = sp
    var receiver: Int?
    while let link = chain.popLast() {
      try apply(link, receiver: receiver, into: chain.isEmpty ? destination ?? base : base)
      receiver = base
      sp = chain.isEmpty ? base : try register(after: base, link.range)
    }
  }

  func assume(_ selector: String, _ more: [String] = []) {
    chunk.assumptions.insert(InlinedSelector(selector))
    for other in more { chunk.assumptions.insert(InlinedSelector(other)) }
  }

  /// One send. `receiver` is `sp - 1` and holds the receiver, if that has been evaluated already.
  private func apply(_ send: Send, receiver: Int?, into destination: Int) throws(BytecodeFailure) {
    let isSuper = isSuper(send.receiver)
    if !isSuper, let op = Operator(rawValue: send.selector), send.arguments.count == 1 {
      if isGeneric {
        try genericOperator(op, send, receiver: receiver, into: destination)
      } else {
        let operands = try operatorOperands(op, send, receiver: receiver)
        let site = try addSite(send.selector, 1, send.message.range)
        try emitOperator(op, send, operands, site: site, into: destination)
      }
      return
    }
    let base = receiver ?? sp
    if receiver == nil { try push(send.receiver) }
    pending.append(Int16(base))
    try sendMessage(send.message, base: base, isSuper: isSuper, into: destination)
  }

  func isSuper(_ expression: Expression) -> Bool {
    if case .variable(let reference) = expression, case .superValue = analysis.resolution(reference) {
      return true
    }
    return false
  }

  /// The receiver is in `base`, which is `sp - 1`, and pending. Leaves `sp == base`.
  private func sendMessage(
    _ message: Message, base: Int, isSuper: Bool, into destination: Int
  ) throws(BytecodeFailure) {
    for argument in message.arguments { pending.append(Int16(try push(argument))) }
    sync(message.id, .before)
    pending.removeLast(message.arguments.count + 1)
    sp = base
    try emitSend(
      message.selector, message.arguments.count, base: base, isSuper: isSuper, into: destination,
      message.range)
    sync(message.id, .after, destination)
  }

  func emitSend(
    _ selector: String, _ argumentCount: Int, base: Int, isSuper: Bool = false, into destination: Int,
    _ range: SourceRange
  ) throws(BytecodeFailure) {
    let site = try addSite(selector, argumentCount, range)
    reserveCall(base: base, argumentCount: argumentCount)
    emit(isSuper ? .superSend : .send, a: destination, b: base, c: Int(site), range, site: site, depth: base)
  }

  func compileCascade(_ cascade: Cascade, into destination: Int) throws(BytecodeFailure) {
    let isSuper = isSuper(cascade.receiver)
    let receiver = try push(cascade.receiver)
    pending.append(Int16(receiver))
    for (i, message) in cascade.messages.enumerated() {
      if i == cascade.messages.count - 1 {
        return try sendMessage(message, base: receiver, isSuper: isSuper, into: destination)
      }
      let base = sp
      emit(.move, a: base, b: receiver, message.selectorRange)
      sp = try register(after: base, message.range)
      pending.append(Int16(base))
      try sendMessage(message, base: base, isSuper: isSuper, into: base)
    }
  }

  // MARK: Operators

  struct OperatorOperands {
    var left = 0
    var right = 0
    /// Instead of `right`.
    var immediate: Int?
    /// `sp` before the operands, and how many of them are in `pending`.
    var base = 0
    var pendingCount = 0
  }

  /// Evaluates the operands of an operator. Operands up to the last nontrivial one are pending.
  func operatorOperands(_ op: Operator, _ send: Send, receiver: Int?) throws(BytecodeFailure) -> OperatorOperands {
    let right = send.arguments[0]
    var result = OperatorOperands()
    result.base = receiver ?? sp
    result.immediate = op.immediate(right)
    if result.immediate != nil || isTrivial(right) {
      if receiver == nil, isTrivial(send.receiver) {
        result.left = try operand(send.receiver)
      } else {
        if let receiver { result.left = receiver } else { result.left = try operand(send.receiver) }
        pending.append(Int16(result.left))
        result.pendingCount = 1
      }
      if result.immediate == nil { result.right = try operand(right) }
    } else {
      if let receiver {
        result.left = receiver
      } else {
        result.left = try operand(send.receiver, unassignedIn: right.range)
      }
      pending.append(Int16(result.left))
      result.right = try operand(right)
      pending.append(Int16(result.right))
      result.pendingCount = 2
    }
    return result
  }

  /// The instruction of an operator, not fused.
  private func emitOperator(
    _ op: Operator, _ send: Send, _ operands: OperatorOperands, site: UInt16, into destination: Int
  ) throws(BytecodeFailure) {
    assume(send.selector)
    let range = send.message.range
    var opcode = op.opcode()!
    var right = operands.right
    if let immediate = operands.immediate {
      if let form = op.opcode(immediate: true) {
        opcode = form
        right = immediate
      } else {
        right = sp
        emit(Instruction(.loadInteger, a: right, wide: immediate), send.arguments[0].range)
        sp = try register(after: right, range)
      }
    }
    sync(send.id, .before)
    pending.removeLast(operands.pendingCount)
    reserveCall(base: sp, argumentCount: 1)
    emit(opcode, a: destination, b: operands.left, c: right, range, site: site)
    sp = operands.base
    sync(send.id, .after, destination)
  }

  /// An operator as a send, with the same pending operands.
  private func genericOperator(
    _ op: Operator, _ send: Send, receiver: Int?, into destination: Int
  ) throws(BytecodeFailure) {
    let right = send.arguments[0]
    let base = receiver ?? sp
    let outer = pending
    let rightIsTrivial = op.immediate(right) != nil || isTrivial(right)
    if rightIsTrivial, receiver == nil, isTrivial(send.receiver) {
      sync(send.id, .before)
      try push(send.receiver)
      try push(right)
    } else {
      if receiver == nil { try push(send.receiver) }
      pending.append(Int16(base))
      if rightIsTrivial { sync(send.id, .before) }
      try push(right)
      if !rightIsTrivial {
        pending.append(Int16(base + 1))
        sync(send.id, .before)
      }
    }
    pending = outer
    sp = base
    try emitSend(send.selector, 1, base: base, into: destination, send.message.range)
    sync(send.id, .after, destination)
  }
}
