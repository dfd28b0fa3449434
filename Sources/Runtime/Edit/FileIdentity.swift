// Whether two paths lead to one file, however they are spelled.

import Foundation

struct FileIdentity: Equatable {
  let device: dev_t
  let inode: ino_t

  init(_ info: stat) {
    device = info.st_dev
    inode = info.st_ino
  }
  /// nil if there is no such file.
  init?(path: String) {
    var info = stat()
    guard stat(path, &info) == 0 else { return nil }
    self.init(info)
  }

  static func same(_ one: String, _ other: String) -> Bool {
    guard let a = FileIdentity(path: one), let b = FileIdentity(path: other) else { return false }
    return a == b
  }
}
