// Somebody at a debugger while a program runs: steps, breakpoints that come and go, looks at the stack and variables at
// each stop. None of it may change what the program prints. What is asked at a stop is in `FuzzDebugger+Requests.swift`,
// what must be so there in `FuzzDebugger+Checks.swift`.

import Foundation
import Ovid

/// On a thread of its own. The same seed does the same, as far as nothing depends on time.
final class FuzzDebugger: @unchecked Sendable {
  let machine: VirtualMachine
  var debugger: DebugController { machine.debugger }
  let methods: FuzzBreakpoints
  var random: SeededRandom
  /// The program has processes: what they share changes while one of them stands still, and one may end another.
  let hasProcesses: Bool
  let isDebuggable: Bool
  /// Compiled code that is not for debuggers forgets arguments that nobody reads any more, and so do the frames that are
  /// made of its own.
  let keepsArguments: Bool
  /// Stops until the program is left alone.
  private var budget: Int
  /// The program is interrupted at random times.
  private let pauses: Bool
  /// However busy the machine is, programs end.
  private let deadline = Date(timeIntervalSinceNow: 20)
  /// By process: how deep its next stop may be, if a step brings it there.
  private var limits: [Int: Int] = [:]
  /// The breakpoints that there are.
  var breakpoints: [Int] = []
  /// What was done, by name.
  private(set) var counts: [String: Int] = [:]
  /// What is not as it must be.
  private(set) var problem: String?
  private var hasLeft = false

  private let condition = NSCondition()
  private var stops: [StopReport] = []
  private var isOver = false
  private let hasEnded = DispatchSemaphore(value: 0)

  init(_ machine: VirtualMachine, _ program: FuzzProgram, seed: UInt64, _ options: Options) {
    self.machine = machine
    isDebuggable = options.debuggable
    keepsArguments = options.debuggable || !options.jit
    hasProcesses = program.hasProcesses
    random = SeededRandom(seed: seed)
    budget = random.one(of: [5, 20, 60, 150])
    pauses = random.chance(15)
    methods = FuzzBreakpoints(program)
  }

  /// What `counts` are of.
  static let actions =
    ["breakpoint", "step", "pause", "unhandledError", "error"].map { "stop \($0)" }
    + ["into", "over", "out", "to a line"].map { "step \($0)" }
    + [
      "resume", "detach", "pause", "evaluate", "set", "children", "breakpoint", "condition", "logpoint",
      "remove a breakpoint", "change a breakpoint",
    ]

  func count(_ name: String) { counts[name, default: 0] += 1 }

  /// Before the program runs.
  func start() {
    machine.onEvent { [self] event in
      guard case .debug(let event) = event else { return }
      condition.withLock {
        if case .stopped(let stop) = event { stops.append(stop) }
        condition.signal()
      }
    }
    do {
      try debugger.attach()
      for _ in 0..<(1 + random.pick(4)) { try addBreakpoint() }
    } catch { problem = "\(error)" }
    Foundation.Thread.detachNewThread { [self] in
      while let stop = next() { take(stop) }
      hasEnded.signal()
    }
  }

  /// The program has ended.
  func stop() {
    condition.withLock {
      isOver = true
      condition.signal()
    }
    hasEnded.wait()
  }

  private var programHasEnded: Bool { condition.withLock { isOver } }

  /// Nil: the program has ended.
  private func next() -> StopReport? {
    while true {
      let isPausing = pauses && !hasLeft
      let wait = isPausing ? Double(random.pick(30)) / 1000 : 0.5
      let found: StopReport? = condition.withLock {
        if stops.isEmpty, !isOver { _ = condition.wait(until: Date(timeIntervalSinceNow: wait)) }
        return isOver || stops.isEmpty ? nil : stops.removeFirst()
      }
      if programHasEnded { return nil }
      if let found { return found }
      if !hasLeft, Date() > deadline { leave() }
      if isPausing {
        count("pause")
        try? debugger.pause()
      }
    }
  }

  private func take(_ stop: StopReport) {
    count("stop \(stop.reason.rawValue)")
    budget -= 1
    do {
      if hasLeft { return try debugger.resume(stop.process) }
      if let limit = limits.removeValue(forKey: stop.process), stop.reason == .step, stop.depth > limit {
        fail("a step ends at depth \(stop.depth), and not at \(limit) or less", stop)
      }
      if budget <= 0 || problem != nil || Date() > deadline { return leave() }
      try look(at: stop)
      try changeBreakpoints()
      if problem != nil { return leave() }
      try goOn(stop)
    } catch {
      if programHasEnded || hasProcesses && [.gone, .notStopped, .noProcess].contains(error.code) { return }
      fail("a request is refused: \(error)", stop)
      leave()
    }
  }

  func fail(_ text: String, _ stop: StopReport) {
    let place = stop.activation.map { " in \($0.name), line \($0.place?.line ?? 0)" } ?? ""
    problem = problem ?? "\(text) (stop \(stop.number), \(stop.reason.rawValue)\(place))"
  }

  /// From now on the program runs as if there were no debugger.
  private func leave() {
    hasLeft = true
    try? debugger.attach(false)
  }

  // MARK: Going on

  private func goOn(_ stop: StopReport) throws(DebugError) {
    var index = stop.activation?.id.index
    if random.chance(15) {
      let stack = try debugger.stack(stop.process, count: 6)
      if !stack.isEmpty { index = random.one(of: stack).id.index }
    }
    guard let index, !random.chance(20) else {
      if random.chance(5) {
        count("detach")
        try debugger.attach(false)
        try debugger.attach()
        breakpoints = []
        return try addBreakpoint()
      }
      count("resume")
      return try debugger.resume(stop.process)
    }
    let kind: DebugStep
    switch random.pick(10) {
    case 0...3: kind = .over
    case 4...6: kind = .into
    case 7, 8: kind = .out
    default: kind = .toLine((stop.activation?.place?.line ?? 1) + random.pick(4))
    }
    let depth = stop.depth - index
    switch kind {
    case .into: count("step into")
    case .over:
      count("step over")
      limits[stop.process] = depth
    case .out:
      count("step out")
      limits[stop.process] = depth - 1
    case .toLine:
      count("step to a line")
      limits[stop.process] = depth
    }
    try debugger.step(stop.process, kind, from: index)
  }
}
