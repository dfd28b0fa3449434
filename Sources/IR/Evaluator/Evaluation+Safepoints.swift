// Where control leaves the graph: guards, calls, polls, allocations.

extension Evaluation {
  typealias Deoptimize = @convention(c) (Words, Words, Int) -> UInt64
  public typealias Entry = @convention(c) (Words, Words, UnsafeMutableRawPointer?) -> UInt64

  /// Leaves through a frame state, whose values are all in the frame.
  func deoptimize(_ safepoint: Int) -> UInt64 {
    function(layout.deoptimize, Deoptimize.self)(thread, frame, safepoint)
  }

  // MARK: Guards

  /// Leaves unless `condition` holds, and where `--deopt-every` says so.
  func check(_ condition: Bool, _ v: ValueID) throws(Exit) {
    if !condition || countsDown() { throw .answers(deoptimize(safepoint(v))) }
  }

  private func countsDown() -> Bool {
    let count = thread[layout.deoptCountdown]
    if count == 0 { return false }
    thread[layout.deoptCountdown] = count - 1
    return count == 1
  }

  func guardValue(_ v: ValueID) throws(Exit) {
    let x = word(v, 0)
    switch graph[v].op {
    case .guardTrue: try check(x & 1 != 0, v)
    case .guardInt:
      try check(x & 1 != 0, v)
      set(v, x & ~1)
    case .guardFloat:
      let d = double(x)
      try check(d != nil, v)
      set(v, d ?? 0)
    case .guardClass:
      try check(classWord(x) == UInt32(truncatingIfNeeded: graph[v].immediate), v)
      set(v, x)
    default:
      try check(x != layout.unboxedNil, v)
      set(v, x)
    }
  }

  // MARK: Calls

  func call(_ v: ValueID) throws(Exit) {
    let operands = graph.operands(v)
    let first = frame + code.metadata.frameSize
    let callee = first + operands.count
    for (i, o) in operands.enumerated() { first[i] = word(o) }
    callee[0] = UInt64(UInt(bitPattern: frame)) | 1
    if graph[v].op == .send {
      typealias Send = @convention(c) (Words, Words, UInt64) -> UInt64
      let selector = tableWord(v)
      try leave(v) { function(layout.genericSend, Send.self)(thread, callee, selector) }
    } else {
      var target = graph[v].op == .callMethod ? tableWord(v) : 0
      if graph[v].op == .callBlock {
        try requireContent(word(v, 0), word: 0, .tagged, v)
        // The method's address looks like a small integer there.
        target = object(word(v, 0))[1] & ~1
      }
      callee[1] = target
      let method = UnsafeMutableRawPointer(bitPattern: UInt(target))
      let entry = unsafeBitCast(method!.load(as: UInt.self), to: Entry.self)
      try leave(v) { entry(thread, callee, method) }
    }
  }

  func poll(_ v: ValueID) throws(Exit) {
    typealias Poll = @convention(c) (Words, Words) -> UInt64
    if thread[layout.poll] == 0 { return }
    try leave(v) { function(layout.loopPoll, Poll.self)(thread, frame) }
  }

  /// A call in the sense of the contract: what it answers is `v`, if that has a value.
  private func leave(_ v: ValueID, _ call: () -> UInt64) throws(Exit) {
    frame[2] = UInt64(safepoint(v))
    let answer = call()
    if answer == 0 { throw .answers(unwind(v)) }
    if graph[v].type != .none { set(v, answer) }
    guard graph[v].op.info.effect == .calls else { return }
    if table[0] != 0 || graph[v].op == .poll && answer != 1 || countsDown() {
      throw .answers(deoptimize(safepoint(v)))
    }
  }

  /// What the function answers when a call of it has answered 0.
  private func unwind(_ v: ValueID) -> UInt64 {
    typealias UnwindThroughHome = @convention(c) (Words, Words, UInt64) -> UInt64
    if let state = graph[v].state, graph[state].protects {
      return deoptimize(safepoint(v) | CodeMetadata.unwinding)
    }
    guard let home = graph.homeEnvironment else { return 0 }
    let environment = word(home)
    // Its word is nil until it is allocated.
    if environment == layout.nilWord { return 0 }
    return function(layout.unwindThroughHome, UnwindThroughHome.self)(thread, frame, environment)
  }

  // MARK: Allocations

  func allocate(_ v: ValueID) throws(Exit) {
    let header = UInt64(UInt32(truncatingIfNeeded: graph[v].immediate)) << 32
    switch graph[v].op {
    case .tagFloat: try box(v)
    case .allocate:
      let operands = graph.operands(v)
      try allocate(v, header, bodyWords: operands.count)
      // Only now: it may have moved what they refer to.
      for (i, o) in operands.enumerated() { object(word(v))[1 + i] = word(o) }
    default:
      let count = int(v, 0)
      try require(count >= 0 && count < 1 << 28, v, "the count \(count) is out of range")
      try allocate(v, header, bodyWords: 1 + count)
      object(word(v))[1] = UInt64(count) << 1 | 1
      for i in 0..<count { object(word(v))[2 + i] = layout.nilWord }
    }
  }

  private func allocate(_ v: ValueID, _ header: UInt64, bodyWords: Int) throws(Exit) {
    typealias AllocateSlow = @convention(c) (Words, Words, UInt64, Int) -> UInt64
    let top = thread[layout.allocationTop]
    let end = top + UInt64(8 * (1 + bodyWords))
    if end > thread[layout.allocationLimit] {
      try leave(v) { function(layout.allocateSlow, AllocateSlow.self)(thread, frame, header, bodyWords) }
    } else {
      thread[layout.allocationTop] = end
      object(top)[0] = header
      set(v, top)
    }
  }

  private func box(_ v: ValueID) throws(Exit) {
    typealias BoxDouble = @convention(c) (Words, Words, Double) -> UInt64
    let d = float(v, 0)
    if let immediate = Self.immediate(d) { return set(v, immediate) }
    if d.bitPattern == 0 { return set(v, object(thread[layout.zero])[0]) }
    try leave(v) { function(layout.boxDouble, BoxDouble.self)(thread, frame, d) }
  }
}
