// Leaving compiled code: cold blocks that put the values of a frame state into the frame and call the
// deoptimizer, and the metadata that says where they are.

import IR

/// Finds a place for each value of a frame state.
private struct StatePlacement {
  let lowering: FunctionLowering
  /// True if the value's home word holds it at this point.
  let isHome: (ValueID) -> Bool
  /// Whether values that have no place may be stored.
  let canStore: Bool
  /// Values to be stored, from `plan.frameSize` on, in order of first mention.
  var stores: [ValueID] = []
  /// A call whose frame keeps its state: but for its result, values are stored before it.
  var call: ValueID?
  /// From `plan.keptBase` on.
  var kept: [ValueID] = []

  init(_ lowering: FunctionLowering, keeping call: ValueID? = nil, canStore: Bool, isHome: @escaping (ValueID) -> Bool)
  {
    self.lowering = lowering
    self.call = call
    self.canStore = canStore
    self.isHome = isHome
  }

  mutating func location(_ v: StateValue) -> Location? {
    switch v {
    case .virtual(let i): return .virtual(i)
    case .value(let v): return location(lowering.plan.root(v))
    }
  }

  private mutating func location(_ v: ValueID) -> Location? {
    let plan = lowering.plan
    let node = lowering.graph[v]
    switch node.op {
    case .constInt: return .immediate(UInt64(bitPattern: node.immediate << 1 | 1))
    case .constTagged: return .immediate(UInt64(bitPattern: node.immediate))
    case .constFloat: return .doubleConstant(UInt64(bitPattern: node.immediate))
    case .constBool:
      return .immediate(node.immediate != 0 ? lowering.layout.trueWord : lowering.layout.falseWord)
    case .literal: return .table(CodeMetadata.tableHeaderWords + Int(node.immediate))
    case .processMark: return .processMark
    case .argument: return .tagged(Int(node.immediate) - lowering.graph.argumentCount - 1)
    default: break
    }
    if isHome(v), case .word(let w) = plan.home(v) { return .tagged(w) }
    guard canStore else { return nil }
    let word =
      call == nil || v == call
      ? plan.frameSize + Self.index(of: v, in: &stores) : plan.keptBase + Self.index(of: v, in: &kept)
    switch node.type {
    case .int: return .int(word)
    case .float: return .float(word)
    case .bool: return .bool(word)
    default: return .tagged(word)
    }
  }

  private static func index(of v: ValueID, in list: inout [ValueID]) -> Int {
    if let index = list.firstIndex(of: v) { return index }
    list.append(v)
    return list.count - 1
  }

  /// Registers without a place are left out.
  mutating func describe(_ state: FrameState, liveSlots: [Int]?, _ reason: DeoptReason) -> Safepoint {
    var slots: Set<Int> = []
    var frames: [FrameDescription] = []
    for f in state.frames {
      var registers: [FrameDescription.Register] = []
      for r in f.registers {
        guard let l = location(r.value) else { continue }
        registers.append(.init(register: r.register, location: l))
        if case .tagged(let w) = l, w > 0 { slots.insert(w) }
      }
      frames.append(FrameDescription(method: f.method, pc: f.pc, originPC: f.originPC, registers: registers))
    }
    let virtuals = state.virtuals.map { o -> VirtualDescription in
      let fields = o.fields.map { location($0) ?? .immediate(lowering.layout.nilWord) }
      for case .tagged(let w) in fields where w > 0 { slots.insert(w) }
      return VirtualDescription(classWord: o.classWord, fields: fields)
    }
    return Safepoint(
      frames: frames, virtuals: virtuals, liveSlots: liveSlots ?? slots.sorted(), reason: Int(reason.rawValue)
    )
  }
}

extension FunctionLowering {
  /// Safepoint 0: the code was invalidated while this entry polled.
  /// Answers what its cold block stores; nil if the graph says nothing about its entry.
  func describeEntry() -> [ValueID]? {
    guard let entryState = graph.entryState else {
      safepoints.append(
        Safepoint(frames: [], virtuals: [], liveSlots: [], reason: Int(DeoptReason.invalidated.rawValue)))
      return nil
    }
    var placement = StatePlacement(self, canStore: true) { _ in false }
    safepoints.append(placement.describe(graph[entryState], liveSlots: nil, .invalidated))
    return placement.stores
  }

  /// The cold block of a guard or of checked arithmetic, of which an operand may have to be computed again.
  func deoptBlock(_ v: ValueID) -> JitBlock {
    let state = graph[v].state!
    let reason = graph[v].deoptReason ?? .unsupported
    let undone = plan.undone[v] == nil ? nil : v
    let key = DeoptKey(state: state, reason: reason, undone: undone)
    if let b = deoptBlocks[key] { return b }
    let exit = deoptExit(ExitKey(state: graph[state], undone: undone))
    var safepoint = exit.safepoint
    safepoint.reason = Int(reason.rawValue)
    let b = newBlock("deopt\(safepoints.count)")
    c.j.block_add_assignment(b, nil, exitSafepoint, c.constant(safepoints.count))
    c.j.block_end_with_jump(b, nil, exit.block)
    safepoints.append(safepoint)
    deoptBlocks[key] = b
    return b
  }

