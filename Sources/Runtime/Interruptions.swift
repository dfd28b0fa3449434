// What is asked of the program that runs: to end, or to be interrupted. It is for what is under way, and what has ended
// leaves nothing for the next.

/// Any thread.
final class Interruptions: Sendable {
  private struct State {
    /// What runs code of the program from outside, nested.
    var running = 0
    /// The exit status.
    var quit: Int?
    var isInterrupted = false
    /// There are processes that go on when nothing else runs, and whether they do.
    var hasLeft = false
    var isInBackground = false
    /// The same of them; they are told to end while they wait, too.
    var endsLeft = false
    var interruptsLeft = false

    mutating func take() -> (quit: Int?, isInterrupted: Bool) {
      if isInBackground {
        defer { interruptsLeft = false }
        return (endsLeft ? 0 : nil, interruptsLeft)
      }
      defer { (quit, isInterrupted) = (nil, false) }
      return (quit, isInterrupted)
    }
  }
  private let state = Guarded(State())

  /// Around everything that runs code of the program from outside.
  func during<T>(_ body: () throws -> T) rethrows -> T {
    begin()
    defer { end() }
    return try body()
  }
  /// The beginning of the same: `end` has to follow.
  func begin() { state.update { $0.running += 1 } }

  /// `begin`, if nothing of that kind is under way. True: `end` has to follow.
  func beginIfNothingRuns() -> Bool {
    state.update {
      if $0.running > 0 { return false }
      $0.running = 1
      return true
    }
  }
  func end() {
    state.update {
      $0.running -= 1
      if $0.running == 0 { ($0.quit, $0.isInterrupted) = (nil, false) }
    }
  }

  /// Around what runs of itself.
  func inBackground<T>(_ body: () -> T) -> T {
    setInBackground(true)
    defer { state.update { ($0.isInBackground, $0.interruptsLeft) = (false, false) } }
    return body()
  }
  /// So it is as soon as a job has ended that has left something, until another one begins.
  func setInBackground(_ isInBackground: Bool) { state.update { $0.isInBackground = isInBackground } }

  /// Whether there is something that goes on when nothing else runs.
  func setLeft(_ hasLeft: Bool) { state.update { $0.hasLeft = hasLeft } }
  func takeEndsLeft() -> Bool {
    state.update { state -> Bool in
      defer { state.endsLeft = false }
      return state.endsLeft
    }
  }

  /// False: there is nothing to end.
  func quit(status: Int) -> Bool {
    state.update {
      if $0.running > 0 { $0.quit = status } else { $0.endsLeft = $0.hasLeft || $0.isInBackground }
      return $0.running > 0 || $0.endsLeft
    }
  }
  func interrupt() {
    state.update {
      if $0.running > 0 { $0.isInterrupted = true } else { $0.interruptsLeft = $0.isInBackground }
    }
  }
  func take() -> (quit: Int?, isInterrupted: Bool) { state.update { $0.take() } }
}
