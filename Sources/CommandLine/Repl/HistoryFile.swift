// The file with what was typed in earlier sessions: of the prompt $XDG_STATE_HOME/ovid/history, by default
// ~/.local/state/ovid/history, readable by its owner only.

import Foundation

struct HistoryFile: Equatable {
  /// How many inputs are kept, and the longest that is.
  static let limit = 1000
  static let entryLimit = 10_000

  let path: String

  /// Nil if there is no home.
  init?(environment: [String: String], name: String = "history") {
    let state: String
    if let folder = environment["XDG_STATE_HOME"], folder.hasPrefix("/") {
      state = folder
    } else if let home = environment["HOME"], home.hasPrefix("/") {
      state = home + "/.local/state"
    } else {
      return nil
    }
    path = "\(state)/ovid/\(name)"
  }

  /// Makes `write` write a new file, which then takes the place of the old one. A folder that cannot be written means
  /// that nothing is remembered.
  func replace(_ write: (_ path: String) -> Bool) {
    let folder = (path as NSString).deletingLastPathComponent
    try? FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    let new = "\(path).\(getpid())"
    // Made before it is written, so that it never is readable by others.
    let descriptor = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return }
    close(descriptor)
    if !write(new) || rename(new, path) != 0 { unlink(new) }
  }
}
