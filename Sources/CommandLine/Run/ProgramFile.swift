// Looks at a program's file before the machine does, so that what is not SOM text at all is named as what it is.

import Foundation

enum ProgramFile {
  /// Larger files are refused: no source is, and reading one would only take memory.
  static let byteLimit = 64 << 20

  struct Problem: Error, CustomStringConvertible, Equatable {
    let description: String
  }

  /// Checks a program that was given as a path, or that stands in the current folder. One that is found nowhere
  /// is left to the class path.
  static func check(_ program: ProgramName, written: String) throws(Problem) {
    guard !program.className.isEmpty else {
      throw Problem(description: "\(written): not the name of a class")
    }
    let path = "\(program.folder ?? ".")/\(program.className).som"
    let shown = program.folder == nil ? "\(program.className).som" : path
    var info = stat()
    guard stat(path, &info) == 0 else {
      if program.folder == nil && !written.hasSuffix(".som") && errno == ENOENT { return }
      throw Problem(description: "cannot read \(shown): \(String(cString: strerror(errno)))")
    }
    guard info.st_mode & S_IFMT != S_IFDIR else {
      throw Problem(description: "\(shown) is a folder, not a program")
    }
    guard Int(info.st_size) <= byteLimit else {
      throw Problem(description: "\(shown) has \(info.st_size) bytes; a source file may have \(byteLimit)")
    }
    _ = try text(path, shown: shown)
  }

  /// The text of a source file.
  static func text(_ path: String, shown: String? = nil) throws(Problem) -> String {
    let shown = shown ?? path
    // Without waiting for somebody who writes into a pipe.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw Problem(description: "cannot read \(shown): \(String(cString: strerror(errno)))")
    }
    var info = stat()
    guard fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw Problem(description: "cannot read \(shown): it is no regular file")
    }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    let data: Data
    do { data = try file.read(upToCount: byteLimit + 1) ?? Data() } catch {
      throw Problem(description: "cannot read \(shown)")
    }
    guard data.count <= byteLimit else {
      throw Problem(
        description: "\(shown) does not end within \(byteLimit) bytes, the limit for a source file")
    }
    guard !data.contains(0), let text = String(validating: data, as: UTF8.self) else {
      throw Problem(description: "\(shown) is not text (UTF-8), so it is no SOM source")
    }
    guard text.contains(where: { !$0.isWhitespace }) else {
      throw Problem(
        description: "\(shown) is empty; a program looks like: Hello = ( run = ( 'Hello' println ) )")
    }
    return text
  }
}
