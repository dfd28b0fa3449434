// Finding and parsing class files: the class path's directories in order, then the bundled core library, unless
// the class path has a core library (an Object.som) of its own.

import Foundation
import Syntax

/// A parsed class file that is not part of the program yet.
public struct ClassSource {
  public let definition: ClassDefinition
  public let source: SourceText
  /// Nil for a bundled class.
  public let path: String?
  public init(definition: ClassDefinition, source: SourceText, path: String?) {
    self.definition = definition
    self.source = source
    self.path = path
  }
}

final class ClassLoader: @unchecked Sendable {
  static let bundledNames = Set(CoreLibrary.classNames)

  func find(_ name: String, _ options: VMOptions) throws(LoadError) -> ClassSource {
    if name.isEmpty || name.contains("/") || name.contains("\0") { throw .unknownClass(name) }
    for directory in options.classPath {
      let path = directory.isEmpty ? "\(name).som" : "\(directory)/\(name).som"
      if FileManager.default.fileExists(atPath: path) { return try parse(path: path) }
    }
    if isOnPath("Object", options) { throw .unknownClass(name) }
    return try findBundled(name, options)
  }

  func findBundled(_ name: String, _ options: VMOptions) throws(LoadError) -> ClassSource {
    guard let bytes = options.bundled(name) else { throw .unknownClass(name) }
    return try parse(SourceText(name: "\(name).som", bytes: bytes, isBundled: true), path: nil)
  }

  func isOnPath(_ name: String, _ options: VMOptions) -> Bool {
    options.classPath.contains { access($0.isEmpty ? "\(name).som" : "\($0)/\(name).som", F_OK) == 0 }
  }

  /// True if `find` would find a file, whatever is in it.
  func exists(_ name: String, _ options: VMOptions) -> Bool {
    if name.isEmpty || name.contains("/") || name.contains("\0") { return false }
    let files = FileManager.default
    if options.classPath.contains(where: { files.fileExists(atPath: $0.isEmpty ? "\(name).som" : "\($0)/\(name).som") })
    {
      return true
    }
    return !options.classPath.contains { files.fileExists(atPath: "\($0)/Object.som") } && options.bundled(name) != nil
  }

  func parse(path: String) throws(LoadError) -> ClassSource {
    try parse(SourceText(name: path, bytes: try SourceFile.read(path)), path: path)
  }

  func parse(_ source: SourceText, path: String?) throws(LoadError) -> ClassSource {
    do {
      return ClassSource(definition: try Parser.parseClass(source), source: source, path: path)
    } catch {
      throw .syntax(error.report)
    }
  }
}
