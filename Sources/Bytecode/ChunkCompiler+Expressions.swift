// Values, variables, assignments, returns.

import Syntax

extension ChunkCompiler {
  // MARK: Operands

  /// Evaluates into the next operand register.
  @discardableResult
  func push(_ expression: Expression) throws(BytecodeFailure) -> Int {
    let register = sp
    try value(expression, into: register)
    sp = try self.register(after: register, expression.range)
    return register
  }

  /// A register with the value: a variable's own, if nothing in `later` assigns it, or a new operand.
  func operand(_ expression: Expression, unassignedIn later: SourceRange? = nil) throws(BytecodeFailure) -> Int {
    if let register = ownRegister(expression, unassignedIn: later) { return register }
    return try push(expression)
  }

  /// The register that a plain variable, an argument or self lives in.
  func ownRegister(_ expression: Expression, unassignedIn later: SourceRange? = nil) -> Int? {
    guard case .variable(let reference) = expression else { return nil }
    switch analysis.resolution(reference) {
    case .selfValue, .superValue: return selfRegister
    case .variable(let variable):
      guard let register = variableRegister[variable] else { return nil }
      if let later, analysis.isAssigned(variable, in: later) { return nil }
      return register
    default: return nil
    }
  }

  /// True if evaluating the expression emits nothing in the inlined variant, in either variant has no effect,
  /// and can therefore be left to the instruction that uses it: the same answer in both variants.
  func isTrivial(_ expression: Expression) -> Bool {
    guard case .variable(let reference) = expression else { return false }
    switch analysis.resolution(reference) {
    case .selfValue, .superValue: return true
    case .variable(let variable): return !analysis.variables[variable].isCaptured
    default: return false
    }
  }

  // MARK: Values

  func value(_ expression: Expression, into destination: Int) throws(BytecodeFailure) {
    if NativeStack.used(since: context.stackBase) > NativeStack.budget {
      throw BytecodeFailure(message: "too deeply nested", range: expression.range)
    }
    switch expression {
    case .literal(let value, let range): try loadLiteral(value, into: destination, range)
    case .variable(let reference): try load(reference, into: destination)
    case .assignment(let assignment): try assign(assignment, into: destination)
    case .send(let send): try compileSend(send, into: destination)
    case .cascade(let cascade): try compileCascade(cascade, into: destination)
    case .block(let block): try newBlock(block, into: destination)
    }
  }

  /// Evaluates for the effects alone.
  func effect(_ expression: Expression) throws(BytecodeFailure) {
    switch expression {
    case .literal, .block: break
    case .variable(let reference):
      if case .global = analysis.resolution(reference) { try load(reference, into: sp) }
    case .assignment(let assignment): try assign(assignment, into: nil)
    case .send(let send): try compileSend(send, into: nil)
    case .cascade(let cascade): try compileCascade(cascade, into: sp)
    }
  }

  func loadLiteral(_ value: LiteralValue, into destination: Int, _ range: SourceRange) throws(BytecodeFailure) {
    if case .integer(let value) = value, Int32(exactly: value) != nil {
      emit(Instruction(.loadInteger, a: destination, wide: value), range)
    } else {
      emit(.loadLiteral, a: destination, b: try literal(value, range), range)
    }
  }

  func load(_ reference: VariableReference, into destination: Int) throws(BytecodeFailure) {
    let range = reference.range
    switch analysis.resolution(reference) {
    case .selfValue, .superValue: move(selfRegister, to: destination, range)
    case .nilValue, .trueValue, .falseValue: try loadConstant(reference, into: destination)
    case .field(let index):
      try checkField(index, range)
      emit(.loadField, a: destination, b: selfRegister, c: index, range)
    case .variable(let variable):
      if let register = variableRegister[variable] {
        move(register, to: destination, range)
      } else {
        let environment = environment(of: variable, scratch: sp, range)
        emit(
          .loadVariable, a: destination, b: environment, c: analysis.variables[variable].index, range,
          depth: max(sp, environment + 1))
      }
    case .global, .unresolved: try loadGlobal(reference, into: destination)
    }
  }

  private func loadGlobal(_ reference: VariableReference, into destination: Int) throws(BytecodeFailure) {
    let range = reference.range
    let site = try addSite("unknownGlobal:", 1, range)
    sync(reference.id, .before)
    reserveCall(base: sp, argumentCount: 1)
    emit(.loadGlobal, a: destination, b: try global(reference.name, range), range, site: site)
    sync(reference.id, .after, destination)
  }

  /// `nil`, `true` and `false` are globals; that nobody sets them is an assumption of the inlined variant.
  private func loadConstant(_ reference: VariableReference, into destination: Int) throws(BytecodeFailure) {
    // `self` in a workspace: not the global nil.
    if reference.name == "self" { return emit(.loadNil, a: destination, reference.range) }
    if chunk.variant == .generic { return try loadGlobal(reference, into: destination) }
    chunk.assumptions.insert(InlinedSelector(reference.name))
    switch reference.name {
    case "nil": emit(.loadNil, a: destination, reference.range)
    case "true": emit(.loadTrue, a: destination, reference.range)
    default: emit(.loadFalse, a: destination, reference.range)
    }
  }

