// Calls of the program around the machine into the machine: looking at objects, and running code.
//
// Whoever calls from another thread hands a request to the machine's thread. What only looks is done at the next
// safepoint. What runs code has the main process if no program runs, and else a process of its own, which takes turns with
// the program. Swift code that the program has called is on the machine's thread already: it calls directly, on top of the
// frame of the primitive that it is.

import Foundation
import MachineLayout
import VM

/// Something to be done at a safepoint.
private final class Look {
  private var body: (() -> Void)?
  private let done: DispatchSemaphore?

  init(_ done: DispatchSemaphore?, _ body: @escaping () -> Void) {
    self.done = done
    self.body = body
  }
  func perform() {
    body?()
    giveUp()
  }
  /// Whoever waits goes on when nothing is held here any more.
  func giveUp() {
    body = nil
    done?.signal()
  }
}

/// Any thread, unless a method says otherwise.
public final class Calls: @unchecked Sendable {
  let universe: Universe
  let debugger: Debugger
  let roots = ValueTable()
  /// Set once, before anybody calls.
  var link: MachineLink!
  /// Classes that stand for Swift classes. VM thread.
  @exclusivity(unchecked) var hostClasses: [ObjectIdentifier: HostClass] = [:]
  let thread: ProgramThread
  let interruptions: Interruptions
  private let sideEvaluations: SideEvaluations
  /// Set once, before anybody calls: loads a class, from any thread but the machine's.
  var loadClass: (String) throws -> Void = { _ in }
  /// The same: called on the VM thread after a program.
  var programEnded: () -> Void = {}
  private struct Queue {
    var looks: [Look] = []
    var calls: [Int: OngoingCall] = [:]
    var isClosed = false
  }
  private let queue = Guarded(Queue())
  /// The frame of the primitive whose Swift code runs now; nil: code of the program runs, or none. VM thread.
  @exclusivity(unchecked) public var hostFrame: Words?
  /// Calls with limits that are under way. VM thread.
  @exclusivity(unchecked) private var limited: [OngoingCall] = []

  init(
    _ universe: Universe, _ debugger: Debugger, _ thread: ProgramThread, _ interruptions: Interruptions,
    _ sideEvaluations: SideEvaluations
  ) {
    self.universe = universe
    self.debugger = debugger
    self.thread = thread
    self.interruptions = interruptions
    self.sideEvaluations = sideEvaluations
    universe.hooks.extraRoots.append { [roots] in roots.forEachRoot($0) }
  }

  /// Something may have happened that a waiting process must see. Any thread.
  func requestPoll() {
    universe.requestPoll()
    thread.wake()
  }

  var isClosed: Bool { queue.update { $0.isClosed } }

  // MARK: Looking

  /// Runs `body`, which neither runs code of the program nor makes objects, on the machine's thread at the next safepoint.
  func look<T>(_ body: @escaping () throws -> T) throws(VirtualMachineError) -> T {
    let result: Result<T, any Error>
    if thread.isCurrent {
      result = Result { try body() }
    } else {
      let box = Guarded<Result<T, any Error>?>(nil)
      let done = DispatchSemaphore(value: 0)
      let isThere = queue.update { queue -> Bool in
        if queue.isClosed { return false }
        queue.looks.append(Look(done) { box.set(Result { try body() }) })
        return true
      }
      guard isThere else { throw .machineIsGone }
      universe.requestPoll()
      thread.wake()
      done.wait()
      guard let found = box.get() else { throw .machineIsGone }
      result = found
    }
    do { return try result.get() } catch let error as VirtualMachineError { throw error } catch {
      throw .wrongType("\(error)")
    }
  }

  /// VM thread, at a safepoint. False: unwind.
  func poll(_ frame: Words) -> Bool {
    universe.hostObjects.drop()
    let looks = queue.update { queue -> [Look] in
      defer { queue.looks = [] }
      return queue.looks
    }
    for look in looks { look.perform() }
    if limited.isEmpty { return true }
    return checkLimits(frame)
  }

