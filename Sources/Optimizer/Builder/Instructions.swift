// What each bytecode instruction becomes.

import Bytecode
import IR
import MachineLayout

extension GraphBuilder {
  typealias Pending = [Int: [PendingEdge]]

  func step(_ i: Instruction, _ pending: inout Pending) throws(BuildFailure) {
    guard let op = i.opcode else { throw .unsupported("an unknown instruction") }
    let chunk = context.chunk
    switch op {
    case .move: setRegister(i.a, register(i.b))
    case .loadLiteral: setRegister(i.a, try literal(i.ub))
    case .loadInteger: setRegister(i.a, int(i.wide))
    case .loadNil: setRegister(i.a, nilRef)
    case .loadTrue: setRegister(i.a, .value(constant(.bool(true))))
    case .loadFalse: setRegister(i.a, .value(constant(.bool(false))))
    case .loadSelf: setRegister(i.a, try currentSelf())

    case .loadField, .loadDoubleField, .storeField, .storeDoubleField: try accessField(i)
    case .loadGlobal: try loadGlobal(i)

    case .newEnvironment:
      let outer = i.b == 0 ? nilRef : register(i.b)
      let variables = Array(repeating: nilRef, count: i.uc)
      let isHome = chunk.homeRegister.map { Int($0) == i.a } ?? false
      let env = try create(
        classWord: ClassWord.environment.bits,
        fields: [int(2 + i.uc), outer, .value(constant(.processMark))] + variables,
        home: isHome ? context : nil)
      setRegister(i.a, env)
    case .loadBlockEnvironment:
      setRegister(i.a, try load(register(-context.analysis.bias), word: BlockLayout.environment))
    case .loadOuter: setRegister(i.a, try load(register(i.b), word: EnvironmentLayout.outer))
    case .loadVariable:
      setRegister(i.a, try load(register(i.b), word: EnvironmentLayout.firstVariable + i.uc))
    case .storeVariable:
      try store(register(i.a), word: EnvironmentLayout.firstVariable + i.ub, register(i.c))
    case .closeHome: try store(register(i.a), word: EnvironmentLayout.home, nilRef)
    case .newBlock: try newBlock(i)

    case .send: try send(i, isSuper: false)
    case .superSend: try send(i, isSuper: true)

    case .add, .subtract, .multiply, .divide, .modulo, .bitAnd, .addImmediate, .subtractImmediate,
      .less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .notEqual, .identical,
      .lessBranch, .lessOrEqualBranch, .greaterBranch, .greaterOrEqualBranch, .equalBranch, .notEqualBranch,
      .identicalBranch, .lessImmediateBranch, .lessOrEqualImmediateBranch, .greaterImmediateBranch,
      .greaterOrEqualImmediateBranch, .equalImmediateBranch, .notEqualImmediateBranch:
      try operatorInstruction(op.info, i)

    case .jump: leave(to: i.wide, &pending)
    case .loopJump: try loopJump(i.wide, &pending)
    case .jumpIfTrue: try jumpIf(true, i, &pending)
    case .jumpIfFalse: try jumpIf(false, i, &pending)
    case .jumpIfNil: try jumpIfNil(i, whenNil: true, &pending)
    case .jumpIfNotNil: try jumpIfNil(i, whenNil: false, &pending)
    case .guardInteger: try guardNumber(register(i.a))
    case .guardSmallInteger: try guardSmallInteger(register(i.a))

    case .return: try leaveActivation(context, with: register(i.a))
    case .returnSelf: try leaveActivation(context, with: register(-context.analysis.bias))
    case .returnNonLocal: try returnNonLocal(i)
    case .returnEscaped: try deopt(.unsupported)
    case .switchVariant, .breakpoint: try deopt(.unsupported)
    }
  }

  // MARK: Fields

  private func accessField(_ i: Instruction) throws(BuildFailure) {
    guard let access = i.opcode?.fieldAccess, let word = i.fieldPlace else { return }
    // A field that was removed: the interpreter has to look closer.
    if word == ClassScope.removedField { return try deopt(.unsupported) }
    let holder = context.facts.holderIndex
    dependencies.insert(.shape(classIndex: holder))
    switch (access.isLoad, access.isDouble) {
    case (true, true): setRegister(i.a, try loadDouble(register(i.b), word: word))
    case (false, true): try storeDouble(register(i.a), word: word, register(i.c))
    case (false, false): try store(register(i.a), word: word, register(i.c))
    case (true, false):
      let field = try load(register(i.b), word: word)
      if case .value(let v) = field, graph[v].op == .loadSlot {
        fieldLoads[v] = FieldPlace(classIndex: holder, word: word)
      }
      setRegister(i.a, field)
    }
  }

  // MARK: Loads

