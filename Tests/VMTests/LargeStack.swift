// A thread with a large native stack, because primitives nest natively as deep as the VM stack allows.

import Foundation

@testable import VM

enum LargeStack {
  /// Reserved, not committed.
  static let stackBytes = 1 << 30

  private final class Job<T>: @unchecked Sendable {
    let body: () -> T
    var result: T?
    init(_ body: @escaping () -> T) { self.body = body }
  }

  /// Runs `body` on a new thread and waits for it.
  static func run<T>(
    stackBytes: Int = LargeStack.stackBytes, _ body: @escaping () -> T
  ) throws(NativeThread.Failure) -> T {
    let job = Job(body)
    let done = DispatchSemaphore(value: 0)
    try NativeThread.start("ovid", stackBytes: stackBytes) {
      job.result = job.body()
      done.signal()
    }
    done.wait()
    return job.result!
  }
}
