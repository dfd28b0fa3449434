// The classes around the files that are checked: their folders, the class path, the core library.

import Foundation
import Syntax

public final class KnownClasses {
  private let classPath: [String]
  /// The core library's classes by name, where the class path has no other.
  private var bundled: [String: ClassDefinition] = [:]
  /// By path; nil if there is none, or it does not parse.
  private var parsed: [String: ClassDefinition?] = [:]
  /// Every selector that some class implements, and those that start a program: the program has one of them.
  private(set) var selectors: Set<String> = ["run", "run:"]
  /// Names that some `global:put:` sets.
  private(set) var globals: Set<String> = ["nil", "true", "false", "system", "self", "super"]
  /// Names of all classes found, for suggestions.
  private(set) var classNames: [String] = []
  /// By name, the classes of all folders that are looked at; of several of one name, the first.
  private var inAnyFolder: [String: ClassDefinition] = [:]
  /// Subclasses by name of the superclass.
  private var subclasses: [String: [ClassDefinition]] = [:]

  /// - Parameters:
  ///   - files: what will be checked.
  ///   - library: the core library, for programs that have none on their class path.
  ///   - helpers: classes that are there when a program runs, though no program names them.
  public init(classPath: [String], files: [String], library: [SourceText], helpers: [SourceText] = []) {
    self.classPath = classPath
    let usesBundledCore = !classPath.contains { FileManager.default.fileExists(atPath: "\($0)/Object.som") }
    var paths = Set(files)
    for folder in Set(files.map(Self.folder(of:))).union(classPath) {
      for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      where name.hasSuffix(".som") { paths.insert(Self.path(folder, name)) }
    }
    for path in paths.sorted() {
      guard let definition = parse(path: path) else { continue }
      note(definition)
      if path.hasSuffix("\(definition.name).som"), inAnyFolder[definition.name] == nil {
        inAnyFolder[definition.name] = definition
      }
    }
    if usesBundledCore {
      for source in library {
        guard let definition = try? Parser.parseClass(source) else { continue }
        bundled[definition.name] = definition
        note(definition)
      }
    }
    for helper in helpers {
      if let definition = try? Parser.parseClass(helper) {
        selectors.formUnion(definition.instanceMethods.map(\.selector))
      }
    }
  }

  static func folder(of path: String) -> String {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    return parts.count > 1 ? parts.dropLast().joined(separator: "/") : "."
  }

  private static func path(_ folder: String, _ name: String) -> String {
    folder == "." || folder.isEmpty ? name : "\(folder)/\(name)"
  }

  /// A class as a program in `folder` finds it; if it does not, one of the other folders, which may be on its class
  /// path when it runs.
  func find(_ name: String, from folder: String) -> ClassDefinition? {
    for folder in [folder] + classPath {
      if let definition = parse(path: Self.path(folder, "\(name).som")) { return definition }
    }
    return bundled[name] ?? inAnyFolder[name]
  }

  /// The superclasses of a class that are known, nearest first.
  func superclasses(of definition: ClassDefinition, from folder: String) -> [ClassDefinition] {
    var result: [ClassDefinition] = []
    var seen = Set([definition.name])
    var next = definition.superclassName
    while let name = next, name != "nil", seen.insert(name).inserted,
      let superclass = find(name, from: folder)
    {
      result.append(superclass)
      next = superclass.superclassName
    }
    return result
  }

  /// All subclasses of any depth, of a class of that name.
  func allSubclasses(of name: String) -> [ClassDefinition] {
    var result: [ClassDefinition] = []
    var seen = Set([name])
    var names = [name]
    while let name = names.popLast() {
      for subclass in subclasses[name] ?? [] {
        result.append(subclass)
        if seen.insert(subclass.name).inserted { names.append(subclass.name) }
      }
    }
    return result
  }

  private func parse(path: String) -> ClassDefinition? {
    if let known = parsed[path] { return known }
    let source = FileManager.default.fileExists(atPath: path) ? try? SomFiles.read(path) : nil
    let definition = source.flatMap { try? Parser.parseClass($0) }
    parsed[path] = .some(definition)
    return definition
  }

  /// Takes up what a class adds to the program.
  private func note(_ definition: ClassDefinition) {
    classNames.append(definition.name)
    if let superclass = definition.superclassName { subclasses[superclass, default: []].append(definition) }
    for method in definition.instanceMethods + definition.classMethods {
      selectors.insert(method.selector)
      method.body.forEachSend { selector, arguments in
        switch (selector, arguments.first) {
        case ("global:put:", .literal(.symbol(let name), _)?): globals.insert(name)
        // `Foo compile: 'bar = ( … )'` adds a method.
        case ("compile:", .literal(.string(let text), _)?):
          if let method = try? Parser.parseMethod(SourceText(name: "", text)) { selectors.insert(method.selector) }
        case ("subclass:", .literal(.symbol(let name), _)?): globals.insert(name)
        default: break
        }
      }
    }
  }
}
