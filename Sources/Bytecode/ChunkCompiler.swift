// Compiles one method or one block: registers, environments, emission. Expressions, sends and control
// structures are in the extensions.
//
// Operands are a stack: `sp` is the first register that holds nothing. `pending` lists the registers of the
// operands that are logically pending, which are the same in number in both variants (see `Sync points`
// below).

import Syntax

final class ChunkCompiler {
  let context: MethodContext
  let kind: ChunkKind
  /// The scope that this chunk is made from.
  let root: Int
  var chunk: BytecodeChunk

  var sp = 0
  var pending: [Int16] = []
  /// Scopes around the current point within this chunk, outermost first.
  var scopeStack: [Int] = []
  /// Registers of variables and environments, by variable and by scope.
  var variableRegister: [Int: Int] = [:]
  var environmentRegister: [Int: Int] = [:]
  var extraRegister: [Int: Int] = [:]
  var selfRegister = 0
  /// The environment, and the extra environment, that the running block closed over; 0 if none.
  var blockEnvironment = 0
  var blockExtra = 0
  /// Register of the environment that is this activation's home; 0 if none.
  var homeRegister = 0

  private var labels: [Label] = []
  private var lastBound = -1
  private var literalIndex: [LiteralKey: Int] = [:]
  private var globalIndex: [String: Int] = [:]

  private struct Label {
    var pc = -1
    var uses: [Int] = []
  }

  private enum LiteralKey: Hashable {
    case integer(Int), big(String), double(UInt64), symbol(String)
  }

  init(_ context: MethodContext, root: Int, kind: ChunkKind) {
    self.context = context
    self.kind = kind
    self.root = root
    let scope = context.analysis.scopes[root]
    chunk = BytecodeChunk(
      nodeID: scope.id, selector: context.method.selector, isBlock: root != 0,
      argumentCount: scope.argumentCount,
      instructions: [], literals: [], sites: [], globals: [], blocks: [], frameSize: 0, localCount: 0,
      depth: [],
      siteAtPC: [], ranges: [], homeRegister: nil, loopHeaders: [], assumptions: [], variant: context.variant,
      syncPoints: [], variables: [:])
  }

  var analysis: ScopeAnalysis { _read { yield context.analysis } }
  var isGeneric: Bool { kind != .inlined }
  var code: Int { chunk.instructions.count }

  // MARK: Emission

  func emit(
    _ instruction: Instruction, _ range: SourceRange, site: UInt16 = BytecodeChunk.noSite, depth: Int? = nil
  ) {
    let depth = depth ?? sp
    chunk.instructions.append(instruction)
    chunk.depth.append(UInt16(truncatingIfNeeded: depth))
    chunk.siteAtPC.append(site)
    chunk.ranges.append(range)
    if depth > chunk.frameSize { chunk.frameSize = depth }
  }

  func emit(
    _ op: Opcode, a: Int = 0, b: Int = 0, c: Int = 0, _ range: SourceRange,
    site: UInt16 = BytecodeChunk.noSite,
    depth: Int? = nil
  ) {
    emit(Instruction(op, a: a, b: b, c: c), range, site: site, depth: depth)
  }

  /// Makes sure that a send from register `base` with so many arguments fits the frame.
  func reserveCall(base: Int, argumentCount: Int) {
    chunk.frameSize = max(chunk.frameSize, base + argumentCount + 1 + BytecodeChunk.headerWords)
  }

  func addSite(_ selector: String, _ argumentCount: Int, _ range: SourceRange) throws(BytecodeFailure)
    -> UInt16
  {
    guard chunk.sites.count < Int(BytecodeChunk.noSite) else {
      throw BytecodeFailure(message: "too many sends in one method or block", range: range)
    }
    chunk.sites.append(SendSite(selector: selector, argumentCount: argumentCount))
    return UInt16(chunk.sites.count - 1)
  }

  func newLabel() -> Int {
    labels.append(Label())
    return labels.count - 1
  }

  func bind(_ label: Int) {
    labels[label].pc = code
    lastBound = code
    for use in labels[label].uses { patch(use, to: code) }
  }

  private func patch(_ pc: Int, to target: Int) {
    let old = chunk.instructions[pc]
    chunk.instructions[pc] = Instruction(
      bits: old.bits & 0xFFFF_FFFF | UInt64(UInt32(truncatingIfNeeded: target)) << 32)
  }

