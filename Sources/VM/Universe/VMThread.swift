// The VM thread: an operating-system thread with a large native stack, because primitives and compiled code nest
// natively as deep as the VM stack allows.

import Foundation

public enum VMThread {
  /// Reserved, not committed.
  public static let stackBytes = 1 << 30

  private final class Job<T>: @unchecked Sendable {
    let body: () -> T
    var result: T?
    init(_ body: @escaping () -> T) { self.body = body }
  }

  /// Runs `body` on a new VM thread and waits for it.
  public static func run<T>(
    stackBytes: Int = VMThread.stackBytes, _ body: @escaping () -> T
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
