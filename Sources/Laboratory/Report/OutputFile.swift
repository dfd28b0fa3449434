// Files that a command writes when its long work is done: whether that can succeed is asked before the work.

import Foundation

enum OutputFile {
  struct Problem: Error, CustomStringConvertible, Equatable { let description: String }

  /// Throws if `path` can obviously not be written.
  static func check(_ path: String) throws(Problem) {
    let url = URL(fileURLWithPath: path)
    let folder = url.deletingLastPathComponent().path
    var info = stat()
    guard stat(folder, &info) == 0, info.st_mode & S_IFMT == S_IFDIR else {
      throw Problem(description: "cannot write \(path): there is no folder \(folder); create it first")
    }
    if stat(url.path, &info) == 0, info.st_mode & S_IFMT == S_IFDIR {
      throw Problem(description: "cannot write \(path): it is a folder; name a file in it")
    }
    guard access(access(url.path, F_OK) == 0 ? url.path : folder, W_OK) == 0 else {
      throw Problem(
        description: "cannot write \(path): \(String(cString: strerror(errno))); name another file")
    }
  }

  static func write(_ text: String, _ path: String) throws(Problem) {
    do { try text.write(toFile: path, atomically: true, encoding: .utf8) } catch {
      throw Problem(description: "cannot write \(path): \(error.localizedDescription); name another file")
    }
  }
}
