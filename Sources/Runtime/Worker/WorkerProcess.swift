// One worker process, seen from the machine: started, killed, and always waited for.

import Foundation
import VM

final class WorkerProcess: Sendable {
  let channel: MessageChannel
  let id: pid_t
  private let ending = Ending()

  /// An errno.
  struct StartError: Error, Sendable {
    let code: Int32
    /// Whether it may work later: too many processes or files, no memory.
    var isPassing: Bool { [EAGAIN, ENOMEM, EMFILE, ENFILE].contains(code) }
    var description: String { String(cString: strerror(code)) }
  }

  /// Starts a program with our socket as its standard input, in a process group of its own: Ctrl-C at the terminal is
  /// for the program. `atRest` is called, on a thread of its own, when it has ended because it had nothing to do.
  init(_ words: [String], atRest: @escaping @Sendable () -> Void = {}) throws(StartError) {
    var ends: [Int32] = [-1, -1]
    let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw StartError(code: errno) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 0)
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    posix_spawnattr_setpgroup(&attributes, 0)
    // At a prompt the calling thread leaves signals to another one.
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))
    var arguments = words.map { strdup($0) } + [nil]
    // What malloc has got for the largest unit would stay, in pieces. See mallopt(3).
    var environment: [UnsafeMutablePointer<CChar>?] = []
    var variable = environ
    while let text = variable.pointee {
      environment.append(strdup(text))
      variable += 1
    }
    // The first of a name counts: the user's, if there is one.
    environment += [strdup("MALLOC_ARENA_MAX=1"), strdup("MALLOC_MMAP_THRESHOLD_=65536"), nil]
    var child: pid_t = 0
    let code = posix_spawn(&child, words[0], &actions, &attributes, &arguments, &environment)
    for word in arguments + environment { free(word) }
    posix_spawn_file_actions_destroy(&actions)
    posix_spawnattr_destroy(&attributes)
    close(ends[1])
    guard code == 0 else {
      close(ends[0])
      throw StartError(code: code)
    }
    do throws(NativeThread.Failure) { try ending.watch(child, atRest) } catch {
      Foundation.kill(-child, SIGKILL)
      while waitpid(child, nil, 0) < 0 && errno == EINTR {}
      close(ends[0])
      throw StartError(code: error.code)
    }
    channel = MessageChannel(descriptor: ends[0])
    id = child
  }

  deinit {
    kill()
    waitForEnding()
    close(channel.descriptor)
  }

  var isRunning: Bool { ending.wait(until: .distantPast) == nil }

  /// Whether it has ended, or does within a second, because it had nothing to do.
  var hasRested: Bool {
    ending.wait(until: Date(timeIntervalSinceNow: 1)).map { Self.isRest($0) } ?? false
  }

  fileprivate static func isRest(_ status: Int32) -> Bool { status == CompileWorker.restStatus << 8 }

  /// Kills it, and the assembler that it may be waiting for. Any thread.
  func kill() { ending.kill(id) }

  /// Waits until it has ended, and says how, in words; nil if it goes on after `seconds`.
  @discardableResult func waitForEnding(seconds: Double = 1e9) -> String? {
    guard let status = ending.wait(until: Date(timeIntervalSinceNow: seconds)) else { return nil }
    let signal = status & 0x7f
    if signal == 0 { return "ended with status \((status >> 8) & 0xff)" }
    return "was ended by signal \(signal) (\(String(cString: strsignal(signal))))"
  }
}

/// The end of a child process. A thread waits for it, so that it is no zombie even if nobody asks for anything; its
/// number is its own as long as `status` is nil.
private final class Ending: @unchecked Sendable {
  private let condition = NSCondition()
  private var status: Int32?

  func watch(_ child: pid_t, _ atRest: @escaping @Sendable () -> Void) throws(NativeThread.Failure) {
    try NativeThread.start("ovid worker", stackBytes: 256 << 10) { [self] in
      var information = siginfo_t()
      while waitid(P_PID, id_t(child), &information, WEXITED | WNOWAIT) < 0 && errno == EINTR {}
      condition.withLock {
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 && errno == EINTR {}
        self.status = status
        condition.broadcast()
      }
      if status.map(WorkerProcess.isRest) == true { atRest() }
    }
  }

  func kill(_ child: pid_t) {
    condition.withLock {
      if status == nil { _ = Foundation.kill(-child, SIGKILL) }
    }
  }

  func wait(until end: Date) -> Int32? {
    condition.withLock {
      while status == nil && condition.wait(until: end) {}
      return status
    }
  }
}
