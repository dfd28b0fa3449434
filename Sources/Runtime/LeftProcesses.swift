// Processes that an evaluation has started and that have not ended with it: they go on while the machine has nothing else
// to do.

import VM

/// VM thread.
final class LeftProcesses {
  private let universe: Universe
  private let interruptions: Interruptions
  /// Somebody has asked the program to quit: nothing of it stays.
  private var areToEnd = false

  init(_ universe: Universe, _ interruptions: Interruptions) {
    self.universe = universe
    self.interruptions = interruptions
  }

  /// They end when what runs has ended.
  func end() { areToEnd = true }

  /// Before a job.
  func begin() {
    interruptions.setInBackground(false)
    endSome()
  }

  /// Nobody meets those that somebody has asked to end.
  private func endSome() {
    if interruptions.takeEndsLeft() || areToEnd { universe.endOtherProcesses() }
    areToEnd = false
  }

  /// After a job: there is something to end and to interrupt, or not.
  func note() {
    interruptions.setLeft(universe.hasOtherProcesses)
    interruptions.setInBackground(universe.hasOtherProcesses)
  }

  /// Lets them run until none can go on or somebody asks for something. Answers when the next one is to be woken; nil: not
  /// before something happens. Between two jobs.
  func run() -> ContinuousClock.Instant? {
    defer { interruptions.setLeft(universe.hasOtherProcesses) }
    return interruptions.inBackground {
      endSome()
      return universe.runOtherProcesses()
    }
  }
}