  /// Nobody is answered any more but with an error; what runs ends soon. VM thread or not.
  func close() {
    let (looks, calls) = queue.update { queue -> ([Look], [OngoingCall]) in
      queue.isClosed = true
      defer { (queue.looks, queue.calls) = ([], [:]) }
      return (queue.looks, Array(queue.calls.values))
    }
    for look in looks { look.giveUp() }
    for call in calls {
      end(call, because: .machineIsGone)
      call.end(.machineIsGone)
    }
  }

  // MARK: Running code

  /// What a call does, on the machine's thread, from a frame with `Frame.headerWords` words in use: 0 while it unwinds.
  typealias Body = (_ frame: Words) throws -> UInt64

  /// Runs `body`, and what `read` makes of its value, and waits for that. From Swift code that the program has called, at
  /// once, on top of it.
  func call<T>(
    _ operation: String, _ limits: CallLimits = .none, _ body: @escaping Body,
    read: @escaping (UInt64) throws -> T
  ) throws(VirtualMachineError) -> T {
    if thread.isCurrent {
      guard let frame = hostFrame else { throw .calledFromWithin(operation: operation) }
      return try nested(frame, body, read)
    }
    return try waiting { start(limits, body, read: read, $0) }
  }

  /// The same for a task, whose cancellation ends the call.
  func asyncCall<T: Sendable>(
    _ limits: CallLimits, _ body: @escaping Body, read: @escaping (UInt64) throws -> T
  ) async throws(VirtualMachineError) -> T {
    nonisolated(unsafe) let body = body, read = read
    return try await inTask { start(limits, body, read: read, $0) }
  }

  typealias Completion<T> = (Result<T, VirtualMachineError>) -> Void

  /// Waits for what `start` begins.
  func waiting<T>(_ start: (@escaping Completion<T>) -> CallHandle) throws(VirtualMachineError) -> T {
    let box = Guarded<Result<T, VirtualMachineError>?>(nil)
    let done = DispatchSemaphore(value: 0)
    _ = start {
      box.set($0)
      done.signal()
    }
    done.wait()
    switch box.get() {
    case .success(let value)?: return value
    case .failure(let error)?: throw error
    case nil: throw .machineIsGone
    }
  }

