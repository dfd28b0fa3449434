// Ctrl-C, `kill` and a closed terminal end a program, but not before what it has printed is written, and the terminal
// is as it was. A thread waits for these signals, so that nothing runs in a signal handler; the process then ends by the
// signal, as others expect it to.

import Foundation
import Synchronization
import VM

final class EndingSignals: Sendable {
  private let farewell = Mutex<(@Sendable () -> Void)?>(nil)
  private let signals: sigset_t

  /// On the main thread, before there are others: they leave the signals to the one that waits.
  init() {
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM, SIGHUP] where !Self.isIgnored(number) { sigaddset(&signals, number) }
    self.signals = signals
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    // If no thread can be made, the signals end the process as they would have.
    do { try NativeThread.start("ovid signals", stackBytes: 256 << 10) { [self] in wait() } } catch {
      pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }
  }

  /// What is done before the process ends, from now on.
  func watch(_ body: @escaping @Sendable () -> Void) { farewell.withLock { $0 = body } }

  private func wait() {
    var signals = signals
    var number: Int32 = 0
    while sigwait(&signals, &number) != 0 {}
    farewell.withLock { $0?() }
    signal(number, SIG_DFL)
    kill(getpid(), number)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  /// What a shell or `nohup` has told the process to ignore stays so.
  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    guard sigaction(number, nil, &action) == 0 else { return false }
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
