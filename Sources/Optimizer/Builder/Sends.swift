// Sends: which methods a site calls, and whether they are inlined, called, or looked up each time.

import Bytecode
import IR
import MachineLayout

extension GraphBuilder {
  func send(_ i: Instruction, isSuper: Bool) throws(BuildFailure) {
    let site = context.chunk.sites[i.uc]
    let arguments = (0...site.argumentCount).map { register(i.b + $0) }
    let selector = context.facts.siteSelectors[i.uc]
    var continuations: [PendingEdge] = []
    if context.chunk.protection(at: pc) == .handling { try makeHandlerReadable() }
    if isSuper {
      siteCount = context.facts.invocations
      let holder = context.facts.holderIndex
      let target = program.lookupSuper(holderIndex: holder, selector: selector)
      dependencies.insert(.superLookup(holderIndex: holder, selector: selector, method: target?.raw))
      if let target {
        try invoke(target, arguments, i.a, receiverClass: 0, &continuations)
      } else {
        try deopt(.unsupported)
      }
    } else {
      try dispatch(site: i.uc, selector: selector, arguments, i.a, &continuations)
    }
    try join(continuations)
  }

  /// Goes on behind the current instruction, where all `continuations` meet.
  func join(_ continuations: [PendingEdge]) throws(BuildFailure) {
    block = nil
    guard !continuations.isEmpty else { return }
    pc += 1
    try merge(continuations, at: pc)
  }

  /// The current path's value of the send is `result`.
  func finish(_ result: Ref, _ destination: Int, _ continuations: inout [PendingEdge]) {
    setRegister(destination, result)
    continuations.append(PendingEdge(block: block!, state: state))
    block = nil
  }

  /// Sends by what is known of the receiver's class, or by what the site has seen.
  func dispatch(
    site: Int, selector: Int, _ arguments: [Ref], _ destination: Int, alsoInteger: Bool = false,
    _ continuations: inout [PendingEdge]
  ) throws(BuildFailure) {
    let receiver = arguments[0]
    let feedback = program.feedback(context.facts.id, site: site)
    siteCount = feedback.entries.reduce(0) { $0 + $1.count }
    if let known = knownClass(receiver) {
      return try sendTo(known, selector, site, arguments, destination, &continuations)
    }
    var (classes, others) = receivers(receiver, feedback, alsoInteger: alsoInteger)
    let last = others == .lookedUp ? nil : classes.popLast()
    for c in classes {
      let test = try classTest(receiver, c, branching: true)!
      let (t, e) = try branch(test)
      let saved = state
      let at = pc
      block = t
      try learnClass(receiver, c)
      try sendTo(c, selector, site, arguments, destination, &continuations)
      (block, state, pc) = (e, saved, at)
    }
    if others == .lookedUp { return try genericSend(site, selector, arguments, destination, &continuations) }
    guard let last else { return try deopt(.neverExecuted) }
    if others == .leave { try guardClass(receiver, last) }
    try sendTo(last, selector, site, arguments, destination, &continuations)
  }

  /// What becomes of receivers of classes that are not expected.
  private enum OtherReceivers {
    /// There are none.
    case impossible
    /// They leave the code.
    case leave
    case lookedUp
  }

  /// The classes of which receivers are expected, in the order in which they are tested.
  private func receivers(
    _ receiver: Ref, _ feedback: SiteFeedback, alsoInteger: Bool
  ) -> (classes: [Int], others: OtherReceivers) {
    if case .value(let v) = receiver, type(v) == .bool {
      return ([WellKnownClass.true.rawValue, WellKnownClass.false.rawValue], .impossible)
    }
    let failed = program.failures(context.facts.id, pc: pc)
    var classes = feedback.entries.map(\.classIndex)
    // Operators do not note integers: they may have been all that it has seen, or what the last code met.
    if alsoInteger, classes.isEmpty || failed.contains(DeoptReason.wrongClass.rawValue),
      !classes.contains(WellKnownClass.integer.rawValue)
    {
      classes.insert(WellKnownClass.integer.rawValue, at: 0)
    }
    if feedback.megamorphic { return (Array(classes.prefix(2)), .lookedUp) }
    if classes.isEmpty { return ([], failed.isEmpty ? .leave : .lookedUp) }
    let giveUp: [DeoptReason] = [.wrongClass, .notInteger, .notDouble, .neverExecuted]
    return (classes, failed.isDisjoint(with: giveUp.map(\.rawValue)) ? .leave : .lookedUp)
  }

