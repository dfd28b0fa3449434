// Watches the folders of a program: calls back with the `.som` files that were saved, once their contents are stable, those
// together that were saved a moment apart, and with each that is gone, once that has lasted.

import Foundation
import SourceTools
import VM

/// A file that was saved. `former`: what it was called before it was renamed.
struct SavedFile: Hashable {
  var path: String
  var text: String
  var former: String?
}

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

  /// What is told, on a thread of the watcher.
  struct Handler {
    /// `missing`: other files that are not there. Answers which of them a saved one takes the place of.
    var saved: (_ files: [SavedFile], _ missing: [String]) -> [SavedFile: String]
    var deleted: (_ path: String) -> Void
  }

  private let folders: [String]
  private let handler: Handler
  private let condition = NSCondition()
  private var isStopping = false
  private var hasStopped = false
  // On the watching thread only.
  private var known: [String: Stamp] = [:]
  private var unsettled: [String: Stamp] = [:]
  /// For how many looks files have waited for others that are being saved.
  private var looksWaited = 0
  /// Files that are not there: for how many looks.
  private var missing: [String: Int] = [:]
  /// What files were called before they were renamed, until their text has been taken as that of another class.
  private var formerPaths: [String: String] = [:]

  /// How often the folders are looked at. Editors save by rename or by writing; both show in the stamp.
  static let interval = 0.05
  /// Looks until a file is taken for deleted: some editors delete it and write it again. Also those until files that were
  /// saved do not wait any longer for one that changes all the time.
  private static let patience = 10

  init(folders: [String], handler: Handler) throws(NativeThread.Failure) {
    self.folders = folders
    self.handler = handler
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
      let found = scan()
      noteMissing(found)
      tellSaved(found)
      for path in missing.filter({ $0.value >= Self.patience }).keys.sorted() { tellDeleted(path) }
    }
  }

  private func tellSaved(_ found: [String: Stamp]) {
    let changed = found.filter { known[$0.key] != $0.value }
    // A file that is still being written has another stamp, or half of its text, a moment later.
    let settled = changed.filter { unsettled[$0.key] == $0.value }
    unsettled = changed
    if settled.isEmpty { return }
    looksWaited += 1
    if settled.count < changed.count, looksWaited < Self.patience { return }
    looksWaited = 0
    var files: [SavedFile] = []
    for (path, stamp) in settled.sorted(by: { $0.key < $1.key }) {
      unsettled[path] = nil
      if known[path] == nil { noteRenamed(path, stamp) }
      known[path] = stamp
      do { files.append(SavedFile(path: path, text: try SomFiles.text(path), former: formerPaths[path])) } catch {
        complain("\(error); the edit waits for a good file")
      }
    }
    if !files.isEmpty { tell(files) }
  }

  private func noteMissing(_ found: [String: Stamp]) {
    missing = missing.filter { found[$0.key] == nil }
    for path in known.keys where found[path] == nil { missing[path, default: 0] += 1 }
  }

  /// A file that has appeared may be one that is missing, with another name.
  private func noteRenamed(_ path: String, _ stamp: Stamp) {
    guard let former = missing.keys.first(where: { known[$0]?.inode == stamp.inode }) else { return }
    forget(former)
    // Renamed twice, it is what it was first.
    formerPaths[path] = formerPaths.removeValue(forKey: former) ?? former
  }

  private func tell(_ files: [SavedFile]) {
    for (file, replaced) in handler.saved(files, missing.keys.sorted()) {
      if file.former == replaced { formerPaths[file.path] = nil }
      forget(replaced)
    }
  }

  private func tellDeleted(_ path: String) {
    forget(path)
    handler.deleted(formerPaths.removeValue(forKey: path) ?? path)
  }

  private func forget(_ path: String) {
    known[path] = nil
    missing[path] = nil
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