  func emitJump(_ op: Opcode, a: Int = 0, to label: Int, _ range: SourceRange, depth: Int? = nil) {
    let pc = code
    emit(Instruction(op, a: a, wide: max(labels[label].pc, 0)), range, depth: depth)
    if labels[label].pc < 0 { labels[label].uses.append(pc) }
  }

  /// True if control cannot come here from the instruction before, nor by a jump.
  var isTerminated: Bool {
    guard lastBound != code, let last = chunk.instructions.last?.opcode else { return false }
    return !last.info.fallsThrough
  }

  // MARK: Registers

  func register(after register: Int, _ range: SourceRange) throws(BytecodeFailure) -> Int {
    guard register < Int(Int16.max) - 8 else {
      throw BytecodeFailure(message: "too many variables or operands in one method or block", range: range)
    }
    return register + 1
  }

  /// Assigns registers to hidden values and to the variables of all scopes in this chunk.
  private func allocateLocals() throws(BytecodeFailure) {
    let range = context.method.range
    var next = BytecodeChunk.headerWords
    func take() throws(BytecodeFailure) -> Int {
      defer { next += 1 }
      _ = try register(after: next, range)
      return next
    }
    func hidden(_ scope: Int, _ what: UInt32, _ register: Int) {
      chunk.variables[BytecodeChunk.firstHiddenID | analysis.scopes[scope].id << 2 | what] =
        .register(Int16(register))
    }
    let info = analysis.scopes[root]
    if root == 0 {
      selfRegister = -(info.argumentCount + 1)
    } else {
      if info.usesSelf {
        selfRegister = try take()
        hidden(root, 2, selfRegister)
      }
      if kind == .genericOnly, info.needsExtra { blockExtra = try take() }
      if info.needsEnvironment {
        blockEnvironment = try take()
        hidden(root, 3, blockEnvironment)
      }
    }
    var scopes: [Int] = []
    func collect(_ scope: Int) {
      scopes.append(scope)
      guard kind != .genericOnly else { return }
      for child in analysis.scopes[scope].children where analysis.scopes[child].isInlined { collect(child) }
    }
    collect(root)
    for scope in scopes {
      let info = analysis.scopes[scope]
      if info.hasEnvironment {
        environmentRegister[scope] = try take()
        hidden(scope, 0, environmentRegister[scope]!)
      }
      for index in info.variables {
        let variable = analysis.variables[index]
        if !variable.isCaptured && !(isGeneric && variable.isShared) {
          if scope == root, let argument = variable.argumentIndex {
            variableRegister[index] = argument - info.argumentCount
          } else {
            variableRegister[index] = try take()
          }
        }
      }
    }
    if isGeneric {
      for scope in scopes where analysis.scopes[scope].hasExtra {
        extraRegister[scope] = try take()
        hidden(scope, 1, extraRegister[scope]!)
      }
    }
    chunk.localCount = next - BytecodeChunk.headerWords
    sp = next
    for scope in scopes {
      describe(scope)
    }
  }

  /// Notes where the variables and environments of a scope are.
  private func describe(_ scope: Int) {
    let info = analysis.scopes[scope]
    for index in info.variables {
      let variable = analysis.variables[index]
      let location: VariableLocation =
        if let register = variableRegister[index] {
          .register(Int16(register))
        } else {
          .environment(
            register: Int16(variable.isCaptured ? environmentRegister[scope]! : extraRegister[scope]!),
            index: variable.index)
        }
      chunk.variables[variable.declaration.id] = location
    }
    let around = chain(upTo: scope)
    if let register = environmentRegister[scope] {
      chunk.environments.append(
        HeldEnvironment(
          register: Int16(register), outer: Int16(nearestEnvironment(around.dropLast())),
          variableCount: info.environmentCount))
    }
    if let register = extraRegister[scope] {
      chunk.environments.append(
        HeldEnvironment(
          register: Int16(register), outer: Int16(nearestExtra(around.dropLast())),
          variableCount: info.extraCount, link: Int16(nearestEnvironment(around[...]))))
    }
  }

  /// The scopes of this chunk from its root to `scope`.
  private func chain(upTo scope: Int) -> [Int] {
    var result = [scope]
    while result.last! != root { result.append(analysis.scopes[result.last!].parent) }
    return result.reversed()
  }

