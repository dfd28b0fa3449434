// Processes: one runs until it waits, yields or ends, or lets a more urgent one run; among equals they take turns in the
// order in which they became ready. There are no time slices, and time is a number that goes on when nobody can. Each
// has a thread of its own, so that evaluation needs to know nothing of them; the turn is handed from one to the next.

import Foundation

/// One process.
final class Process: @unchecked Sendable {
  enum Wait: Equatable {
    case semaphore(Int)
    case time
    case end(of: Int)
  }
  /// What it does first when its turn comes.
  enum Demand {
    case terminate
    case exit(status: Int)
    case limit(String)
    case raise(String)
    case evaluate(BlockObject)
  }

  let id: Int
  var priority: Int
  /// The instance of Process. Nil: nobody has asked for it (the main one's).
  var object: Value?
  var wait: Wait?
  /// When it is woken, in milliseconds since the start.
  var deadline: Int?
  /// What it has waited for was given to it.
  var isGranted = false
  var isSuspended = false
  /// It does not handle that its stack is full.
  var hasStackReserve = true
  var hasBegun = false
  var demands: [Demand] = []
  /// Its turn has come.
  let turn = DispatchSemaphore(value: 0)

  init(id: Int, priority: Int) {
    self.id = id
    self.priority = priority
  }
}

final class Schedule {
  let main = Process(id: 1, priority: 40)
  @exclusivity(unchecked) fileprivate(set) var current: Process
  fileprivate(set) var all: [Process]
  fileprivate var ready: [Int: [Process]] = [:]
  /// Who waits longest is first.
  fileprivate var waiting: [Process] = []
  fileprivate var lastID = 1, lastSemaphore = 0, now = 0
  /// The machine has ended; who has a turn still only leaves its thread, which says so.
  fileprivate var isOver = false
  fileprivate let left = DispatchSemaphore(value: 0)

  init() {
    current = main
    all = [main]
  }

  fileprivate var highest: Int { ready.reduce(0) { $1.value.isEmpty ? $0 : max($0, $1.key) } }

  fileprivate func next() -> Process? {
    let priority = highest
    return priority == 0 ? nil : ready[priority]!.removeFirst()
  }

  fileprivate func add(_ process: Process, first: Bool = false) {
    ready[process.priority, default: []].insert(process, at: first ? 0 : ready[process.priority, default: []].count)
  }

  fileprivate func leaveQueues(_ process: Process) {
    ready[process.priority]?.removeAll { $0 === process }
    waiting.removeAll { $0 === process }
    process.deadline = nil
  }

  fileprivate func makeReady(_ process: Process, first: Bool = false) {
    leaveQueues(process)
    process.wait = nil
    if !process.isSuspended { add(process, first: first) }
  }

  /// It does this early.
  fileprivate func demand(_ demand: Process.Demand, of process: Process) {
    process.demands.append(demand)
    if process === current { return }
    process.isSuspended = false
    makeReady(process, first: true)
  }

  fileprivate func process(_ id: Int) -> Process? { all.first { $0.id == id } }

  fileprivate func remove(_ process: Process) {
    leaveQueues(process)
    all.removeAll { $0 === process }
    for other in all where other.wait == .end(of: process.id) { makeReady(other) }
  }

  /// Whose turn it is; if nobody can run, the next one that waits for a time, or the main one, which is told.
  fileprivate func takeTurn() -> Process {
    while true {
      if let next = next() { return next }
      if let time = all.compactMap({ $0.isSuspended ? nil : $0.deadline }).min() {
        now = max(now, time)
        for process in all where !process.isSuspended && process.deadline.map({ $0 <= now }) ?? false {
          makeReady(process)
        }
      } else {
        demand(.raise("No process can go on: \(all.map(text).joined(separator: ", "))"), of: main)
        // It may be the current one.
        if main === current {
          leaveQueues(main)
          main.wait = nil
          return main
        }
      }
    }
  }

  private func text(_ process: Process) -> String {
    if process.isSuspended { return "process \(process.id) is suspended" }
    switch process.wait {
    case .semaphore(let n): return "process \(process.id) waits for semaphore \(n)"
    case .end(let id): return "process \(process.id) waits for the end of process \(id)"
    case .time: return "process \(process.id) sleeps"
    case nil: return "process \(process.id) is ready"
    }
  }
}

extension ReferenceMachine {
  /// A thread's; only what is used becomes memory.
  private static let stackSize = 512 << 20
  private static let mostProcesses = 300

  // MARK: Turns

  /// Goes on in `next`, and returns when the current process has its turn again.
  private func hand(to next: Process) throws(Unwinding) {
    let me = schedule.current
    if next !== me {
      begin(next)
      me.turn.wait()
    }
    if schedule.isOver { throw .limit("the end of the program") }
  }

  private func begin(_ process: Process) {
    schedule.current = process
    if process.hasBegun || process === schedule.main { return _ = process.turn.signal() }
    process.hasBegun = true
    nonisolated(unsafe) let machine = self
    let thread = Thread { machine.live(process) }
    thread.stackSize = Self.stackSize
    thread.start()
  }