  private func literal(_ index: Int) throws(BuildFailure) -> Ref {
    let literal = context.chunk.literals[index]
    func heap(_ text: String, _ classIndex: Int?) throws(BuildFailure) -> Ref {
      let entry = TableEntry.literal(method: context.facts.id.raw, index: index, text: text)
      let v = try emit(.literal, [], Int64(graph.tableIndex(entry)))
      if let classIndex { setClass(v, classIndex) }
      return .value(v)
    }
    func text(_ s: String, _ ref: Ref) -> Ref {
      literalStrings[ref] = s
      return ref
    }
    switch literal {
    case .integer(let i): return int(i)
    case .double(let d): return .value(constant(.float(d.bitPattern)))
    case .string(let s): return try text(s, heap("'\(s.prefix(20))'", WellKnownClass.string.rawValue))
    case .symbol(let s): return try text(s, heap("#\(s)", WellKnownClass.symbol.rawValue))
    case .array: return try heap("#(...)", WellKnownClass.array.rawValue)
    case .bigInteger(let s): return try heap(s, nil)
    }
  }

  func currentSelf() throws(BuildFailure) -> Ref {
    let receiver = register(-context.analysis.bias)
    return context.chunk.isBlock ? try load(receiver, word: BlockLayout.receiver) : receiver
  }

  private func newBlock(_ i: Instruction) throws(BuildFailure) {
    let method = context.facts.blocks[i.ub]
    let chunk = context.chunk.blocks[i.ub]
    let entry = TableEntry.methodValue(id: method.raw, text: "block \(i.ub) of \(context.facts.name)")
    let address = try emit(.literal, [], Int64(graph.tableIndex(entry)))
    let env = i.c == 0 ? nilRef : register(i.c)
    let self_ = try currentSelf()
    let site = creationSite()
    blockMethods[site] = method
    setRegister(
      i.a,
      try create(
        classWord: ClassWord.block(argumentCount: chunk.argumentCount).bits, fields: [.value(address), self_, env]))
  }

  private func loadGlobal(_ i: Instruction) throws(BuildFailure) {
    let cell = context.facts.globalCells[i.ub]
    let name = context.chunk.globals[i.ub]
    guard let known = program.globalClass(cell: cell) else { return try deopt(.neverExecuted) }
    let v = try emit(.loadCell, [], Int64(graph.tableIndex(.cell(id: cell, text: name))))
    // Classes are the globals worth knowing: their methods are what is sent to.
    if program.classFacts(known.classIndex).instanceClassIndex != nil {
      dependencies.insert(.global(cell: cell, version: known.version))
      setClass(v, known.classIndex)
    } else {
      // Any value but an unset cell (0): that is left to the interpreter.
      let set = try emit(.not, [emit(.identical, [v, constant(.tagged(0))])])
      try emit(.guardTrue, [set], DeoptReason.neverExecuted.rawValue, state: frameState(at: pc))
    }
    setRegister(i.a, .value(v))
  }

  // MARK: Control

  private func leave(to target: Int, _ pending: inout Pending) {
    pending[target, default: []].append(PendingEdge(block: block!, state: state))
    block = nil
  }

  /// Splits on a truth value: to `target` where it equals `sense`, else on to the next instruction.
  private func split(
    _ condition: ValueID, to target: Int, when sense: Bool, _ pending: inout Pending,
    learnTrue: () throws(BuildFailure) -> Void = {}, learnFalse: () throws(BuildFailure) -> Void = {}
  ) throws(BuildFailure) {
    if graph[condition].op == .constBool {
      if (graph[condition].immediate != 0) == sense { leave(to: target, &pending) }
      return
    }
    let (t, e) = try branch(condition)
    let saved = state
    block = sense ? t : e
    try sense ? learnTrue() : learnFalse()
    leave(to: target, &pending)
    state = saved
    block = sense ? e : t
    try sense ? learnFalse() : learnTrue()
  }

  private func jumpIf(_ sense: Bool, _ i: Instruction, _ pending: inout Pending) throws(BuildFailure) {
    let ref = register(i.a)
    if case .value(let v) = ref, type(v) == .bool { return try split(v, to: i.wide, when: sense, &pending) }
    if let c = knownClass(ref) {
      guard c == WellKnownClass.true.rawValue || c == WellKnownClass.false.rawValue else {
        return try deopt(.notBoolean)
      }
      return try split(constant(.bool(c == WellKnownClass.true.rawValue)), to: i.wide, when: sense, &pending)
    }
    let v = try tagged(ref)
    let isTrue = try emit(.isTrue, [v])
    let at = pc
    try split(
      isTrue, to: i.wide, when: sense, &pending,
      learnTrue: { () throws(BuildFailure) in setClass(v, WellKnownClass.true.rawValue) },
      learnFalse: { () throws(BuildFailure) in
        pc = at
        let isFalse = try emit(.identical, [v, constant(.tagged(Int64(Word.false)))])
        try emit(.guardTrue, [isFalse], DeoptReason.notBoolean.rawValue, state: frameState(at: at))
        setClass(v, WellKnownClass.false.rawValue)
      })
  }

  private func jumpIfNil(_ i: Instruction, whenNil: Bool, _ pending: inout Pending) throws(BuildFailure) {
    let ref = register(i.a)
    let isNil = try classTest(ref, WellKnownClass.nil.rawValue, branching: true)!
    try split(
      isNil, to: i.wide, when: whenNil, &pending,
      learnTrue: { () throws(BuildFailure) in try learnClass(ref, WellKnownClass.nil.rawValue) })
  }