  func nearestEnvironment(_ scopes: ArraySlice<Int>) -> Int {
    for scope in scopes.reversed() { if let register = environmentRegister[scope] { return register } }
    return blockEnvironment
  }

  func nearestExtra(_ scopes: ArraySlice<Int>) -> Int {
    for scope in scopes.reversed() { if let register = extraRegister[scope] { return register } }
    return blockExtra
  }

  // MARK: Chunks

  func compileMethod() throws(BytecodeFailure) -> BytecodeChunk {
    try prologue(context.method.patternRange)
    for statement in context.method.body.statements {
      switch statement {
      case .expression(let value): try effect(value)
      case .returning(let value, let id, let range):
        try compileReturn(value, id, range)
        return try finish()
      }
    }
    let end = SourceRange(
      max(context.method.range.end - 1, context.method.range.start), context.method.range.end)
    if homeRegister != 0 { emit(.closeHome, a: homeRegister, end) }
    emit(.returnSelf, end)
    return try finish()
  }

  func compileBlock(_ block: BlockLiteral) throws(BytecodeFailure) -> BytecodeChunk {
    try prologue(block.range)
    let end = SourceRange(max(block.range.end - 1, block.range.start), block.range.end)
    for (i, statement) in block.body.statements.enumerated() {
      switch statement {
      case .expression(let value):
        if i == block.body.statements.count - 1 {
          let result = try operand(value)
          emit(.return, a: result, end)
          return try finish()
        }
        try effect(value)
      case .returning(let value, let id, let range):
        try compileReturn(value, id, range)
        return try finish()
      }
    }
    emit(.loadNil, a: sp, end)
    emit(.return, a: sp, end, depth: sp + 1)
    return try finish()
  }

  private func prologue(_ range: SourceRange) throws(BytecodeFailure) {
    try allocateLocals()
    let info = analysis.scopes[root]
    if root != 0 {
      if info.usesSelf { emit(.loadSelf, a: selfRegister, range) }
      if blockExtra != 0 {
        emit(.loadBlockEnvironment, a: blockExtra, range)
        if blockEnvironment != 0 { emit(.loadVariable, a: blockEnvironment, b: blockExtra, c: 0, range) }
      } else if blockEnvironment != 0 {
        emit(.loadBlockEnvironment, a: blockEnvironment, range)
      }
    }
    let arguments = (0..<info.argumentCount).map { $0 - info.argumentCount }
    try enterScope(root, arguments: arguments, range)
    if root == 0, analysis.hasNonLocalReturn || isGeneric && analysis.hasGenericNonLocalReturn {
      homeRegister = environmentRegister[0] ?? extraRegister[0]!
      chunk.homeRegister = Int16(homeRegister)
    }
  }

  /// Makes the environments of a scope, puts its arguments where they live, clears its temporaries.
  func enterScope(_ scope: Int, arguments: [Int], _ range: SourceRange) throws(BytecodeFailure) {
    let info = analysis.scopes[scope]
    if let register = environmentRegister[scope] {
      guard info.environmentCount <= Int(UInt16.max) else {
        throw BytecodeFailure(message: "too many captured variables in one method or block", range: range)
      }
      emit(
        .newEnvironment, a: register, b: nearestEnvironment(scopeStack[...]), c: info.environmentCount, range)
    }
    if let register = extraRegister[scope] {
      emit(.newEnvironment, a: register, b: nearestExtra(scopeStack[...]), c: info.extraCount, range)
      let link = environmentRegister[scope] ?? nearestEnvironment(scopeStack[...])
      if link != 0 { emit(.storeVariable, a: register, b: 0, c: link, range) }
    }
    scopeStack.append(scope)
    for index in info.variables {
      let variable = analysis.variables[index]
      let range = variable.declaration.range
      if let argument = variable.argumentIndex {
        guard argument < arguments.count else { continue }
        let source = arguments[argument]
        if let register = variableRegister[index] {
          if register != source { emit(.move, a: register, b: source, range) }
        } else {
          emit(.storeVariable, a: environment(of: index), b: variable.index, c: source, range)
        }
      } else if info.inLoop, let register = variableRegister[index] {
        emit(.loadNil, a: register, range)
      }
    }
  }

  func leaveScope() { scopeStack.removeLast() }

  /// The register of the environment, created in this chunk, in which the variable lives.
  private func environment(of variable: Int) -> Int {
    let info = analysis.variables[variable]
    return info.isCaptured ? environmentRegister[info.scope]! : extraRegister[info.scope]!
  }

