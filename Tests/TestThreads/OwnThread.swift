// Tests that compute or wait for long, off the threads of Swift's tasks: those are few, one a core, and sessions, servers and
// adapters need them to answer in time.

import Dispatch
import Testing

/// Runs the tests that have it on a thread of its own, one at a time as long as they do not await. What they begin, such as a
/// server's tasks, runs where it always does.
public struct OwnThread: SuiteTrait, TestTrait, TestScoping {
  private let executor = QueueExecutor()

  public init() {}

  public var isRecursive: Bool { true }

  public func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    try await withTaskExecutorPreference(executor) { try await function() }
  }
}

extension Trait where Self == OwnThread {
  /// Of this suite alone.
  public static var ownThread: Self { Self() }
}

private final class QueueExecutor: TaskExecutor {
  // A queue with a label has threads of its own, whatever others do with those that they share.
  private let queue = DispatchQueue(label: "tests")

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { [self] in job.runSynchronously(on: asUnownedTaskExecutor()) }
  }
}
