// Looking at the machine from other threads, at a safepoint of whatever runs.

import Foundation
import VM

/// Any thread, unless a method says otherwise.
final class Inspections: @unchecked Sendable {
  private let universe: Universe
  private let thread: ProgramThread
  private let waiting = Guarded<[@Sendable (_ top: Words) -> Void]>([])

  init(_ universe: Universe, _ thread: ProgramThread) {
    self.universe = universe
    self.thread = thread
  }

  /// Runs `body` on the VM thread at the next safepoint of the running program, or at once if none runs, and
  /// waits for it. `body` must not run code of the program.
  func atSafepoint<T>(_ body: @escaping () -> T) -> T { atSafepoint { _ in body() } }

  /// The same for what looks at the stack: `body` is given the top frame. On the VM thread itself that is the bottom one.
  func atSafepoint<T>(_ body: @escaping (_ top: Words) -> T) -> T {
    if thread.isCurrent { return body(universe.bottomFrame) }
    nonisolated(unsafe) var result: T?
    nonisolated(unsafe) let body = body
    let done = DispatchSemaphore(value: 0)
    waiting.update {
      $0.append { top in
        result = body(top)
        done.signal()
      }
    }
    universe.requestPoll()
    thread.wake()
    done.wait()
    return result!
  }

  /// The same without waiting for it.
  func request(_ body: @escaping @Sendable () -> Void) {
    waiting.update { $0.append { _ in body() } }
    universe.requestPoll()
    thread.wake()
  }

  /// Those that wait. VM thread, at a safepoint.
  func run(_ top: Words) { for inspection in waiting.takeAll() { inspection(top) } }
}
