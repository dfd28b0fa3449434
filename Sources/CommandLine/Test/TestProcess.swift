// One process of TestDriver.som: what it tells and what its tests print come through one pipe, in order. It is
// killed when nothing has been told for too long.

import Foundation
import Laboratory

struct TestProcess {
  enum Ending: Equatable {
    case done
    case status(Int32)
    case signal(Int32)
    case timeout(Double)

    /// As the end of a sentence about the test that ran.
    var description: String {
      switch self {
      case .done: "ended"
      case .status(let n): "ended the program with status \(n)"
      case .signal(let n): "crashed: signal \(n) (\(String(cString: strsignal(n))))"
      case .timeout(let seconds): "did not end within \(seconds.formatted()) s"
      }
    }
  }

  /// Bytes of output that are kept of one process; of what is beyond only the driver's lines count.
  static let outputLimit = 8 << 20

  var records: [TestRecord]
  var ending: Ending
  /// From its start to its end.
  var seconds: Double

  /// Runs `ovid` with these words. `token` begins the lines of the driver.
  init(_ words: [String], token: String, timeout: Double) throws {
    let start = ContinuousClock.now
    let (child, descriptor) = try Self.starting.withLock { try Self.start(words) }
    defer { close(descriptor) }
    var reader = TestRecordReader(token: token)
    let hasTimedOut = Self.read(descriptor, since: start, into: &reader, timeout: timeout)
    if hasTimedOut { kill(child, SIGKILL) }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 && errno == EINTR {}
    seconds = (ContinuousClock.now - start).seconds
    records = reader.finish()
    let signal = status & 0x7F
    if hasTimedOut {
      ending = .timeout(timeout)
    } else if signal != 0 {
      ending = .signal(signal)
    } else if records.last?.kind == .done {
      ending = .done
    } else {
      ending = .status((status >> 8) & 0xFF)
    }
  }

  /// Held while a pipe is made: no other process may inherit its end, or it would not end with its own.
  private static let starting = NSLock()

  /// The process, and where its output can be read.
  private static func start(_ words: [String]) throws -> (child: pid_t, descriptor: Int32) {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else {
      throw ChildProcess.StartError(description: "no pipe: \(String(cString: strerror(errno)))")
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
    var arguments = ([ChildProcess.own] + words).map { strdup($0) } + [nil]
    defer { for word in arguments { free(word) } }
    var child: pid_t = 0
    let code = posix_spawn(&child, ChildProcess.own, &actions, nil, &arguments, environ)
    close(ends[1])
    guard code == 0 else {
      close(ends[0])
      throw ChildProcess.StartError(
        description: "cannot start \(ChildProcess.own): \(String(cString: strerror(code)))")
    }
    return (child, ends[0])
  }

  /// Reads to the end; answers true if the driver has told nothing for `timeout` seconds.
  private static func read(
    _ descriptor: Int32, since start: ContinuousClock.Instant, into reader: inout TestRecordReader, timeout: Double
  ) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    var deadline = ContinuousClock.now + .seconds(timeout)
    while true {
      let left = deadline - ContinuousClock.now
      var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let ready = poll(&request, 1, Int32(max(0, min(left.milliseconds.rounded(.up), 1e9))))
      if ready < 0 && errno == EINTR { continue }
      if ready == 0 {
        if ContinuousClock.now < deadline { continue }
        return true
      }
      let n = Foundation.read(descriptor, &buffer, buffer.count)
      if n < 0 && errno == EINTR { continue }
      if n <= 0 { return false }
      let now = ContinuousClock.now
      if reader.append(buffer[..<n], at: (now - start).seconds) { deadline = now + .seconds(timeout) }
      if now >= deadline { return true }
    }
  }
}
