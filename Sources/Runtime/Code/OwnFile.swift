// Files that machine code is loaded from: nobody else may have written them.

import Foundation

enum OwnFile {
  /// The bytes of a regular file that belongs to this user and that nobody else can write. Nil if it is none, or cannot
  /// be read. What was checked is what is read: the file is opened once. Its time of use is noted, which `CacheFolder`
  /// asks for.
  static func read(_ path: String) -> [UInt8]? {
    // A FIFO must not be waited for, nor a link followed to a file that is somebody's on purpose.
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_uid == geteuid(),
      status.st_mode & 0o022 == 0
    else { return nil }
    futimes(file, nil)
    let size = Int(status.st_size)
    var done = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while done < size {
        let n = Foundation.read(file, buffer.baseAddress! + done, size - done)
        if n < 0 && errno == EINTR { continue }
        if n <= 0 { break }
        done += n
      }
      count = done
    }
    return done == size ? bytes : nil
  }
}
