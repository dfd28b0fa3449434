// The file of a class as it is on disk now, which is what a client shows.

import Foundation
import Syntax

struct ClassFile {
  /// A method in it. Lines count from 1.
  struct Method {
    /// `Foo>>bar:`, `Foo class>>bar:`.
    var name: String
    var text: String
    var lines: ClosedRange<Int>
  }
  let methods: [Method]

  /// Nil: it cannot be read, or is not SOM at the moment.
  init?(path: String) {
    guard let data = FileManager.default.contents(atPath: path) else { return nil }
    let source = SourceText(name: path, bytes: [UInt8](data))
    guard let definition = try? Parser.parseClass(source) else { return nil }
    func methods(_ definitions: [MethodDefinition], _ holder: String) -> [Method] {
      definitions.map { method in
        Method(
          name: "\(holder)>>\(method.selector)", text: method.text(in: source),
          lines: source.position(of: method.range.start).line...source.position(of: method.range.end).line)
      }
    }
    self.methods =
      methods(definition.instanceMethods, definition.name)
      + methods(definition.classMethods, definition.name + " class")
  }

  /// The method that has the line, or the first one after it.
  func method(at line: Int) -> Method? {
    methods.first { $0.lines.contains(line) }
      ?? methods.filter { $0.lines.lowerBound > line }.min { $0.lines.lowerBound < $1.lines.lowerBound }
  }
}
