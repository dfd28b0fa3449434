// One evaluation in a process of its own.

import VM

/// An evaluation that is under way beside the program. Any thread.
public final class SideEvaluation: @unchecked Sendable {
  private struct State {
    /// Whoever wants to know how it ends; nil once that is told.
    var completion: (@Sendable (SideAnswer) -> Void)?
    var process: Int?
    var isCancelled = false
    var hasEnded = false
  }
  private let state: Guarded<State>
  private let side: SideEvaluations
  let evaluation: DebugEvaluation

  init(_ side: SideEvaluations, isQuiet: Bool, _ completion: @escaping @Sendable (SideAnswer) -> Void) {
    self.side = side
    evaluation = DebugEvaluation(number: side.nextNumber(), isQuiet: isQuiet)
    state = Guarded(State(completion: completion))
  }

  /// The number of its process; nil: it has not begun.
  public var process: Int? { state.update { $0.process } }
  var isCancelled: Bool { state.update { $0.isCancelled } }
  var hasEnded: Bool { state.update { $0.hasEnded } }

  /// Ends it soon: its process leaves all its activations, and what `ensure:` protects is run. One that does not end by
  /// that has the least urgent process from now on.
  public func cancel() {
    let process = state.update { state -> Int? in
      state.isCancelled = true
      return state.process
    }
    if let process { side.cancel(self, process) }
  }

  // VM thread.

  /// False: it was cancelled before.
  func begin(_ process: Int) -> Bool {
    state.update {
      $0.process = process
      return !$0.isCancelled
    }
  }

  /// It has stopped itself, and may go on.
  func tell(_ answer: SideAnswer) {
    let completion = state.update { state -> (@Sendable (SideAnswer) -> Void)? in
      defer { state.completion = nil }
      return state.completion
    }
    completion?(answer)
  }

  /// The process has ended, however.
  func end() {
    state.update { $0.hasEnded = true }
    tell(isCancelled ? .cancelled : .ended)
  }
}
