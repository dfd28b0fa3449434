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

    mutating func take() -> (quit: Int?, isInterrupted: Bool) {
      defer { (quit, isInterrupted) = (nil, false) }
      return (quit, isInterrupted)
    }
  }
  private let state = Guarded(State())

  /// Around everything that runs code of the program from outside.
  func during<T>(_ body: () throws -> T) rethrows -> T {
    state.update { $0.running += 1 }
    defer {
      state.update {
        $0.running -= 1
        if $0.running == 0 { _ = $0.take() }
      }
    }
    return try body()
  }

  func quit(status: Int) { state.update { if $0.running > 0 { $0.quit = status } } }
  func interrupt() { state.update { if $0.running > 0 { $0.isInterrupted = true } } }
  func take() -> (quit: Int?, isInterrupted: Bool) { state.update { $0.take() } }
}
