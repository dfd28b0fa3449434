// One process started and measured: its output, status and time. For benchmarks, peers and fuzzing,
// where a crash or a hang of the child is a result and not an accident.

import Foundation
import Ovid
import VM

public struct ChildProcess {
  public struct Outcome: Equatable {
    public var output: String
    public var errors: String
    /// Exit status, or nil if a signal ended it.
    public var status: Int32?
    var signal: Int32?
    var hasTimedOut = false
    var wallMilliseconds: Double
    /// The most memory that was resident at once; nil if it was not more than this process itself has had, which the
    /// kernel counts as the child's, for the moment between start and exec.
    var peakKilobytes: Int?

    public var isSuccess: Bool { status == 0 && !hasTimedOut }
    /// How it ended, in words.
    public var ending: String {
      if hasTimedOut { return "did not end in time" }
      if let signal { return "was ended by signal \(signal) (\(String(cString: strsignal(signal))))" }
      return "ended with status \(status ?? -1)"
    }
  }

  public struct StartError: Error, CustomStringConvertible {
    public let description: String
    public init(description: String) { self.description = description }
  }

  /// The path of this program itself.
  public static let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "ovid"

  /// An executable of that name on PATH.
  public static func find(_ name: String) -> String? {
    for folder in (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":") {
      let path = "\(folder)/\(name)"
      if access(path, X_OK) == 0 { return path }
    }
    return nil
  }

  /// Runs a program to its end, in folder `directory` or else this process's own, or kills it after `timeout` seconds.
  public static func run(
    _ path: String, _ arguments: [String], timeout: Double = 120, directory: String? = nil
  ) throws -> Outcome {
    // Glibc's module does not show posix_spawn_file_actions_addchdir_np.
    if let directory { return try run("/usr/bin/env", ["-C", directory, path] + arguments, timeout: timeout) }
    let out = try TemporaryFile(), errors = try TemporaryFile()
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, out.descriptor, 1)
    posix_spawn_file_actions_adddup2(&actions, errors.descriptor, 2)
    var words = ([path] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var child: pid_t = 0
    let start = ContinuousClock.now
    let code = posix_spawn(&child, path, &actions, nil, &words, environ)
    guard code == 0 else {
      throw StartError(description: "cannot start \(path): \(String(cString: strerror(code)))")
    }
    let watchdog: Watchdog
    do throws(NativeThread.Failure) { watchdog = try Watchdog(child: child, seconds: timeout) } catch {
      kill(child, SIGKILL)
      while waitpid(child, nil, 0) < 0 && errno == EINTR {}
      throw StartError(description: "no thread to wait for \(path): \(error)")
    }
    var status: Int32 = 0
    var usage = rusage()
    while wait4(child, &status, 0, &usage) < 0 && errno == EINTR {}
    let wall = ContinuousClock.now - start
    let hasTimedOut = watchdog.disarm()
    let signal = status & 0x7f
    let peak = Int(usage.ru_maxrss)
    return Outcome(
      output: out.text, errors: errors.text, status: signal == 0 ? (status >> 8) & 0xff : nil,
      signal: signal == 0 ? nil : signal, hasTimedOut: hasTimedOut, wallMilliseconds: wall.milliseconds,
      peakKilobytes: peak > ProcessMemory().peakKilobytes ? peak : nil)
  }
}

/// Kills a child that takes too long. The child is not reaped before `disarm`, so its id stays its own.
private final class Watchdog: @unchecked Sendable {
  private let condition = NSCondition()
  private var isDone = false
  private var hasFired = false

  init(child: pid_t, seconds: Double) throws(NativeThread.Failure) {
    try NativeThread.start("ovid watchdog") { [self] in
      let end = Date(timeIntervalSinceNow: seconds)
      condition.withLock {
        while !isDone && condition.wait(until: end) {}
        if !isDone {
          hasFired = true
          kill(child, SIGKILL)
        }
      }
    }
  }

  /// Answers whether it had to act.
  func disarm() -> Bool {
    condition.withLock {
      isDone = true
      condition.signal()
      return hasFired
    }
  }
}

/// A file without a name, for a child's output: unlike a pipe, nobody has to read it meanwhile.
private final class TemporaryFile {
  let descriptor: Int32

  init() throws {
    var template = Array("\(NSTemporaryDirectory())ovid-out-XXXXXX".utf8CString)
    descriptor = template.withUnsafeMutableBufferPointer { mkstemp($0.baseAddress!) }
    guard descriptor >= 0 else {
      throw ChildProcess.StartError(description: "no temporary file: \(String(cString: strerror(errno)))")
    }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    template.withUnsafeBufferPointer { _ = unlink($0.baseAddress!) }
  }
  deinit { close(descriptor) }

  var text: String {
    lseek(descriptor, 0, SEEK_SET)
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
    return String(decoding: (try? file.readToEnd()) ?? Data(), as: UTF8.self)
  }
}
