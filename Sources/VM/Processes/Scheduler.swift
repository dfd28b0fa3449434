// Which process of the program runs. One does at a time, on the machine's thread; another one's turn comes when it waits,
// yields or ends, and at polls: when a time slice is over among equals, and at once when one of a higher priority can go
// on. Whoever was woken by the clock comes first among equals: it has waited long, and mostly for little to do.

import CFiber
import DequeModule
import MachineLayout
import Synchronization

final class Scheduler {
  typealias Instant = ContinuousClock.Instant
  static let mainPriority = 40
  static let mainID = 1

  private unowned let universe: Universe
  let main: ProgramProcess
  private(set) var current: ProgramProcess {
    didSet { universe.thread[.processMark] = current.mark.bits }
  }
  /// Those that have not ended, by number.
  private var processes: [Int: ProgramProcess]
  private var ready = ReadyQueue()
  private var sleepers = SleepQueue()
  /// Who waits for a semaphore, by its number, in order.
  private var waiting: [Int: Deque<ProcessTicket>] = [:]
  /// Who waits for the end of a process, by its number.
  private var joining: [Int: [ProcessTicket]] = [:]
  /// Who waits for something outside, and how to see that it is there.
  private var watching: [(ticket: ProcessTicket, isThere: () -> Bool)] = []
  private var lastID = Scheduler.mainID
  private var lastSemaphoreID = 0
  let clock: ProcessClock
  /// Stacks that are not in use.
  private var spare: [Fiber] = []
  /// Of the process that has just ended: it cannot give back the stack that it stands on.
  private var left: Fiber?
  /// The first among the equals of the current process is not to wait for the end of a slice.
  private var isEarlyTurn = false
  /// Nobody runs: not the current process either.
  private var isChoosing = false
  /// Between requests: the main process has nothing to do but to wait for one.
  private var awaitsRequest = false
  /// While nobody can run: what a poll asks for is done.
  private(set) var isIdle = false
  /// While a request is carried out: processes with numbers up to this one were there before it.
  private var lastLeft = 0
  /// The request, and what it has started, have this time slice, however urgent the others are.
  private var isRequestsSlice = false
  private var polls = 0
  private(set) var figures = ProcessFigures()
  /// Somebody asks the machine for something: between requests the main process has its turn next. Any thread.
  let isMainWanted = Atomic<Bool>(false)

  init(_ universe: Universe, mainFiber: Fiber) {
    self.universe = universe
    main = ProgramProcess(id: Scheduler.mainID, priority: Scheduler.mainPriority)
    main.fiber = mainFiber
    current = main
    processes = [main.id: main]
    let thread = universe.thread
    thread[.processMark] = main.mark.bits
    clock = ProcessClock(slice: .milliseconds(universe.options.timeSlice)) { thread.requestPoll() }
  }

  /// The main process alone: polls and waits are as short as if there were no others.
  @inline(__always)
  var isAlone: Bool { processes.count == 1 && current.demands.isEmpty }

  var all: [ProgramProcess] { processes.values.sorted { $0.id < $1.id } }
  func process(_ id: Int) -> ProgramProcess? { processes[id] }

  /// Any thread: something may have happened that a waiting program must see.
  func wake() { clock.wake() }

  // MARK: Beginning and ending

  /// A process that has not begun, whose turn comes.
  func start(_ object: Value, priority: Int, prepare: (ProgramProcess) -> Void = { _ in }) -> ProgramProcess {
    lastID += 1
    let process = ProgramProcess(id: lastID, priority: priority)
    process.object = object
    prepare(process)
    processes[process.id] = process
    figures.started += 1
    figures.most = max(figures.most, processes.count)
    ready.append(process)
    watchClock()
    return process
  }

  /// What a new fiber does: `argument` is the universe.
  private static let begin: @convention(c) (UnsafeMutableRawPointer?) -> Void = { argument in
    Unmanaged<Universe>.fromOpaque(argument!)._withUnsafeGuaranteedRef { universe in
      while true {
        universe.scheduler.runCurrent()
        // Nothing is retained here: it would never be released if the fiber were not needed again.
        let (from, to) = universe.scheduler.leaveEnded()
        ovid_context_switch(from, to)
      }
    }
  }

