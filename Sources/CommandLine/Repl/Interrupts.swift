// Ctrl-C in a session: interrupts the evaluation that runs, or else wakes whoever reads a line. A thread of its own
// waits for the signal; all others have it blocked, and so have the compiler's child processes.

import Foundation
import Laboratory
import Synchronization
import VM

final class Interrupts: Sendable {
  private struct State {
    /// Of the evaluation that runs.
    var interrupt: (@Sendable () -> Void)?
    var count = 0
    var first = ContinuousClock.now
  }
  private let state = Mutex(State())
  /// Readable when Ctrl-C was pressed at the prompt.
  let wakeDescriptor: Int32
  private let wakeInput: Int32

  /// What is interrupted, in words.
  private let subject: String

  /// How long an evaluation may take to reach a safepoint before the user is told.
  static let patience = Duration.seconds(1)

  /// On the main thread, before there are others.
  init(subject: String) {
    self.subject = subject
    var ends: [Int32] = [-1, -1]
    if pipe(&ends) == 0 {
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
      _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
    }
    wakeDescriptor = ends[0]
    wakeInput = ends[1]
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    do throws(NativeThread.Failure) {
      try NativeThread.start("ovid interrupts") { [self, signals] in
        var signals = signals
        var number: Int32 = 0
        while sigwait(&signals, &number) == 0 { pressed() }
      }
    } catch {
      complain("no thread that waits for Ctrl-C: \(error); it ends the session")
      pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }
  }

  /// Runs `body`; Ctrl-C calls `interrupt` meanwhile.
  func during<T>(_ interrupt: @escaping @Sendable () -> Void, _ body: () throws -> T) rethrows -> T {
    state.withLock {
      $0.interrupt = interrupt
      $0.count = 0
    }
    defer { state.withLock { $0.interrupt = nil } }
    return try body()
  }

  private func pressed() {
    let (interrupt, count, waited) = state.withLock { state in
      if state.count == 0 { state.first = .now }
      state.count += 1
      return (state.interrupt, state.count, ContinuousClock.now - state.first)
    }
    guard let interrupt else {
      var byte: UInt8 = 1
      _ = write(wakeInput, &byte, 1)
      return
    }
    interrupt()
    if count > 1, waited > Self.patience {
      if count > 2 { RunCommand.end(130) }
      complain("\(subject) is inside one long operation; Ctrl-C once more ends the session")
    }
  }
}
