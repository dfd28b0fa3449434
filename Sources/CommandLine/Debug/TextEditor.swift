// The editor of one's choice, for a text of a few lines: $VISUAL or $EDITOR, with the terminal to itself meanwhile.

import Foundation

enum TextEditor {
  /// The text as it was saved. Throws if there is no editor, or it ends with an error.
  static func edit(_ text: String, named name: String) throws -> String {
    let environment = ProcessInfo.processInfo.environment
    let isTerminal = isatty(STDIN_FILENO) == 1
    guard let command = environment["VISUAL"] ?? environment["EDITOR"] ?? (isTerminal ? "vi" : nil) else {
      throw DebugSession.Refusal(
        "EDITOR names no editor: set it, or `accept Class`, then the method's text, or `accept File.som`")
    }
    let folder = NSTemporaryDirectory() + "/ovid-edit-\(getpid())"
    let files = FileManager.default
    try files.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    defer { try? files.removeItem(atPath: folder) }
    let path = "\(folder)/\(name).som"
    try text.write(toFile: path, atomically: false, encoding: .utf8)
    let status = try run(command, path)
    guard status == 0 else {
      throw DebugSession.Refusal("\(command) has ended with status \(status): nothing is accepted")
    }
    return try String(contentsOfFile: path, encoding: .utf8)
  }

  /// Waits for it; answers its exit status. It has our terminal and process group, and the signals that we leave to a
  /// thread.
  private static func run(_ command: String, _ path: String) throws -> Int32 {
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    // As other programs take it: words with arguments.
    let shell: [String] = ["/bin/sh", "-c", "exec \(command) \"$1\"", "sh", path]
    var words = shell.map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var child: pid_t = 0
    let code = posix_spawn(&child, "/bin/sh", nil, &attributes, &words, environ)
    guard code == 0 else { throw DebugSession.Refusal("cannot start \(command): \(String(cString: strerror(code)))") }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 && errno == EINTR {}
    return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
  }
}