  /// The life of the current process, which has just begun.
  private func runCurrent() {
    freeLeft()
    var result: UInt64 = 0
    if deliver(universe.stack.base) {
      result =
        current.body.map { $0(universe.stack.base) }
        ?? universe.send(current.object, universe.selectors.beginProcess, frame: universe.stack.base)
    }
    let thread = universe.thread
    let process = current
    // Nothing else leaves the first activation: `^` and handlers end within their process.
    if result == 0, universe.isTerminating {
      let status = Value(bits: thread[.unwindValue]).integer
      switch universe.ending {
      case .process, .error: break
      case .exit, .interrupted, .stopped: demand(.end(universe.ending, status: status), of: main)
      }
    }
    thread[.unwindTarget] = 0
    thread[.unwindValue] = 0
    remove(process)
  }

  /// The contexts to switch between, now that the current process has left all its activations.
  private func leaveEnded() -> (from: OpaquePointer, to: OpaquePointer) {
    let ended = current
    let next = takeTurn(universe.stack.base)
    let old = ended.fiber!, new = fiber(of: next)
    ended.fiber = nil
    left = old
    figures.switches += 1
    current = next
    old.giveRegisters(to: new, universe.stack.base, universe)
    return (old.context, new.context)
  }

  /// It has ended, or has not begun and never does.
  func remove(_ process: ProgramProcess) {
    process.leaveQueues()
    processes[process.id] = nil
    for ticket in joining.removeValue(forKey: process.id) ?? [] where ticket.isValid { makeReady(ticket.process) }
    watchClock()
    process.ended?()
    (process.body, process.ended) = (nil, nil)
  }

  /// The program has ended: so do all others, without `ensure:`.
  func endOthers() {
    guard processes.count > 1 else { return }
    for process in processes.values where process !== main {
      if process.fiber == nil { remove(process) } else { demand(.end(.stopped, status: 0), of: process) }
    }
    while let process = processes.values.first(where: { $0 !== main }) {
      // What they demand of the main process has come too late.
      main.demands = []
      main.leaveQueues()
      main.state = .ready
      ready.append(main)
      // However little urgent it is.
      process.leaveQueues()
      run(process, universe.stack.base)
    }
    main.demands = []
    main.leaveQueues()
    ready = ReadyQueue()
    waiting = [:]
    joining = [:]
    isEarlyTurn = false
  }

  /// No program runs any more on this machine.
  func shutDown() {
    clock.stop()
    for process in processes.values { process.fiber?.free() }
    for fiber in spare { fiber.free() }
    left?.free()
  }

  // MARK: Turns

  private func fiber(of process: ProgramProcess) -> Fiber {
    if let fiber = process.fiber { return fiber }
    let fiber = spare.popLast() ?? newFiber()
    process.fiber = fiber
    return fiber
  }

  private func newFiber() -> Fiber {
    let argument = Unmanaged.passUnretained(universe).toOpaque()
    let bottomMethod = words(main.fiber!.stack.base[1])
    guard let made = Fiber(universe, bottomMethod: bottomMethod, Self.begin, argument) else {
      SystemMemory.isExhausted()
    }
    return made
  }

  private func freeLeft() {
    guard let fiber = left else { return }
    left = nil
    if spare.count < 64 { spare.append(fiber) } else { fiber.free() }
  }

  /// Goes on in `next`; returns when the current process's turn comes again.
  private func run(_ next: ProgramProcess, _ frame: Words) {
    let me = current
    guard next !== me else { return }
    current = next
    figures.switches += 1
    universe.changesAtPolls += 1
    let old = me.fiber!, new = fiber(of: next)
    old.giveRegisters(to: new, frame, universe)
    ovid_context_switch(old.context, new.context)
    freeLeft()
  }

  /// Whose turn it is, taken out of its queue. If nobody can run: waits for somebody who can.
  private func takeTurn(_ frame: Words) -> ProgramProcess {
    let was = isChoosing
    isChoosing = true
    defer { isChoosing = was }
    var hasIdled = false
    while true {
      wakeSleepers()
      if awaitsRequest, isWanted { return takeMain() }
      if let next = ready.next() {
        if hasIdled { watchClock() }
        return next
      }
      if awaitsRequest { return takeMain() }
      hasIdled = true
      idle(frame)
    }
  }