  /// What all guards with equal states share: the stores and the call. Half of the code is this, and GCC's time
  /// goes by its size.
  private func deoptExit(_ key: ExitKey) -> DeoptExit {
    if let exit = deoptExits[key] { return exit }
    var placement = StatePlacement(self, canStore: true, isHome: plan.isEager)
    let safepoint = placement.describe(key.state, liveSlots: nil, .unsupported)
    let block = emitDeopt(nil, placement.stores, undoing: key.undone)
    let exit = DeoptExit(safepoint: safepoint, block: block)
    deoptExits[key] = exit
    return exit
  }

  /// The operand that `plan.undone` names, from the result of the checked arithmetic `v` and the other operand.
  /// Modulo 2^64 that is right after an overflow, too.
  private func undo(_ v: ValueID) -> RValue {
    let a = graph.operand(v, 0), b = graph.operand(v, 1)
    if graph[v].op == .addInt { return c.subtract(value(v), value(plan.undone[v] == a ? b : a)) }
    return plan.undone[v] == a ? c.add(value(v), value(b)) : c.subtract(value(a), value(v))
  }

  /// Describes the safepoint of a call or an allocation and answers its index, what its cold block stores, and what is
  /// stored before the call if the frame keeps its state (`FramePlan.keepsState`).
  func describeSafepoint(_ v: ValueID, _ members: [ValueID]) -> (index: Int, stores: [ValueID], kept: [ValueID]) {
    let liveSlots = members.compactMap { m -> Int? in
      if case .word(let w) = plan.home(m), w > 0 { return w }
      return nil
    }
    let canResume = graph[v].op.info.effect == .calls || protects(v)
    var placement = StatePlacement(self, keeping: plan.keepsState(v) ? v : nil, canStore: canResume) {
      members.contains($0)
    }
    let index = safepoints.count
    let state = graph[v].state.map { graph[$0] } ?? FrameState(frames: [])
    safepoints.append(placement.describe(state, liveSlots: liveSlots.sorted(), .invalidated))
    return (index, placement.stores, placement.kept)
  }

  /// Whether unwinding from the call or allocation `v` has to go through the interpreter.
  func protects(_ v: ValueID) -> Bool { graph[v].state.map { graph[$0].protects } ?? false }

  /// Stores the values from `plan.frameSize` on and leaves through the safepoint, or the one that `exitSafepoint` holds
  /// already.
  func emitDeopt(_ safepoint: Int?, _ stores: [ValueID], undoing undone: ValueID? = nil) -> JitBlock {
    let saved = block
    defer { block = saved }
    let cold = newBlock("exit\(deoptBlocks.count)")
    block = cold
    store(stores, from: plan.frameSize, undoing: undone)
    if let safepoint { assign(exitSafepoint, c.constant(safepoint)) }
    endWithJump(leave())
    return cold
  }

  func store(_ stores: [ValueID], from base: Int, undoing undone: ValueID? = nil) {
    for (i, v) in stores.enumerated() {
      let value: RValue
      switch graph[v].type {
      case .int where undone.map { plan.undone[$0] == v } ?? false: value = undo(undone!)
      case .float: value = c.bitcast(self.value(v), c.word)
      case .bool: value = c.cast(self.value(v), c.word)
      default: value = self.value(v)
      }
      assign(frameWord(base + i), value)
    }
  }

  /// The one call of the deoptimizer: calls are what makes many exits dear.
  private func leave() -> JitBlock {
    if let leaveBlock { return leaveBlock }
    let b = newBlock("leave")
    leaveBlock = b
    let answer = callRuntime(layout.deoptimize, "ppw", [thread, frame, c.read(exitSafepoint)])
    c.j.block_end_with_return(b, nil, answer)
    return b
  }

  /// Goes on if `condition` holds; else leaves through the state of `v`.
  func emitGuard(_ v: ValueID, _ condition: RValue) {
    let cold = deoptBlock(v)
    require(condition, else: cold)
    emitCountdown(cold)
  }

  /// `--deopt-every`.
  func emitCountdown(_ cold: JitBlock) {
    guard options.countsDeopts else { return }
    let count = temporary(c.word, "countdown")
    let counting = newBlock("counting")
    let on = newBlock("on")
    assign(count, threadWord(layout.deoptCountdown))
    endWithBranch(c.expect(c.equal(c.read(count), c.constant(0)), true), on, counting)
    block = counting
    let new = c.subtract(c.read(count), c.constant(1))
    assign(c.element(thread, layout.deoptCountdown), new)
    endWithBranch(c.equal(new, c.constant(0)), cold, on)
    block = on
  }

  func emitClassOrTruth(_ v: ValueID) {
    let node = graph[v]
    let x = operand(v, 0)
    let isPointer = { self.c.equal(self.c.and(x, self.c.constant(7)), self.c.constant(0)) }
    switch node.op {
    case .guardTrue: emitGuard(v, x)
    case .guardClass:
      let cold = deoptBlock(v)
      require(isPointer(), else: cold)
      require(c.classWordIs(x, UInt32(truncatingIfNeeded: node.immediate)), else: cold)
      emitCountdown(cold)
    default:
      let test = c.classWordIs(x, UInt32(truncatingIfNeeded: node.immediate))
      assign(local(v), c.both(isPointer(), test))
    }
  }

  func emitTagBool(_ v: ValueID) {
    let difference = Int(layout.trueWord) - Int(layout.falseWord)
    let scaled = c.binary(2, c.cast(operand(v, 0), c.word), c.constant(difference))
    assign(local(v), c.add(c.constant(bits: layout.falseWord), scaled))
  }
}
