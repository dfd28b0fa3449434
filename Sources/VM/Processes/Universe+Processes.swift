// What the runtime asks of processes.

extension Universe {
  /// What a poll asks for is done while no process can go on.
  public var isIdle: Bool { scheduler.isIdle }

  public var processFigures: ProcessFigures { scheduler.figures }

  /// Whether there is a process beside the main one.
  public var hasOtherProcesses: Bool { !scheduler.isAlone }

  /// Between requests, on an empty stack: the processes that earlier ones have left go on until none can, or the main
  /// process is wanted. Answers when the next one wakes.
  public func runOtherProcesses() -> ContinuousClock.Instant? {
    guard hasOtherProcesses else { return nil }
    scheduler.runOthers()
    output.flush()
    return scheduler.firstDeadline()
  }

  /// After that: the main process is to run.
  public func resumeProcesses() { scheduler.resume() }

  /// They end, without `ensure:`.
  public func endOtherProcesses() { scheduler.endOthers() }

  /// At a poll: who waits for what happens in front of a canvas goes on if something has happened.
  public func wakeEventWaiters() { canvases.awaitEvents(scheduler.wakeWatchers()) }

  /// Whether somebody asks for something. Any thread.
  public func wantMainProcess(_ isWanted: Bool) { scheduler.isMainWanted.store(isWanted, ordering: .relaxed) }
}

/// A process as somebody outside sees it, at a safepoint.
public struct ProcessView {
  public let id: Int
  public let name: String
  public let priority: Int
  /// What it does, in words: "waits for semaphore 3".
  public let activity: String
}

extension Universe {
  /// All that have not ended, by number.
  public var processes: [ProcessView] {
    scheduler.all.map { process in
      let isRunning = process === scheduler.current && process.state == .ready
      return ProcessView(
        id: process.id, name: name(of: process), priority: process.priority,
        activity: isRunning ? "runs" : scheduler.text(of: process))
    }
  }

  private func name(of process: ProgramProcess) -> String {
    let value = process.object
    if value.isPointer, value != .none, let word = classes[value.classIndex].bodyWord(ofField: "name"),
      let name = string(value.object[word])
    {
      return name
    }
    return process.label ?? (process.id == Scheduler.mainID ? "main" : "\(process.id)")
  }

  /// The current process, whose top frame is `frame`, stands still and does what is demanded of it, until `goesOn`. False:
  /// unwind.
  public func stopProcess(_ frame: Words, until goesOn: () -> Bool) -> Bool { scheduler.stop(frame, until: goesOn) }

  /// The process does this soon, on its own stack, whatever it waits for, and goes on with that. (False: it unwinds.)
  /// Answers false if it has ended.
  public func demand(of process: Int, _ body: @escaping (_ frame: Words) -> Bool) -> Bool {
    guard let process = scheduler.process(process) else { return false }
    scheduler.demand(.perform(body), of: process)
    return true
  }

  /// What is demanded of the process that runs is done now, and not at its next poll. False: unwind.
  public func performDemands(_ frame: Words) -> Bool { scheduler.deliver(frame) }

  /// A process of the machine's own, beside those of the program: its turn comes at the next poll, at once if it is more
  /// urgent than the current one. `body` runs on its stack, from the frame that it is given, and answers 0 while it
  /// unwinds; `ended` is called when it has ended, however. Answers its number.
  public func startProcess(
    _ label: String, priority: Int, ended: @escaping () -> Void, body: @escaping (_ frame: Words) -> UInt64
  ) -> Int {
    let process = scheduler.start(.nil, priority: priority) { process in
      (process.label, process.body, process.ended) = (label, body, ended)
    }
    requestPoll()
    return process.id
  }
  /// How urgent the program's main process is, unless it has said something else.
  public static var mainPriority: Int { Scheduler.mainPriority }

  /// Nothing happens if it has ended.
  public func setPriority(_ priority: Int, of process: Int) {
    guard let process = scheduler.process(process) else { return }
    scheduler.setPriority(priority, of: process)
  }

  /// The same, before whatever else is to be done.
  public func demandEvaluation(of process: Int, _ body: @escaping (_ frame: Words) -> Bool) -> Bool {
    guard let process = scheduler.process(process) else { return false }
    process.evaluations += 1
    scheduler.demand(
      .perform { frame in
        defer { process.evaluations -= 1 }
        return body(frame)
      }, of: process)
    return true
  }

  /// The process leaves all its activations; what `ensure:` protects is run. Answers false if it has ended.
  public func terminateProcess(_ id: Int) -> Bool {
    guard let process = scheduler.process(id) else { return false }
    scheduler.demand(.terminate, of: process)
    return true
  }
}