  /// Nobody can run: waits until somebody may.
  private func idle(_ frame: Words) {
    let thread = universe.thread
    if thread[.poll] != 0 {
      // On the stack of whoever waits here; an ending of the program is the main process's.
      let before = ProcessTicket(current)
      isChoosing = false
      isIdle = true
      if !universe.handlePollAlone(frame) { endMain() }
      isIdle = false
      isChoosing = true
      // What has run here (a listener of changes) has waited itself: whoever waited before looks again.
      if !before.isValid, current.state == .ready { makeReady(current, early: true) }
      if ready.highestPriority() > 0 {
        universe.hooks.resumed?()
        return
      }
    }
    guard let deadline = sleepers.firstDeadline() ?? debuggerDeadline else { return reportDeadlock() }
    universe.output.flush()
    clock.wait(until: deadline) { thread[.poll] != 0 }
  }

  /// What a poll has asked for while nobody ran: the program is to end.
  private func endMain() {
    let status = Value(bits: universe.thread[.unwindValue]).integer
    universe.thread[.unwindTarget] = 0
    universe.thread[.unwindValue] = 0
    demand(.end(universe.ending, status: status), of: main)
  }

  /// Somebody looks at a process, and may let it go on at any time.
  private var debuggerDeadline: Instant? {
    processes.values.contains { $0.stops > 0 } ? .now + .seconds(3600) : nil
  }

  private func reportDeadlock() {
    let lines = all.map { "process \($0.id) \(text(of: $0))" }
    demand(.raise(.other("No process can go on: \(lines.joined(separator: ", "))")), of: main)
  }

  func text(of process: ProgramProcess) -> String {
    if process.isSuspended { return "is suspended" }
    switch process.state {
    case .waiting(.semaphore(let n)): return "waits for semaphore \(n)"
    case .waiting(.end(let id)): return "waits for the end of process \(id)"
    case .waiting(.time): return "sleeps"
    case .waiting(.input): return "waits for input"
    case .waiting(.event): return "waits for an event"
    case .waiting(.debugger): return "is stopped by the debugger"
    case .waiting(.request): return "waits for a request"
    case .ready: return "is ready"
    }
  }

  private func wakeSleepers() {
    guard sleepers.firstDeadline() != nil else { return }
    let now = Instant.now
    var hasWoken = false
    while let process = sleepers.next(at: now) {
      hasWoken = true
      // Who waits for input looks often, and mostly in vain.
      if process.state != .waiting(.input) { universe.hooks.resumed?() }
      makeReady(process, early: true)
    }
    if hasWoken { watchClock() }
  }

  private func makeReady(_ process: ProgramProcess, early: Bool = false) {
    process.leaveQueues()
    process.state = .ready
    if process.isSuspended { return }
    if early {
      ready.prepend(process)
      if process.urgency == current.urgency { isEarlyTurn = true }
    } else {
      ready.append(process)
    }
  }

  /// The clock is wanted while processes take turns, or somebody waits for a time.
  private func watchClock() { clock.watch(slices: processes.count > 1, deadline: sleepers.firstDeadline()) }

  // MARK: Between requests

  private var isWanted: Bool { isMainWanted.load(ordering: .relaxed) }

  /// The main process has its turn, whoever else has one.
  private func takeMain() -> ProgramProcess {
    main.leaveQueues()
    main.state = .ready
    main.isSuspended = false
    main.isGranted = true
    return main
  }

  /// Those that earlier requests have left have their turns, until none of them can go on or the main process is
  /// wanted. On its stack, which is empty.
  func runOthers() {
    let frame = universe.bottomFrame
    watchClock()
    lastLeft = 0
    isRequestsSlice = false
    repeat {
      main.isGranted = false
      main.state = .waiting(.request)
      awaitsRequest = true
      run(takeTurn(frame), frame)
      awaitsRequest = false
      guard !deliver(frame) else { continue }
      _ = universe.finish(0)
      // Somebody outside has asked for the end.
      if universe.ending == .stopped { endOthers() }
    } while !main.isGranted && !isWanted && processes.count > 1
    clock.pause()
  }