  private func finish() throws(BytecodeFailure) -> BytecodeChunk {
    chunk.frameSize = max(chunk.frameSize, sp + BytecodeChunk.headerWords + 3)
    guard chunk.frameSize < Int(Int16.max) else {
      throw BytecodeFailure(
        message: "too many variables or operands in one method or block", range: context.method.range)
    }
    guard chunk.instructions.count <= Int(Int32.max) else {
      throw BytecodeFailure(message: "method too long", range: context.method.range)
    }
    return chunk
  }

  // MARK: Literals, globals, blocks

  func literal(_ value: LiteralValue, _ range: SourceRange) throws(BytecodeFailure) -> Int {
    let key: LiteralKey? =
      switch value {
      case .integer(let value): .integer(value)
      case .bigInteger(let text): .big(text)
      case .double(let value): .double(value.bitPattern)
      case .symbol(let name): .symbol(name)
      case .string, .array: nil
      }
    if let key, let index = literalIndex[key] { return index }
    guard chunk.literals.count <= Int(Int16.max) else {
      throw BytecodeFailure(message: "too many literals in one method or block", range: range)
    }
    chunk.literals.append(Literal(value))
    if let key { literalIndex[key] = chunk.literals.count - 1 }
    return chunk.literals.count - 1
  }

  func global(_ name: String, _ range: SourceRange) throws(BytecodeFailure) -> Int {
    if let index = globalIndex[name] { return index }
    guard chunk.globals.count <= Int(Int16.max) else {
      throw BytecodeFailure(message: "too many globals in one method or block", range: range)
    }
    chunk.globals.append(name)
    globalIndex[name] = chunk.globals.count - 1
    return chunk.globals.count - 1
  }

  /// Creates a block in `destination`.
  func newBlock(_ block: BlockLiteral, into destination: Int) throws(BytecodeFailure) {
    let scope = analysis.scope(of: block)
    let info = analysis.scopes[scope]
    if block.arguments.count > 2 {
      throw BytecodeFailure(message: "a block can have at most two arguments", range: block.range)
    }
    guard chunk.blocks.count <= Int(Int16.max) else {
      throw BytecodeFailure(message: "too many blocks in one method or block", range: block.range)
    }
    let compiled: BytecodeChunk
    if let known = context.compiledBlocks[block.id], !info.isInlined {
      compiled = known
    } else {
      guard NativeStack.used(since: context.stackBase) <= NativeStack.budget else {
        throw BytecodeFailure(message: "too deeply nested", range: block.range)
      }
      let inner = ChunkCompiler(
        context, root: scope, kind: kind == .inlined ? .inlined : info.isInlined ? .genericOnly : .kept)
      compiled = try inner.compileBlock(block)
      if !info.isInlined { context.compiledBlocks[block.id] = compiled }
    }
    chunk.assumptions.formUnion(compiled.assumptions)
    chunk.blocks.append(compiled)
    let closure =
      if info.isInlined, info.needsExtra {
        nearestExtra(scopeStack[...])
      } else {
        info.needsEnvironment ? nearestEnvironment(scopeStack[...]) : 0
      }
    emit(.newBlock, a: destination, b: chunk.blocks.count - 1, c: closure, block.range)
  }

  // MARK: Sync points

  /// Each place where an activation can change variants has a key made of the syntax node and one of these.
  enum SyncKind: UInt32 {
    case before, after, head, loopHeader, loopJump, condition, comparisonBefore, comparisonAfter
    case incrementBefore, incrementAfter, secondGuard
  }

  /// Notes a sync point here: the pending operands, and `extra`.
  func sync(_ node: NodeID, _ what: SyncKind, _ extra: Int...) {
    guard kind != .genericOnly else { return }
    chunk.syncPoints.append(
      SyncPoint(key: node << 4 | what.rawValue, pc: code, operands: pending + extra.map { Int16($0) }))
  }
}

extension Literal {
  init(_ value: LiteralValue) {
    switch value {
    case .integer(let value): self = .integer(value)
    case .bigInteger(let text): self = .bigInteger(text)
    case .double(let value): self = .double(value)
    case .string(let text): self = .string(text)
    case .symbol(let name): self = .symbol(name)
    case .array(let elements): self = .array(elements.map { Literal($0) })
    }
  }
}
