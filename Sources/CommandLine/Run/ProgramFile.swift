// Looks at a program's file before the machine does, so that what is not SOM text at all is named as what it is.

import Foundation
import SourceTools

enum ProgramFile {
  /// Checks a program that was given as a path, or that stands in the current folder. One that is found nowhere
  /// is left to the class path.
  static func check(_ program: ProgramName, written: String) throws(SomFiles.Problem) {
    guard !program.className.isEmpty else {
      throw SomFiles.Problem(description: "\(written): not the name of a class")
    }
    let path = "\(program.folder ?? ".")/\(program.className).som"
    let shown = program.folder == nil ? "\(program.className).som" : path
    var info = stat()
    guard stat(path, &info) == 0 else {
      if program.folder == nil && !written.hasSuffix(".som") && errno == ENOENT { return }
      throw SomFiles.Problem(description: "cannot read \(shown): \(String(cString: strerror(errno)))")
    }
    guard info.st_mode & S_IFMT != S_IFDIR else {
      throw SomFiles.Problem(description: "\(shown) is a folder, not a program")
    }
    guard Int(info.st_size) <= SomFiles.byteLimit else {
      throw SomFiles.Problem(
        description: "\(shown) has \(info.st_size) bytes; a source file may have \(SomFiles.byteLimit)")
    }
    _ = try SomFiles.text(path, shown: shown)
  }
}
