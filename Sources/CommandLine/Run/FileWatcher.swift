// Watches the folders of a program: calls back with each `.som` file that was saved, once its content is stable.

import Foundation
import SourceTools
import VM

final class FileWatcher: @unchecked Sendable {
  /// What tells one state of a file from another.
  private struct Stamp: Equatable {
    var size: Int
    var seconds: Int
    var nanoseconds: Int
    var inode: UInt
    /// When its permissions changed, among others.
    var changed: Int
  }

  private let folders: [String]
  private let saved: (_ path: String, _ text: String) -> Void
  private let condition = NSCondition()
  private var isStopping = false
  private var hasStopped = false
  // On the watching thread only.
  private var known: [String: Stamp] = [:]
  private var unsettled: [String: Stamp] = [:]

  /// How often the folders are looked at. Editors save by rename or by writing; both show in the stamp.
  static let interval = 0.05

  /// `saved` is called on a thread of the watcher.
  init(
    folders: [String], saved: @escaping (_ path: String, _ text: String) -> Void
  ) throws(NativeThread.Failure) {
    self.folders = folders
    self.saved = saved
    known = scan()
    try NativeThread.start("ovid watch") { [self] in
      work()
      condition.withLock {
        hasStopped = true
        condition.broadcast()
      }
    }
  }

  /// Returns once `saved` has, if it is being called. Not for the watcher's thread.
  func stop() {
    condition.withLock {
      isStopping = true
      condition.broadcast()
      while !hasStopped { condition.wait() }
    }
  }

  private func work() {
    while !waitOrStop() {
      for (path, stamp) in scan() where known[path] != stamp {
        // A file that is still being written has another stamp, or half of its text, a moment later.
        guard unsettled[path] == stamp else {
          unsettled[path] = stamp
          continue
        }
        unsettled[path] = nil
        known[path] = stamp
        do { saved(path, try SomFiles.text(path)) } catch {
          complain("\(error); the edit waits for a good file")
        }
      }
    }
  }

  private func waitOrStop() -> Bool {
    condition.withLock {
      if !isStopping { _ = condition.wait(until: Date(timeIntervalSinceNow: Self.interval)) }
      return isStopping
    }
  }

  private func scan() -> [String: Stamp] {
    var result: [String: Stamp] = [:]
    for folder in folders {
      for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      where name.hasSuffix(".som") {
        var info = stat()
        let path = "\(folder)/\(name)"
        guard stat(path, &info) == 0, info.st_mode & S_IFMT == S_IFREG else { continue }
        result[path] = Stamp(
          size: Int(info.st_size), seconds: info.st_mtim.tv_sec, nanoseconds: info.st_mtim.tv_nsec,
          inode: UInt(info.st_ino), changed: info.st_ctim.tv_sec << 30 | info.st_ctim.tv_nsec)
      }
    }
    return result
  }
}