  /// The receiver is known to be of this class.
  private func sendTo(
    _ classIndex: Int, _ selector: Int, _ site: Int, _ arguments: [Ref], _ destination: Int,
    _ continuations: inout [PendingEdge]
  ) throws(BuildFailure) {
    let target = program.lookup(classIndex: classIndex, selector: selector)
    guard let target else {
      return try genericSend(site, selector, arguments, destination, &continuations)
    }
    dependencies.insert(.lookup(classIndex: classIndex, selector: selector, method: target.raw))
    try invoke(target, arguments, destination, receiverClass: classIndex, &continuations)
  }

  /// A full lookup at run time.
  private func genericSend(
    _ site: Int, _ selector: Int, _ arguments: [Ref], _ destination: Int, _ continuations: inout [PendingEdge]
  ) throws(BuildFailure) {
    let s = context.chunk.sites[site]
    if Self.evaluatesBlocks(s.selector) { _ = try tagged(currentSelf()) }
    let entry = TableEntry.selector(id: selector, argumentCount: s.argumentCount, text: s.selector)
    try call(.send, graph.tableIndex(entry), arguments, destination, &continuations)
  }

  /// A block that is evaluated and has escaped sends `escapedBlock:` to the self of the activation that evaluated
  /// it, which must be an object by then.
  private static func evaluatesBlocks(_ selector: String) -> Bool {
    selector == "value" || selector.hasPrefix("value:") || Protection.selectors.contains(selector)
  }

  private func call(
    _ op: Op, _ immediate: Int, _ arguments: [Ref], _ destination: Int, _ continuations: inout [PendingEdge]
  ) throws(BuildFailure) {
    var operands: [ValueID] = []
    for a in arguments { operands.append(try tagged(a)) }
    let v = try emit(op, operands, Int64(immediate))
    forgetMemory()
    let after = frameState(at: pc + 1, origin: pc, setting: (destination, .value(v)))
    graph[v].state = after
    finish(.value(v), destination, &continuations)
  }

  // MARK: Known targets

  private func invoke(
    _ target: MethodID, _ arguments: [Ref], _ destination: Int, receiverClass: Int,
    _ continuations: inout [PendingEdge]
  ) throws(BuildFailure) {
    let facts = program.facts(target)
    let isDone =
      if let primitive = facts.primitive {
        try invoke(primitive, arguments, destination, &continuations)
      } else if facts.chunk?.protects == true,
        program.failures(context.facts.id, pc: pc).contains(DeoptReason.unwound.rawValue)
      {
        false
      } else {
        try inlineIfWorthIt(facts, arguments, destination, receiverClass: receiverClass, &continuations)
      }
    if isDone { return }
    let index = graph.tableIndex(.method(id: target.raw, text: facts.name))
    try call(.callMethod, index, arguments, destination, &continuations)
  }

  /// What a primitive does, without calling it. False: it is to be called.
  private func invoke(
    _ primitive: String, _ arguments: [Ref], _ destination: Int, _ continuations: inout [PendingEdge]
  ) throws(BuildFailure) -> Bool {
    if primitive == "Block>>restart" {
      try restart()
      return true
    }
    if let value = try blockValue(primitive, arguments),
      try inlineIfWorthIt(value, arguments, destination, receiverClass: 0, &continuations)
    {
      return true
    }
    if let result = try intrinsic(primitive, arguments) {
      if block != nil { finish(result, destination, &continuations) }
      return true
    }
    guard primitive.hasPrefix("Block"), primitive.contains(">>value") else { return false }
    _ = try tagged(currentSelf())
    guard ["Block1>>value", "Block2>>value:", "Block3>>value:with:"].contains(primitive),
      knownClass(arguments[0]) == WellKnownClass.block1.rawValue + arguments.count - 1
    else { return false }
    try call(.callBlock, 0, arguments, destination, &continuations)
    return true
  }

