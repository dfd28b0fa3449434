// The prompt as a person has it: the executable in a pseudo terminal, with keys typed one after the other.

import Foundation
import Testing

@testable import CommandLine

/// A process whose terminal is ours.
private final class Terminal {
  private let master: Int32
  private let process: pid_t
  private var output: [UInt8] = []
  /// What of the output has been looked at.
  private var position = 0

  struct Failure: Error, CustomStringConvertible { let description: String }

  init(_ arguments: [String], environment: [String: String]) throws {
    guard let executable = BuiltExecutable.path else { throw Failure(description: "ovid is not built") }
    var slave: Int32 = -1
    var main: Int32 = -1
    var size = winsize(ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0)
    var name = [CChar](repeating: 0, count: 128)
    guard openpty(&main, &slave, &name, nil, &size) == 0 else {
      throw Failure(description: "there is no pseudo terminal")
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    // The first terminal that the leader of a new session opens is its controlling one: Ctrl-C reaches it.
    posix_spawn_file_actions_addopen(&actions, 0, name, O_RDWR, 0)
    posix_spawn_file_actions_adddup2(&actions, 0, 1)
    posix_spawn_file_actions_adddup2(&actions, 0, 2)
    posix_spawn_file_actions_addclose(&actions, main)
    posix_spawn_file_actions_addclose(&actions, slave)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    let newSession: Int16 = 0x80  // POSIX_SPAWN_SETSID
    posix_spawnattr_setflags(&attributes, newSession)
    let own = ["TERM": "xterm", "LC_ALL": "C", "OVID_CACHE_DIR": ""]
    var variables = ProcessInfo.processInfo.environment.merging(own) { $1 }
    variables.merge(environment) { $1 }
    var words = ([executable] + arguments).map { strdup($0) } + [nil]
    var settings = variables.map { strdup("\($0)=\($1)") } + [nil]
    var id: pid_t = 0
    let status = posix_spawn(&id, executable, &actions, &attributes, &words, &settings)
    for word in words + settings { free(word) }
    posix_spawn_file_actions_destroy(&actions)
    posix_spawnattr_destroy(&attributes)
    close(slave)
    guard status == 0 else { throw Failure(description: "cannot start \(executable)") }
    master = main
    process = id
  }

  deinit {
    kill(process, SIGKILL)
    var status: Int32 = 0
    waitpid(process, &status, WNOHANG)
    close(master)
  }

  func type(_ keys: String) {
    var copy = keys
    copy.withUTF8 { _ = write(master, $0.baseAddress, $0.count) }
  }
  func type(bytes: [UInt8]) { bytes.withUnsafeBytes { _ = write(master, $0.baseAddress, $0.count) } }

  /// Waits until the text appears after what was found before.
  func expect(_ text: String, seconds: Double = 60, line: Int = #line) throws {
    let wanted = Array(text.utf8)
    let end = Date(timeIntervalSinceNow: seconds)
    while true {
      if let found = Data(output[position...]).range(of: Data(wanted)) {
        position += found.upperBound
        return
      }
      guard Date() < end, readSome() else {
        let seen = String(decoding: output[position...], as: UTF8.self)
        throw Failure(description: "line \(line): no \(text.debugDescription) in \(seen.debugDescription)")
      }
    }
  }
  func expectPrompt(line: Int = #line) throws { try expect(ReplSession.prompt, line: line) }

  /// Types an input and waits for its answer and the next prompt.
  func run(_ input: String, _ answer: String, line: Int = #line) throws {
    type(input + "\n")
    try expect("\n" + answer, line: line)
    try expectPrompt(line: line)
  }

  /// False at the end of the process's output.
  private func readSome() -> Bool {
    var waiting = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
    if poll(&waiting, 1, 200) == 0 { return true }
    var chunk = [UInt8](repeating: 0, count: 1 << 14)
    let n = read(master, &chunk, chunk.count)
    if n <= 0 { return false }
    output += chunk[..<n]
    return true
  }

  /// The exit status; -1 if it does not end.
  func exitStatus() -> Int32 {
    var status: Int32 = 0
    for _ in 0..<600 {
      var waiting = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
      // A terminal that the process has closed is ready at once, each time.
      if poll(&waiting, 1, 100) > 0, !readSome() { usleep(100_000) }
      if waitpid(process, &status, WNOHANG) == process { return status & 0x7F == 0 ? status >> 8 & 0xFF : -1 }
    }
    return -1
  }
}

@Suite(.serialized) struct ReplTerminalTests {
  private let state: String
  private let environment: [String: String]
  private static let ctrlC = "\u{3}", ctrlD = "\u{4}", up = "\u{1b}[A"

  init() throws {
    state = FileManager.default.temporaryDirectory.appendingPathComponent("ovid-state-\(UUID())").path
    environment = ["XDG_STATE_HOME": state]
  }

  private func start(_ arguments: [String] = ["repl"]) throws -> Terminal {
    let terminal = try Terminal(arguments, environment: environment)
    try terminal.expect(":help")
    try terminal.expectPrompt()
    return terminal
  }

  @Test func inputsErrorsAndTheEnd() throws {
    let terminal = try start([])
    try terminal.run("x := 3 + 4", "7")
    terminal.type("(x +\n")
    try terminal.expect(ReplSession.continuationPrompt)
    try terminal.run("1)", "8")
    try terminal.run("x ] y", "  x ] y\r\n    ^\r\nexpected")
    try terminal.run("x zork", "")
    try terminal.run("self error: 'on purpose'", "")
    try terminal.run("'naïve €' length", "7")
    terminal.type("Pt = (\n  | a |\n  a = ( ^a )\n")
    try terminal.run(")", "accept 1: Pt is a new class")
    terminal.type(Self.ctrlD)
    #expect(terminal.exitStatus() == 0)
  }

  @Test func ctrlCAtThePromptDropsTheLine() throws {
    let terminal = try start()
    terminal.type("'half a li" + Self.ctrlC)
    try terminal.expect("^C")
    try terminal.expectPrompt()
    try terminal.run("3 + 4", "7")
    terminal.type("[ (\n")
    try terminal.expect(ReplSession.continuationPrompt)
    terminal.type(Self.ctrlC)
    try terminal.expectPrompt()
    try terminal.run("5", "5")
    terminal.type("system exit: 9\n")
    #expect(terminal.exitStatus() == 9)
  }

  @Test(arguments: [["repl", "--jit=off"], ["repl"], ["repl", "--compile-now"]])
  func ctrlCInterruptsWhatRuns(_ arguments: [String]) throws {
    let terminal = try start(arguments)
    func interrupt(_ input: String) throws {
      terminal.type("(40 + 2) println. " + input + "\n")
      try terminal.expect("\n42")
      terminal.type(Self.ctrlC)
      try terminal.expect("Interrupted")
      try terminal.expectPrompt()
    }
    try interrupt("i := 0. [ true ] whileTrue: [ i := i + 1 ]")
    try terminal.run("i > 0", "true")
    try terminal.run("Deep = ( down: n = ( n = 0 ifFalse: [ self down: n - 1 ] ) )", "accept")
    try interrupt("[ true ] whileTrue: [ Deep new down: 50000 ]")
    try interrupt("[ true ] whileTrue: [ 'x' print ]")
    try terminal.run("6 * 7", "42")
    terminal.type(Self.ctrlD)
    #expect(terminal.exitStatus() == 0)
  }

  @Test(.enabled(if: LineEditing.problem == nil, "libedit is not installed"))
  func historyAndCompletion() throws {
    let first = try start()
    try first.run("answer := 6 * 7", "42")
    first.type("(1 +\n")
    try first.run("  1)", "2")
    // The last entry, the one before, and back.
    try first.run(Self.up + Self.up, "42")
    // Completion: of a variable, of a selector of its class; then a list.
    try first.run("answ\t as32BitS\t", "42")
    first.type("answer as32\t\t")
    try first.expect("as32BitSignedValue")
    try first.expect("as32BitUnsignedValue")
    first.type(Self.ctrlC)
    try first.expectPrompt()
    // A second session reads the file of the first, which only its owner may.
    let second = try start()
    try second.run(Self.up + Self.up + "", "42")
    try second.run("nil", "nil")
    second.type(Self.up + Self.up)
    second.type("\n")
    try second.expect("ovid")
    let file = try FileManager.default.attributesOfItem(atPath: state + "/ovid/history")
    #expect((file[.posixPermissions] as? Int) == 0o600)
    let text = try String(contentsOfFile: state + "/ovid/history", encoding: .utf8)
    #expect(text.contains("answer") && text.contains("1)"))
    try FileManager.default.removeItem(atPath: state)
  }

  /// Keys that arrive while something runs are the next input, Ctrl-D too.
  @Test func theEndTypedAhead() throws {
    let terminal = try start()
    terminal.type("1000000 timesRepeat: [ 3 + 4 ]\n" + Self.ctrlD)
    #expect(terminal.exitStatus() == 0)
    let second = try start()
    second.type("1000000 timesRepeat: [ 3 + 4 ]\n6 * 7\n")
    try second.expect("42")
    try second.expectPrompt()
    // Ctrl-Space, which is NUL, is no key.
    second.type("5")
    try second.expect("5")
    second.type("\u{0}")
    try second.run(" + 6", "11")
    second.type(Self.ctrlD)
    #expect(second.exitStatus() == 0)
  }

  @Test func garbageIsNoEnd() throws {
    let terminal = try start()
    terminal.type(bytes: [0x80, 0xFF, 0xFE, 0xC3, 0x28, 0xF0, 0x9F] + Array("\n".utf8))
    try terminal.expectPrompt()
    terminal.type(Self.ctrlC)
    try terminal.expectPrompt()
    terminal.type(String(repeating: "(", count: 3000) + "\n")
    try terminal.expect("too deeply nested")
    try terminal.expectPrompt()
    try terminal.run("6 * 7", "42")
    terminal.type(":quit\n")
    #expect(terminal.exitStatus() == 0)
  }
}
