// Reading source files: regular ones of a sensible size only, since a pipe would block and a device never ends.

import Foundation

enum SourceFile {
  /// Larger files are refused: no source is, and reading one would only take memory.
  static let byteLimit = 64 << 20

  static func read(_ path: String) throws(LoadError) -> [UInt8] {
    func failed() -> LoadError { .unreadable(path: path, reason: String(cString: strerror(errno))) }
    // Without waiting for somebody who writes into a pipe.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw failed() }
    defer { close(descriptor) }
    var info = stat()
    guard fstat(descriptor, &info) == 0 else { throw failed() }
    guard info.st_mode & S_IFMT == S_IFREG else {
      let what = info.st_mode & S_IFMT == S_IFDIR ? "it is a folder" : "it is no regular file"
      throw .unreadable(path: path, reason: what)
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(min(Int(info.st_size), byteLimit) + 1)
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while bytes.count <= byteLimit {
      let n = Foundation.read(descriptor, &buffer, buffer.count)
      if n < 0 && errno == EINTR { continue }
      guard n >= 0 else { throw failed() }
      if n == 0 { return bytes }
      bytes += buffer[..<n]
    }
    throw .unreadable(path: path, reason: "it has more than \(byteLimit) bytes, the limit for a source file")
  }
}
