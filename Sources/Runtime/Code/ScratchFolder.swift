// A folder of this machine alone, for object files on their way. It is locked as long as the machine lives: what a killed
// one has left is told by that, and removed when the next one starts.

import Foundation

final class ScratchFolder: Sendable {
  let path: String
  private let descriptor: Int32

  private static let prefix = "ovid-scratch-"

  /// nil if none can be made there.
  init?(in parent: String) {
    Self.removeLeftovers(in: parent)
    for _ in 1...10 {
      var template = Array("\(parent)/\(Self.prefix)XXXXXX".utf8CString)
      guard let made = template.withUnsafeMutableBufferPointer({ mkdtemp($0.baseAddress!) }) else { return nil }
      let path = String(cString: made)
      // Who tidies up may have seen it before it was locked.
      if let descriptor = Self.lock(path) {
        self.path = path
        self.descriptor = descriptor
        return
      }
      rmdir(path)
    }
    return nil
  }
  deinit { close(descriptor) }

  /// The open descriptor of a folder of this user that nobody else has locked, and that is still there.
  private static func lock(_ path: String) -> Int32? {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    if descriptor < 0 { return nil }
    var info = stat()
    if flock(descriptor, LOCK_EX | LOCK_NB) == 0, fstat(descriptor, &info) == 0, info.st_uid == geteuid(),
      info.st_nlink > 0
    {
      return descriptor
    }
    close(descriptor)
    return nil
  }

  private static func removeLeftovers(in parent: String) {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? [] where name.hasPrefix(prefix) {
      let path = "\(parent)/\(name)"
      guard let descriptor = lock(path) else { continue }
      try? FileManager.default.removeItem(atPath: path)
      close(descriptor)
    }
  }
}