  /// When the first of those that wait for a time can go on.
  func firstDeadline() -> Instant? { sleepers.firstDeadline() }

  /// After `runOthers`: there is a program to be run again.
  func resume() {
    guard processes.count > 1 else { return }
    lastLeft = lastID
    watchClock()
  }

  /// An earlier request has left it.
  private func isLeft(_ process: ProgramProcess) -> Bool { process !== main && process.id <= lastLeft }

  /// While a request is carried out, it has every other time slice if what earlier ones have left never waits. Who has its
  /// turn for that reason, or because it is more urgent in the request; nil: as always.
  private func turnOfRequest(_ isSliceOver: Bool) -> ProgramProcess? {
    if isSliceOver { isRequestsSlice = isLeft(current) }
    guard isRequestsSlice, let next = ready.first(among: { !isLeft($0) }) else { return nil }
    return isLeft(current) || next.urgency > current.urgency ? next : nil
  }

  // MARK: What processes do

  /// At a poll: another one's turn may have come. False: unwind.
  func poll(_ frame: Words) -> Bool {
    wakeSleepers()
    var isSliceOver = clock.takeSlice()
    if universe.options.preemptEvery > 0 {
      polls += 1
      if polls % universe.options.preemptEvery == 0 { isSliceOver = true }
      universe.requestPoll()
    }
    if awaitsRequest, isWanted, current !== main {
      ready.prepend(current)
      run(takeMain(), frame)
      return deliver(frame)
    }
    if let next = turnOfRequest(isSliceOver) {
      if isSliceOver { ready.append(current) } else { ready.prepend(current) }
      next.leaveQueues()
      run(next, frame)
      return deliver(frame)
    }
    if isRequestsSlice, !isLeft(current) { return deliver(frame) }
    let highest = ready.highestPriority()
    if highest > current.urgency || highest == current.urgency && (isSliceOver || isEarlyTurn) {
      giveTurn(keepingPlace: !isSliceOver, frame)
    }
    return deliver(frame)
  }

  /// The first of those that are ready runs; returns when the current process's turn comes again. `keepingPlace`: that is
  /// before its equals.
  private func giveTurn(keepingPlace: Bool, _ frame: Words) {
    isEarlyTurn = false
    let next = ready.next()!
    if keepingPlace { ready.prepend(current) } else { ready.append(current) }
    run(next, frame)
  }

  /// Another one of the same or a higher priority has its turn, if there is one. False: unwind.
  func yield(_ frame: Words) -> Bool {
    wakeSleepers()
    if ready.highestPriority() >= current.urgency { giveTurn(keepingPlace: false, frame) }
    return deliver(frame)
  }

  /// Others that are more urgent have their turn at once; so has the first among equals, if it is `early`. False: unwind.
  func letMoreUrgentRun(early: Bool = false, _ frame: Words) -> Bool {
    let highest = ready.highestPriority()
    guard highest > current.urgency || early && highest == current.urgency else { return true }
    giveTurn(keepingPlace: true, frame)
    return deliver(frame)
  }

  /// The current process waits, for no longer than `deadline`. False: unwind.
  func wait(for wait: ProgramProcess.Wait, until deadline: Instant? = nil, _ frame: Words) -> Bool {
    let me = current
    if !me.demands.isEmpty, !deliver(frame) { return false }
    me.state = .waiting(wait)
    me.isGranted = false
    switch wait {
    case .semaphore(let id): waiting[id, default: []].append(ProcessTicket(me))
    case .end(let id): joining[id, default: []].append(ProcessTicket(me))
    case .time, .input, .event, .request, .debugger: break
    }
    if let deadline {
      sleepers.insert(me, until: deadline)
      watchClock()
    }
    run(takeTurn(frame), frame)
    return deliver(frame)
  }

