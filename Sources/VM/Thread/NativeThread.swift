// Threads of the operating system. Foundation's do not tell when one cannot be made, because the address space or the
// number of processes is limited, and whoever waits for such a thread waits for ever.

import Foundation

public enum NativeThread {
  public struct Failure: Error, Sendable, Hashable, CustomStringConvertible {
    /// An errno.
    public let code: Int32
    public var description: String { String(cString: strerror(code)) }
  }

  /// Runs `body` on a new thread, which nobody joins. `stackBytes` are reserved, not committed.
  public static func start(
    _ name: String, stackBytes: Int = 8 << 20, _ body: @escaping @Sendable () -> Void
  ) throws(Failure) {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, stackBytes)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    let start = Unmanaged.passRetained(Start(name: name, body: body))
    #if canImport(Darwin)
      var thread: pthread_t?
      let code = pthread_create(&thread, &attributes, { NativeThread.enter($0) }, start.toOpaque())
    #else
      var thread = pthread_t()
      let code = pthread_create(&thread, &attributes, { NativeThread.enter($0!) }, start.toOpaque())
    #endif
    if code != 0 {
      start.release()
      throw Failure(code: code)
    }
  }

  /// The calling thread, and those that it starts from now on, are so much nicer than it was (nice(1)).
  public static func giveWay(by niceness: Int) {
    #if os(Linux)
      let process = __priority_which_t(PRIO_PROCESS.rawValue)
      if niceness > 0 { setpriority(process, 0, getpriority(process, 0) + Int32(niceness)) }
    #endif
  }

  private final class Start: Sendable {
    let name: String
    let body: @Sendable () -> Void
    init(name: String, body: @escaping @Sendable () -> Void) {
      self.name = name
      self.body = body
    }
  }

  private static func enter(_ context: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    // Nothing that `body` refers to outlives it.
    let start = Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
    #if canImport(Darwin)
      pthread_setname_np(start.name)
    #else
      let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
      if file >= 0 {
        _ = write(file, start.name, start.name.utf8.count)
        close(file)
      }
    #endif
    start.body()
    return nil
  }
}

/// One thread, to be known again.
public struct NativeThreadID: @unchecked Sendable {
  private let thread: pthread_t
  /// The calling thread.
  public init() { thread = pthread_self() }
  public var isCurrent: Bool { pthread_equal(thread, pthread_self()) != 0 }
}

/// Tells how much of a processor a thread has had, from any other. Not after the thread has ended.
public struct ThreadClock: Sendable {
  private let clock: clockid_t
  /// Of the calling thread.
  public init() {
    #if canImport(Darwin)
      clock = CLOCK_PROCESS_CPUTIME_ID
    #else
      var own = clockid_t()
      clock = pthread_getcpuclockid(pthread_self(), &own) == 0 ? own : CLOCK_PROCESS_CPUTIME_ID
    #endif
  }
  public var seconds: Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
