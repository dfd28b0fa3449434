// What `ovid --version` says: which Ovid this is, and what it compiles with.

import Foundation
import Laboratory
import Ovid

enum VersionText {
  /// Looked up when it is asked for only: it loads libgccjit.
  static var text: String {
    var lines = [VirtualMachine.version + (commit().map { ", commit \($0)" } ?? "")]
    switch CompilerSupport.probe() {
    case .found(let version): lines.append("compiles with libgccjit of GCC \(version)")
    case .missing(let reason): lines.append("does not compile, since there is no libgccjit: \(reason)")
    }
    return lines.joined(separator: "\n")
  }

  /// As `make install` has noted it beside the command, or of the checkout that the command lies in.
  private static func commit() -> String? {
    let executable = URL(fileURLWithPath: ChildProcess.own).resolvingSymlinksInPath()
    let noted = executable.deletingLastPathComponent().appendingPathComponent("../share/ovid/commit")
    if let text = read(noted) { return text }
    var folder = executable.deletingLastPathComponent()
    while folder.path != "/" {
      if let head = read(folder.appendingPathComponent(".git/HEAD")) {
        guard head.hasPrefix("ref: ") else { return String(head.prefix(12)) }
        return read(folder.appendingPathComponent(".git/" + head.dropFirst(5))).map { String($0.prefix(12)) }
      }
      folder.deleteLastPathComponent()
    }
    return nil
  }

  private static func read(_ file: URL) -> String? {
    (try? String(contentsOf: file, encoding: .utf8))?.trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
