// The assembler as a silent child process. libgccjit's built-in driver would run it through one more process, and
// let it write to the user's standard error.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

struct Toolchain {
  /// Assembles into an object file for `ObjectImage`.
  func assemble(_ assembly: String, output: String) throws(BackendError) {
    try run("as", ["--64", "-o", output, assembly])
  }

  func remove(_ path: String) { unlink(path) }

  /// Runs a program from PATH to its end, its output kept for the error message.
  private func run(_ program: String, _ arguments: [String]) throws(BackendError) {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw .passing("no pipe for '\(program)': \(String(cString: strerror(errno)))") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
    var argv = ([program] + arguments).map { strdup($0) }
    argv.append(nil)
    defer { for a in argv { free(a) } }
    var pid: pid_t = 0
    let status = posix_spawnp(&pid, program, &actions, nil, argv, environ)
    close(ends[1])
    defer { close(ends[0]) }
    guard status == 0 else {
      let why = "'\(program)' cannot be run: \(String(cString: strerror(status)))"
      throw [EAGAIN, ENOMEM, EMFILE, ENFILE].contains(status) ? .passing(why) : .unavailable(why)
    }
    var output: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let n = read(ends[0], &buffer, buffer.count)
      if n < 0 && errno == EINTR { continue }
      if n <= 0 { break }
      output.append(contentsOf: buffer[..<n])
    }
    var result: Int32 = 0
    while waitpid(pid, &result, 0) < 0 && errno == EINTR {}
    let signal = result & 0x7f
    if signal != 0 {
      throw .killed("'\(program)' was ended by signal \(signal) (\(String(cString: strsignal(signal))))")
    }
    if result != 0 {
      throw .compilation("\(program): \(String(decoding: output, as: UTF8.self))")
    }
  }
}

/// Standard error goes to a file from `init` to `finish`.
struct StandardErrorCapture {
  private let saved: Int32
  private let file: Int32
  private let path: String

  /// nil if the file cannot be made; then nothing is redirected.
  init?(path: String) {
    self.path = path
    file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard file >= 0 else { return nil }
    saved = fcntl(2, F_DUPFD_CLOEXEC, 3)
    guard saved >= 0 else {
      close(file)
      unlink(path)
      return nil
    }
    fflush(nil)
    dup2(file, 2)
  }

  func finish() -> String {
    fflush(nil)
    dup2(saved, 2)
    close(saved)
    defer {
      close(file)
      unlink(path)
    }
    var buffer = [UInt8](repeating: 0, count: 4096)
    let n = pread(file, &buffer, buffer.count, 0)
    return String(decoding: buffer[..<max(0, n)], as: UTF8.self)
  }
}
