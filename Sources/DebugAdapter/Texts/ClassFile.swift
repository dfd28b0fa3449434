// The file of a class as it is on disk now, which is what a client shows: `ClassFile` of SourceTools, by lines.

import Foundation
import SourceTools
import Syntax

extension ClassFile {
  /// Nil: it cannot be read, or is not SOM at the moment.
  static func onDisk(_ path: String) -> ClassFile? {
    guard let data = FileManager.default.contents(atPath: path) else { return nil }
    let file = ClassFile(path: path, SourceText(name: path, bytes: [UInt8](data)))
    return file.errors.isEmpty ? file : nil
  }

  /// `Foo>>bar:`, `Foo class>>bar:`.
  func name(ofMethod index: Int) -> String {
    let method = methods[index]
    return "\(definition?.name ?? "")\(method.isClassSide ? " class" : "")>>\(method.definition.selector)"
  }

  func method(named name: String) -> Int? { methods.indices.first { self.name(ofMethod: $0) == name } }

  /// From 1.
  func lines(ofMethod index: Int) -> ClosedRange<Int> {
    let range = methods[index].definition.range
    return source.position(of: range.start).line...source.position(of: range.end).line
  }

  /// The method that has the line, or the first one after it.
  func method(atLine line: Int) -> Int? {
    methods.indices.first { lines(ofMethod: $0).contains(line) }
      ?? methods.indices.map { ($0, lines(ofMethod: $0).lowerBound) }.filter { $0.1 > line }.min { $0.1 < $1.1 }?.0
  }
}