  /// The current process waits until `isThere`, which is asked at polls, but no longer than `deadline`. False: unwind.
  func wait(until deadline: Instant, orFor isThere: @escaping () -> Bool, _ frame: Words) -> Bool {
    watching.append((ProcessTicket(current), isThere))
    return wait(for: .event, until: deadline, frame)
  }

  /// At a poll. Answers whether somebody still waits for something outside.
  func wakeWatchers() -> Bool {
    if watching.isEmpty { return false }
    for (ticket, isThere) in watching where ticket.isValid && isThere() { makeReady(ticket.process, early: true) }
    watching.removeAll { !$0.ticket.isValid }
    return !watching.isEmpty
  }

  /// Wakes the one that has waited longest for a semaphore. False: nobody waits.
  func signal(semaphore id: Int) -> Bool {
    while let ticket = waiting[id]?.popFirst() {
      if waiting[id]!.isEmpty { waiting[id] = nil }
      guard ticket.isValid else { continue }
      ticket.process.isGranted = true
      makeReady(ticket.process)
      return true
    }
    return false
  }
  func newSemaphoreID() -> Int {
    lastSemaphoreID += 1
    return lastSemaphoreID
  }

  /// Its turn comes early, and it does this first.
  func demand(_ demand: ProgramProcess.Demand, of process: ProgramProcess) {
    process.demands.append(demand)
    let waitsHere = isChoosing || isIdle && process.state != .ready
    if process === current, !waitsHere { return universe.requestPoll() }
    process.isSuspended = false
    makeReady(process, early: true)
  }

  func setPriority(_ priority: Int, of process: ProgramProcess) {
    process.priority = priority
    if process !== current, process.state == .ready, !process.isSuspended { makeReady(process) }
  }

  func resume(_ process: ProgramProcess) {
    guard process.isSuspended else { return }
    process.isSuspended = false
    if process.state == .ready { makeReady(process) }
  }

  /// Its turn does not come until it is resumed. False: unwind.
  func suspend(_ process: ProgramProcess, _ frame: Words) -> Bool {
    process.isSuspended = true
    if process !== current {
      if process.state == .ready { process.leaveQueues() }
      return true
    }
    run(takeTurn(frame), frame)
    return deliver(frame)
  }

  /// Does what was demanded of the current process. False: unwind.
  func deliver(_ frame: Words) -> Bool {
    let me = current
    while !me.demands.isEmpty {
      switch me.demands.removeFirst() {
      case .terminate:
        _ = universe.terminate(status: 0, because: .process)
        return false
      case .end(let ending, let status):
        _ = universe.terminate(status: status, because: ending)
        return false
      case .raise(let error):
        if universe.raise(error, frame) == 0 { return false }
      case .evaluate(let root):
        let block = me.root(root)
        if me.demands.isEmpty { me.removeRoots() }
        let inUse = universe.wordsInUse(frame) ?? Frame.headerWords
        if universe.send(block, universe.selectors.value, frame: frame, words: inUse) == 0 { return false }
      case .perform(let body):
        if !body(frame) { return false }
      }
    }
    return true
  }

  /// The current process stands still at `frame`, does what is demanded of it, and goes on when `goesOn` says so. False:
  /// unwind.
  func stop(_ frame: Words, until goesOn: () -> Bool) -> Bool {
    let me = current
    me.stops += 1
    defer { me.stops -= 1 }
    while !goesOn() {
      me.state = .waiting(.debugger)
      me.isGranted = false
      run(takeTurn(frame), frame)
      if !deliver(frame) { return false }
    }
    return true
  }

  // MARK: Memory

  /// The innermost frames of the stacks on which no process runs now.
  func forEachWaitingFrame(_ body: (Words) -> Void) {
    for process in processes.values where process !== current { if let fiber = process.fiber { body(fiber.top) } }
  }

  /// The roots that stacks do not show.
  func forEachRoot(_ visit: (Words) -> Void) {
    for process in processes.values {
      process.forEachRoot(visit)
      if process !== current { process.fiber?.forEachSavedRoot(visit) }
    }
  }
}

/// How many processes there were, for `--stats`.
public struct ProcessFigures: Sendable {
  public var started = 0
  /// The most at once, the main one included.
  public var most = 1
  /// How often another one went on.
  public var switches = 0
}