  /// The same for a task, whose cancellation ends what was begun.
  func inTask<T: Sendable>(
    _ start: (@escaping Completion<T>) -> CallHandle
  ) async throws(VirtualMachineError) -> T {
    let handle = Guarded<CallHandle?>(nil)
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { (continuation: CheckedContinuation<Result<T, VirtualMachineError>, Never>) in
        let started = start { continuation.resume(returning: $0) }
        handle.set(started)
        if Task.isCancelled { started.cancel() }
      }
    } onCancel: {
      handle.get()?.cancel()
    }
    return try result.get()
  }

  /// The same without waiting: `completion` is called once, on the machine's thread or on this one.
  func start<T>(
    _ limits: CallLimits, _ body: @escaping Body, read: @escaping (UInt64) throws -> T,
    _ completion: @escaping (Result<T, VirtualMachineError>) -> Void
  ) -> CallHandle {
    let answer = Guarded<T?>(nil)
    let call = OngoingCall(number: nextNumber(), limits: limits) { error in
      if let error { return completion(.failure(error)) }
      completion(answer.get().map { .success($0) } ?? .failure(.machineIsGone))
    }
    let handle = CallHandle(call, self)
    guard add(call) else { return handle }
    nonisolated(unsafe) let body = body
    nonisolated(unsafe) let read = read
    let run: @Sendable (Words) -> UInt64 = { [self] frame in perform(call, answer, frame, body, read) }
    if interruptions.beginIfNothingRuns() {
      do {
        try thread.submit({ [self] in
          _ = universe.finish(run(universe.bottomFrame))
        }) { [self] in
          interruptions.end()
          finish(call)
        }
      } catch {
        interruptions.end()
        fail(call, error)
      }
    } else {
      request { [self] in
        let process = sideEvaluations.startProcess(Self.label, ended: { [self] in finish(call) }) { run($0) }
        sideEvaluations.calm(process) { call.hasEnded }
      }
    }
    watch(call)
    return handle
  }
  private static let label = "call"
  func nextNumber() -> Int { sideEvaluations.nextNumber() }

  /// Makes it known; false: it has ended, since the machine takes no calls any more.
  func add(_ call: OngoingCall) -> Bool {
    let isOpen = queue.update { queue -> Bool in
      if queue.isClosed { return false }
      queue.calls[call.number] = call
      call.belong(to: self)
      return true
    }
    if !isOpen { call.end(.machineIsGone) }
    return isOpen
  }

  private func request(_ body: @escaping @Sendable () -> Void) {
    queue.update { queue in if !queue.isClosed { queue.looks.append(Look(nil, body)) } }
    universe.requestPoll()
    thread.wake()
  }

  func fail(_ call: OngoingCall, _ error: any Error) {
    call.setReason(isClosed ? .machineIsGone : .noThread("\(error)"))
    finish(call)
  }

  /// It has ended: whoever waits is told.
  func finish(_ call: OngoingCall) {
    queue.update { $0.calls[call.number] = nil }
    // Without a reason the answer is there; or the program has ended, and all its processes with it.
    call.end(call.reason ?? (call.hasAnswer ? nil : .exit(status: 0)))
  }

  /// On the stack of the process. Answers what the body answers.
  private func perform<T>(
    _ call: OngoingCall, _ answer: Guarded<T?>, _ frame: Words, _ body: Body, _ read: (UInt64) throws -> T
  ) -> UInt64 {
    guard call.begin(universe.runningProcess) else { return Value.nil.bits }
    let (result, bits) = limiting(call) { run(call.evaluation, frame, body, read) }
    switch result {
    case .success(let value):
      answer.set(value)
      call.hasAnswer = true
    case .failure(let error): call.setReason(error)
    }
    return bits
  }

  /// Runs `body` as an evaluation whose errors end it. The second is what the primitive or process answers: 0 if something
  /// unwinds that does not end here.
  private func run<T>(
    _ evaluation: DebugEvaluation, _ frame: Words, _ body: Body, _ read: (UInt64) throws -> T
  ) -> (Result<T, VirtualMachineError>, UInt64) {
    let mark = universe.handles.count
    defer { universe.handles.pop(to: mark) }
    var outcome: Result<T, VirtualMachineError>?
    let result = debugger.run(evaluation) { () -> UInt64 in
      do {
        let bits = try body(frame)
        if bits == 0 { return 0 }
        outcome = .success(try read(bits))
        return bits
      } catch VirtualMachineError.unwinding where universe.thread[.unwindTarget] != 0 {
        return 0
      } catch {
        outcome = .failure(error as? VirtualMachineError ?? .wrongType("\(error)"))
        return Value.nil.bits
      }
    }
    switch result {
    case .success(nil): return (.failure(ending), 0)
    case .success(let value?): return (outcome ?? .failure(.unwinding), value.bits)
    case .failure(let error):
      if let failure = evaluation.captured { return (.failure(.failed(failure)), Value.nil.bits) }
      return (
        .failure(
          .failed(
            ProgramError(
              className: "Error", message: error.message, traceback: [], exception: nil, underlying: nil))),
        Value.nil.bits
      )
    }
  }

  /// Why everything is left.
  private var ending: VirtualMachineError {
    guard universe.isTerminating else { return .unwinding }
    let status = Value(bits: universe.thread[.unwindValue]).integer
    return universe.ending == .interrupted ? .interrupted : .exit(status: status)
  }

  /// From Swift code that the program has called from `frame`.
  private func nested<T>(
    _ frame: Words, _ body: Body, _ read: (UInt64) throws -> T
  ) throws(VirtualMachineError) -> T {
    if universe.thread[.unwindTarget] != 0 { throw .unwinding }
    hostFrame = nil
    defer { hostFrame = frame }
    let evaluation = DebugEvaluation(number: nextNumber(), isQuiet: true)
    evaluation.isCall = true
    let handlers: Handlers = universe.handlers
    let (result, _) = handlers.isolating(frame) { run(evaluation, frame, body, read) }
    switch result {
    case .success(let value): return value
    case .failure(let error): throw error
    }
  }

  // MARK: Ending

  /// It leaves all its activations soon. What `ensure:` protects and does not end is left, too.
  func end(_ call: OngoingCall, because reason: VirtualMachineError) {
    call.setReason(reason)
    guard !call.hasEnded else { return }
    if call.isProgram { return endProgram(call) }
    request { [self] in abandon(call) }
    DispatchQueue.global().asyncAfter(deadline: .now() + 0.1) { call.owner?.end(call, because: reason) }
  }

  /// A program that waits for its turn does not wait for that.
  private func endProgram(_ call: OngoingCall) {
    if call.process == nil { return finish(call) }
    request { [self] in
      // Only here it is certain that it is the one that runs.
      if call.isRunning, interruptions.quit(status: 1) { universe.requestPoll() }
    }
  }

  private func abandon(_ call: OngoingCall) {
    guard !call.hasEnded, let process = call.process else { return }
    debugger.abandon(call.evaluation, of: process, call.reason?.description ?? "")
  }

  /// Calls beside a program: the program itself is somebody else's business.
  func interruptAll() { endAll(because: .interrupted) }
  func quitAll(status: Int) { endAll(because: .exit(status: status)) }

  private func endAll(because reason: VirtualMachineError) {
    let all = queue.update { Array($0.calls.values) }
    for call in all where !call.isProgram && call.process != 1 { end(call, because: reason) }
  }

  // MARK: Limits

  /// Runs `body`, which is the call's, within its limits. VM thread.
  func limiting<T>(_ call: OngoingCall, _ body: () -> T) -> T {
    call.isRunning = true
    defer { call.isRunning = false }
    if call.limits.isNone { return body() }
    beginLimits(call)
    defer { limited.removeAll { $0 === call } }
    return body()
  }

  private func beginLimits(_ call: OngoingCall) {
    limited.append(call)
    call.heapBefore = universe.heap.bytesInUse
    call.outputBefore = universe.output.byteCount
    call.deadline = call.limits.seconds.map { .now + .seconds($0) }
    if call.limits.polls != nil { universe.requestPoll() }
  }

  /// Makes the machine look every few milliseconds.
  func watch(_ call: OngoingCall) {
    guard !call.limits.isNone else { return }
    // (Not a weak reference: see `PollRequests`.)
    DispatchQueue.global().asyncAfter(deadline: .now() + 0.005) {
      guard let calls = call.owner else { return }
      calls.universe.requestPoll()
      calls.thread.wake()
      calls.watch(call)
    }
  }

  /// At a poll of whatever process. False: unwind.
  private func checkLimits(_ frame: Words) -> Bool {
    for call in limited {
      guard let process = call.process else { continue }
      let isRunning = process == universe.runningProcess && !universe.isIdle
      if call.limits.polls != nil, isRunning {
        universe.requestPoll()
        call.pollsLeft -= 1
      }
      guard let limit = exceeded(call, frame), call.reason == nil else { continue }
      end(call, because: .limitExceeded(limit))
    }
    return true
  }

  private func exceeded(_ call: OngoingCall, _ frame: Words) -> CallLimit? {
    if let deadline = call.deadline, let seconds = call.limits.seconds, deadline <= .now { return .seconds(seconds) }
    if let polls = call.limits.polls, call.pollsLeft < 0 { return .polls(polls) }
    if let output = call.limits.output, universe.output.byteCount - call.outputBefore > output {
      return .output(output)
    }
    if let memory = call.limits.memory, universe.heap.bytesInUse - call.heapBefore > memory {
      universe.heap.collectFull(frame: frame, moveEverything: false)
      if universe.heap.bytesInUse - call.heapBefore > memory { return .memory(memory) }
    }
    return nil
  }
}
