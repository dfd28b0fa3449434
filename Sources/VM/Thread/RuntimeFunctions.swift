// The functions that compiled code calls through the thread's table (docs/contracts.md, "Safepoints in compiled
// code"). Those that only a runtime with compiled code needs are installed by it.

import MachineLayout

private let entryPoll: @convention(c) (Words, Words, UnsafeMutableRawPointer) -> UInt64 = { thread, h, method in
  let universe = Universe.of(thread)
  if thread[Thread.Slot.limit.rawValue] == 0 {
    if !universe.handlePoll(h) { return 0 }
    if bits(h) + 1024 <= thread[Thread.Slot.stackLimit.rawValue] { return 1 }
  }
  universe.raiseStackOverflow(h)
  return 0
}
/// 0 unwind, 1 go on, 2 go on, but objects may have changed.
private let loopPoll: @convention(c) (Words, Words) -> UInt64 = { thread, h in
  let universe = Universe.of(thread)
  let before = universe.changesAtPolls
  if !universe.handlePoll(h) { return 0 }
  return universe.changesAtPolls == before ? 1 : 2
}

private let genericSend: @convention(c) (Words, Words, UInt64) -> UInt64 = { thread, callee, word in
  let universe = Universe.of(thread)
  let selector = Int(word >> 16)
  let receiver = Value(bits: callee[-(Int(word & 0xFFFF) + 1)])
  return universe.activate(receiver.classIndex, selector, callee)
}
private let allocateSlow: @convention(c) (Words, Words, UInt64, Int) -> UInt64 = { thread, h, header, bodyWords in
  guard let object = Universe.of(thread).heap.allocateSlow(header, bodyWords, h) else { return 0 }
  return Value(object).bits
}
private let remember: @convention(c) (Words, Words) -> Void = { thread, object in
  Universe.of(thread).heap.remember(object)
}
private let boxDouble: @convention(c) (Words, Words, Double) -> UInt64 = { thread, h, d in
  Universe.unmanaged(thread)._withUnsafeGuaranteedRef { $0.makeDouble(d, h)?.bits ?? 0 }
}
private let unwindThroughHome: @convention(c) (Words, Words, UInt64) -> UInt64 = { thread, h, environment in
  guard environment & 7 == 0, environment != 0 else { return 0 }
  return Universe.of(thread).unwind(throughHome: Value(bits: environment))
}
/// Of two strings, neither collects nor raises.
private let sameStrings: @convention(c) (UInt64, UInt64) -> UInt64 = { a, b in
  Universe.equalStrings(Value(bits: a), Value(bits: b)) ? 1 : 0
}

/// What the first entry of a site's inline cache does not have.
private let lookupAtSite: @convention(c) (Words, Words, UInt64) -> UInt64 = { thread, site, index in
  siteLookup(thread, site, index)
}

extension Universe {
  /// Ends the activation whose home environment this is, while something unwinds. Answers the value if it is the
  /// target, else 0.
  public func unwind(throughHome environment: Value) -> UInt64 {
    environment.object[EnvironmentLayout.home] = .nil
    if thread[.unwindTarget] != environment.bits { return 0 }
    let value = thread[.unwindValue]
    thread[.unwindTarget] = 0
    thread[.unwindValue] = 0
    return value
  }

  func activate(_ classIndex: Int, _ selector: Int, _ callee: Words) -> UInt64 {
    let method = lookup.target(classIndex, selector)
    callee[0] |= 1
    callee[1] = bits(method.words)
    return method.entry(thread.words, callee, UnsafeMutableRawPointer(method.words))
  }

  func installFunctions() {
    func address<F>(_ f: F) -> UInt64 { UInt64(UInt(bitPattern: unsafeBitCast(f, to: UnsafeRawPointer.self))) }
    thread[.entryPoll] = address(entryPoll)
    thread[.loopPoll] = address(loopPoll)
    thread[.genericSend] = address(genericSend)
    thread[.allocateSlow] = address(allocateSlow)
    thread[.remember] = address(remember)
    thread[.boxDouble] = address(boxDouble)
    thread[.unwindThroughHome] = address(unwindThroughHome)
    thread[.equalStrings] = address(sameStrings)
    thread[.siteLookup] = address(lookupAtSite)
    thread[.lookupCache] = bits(lookup.table)
    thread[.templates] = bits(classes.templates)
    classes.templatesMoved = { [thread] in thread[.templates] = bits($0) }
  }
}