  func move(_ source: Int, to destination: Int, _ range: SourceRange) {
    if source != destination { emit(.move, a: destination, b: source, range) }
  }

  private func checkField(_ index: Int, _ range: SourceRange) throws(BytecodeFailure) {
    if index > ClassScope.removedField { throw BytecodeFailure(message: "too many fields", range: range) }
  }

  /// A register with the environment in which a variable lives; `scratch` is used if there is none yet.
  private func environment(of variable: Int, scratch: Int, _ range: SourceRange) -> Int {
    let info = analysis.variables[variable]
    return environment(ofScope: info.scope, extra: !info.isCaptured, scratch: scratch, range)
  }

  private func environment(ofScope scope: Int, extra: Bool, scratch: Int, _ range: SourceRange) -> Int {
    if let register = extra ? extraRegister[scope] : environmentRegister[scope] { return register }
    var register = extra ? blockExtra : blockEnvironment
    for _ in 0..<analysis.hops(from: root, to: scope, extra: extra) {
      emit(.loadOuter, a: scratch, b: register, range, depth: max(sp, register + 1))
      register = scratch
    }
    return register
  }

  // MARK: Assignment and return

  private func assign(_ assignment: Assignment, into destination: Int?) throws(BytecodeFailure) {
    let range = assignment.range
    let resolution = analysis.resolution(assignment.target)
    if case .variable(let variable) = resolution, let register = variableRegister[variable] {
      try value(assignment.value, into: register)
      if let destination { move(register, to: destination, range) }
      return
    }
    let start = sp
    // The value is computed where it is wanted, unless that is a variable.
    let source: Int
    if let destination, destination == sp {
      source = try push(assignment.value)
    } else {
      source = try operand(assignment.value)
    }
    switch resolution {
    case .field(let index):
      try checkField(index, range)
      emit(.storeField, a: selfRegister, b: index, c: source, range)
    case .variable(let variable):
      let environment = environment(of: variable, scratch: sp, range)
      emit(
        .storeVariable, a: environment, b: analysis.variables[variable].index, c: source, range,
        depth: max(sp, environment + 1))
    default:
      throw BytecodeFailure(
        message: "\(assignment.target.name) cannot be assigned", range: assignment.target.range)
    }
    if let destination { move(source, to: destination, range) }
    sp = start
  }

  func compileReturn(_ expression: Expression, _ id: NodeID, _ range: SourceRange) throws(BytecodeFailure) {
    let start = sp
    if analysis.scopes[root].root != 0 || kind == .genericOnly {
      try nonLocalReturn(expression, id, range)
    } else if case .variable(let reference) = expression, case .selfValue = analysis.resolution(reference) {
      if homeRegister != 0 { emit(.closeHome, a: homeRegister, range) }
      emit(.returnSelf, range)
    } else {
      let result = try operand(expression)
      if homeRegister != 0 { emit(.closeHome, a: homeRegister, range) }
      emit(.return, a: result, range)
    }
    sp = start
  }

  private func nonLocalReturn(_ expression: Expression, _ id: NodeID, _ range: SourceRange)
    throws(BytecodeFailure)
  {
    let site = try addSite("escapedBlock:", 1, range)
    let trivial = isTrivial(expression)
    let operands = pending
    let destination = sp
    if trivial, isGeneric { sync(id, .before) }
    let result = try operand(expression)
    if !trivial {
      pending.append(Int16(result))
      if isGeneric { sync(id, .before) }
    }
    let extra = !analysis.scopes[0].hasEnvironment
    let home = environment(ofScope: 0, extra: extra, scratch: sp, range)
    if home == sp { sp += 1 }
    if !isGeneric { sync(id, .before) }
    pending = operands
    reserveCall(base: sp, argumentCount: 1)
    emit(.returnNonLocal, a: destination, b: result, c: home, range, site: site)
    sync(id, .after, destination)
    emit(kind == .genericOnly ? .returnEscaped : .return, a: destination, range, depth: destination + 1)
  }

  // MARK: Bodies of inlined blocks

  /// The statements of an inlined block; the value goes to `destination`, if that is wanted.
  func inlineBody(
    _ block: BlockLiteral, arguments: [Int] = [], into destination: Int?
  ) throws(BytecodeFailure) {
    try inlineStatements(block, arguments: arguments) { compiler, last throws(BytecodeFailure) in
      guard let last else {
        if let destination { compiler.emit(.loadNil, a: destination, block.range) }
        return
      }
      if let destination {
        try compiler.value(last, into: destination)
      } else {
        try compiler.effect(last)
      }
    }
  }

  /// All statements but a last expression, which (or nil for an empty block) is left to `finish`. Statements
  /// after a return are not compiled.
  func inlineStatements(
    _ block: BlockLiteral, arguments: [Int],
    _ finish: (ChunkCompiler, Expression?) throws(BytecodeFailure) -> Void
  ) throws(BytecodeFailure) {
    try enterScope(analysis.scope(of: block), arguments: arguments, block.range)
    defer { leaveScope() }
    for (i, statement) in block.body.statements.enumerated() {
      switch statement {
      case .expression(let value):
        if i == block.body.statements.count - 1 { return try finish(self, value) }
        try effect(value)
      case .returning(let value, let id, let range):
        return try compileReturn(value, id, range)
      }
    }
    try finish(self, nil)
  }
}
