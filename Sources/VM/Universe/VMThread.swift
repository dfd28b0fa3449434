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
  public static func run<T>(stackBytes: Int = VMThread.stackBytes, _ body: @escaping () -> T) -> T {
    let job = Job(body)
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setstacksize(&attributes, stackBytes)
    defer { pthread_attr_destroy(&attributes) }
    // The thread finds the job through a box of a non-generic closure.
    let start = Box { job.result = job.body() }
    let context = Unmanaged.passRetained(start).toOpaque()
    #if canImport(Darwin)
      var thread: pthread_t?
      let status = pthread_create(
        &thread, &attributes,
        {
          VMThread.enter($0); return nil
        }, context)
      if status == 0, let thread { pthread_join(thread, nil) }
    #else
      var thread = pthread_t()
      let status = pthread_create(
        &thread, &attributes,
        {
          VMThread.enter($0!); return nil
        }, context)
      if status == 0 { pthread_join(thread, nil) }
    #endif
    if status != 0 {
      // No room for a big stack: run here, with what there is.
      Unmanaged<Box>.fromOpaque(context).release()
      return body()
    }
    return job.result!
  }

  private final class Box: @unchecked Sendable {
    let body: () -> Void
    init(_ body: @escaping () -> Void) { self.body = body }
  }
  private static func enter(_ context: UnsafeMutableRawPointer) {
    Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body()
  }
}
