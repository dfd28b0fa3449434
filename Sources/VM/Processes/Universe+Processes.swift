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

  /// Whether somebody asks for something. Any thread.
  public func wantMainProcess(_ isWanted: Bool) { scheduler.isMainWanted.store(isWanted, ordering: .relaxed) }
}