  /// The block's own code, if `primitive` evaluates a block that this graph creates.
  private func blockValue(_ primitive: String, _ arguments: [Ref]) throws(BuildFailure) -> MethodFacts? {
    guard primitive.hasPrefix("Block"), primitive.contains(">>value"),
      case .virtual(let id) = state.resolve(arguments[0]), let method = blockMethods[id]
    else { return nil }
    let facts = program.facts(method)
    return facts.chunk?.argumentCount == arguments.count - 1 ? facts : nil
  }

  private func shouldInline(_ facts: MethodFacts, path: Int) -> Bool {
    guard let chunk = facts.chunk, !decisions.taken.contains(.noInline(path: path)),
      context.depth < options.maxInlineDepth
    else { return false }
    let size = chunk.instructions.count
    if size > (chunk.isBlock ? 2 : 1) * options.maxInlineSize { return false }
    if inlinedInstructions + size > options.inlineBudget && size > 6 { return false }
    var recursion = 0
    var c: Context? = context
    while let x = c {
      if x.facts.id == facts.id { recursion += 1 }
      c = x.parent
    }
    if recursion > options.maxRecursion { return false }
    let call = CodePlace(method: context.facts.id, pc: pc)
    guard isCold(chunk), !program.isHot(call) else { return true }
    coldCalls.insert(call)
    return false
  }

  /// What runs once in sixty times costs more to compile here than to call. The large is worth it where every run
  /// of the method, or iteration of its loop, comes by.
  private func isCold(_ callee: BytecodeChunk) -> Bool {
    let runs = context.facts.invocations
    let size = callee.instructions.count
    if callee.isBlock || runs < options.trustedInvocations { return false }
    return size > options.coldInlineSize && siteCount * 64 < runs
      || size > options.warmInlineSize && siteCount * 4 < runs * 3
  }

  /// False: the method or block is not inlined, and nothing was done.
  private func inlineIfWorthIt(
    _ facts: MethodFacts, _ arguments: [Ref], _ destination: Int, receiverClass: Int,
    _ continuations: inout [PendingEdge]
  ) throws(BuildFailure) -> Bool {
    if facts.chunk == nil { return false }
    let path = decisions.path(
      PathKey(
        parent: context.path, pc: pc + context.walk << 24, method: facts.id.raw, receiverClass: receiverClass))
    guard shouldInline(facts, path: path) else { return false }
    try inline(facts, path: path, arguments, destination, &continuations)
    return true
  }

  private func inline(
    _ facts: MethodFacts, path: Int, _ arguments: [Ref], _ destination: Int,
    _ continuations: inout [PendingEdge]
  ) throws(BuildFailure) {
    let caller = context
    let at = pc
    let chunk = facts.chunk!
    inlinedInstructions += chunk.instructions.count
    inlined.insert(InlinedCall(callee: facts.id, caller: caller.facts.id, pc: at))
    let analysis = analysis(of: facts)
    let callee = Context(
      facts: facts, chunk: chunk, analysis: analysis, parent: caller, callPC: at, saved: state.registers,
      path: path)
    state.registers = Array(repeating: nil, count: analysis.registerCount)
    for (n, a) in arguments.enumerated() { state.registers[n] = state.resolve(a) }
    for r in 3..<(3 + chunk.localCount) { state.registers[callee.index(r)] = nilRef }
    context = callee
    let outerLoops = loops.count
    let outerCount = siteCount
    try run(from: 0)
    siteCount = outerCount
    loops.removeLast(loops.count - outerLoops)
    context = caller
    pc = at
    block = nil
    continuations.append(contentsOf: callee.exits)
  }
}