  /// The life of a process, on its thread.
  private func live(_ process: Process) {
    let bottom = outermost()
    do throws(Unwinding) {
      try deliver(from: bottom)
      if let object = process.object { _ = try send(Name("beginProcess"), to: object, from: bottom) }
    } catch {
      switch error {
      case .terminating, .ending(_, isError: true): break
      case .ending(let status, isError: false): schedule.demand(.exit(status: status), of: schedule.main)
      case .limit(let reason): schedule.demand(.limit(reason), of: schedule.main)
      // All others end at an activation of this process.
      default: schedule.demand(.limit("an unwinding to what another process runs"), of: schedule.main)
      }
    }
    if schedule.isOver { return _ = schedule.left.signal() }
    schedule.remove(process)
    begin(schedule.takeTurn())
  }

  /// The main process has ended: so do the others, without `ensure:`.
  func endProcesses() {
    schedule.isOver = true
    for process in schedule.all where process.hasBegun {
      process.turn.signal()
      schedule.left.wait()
    }
  }

  /// Does what was demanded of the current process.
  private func deliver(from sender: Activation) throws(Unwinding) {
    let me = schedule.current
    while !me.demands.isEmpty {
      switch me.demands.removeFirst() {
      case .terminate: throw .terminating
      case .exit(let status): throw .ending(status: status, isError: false)
      case .limit(let reason): throw .limit(reason)
      case .raise(let message): _ = try raise(.other(message), from: sender)
      case .evaluate(let block): _ = try send(.value, to: .object(block), from: sender)
      }
    }
  }

  private func giveTurn(keepingPlace: Bool, from sender: Activation) throws(Unwinding) {
    guard let next = schedule.next() else { return }
    schedule.add(schedule.current, first: keepingPlace)
    try hand(to: next)
    try deliver(from: sender)
  }

  // MARK: What primitives do

  func yield(from sender: Activation) throws(Unwinding) {
    if schedule.highest >= schedule.current.priority { try giveTurn(keepingPlace: false, from: sender) }
  }

  /// `early`: also the first among equals.
  func letMoreUrgentRun(early: Bool = false, from sender: Activation) throws(Unwinding) {
    let highest = schedule.highest, priority = schedule.current.priority
    if highest > priority || early && highest == priority { try giveTurn(keepingPlace: true, from: sender) }
  }

  /// Answers whether it was given what it has waited for.
  func wait(for wait: Process.Wait, milliseconds: Int?, from sender: Activation) throws(Unwinding) -> Bool {
    let me = schedule.current
    try deliver(from: sender)
    me.wait = wait
    me.isGranted = false
    me.deadline = milliseconds.map { schedule.now + $0 }
    schedule.waiting.append(me)
    try hand(to: schedule.takeTurn())
    do throws(Unwinding) { try deliver(from: sender) } catch {
      // It ends without what it was given: the next one's.
      if me.isGranted, case .semaphore(let id) = wait { _ = signal(semaphore: id) }
      throw error
    }
    return me.isGranted
  }

  /// False: nobody waits.
  func signal(semaphore id: Int) -> Bool {
    guard let process = schedule.waiting.first(where: { $0.wait == .semaphore(id) }) else { return false }
    process.isGranted = true
    schedule.makeReady(process)
    return true
  }

  func newSemaphore() -> Int {
    schedule.lastSemaphore += 1
    return schedule.lastSemaphore
  }

  func start(_ object: Value, priority: Int?) throws(Unwinding) -> Process {
    if schedule.all.count > Self.mostProcesses { throw .limit("\(Self.mostProcesses) processes") }
    schedule.lastID += 1
    let process = Process(id: schedule.lastID, priority: priority ?? schedule.current.priority)
    process.object = object
    schedule.all.append(process)
    schedule.add(process)
    return process
  }

  func resume(_ process: Process) {
    guard process.isSuspended else { return }
    process.isSuspended = false
    if process.wait == nil { schedule.makeReady(process) }
  }

  func suspend(_ process: Process, from sender: Activation) throws(Unwinding) {
    process.isSuspended = true
    if process !== schedule.current {
      if process.wait == nil { schedule.leaveQueues(process) }
      return
    }
    try hand(to: schedule.takeTurn())
    try deliver(from: sender)
  }

  func terminate(_ process: Process, from sender: Activation) throws(Unwinding) {
    if process === schedule.current { throw .terminating }
    if !process.hasBegun, process !== schedule.main { return schedule.remove(process) }
    schedule.demand(.terminate, of: process)
    try letMoreUrgentRun(early: true, from: sender)
  }

  func interrupt(_ process: Process, with block: BlockObject, from sender: Activation) throws(Unwinding) {
    schedule.demand(.evaluate(block), of: process)
    if process === schedule.current { return try deliver(from: sender) }
    try letMoreUrgentRun(early: true, from: sender)
  }

  func setPriority(_ priority: Int, of process: Process, from sender: Activation) throws(Unwinding) {
    let waits = process === schedule.current || process.wait != nil || process.isSuspended
    if !waits { schedule.leaveQueues(process) }
    process.priority = priority
    if !waits { schedule.add(process) }
    try letMoreUrgentRun(from: sender)
  }

  func process(_ id: Int) -> Process? { schedule.process(id) }
}