  /// The receiver and limits of an inlined numeric loop.
  private func guardNumber(_ ref: Ref) throws(BuildFailure) {
    if try knownInt(ref) != nil { return }
    if try knownFloat(ref) != nil { return }
    let failed = program.failures(context.facts.id, pc: pc)
    if !failed.contains(DeoptReason.notInteger.rawValue) {
      _ = try guardInt(ref)
    } else {
      _ = try guardFloat(ref)
    }
  }

  /// The receiver of an inlined `timesRepeat:`.
  private func guardSmallInteger(_ ref: Ref) throws(BuildFailure) {
    if try knownInt(ref) != nil { return }
    let isFloat = try knownFloat(ref) != nil
    if isFloat || program.failures(context.facts.id, pc: pc).contains(DeoptReason.notInteger.rawValue) {
      return try deopt(.unsupported)
    }
    _ = try guardInt(ref)
  }

  /// Back to a loop's header: another copy of a small body, or the back edge with its poll.
  private func loopJump(_ target: Int, _ pending: inout Pending) throws(BuildFailure) {
    if let header = context.headers[target], mayUnroll(header) {
      context.copies[target, default: 0] += 1
      context.rewind = target
      return
    }
    if !options.elidePolls { try emit(.poll, [], 0, state: frameState(at: pc)) }
    if let header = context.headers[target] { try closeLoop(header) } else { leave(to: target, &pending) }
  }

  /// One poll serves several iterations of a small innermost loop that calls nothing.
  private func mayUnroll(_ header: LoopHeader) -> Bool {
    let copies = context.copies[header.pc] ?? 0, size = graph.nodes.count - header.firstNode
    // The larger the body, the less the poll counts.
    if copies > 0 { return copies < options.unrolling - 1 && size <= 3 * options.unrolledSize }
    guard options.unrolling > 1, header.pc < pc, size <= options.unrolledSize else { return false }
    if (header.pc + 1...pc).contains(where: { context.analysis.loopEnd[$0] != nil }) { return false }
    return !graph.nodes[header.firstNode...].contains { $0.op.info.isSafepoint }
  }

  /// `Block>>restart`: the activation that sends it starts again, with its arguments as they are.
  func restart() throws(BuildFailure) {
    guard let header = context.headers[0], context.chunk.homeRegister == nil else {
      return try deopt(.unsupported)
    }
    if !options.elidePolls { try emit(.poll, [], 0, state: frameState(at: pc)) }
    for r in 3..<(3 + context.chunk.localCount) { setRegister(r, nilRef) }
    try closeLoop(header)
  }

  // MARK: Returns

  /// Continues behind the send that started the activation `c`, which is the current one or an outer one.
  func leaveActivation(_ c: Context, with value: Ref) throws(BuildFailure) {
    guard let parent = c.parent else {
      try emit(.return, [tagged(value)])
      block = nil
      return
    }
    let result = state.resolve(value)
    state.registers = c.saved
    if let dst = parent.analysis.destination(c.callPC) { state.registers[parent.index(dst)] = result }
    c.exits.append(PendingEdge(block: block!, state: state))
    block = nil
  }

  private func returnNonLocal(_ i: Instruction) throws(BuildFailure) {
    let env = register(i.c)
    guard let home = homes[env], isActive(home)
    else { return try unwind(env, register(i.b)) }
    guard try leaveProtected(to: home) else { return try deopt(.unsupported) }
    let value = register(i.b)
    try closeHomes(upTo: home)
    try store(env, word: EnvironmentLayout.home, nilRef)
    try leaveActivation(home, with: value)
  }

  /// The activations between this one and `home` end here: blocks of theirs that live on have escaped.
  private func closeHomes(upTo home: Context) throws(BuildFailure) {
    var c = context
    var registers = state.registers
    while c !== home, let parent = c.parent {
      if let r = c.chunk.homeRegister, let env = registers[c.index(Int(r))], homes[state.resolve(env)] === c {
        try store(env, word: EnvironmentLayout.home, nilRef)
      }
      registers = c.saved
      c = parent
    }
  }

  /// The home is an activation somewhere below on the stack. That it has returned, or is another process's, is the
  /// interpreter's case.
  private func unwind(_ env: Ref, _ value: Ref) throws(BuildFailure) {
    guard case .value(let e) = state.resolve(env), root.chunk.homeRegister == nil, try leaveProtected(to: nil) else {
      return try deopt(.unsupported)
    }
    let home = try tagged(load(env, word: EnvironmentLayout.home))
    let isHere = try emit(.identical, [home, constant(.processMark)])
    try emit(.guardTrue, [isHere], DeoptReason.unsupported.rawValue, state: frameState(at: pc))
    try emit(.unwind, [e, tagged(value)])
    block = nil
  }

  private func isActive(_ c: Context) -> Bool {
    var at: Context? = context
    while let x = at {
      if x === c { return true }
      at = x.parent
    }
    return false
  }
}
