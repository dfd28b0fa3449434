// The classes around the files that are checked: their folders, the class path, the core library.

import Foundation
import Syntax

public final class KnownClasses {
  private let classPath: [String]
  /// The core library's classes by name, where the class path has no other.
  private var bundled: [String: ClassDefinition] = [:]
  /// By path; nil if there is none, or it does not parse.
  private var parsed: [String: ClassDefinition?] = [:]
  /// What each file adds to the program, by path; of the library's classes, by name.
  private var contributions: [String: Contribution] = [:]
  private var selectorCounts = CountedNames(["run", "run:"])
  private var addedCounts = CountedNames(["run", "run:"])
  private var globalCounts = CountedNames(["nil", "true", "false", "system", "self", "super"])
  private var nameCounts = CountedNames([])
  /// By name, the classes of all folders that are looked at, by path.
  private var inAnyFolder: [String: [String: ClassDefinition]] = [:]
  /// Subclasses by name of the superclass, by path.
  private var subclasses: [String: [String: ClassDefinition]] = [:]

  /// Every selector that some class implements, and those that start a program: the program has one of them.
  var selectors: Set<String> { selectorCounts.names }
  /// Selectors of methods that are added while a program runs.
  var addedSelectors: Set<String> { addedCounts.names }
  /// Names that some `global:put:` sets.
  var globals: Set<String> { globalCounts.names }
  /// Names of all classes found, for suggestions.
  var classNames: [String] { Array(nameCounts.names) }

  /// - Parameters:
  ///   - files: what will be checked.
  ///   - library: the core library, for programs that have none on their class path.
  ///   - helpers: classes that are there when a program runs, though no program names them.
  ///   - read: classes of files that somebody has read already, by path; of the library's sources, by name.
  public init(
    classPath: [String], files: [String], library: [SourceText], helpers: [SourceText] = [],
    read: [String: ClassDefinition] = [:]
  ) {
    self.classPath = classPath
    for (path, definition) in read { parsed[path] = .some(definition) }
    let usesBundledCore = !classPath.contains { FileManager.default.fileExists(atPath: "\($0)/Object.som") }
    var paths = Set(files)
    for folder in Set(files.map(Self.folder(of:))).union(classPath) {
      for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      where name.hasSuffix(".som") { paths.insert(Self.path(folder, name)) }
    }
    for path in paths.sorted() {
      if let definition = parse(path: path) { note(definition, path) }
    }
    if usesBundledCore {
      for source in library {
        guard let definition = read[source.name] ?? (try? Parser.parseClass(source)) else { continue }
        bundled[definition.name] = definition
        note(definition, definition.name)
      }
    }
    for helper in helpers {
      if let definition = try? Parser.parseClass(helper) {
        for method in definition.instanceMethods {
          selectorCounts.add(method.selector)
          addedCounts.add(method.selector)
        }
      }
    }
  }

  /// A file is another one now, or there is none.
  public func update(_ path: String, to definition: ClassDefinition?) {
    forget(path)
    parsed[path] = .some(definition)
    if let definition { note(definition, path) }
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
    return bundled[name] ?? inAnyFolder[name]?.min { $0.key < $1.key }?.value
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
      for (_, subclass) in (subclasses[name] ?? [:]).sorted(by: { $0.key < $1.key }) {
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
  private func note(_ definition: ClassDefinition, _ path: String) {
    let contribution = Contribution(definition)
    contributions[path] = contribution
    nameCounts.add(definition.name)
    contribution.selectors.forEach { selectorCounts.add($0) }
    contribution.addedSelectors.forEach { addedCounts.add($0) }
    contribution.globals.forEach { globalCounts.add($0) }
    if let superclass = definition.superclassName { subclasses[superclass, default: [:]][path] = definition }
    if path.hasSuffix("\(definition.name).som") { inAnyFolder[definition.name, default: [:]][path] = definition }
  }

  private func forget(_ path: String) {
    guard let contribution = contributions.removeValue(forKey: path) else { return }
    nameCounts.remove(contribution.name)
    contribution.selectors.forEach { selectorCounts.remove($0) }
    contribution.addedSelectors.forEach { addedCounts.remove($0) }
    contribution.globals.forEach { globalCounts.remove($0) }
    if let superclass = contribution.superclassName { subclasses[superclass]?[path] = nil }
    inAnyFolder[contribution.name]?[path] = nil
  }
}

/// What one class adds to a program.
private struct Contribution {
  let name: String
  let superclassName: String?
  private(set) var selectors: [String] = []
  private(set) var addedSelectors: [String] = []
  private(set) var globals: [String] = []

  init(_ definition: ClassDefinition) {
    name = definition.name
    superclassName = definition.superclassName
    for method in definition.instanceMethods + definition.classMethods {
      selectors.append(method.selector)
      method.body.forEachSend { selector, arguments in
        switch (selector, arguments.first) {
        case ("global:put:", .literal(.symbol(let name), _)?): globals.append(name)
        // `Foo compile: 'bar = ( … )'` adds a method.
        case ("compile:", .literal(.string(let text), _)?):
          if let method = try? Parser.parseMethod(SourceText(name: "", text)) {
            selectors.append(method.selector)
            addedSelectors.append(method.selector)
          }
        case ("subclass:", .literal(.symbol(let name), _)?): globals.append(name)
        default: break
        }
      }
    }
  }
}

/// Names that are there as long as somebody has added them and not taken them away.
private struct CountedNames {
  private(set) var names: Set<String>
  private var counts: [String: Int] = [:]

  /// - Parameter constant: those that are there always.
  init(_ constant: [String]) {
    names = Set(constant)
    for name in constant { counts[name] = 1 }
  }

  mutating func add(_ name: String) {
    counts[name, default: 0] += 1
    names.insert(name)
  }

  mutating func remove(_ name: String) {
    guard let count = counts[name] else { return }
    counts[name] = count - 1
    if count == 1 {
      counts[name] = nil
      names.remove(name)
    }
  }
}
