// `--load N`: processes that compute beside everything that is measured, as on a machine that others use, too.

import Foundation

final class BusyProcesses {
  private var children: [pid_t] = []

  /// A shell's loop, which ends with this process, however that ends.
  private static let loop =
    "while kill -0 \(getpid()) 2>/dev/null; do i=0; while [ $i -lt 50000 ]; do i=$((i+1)); done; done"

  init(_ count: Int) throws {
    for _ in 0..<count {
      let command: [String] = ["/bin/sh", "-c", Self.loop]
      var words = command.map { strdup($0) } + [nil]
      defer { for word in words { free(word) } }
      var child: pid_t = 0
      let code = posix_spawn(&child, "/bin/sh", nil, nil, &words, environ)
      guard code == 0 else {
        end()
        throw ChildProcess.StartError(description: "no busy process: \(String(cString: strerror(code)))")
      }
      children.append(child)
    }
  }
  deinit { end() }

  var count: Int { children.count }

  func end() {
    for child in children {
      kill(child, SIGKILL)
      while waitpid(child, nil, 0) < 0 && errno == EINTR {}
    }
    children = []
  }
}
