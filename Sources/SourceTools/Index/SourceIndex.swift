// The classes of folders and of the library, and who sends, implements and names what: what an editor asks of a program
// that does not run.

import Syntax

/// A method of a file; as long as the file is the same.
public struct MethodReference {
  public let file: ClassFile
  /// In `ClassFile.methods`.
  public let index: Int
  public init(file: ClassFile, index: Int) {
    self.file = file
    self.index = index
  }
  public var place: MethodPlace { file.methods[index] }
  public var selector: String { place.definition.selector }
  public var title: String { file.title(ofMethod: index) }
}

/// A name in a file.
public struct FoundName {
  public let file: ClassFile
  public let name: NamePlace
}

public final class SourceIndex {
  public private(set) var files: [String: ClassFile] = [:]
  /// Paths by the class's name.
  private var classes: [String: Set<String>] = [:]
  private var subclassPaths: [String: Set<String>] = [:]
  private var implementorPaths: [String: Set<String>] = [:]
  /// Where each file sends or names what, in its names; made when it is first asked for. Further parts of a selector are kept
  /// for themselves.
  private var sends: [String: [String: [Int]]] = [:]
  private var furtherParts: [String: [String: [Int]]] = [:]
  private var outers: [String: [String: [Int]]] = [:]
  private var counted: Set<String> = []

  public init() {}

  /// A file is another one now; nil: it is gone.
  public func update(_ path: String, to file: ClassFile?) {
    if let old = files.removeValue(forKey: path) { enter(old, false) }
    if let file {
      files[path] = file
      enter(file, true)
    }
  }

  private func enter(_ file: ClassFile, _ isThere: Bool) {
    func note(_ map: inout [String: Set<String>], _ key: String) {
      if isThere { map[key, default: []].insert(file.path) } else { map[key]?.remove(file.path) }
    }
    if let definition = file.definition {
      note(&classes, definition.name)
      if let above = definition.superclassName { note(&subclassPaths, above) }
    }
    for method in file.methods { note(&implementorPaths, method.definition.selector) }
    if !isThere, counted.remove(file.path) != nil { count(file, false) }
  }

  private func count(_ file: ClassFile, _ isThere: Bool) {
    func note(_ map: inout [String: [String: [Int]]], _ name: String, _ index: Int) {
      if isThere { map[name, default: [:]][file.path, default: []].append(index) } else { map[name]?[file.path] = nil }
    }
    for (i, name) in file.names.enumerated() {
      switch name.role {
      case .selector(part: 0), .performed: note(&sends, name.name, i)
      case .selector: note(&furtherParts, name.name, i)
      case .outer, .superclass: note(&outers, name.name, i)
      default: break
      }
    }
  }

  /// Reads some of the files that have not been read for senders; answers whether there are more.
  public func countSome(_ limit: Int) -> Bool {
    if counted.count == files.count { return false }
    var left = limit
    for (path, file) in files where counted.insert(path).inserted {
      count(file, true)
      left -= 1
      if left == 0 { break }
    }
    return counted.count < files.count
  }

  private func makeCounts() { while countSome(.max) {} }

  private func sorted(_ paths: some Sequence<String>) -> [ClassFile] { paths.sorted().compactMap { files[$0] } }

  // MARK: Classes

  /// A class as code in a folder finds it: there, in the library, or in another folder.
  public func classFile(_ name: String, from folder: String) -> ClassFile? {
    guard let paths = classes[name], !paths.isEmpty else { return nil }
    if let own = files["\(folder)/\(name).som"], own.definition?.name == name { return own }
    if paths.count == 1, let only = paths.first { return files[only] }
    let all = sorted(paths)
    return all.first { $0.folder == folder } ?? all.first(where: \.isLibrary) ?? all.first
  }

  public func allClasses(named name: String) -> [ClassFile] { sorted(classes[name] ?? []) }

  /// The class and those above it, nearest first.
  public func chain(of name: String, from folder: String) -> [ClassFile] {
    var result: [ClassFile] = []
    var seen: Set<String> = []
    var next: String? = name
    while let name = next, name != "nil", seen.insert(name).inserted, let file = classFile(name, from: folder) {
      result.append(file)
      next = file.definition?.superclassName
    }
    return result
  }

  public func subclasses(of name: String) -> [ClassFile] {
    sorted(subclassPaths[name] ?? []).filter { $0.definition?.name != name }
  }

  /// Of any depth.
  public func allSubclasses(of name: String) -> [ClassFile] {
    var result: [ClassFile] = []
    var seen = Set([name])
    var names = [name]
    while let name = names.popLast() {
      for file in subclasses(of: name) {
        guard let found = file.definition?.name, seen.insert(found).inserted else { continue }
        result.append(file)
        names.append(found)
      }
    }
    return result
  }

  /// The fields that methods of a side can name, with the class that declares each.
  public func fields(of file: ClassFile, classSide: Bool) -> [(name: String, owner: ClassFile)] {
    guard let name = file.definition?.name else { return [] }
    var files = [file] + chain(of: name, from: file.folder).dropFirst()
    var result: [(String, ClassFile)] = []
    for one in files.reversed() {
      for field in (classSide ? one.definition?.classFields : one.definition?.instanceFields) ?? [] {
        result.append((field, one))
      }
    }
    if classSide {
      files = chain(of: "Class", from: file.folder)
      for one in files { result += (one.definition?.instanceFields ?? []).map { ($0, one) } }
    }
    return result
  }

  /// The class that declares the field that a name in a method is; nil: it is none.
  public func owner(ofField name: String, in file: ClassFile, method: Int) -> ClassFile? {
    fields(of: file, classSide: file.methods[method].isClassSide).last { $0.name == name }?.owner
  }

  // MARK: Methods

  public func implementors(of selector: String) -> [MethodReference] {
    sorted(implementorPaths[selector] ?? []).flatMap { file in
      file.methods.indices.filter { file.methods[$0].definition.selector == selector }
        .map { MethodReference(file: file, index: $0) }
    }
  }

  public var selectors: [String] { implementorPaths.filter { !$0.value.isEmpty }.map(\.key) }
  public var classNames: [String] { classes.filter { !$0.value.isEmpty }.map(\.key) }

  public func senderCount(of selector: String) -> Int {
    makeCounts()
    return sends[selector]?.values.reduce(0) { $0 + $1.count } ?? 0
  }

  /// Where a selector is sent, its first part only unless all are wanted.
  public func senders(of selector: String, allParts: Bool = false) -> [FoundName] {
    makeCounts()
    return sorted((sends[selector] ?? [:]).keys).flatMap { file in
      var places = sends[selector]?[file.path] ?? []
      if allParts, let further = furtherParts[selector]?[file.path] { places = (places + further).sorted() }
      return places.map { FoundName(file: file, name: file.names[$0]) }
    }
  }

  /// Where a class or another global is named.
  public func references(toGlobal global: String) -> [FoundName] {
    makeCounts()
    return sorted((outers[global] ?? [:]).keys).flatMap { file in
      (outers[global]?[file.path] ?? []).map { file.names[$0] }.filter { name in
        if name.role == .superclass { return true }
        guard let method = name.method else { return false }
        return owner(ofField: global, in: file, method: method) == nil
      }
      .map { FoundName(file: file, name: $0) }
    }
  }

  /// Where a field is declared and used: in its class and those below it.
  public func references(toField field: String, of owner: ClassFile, classSide: Bool) -> [FoundName] {
    guard let definition = owner.definition else { return [] }
    let range = classSide ? definition.classFieldsRange : definition.instanceFieldsRange
    return ([owner] + allSubclasses(of: definition.name)).flatMap { file in
      file.names.filter { name in
        guard name.name == field else { return false }
        if name.role == .fieldDeclaration, file === owner, let range {
          return range.start <= name.range.start && name.range.end <= range.end
        }
        guard name.role == .outer, let method = name.method, file.methods[method].isClassSide == classSide else {
          return false
        }
        return self.owner(ofField: field, in: file, method: method) === owner
      }
      .map { FoundName(file: file, name: $0) }
    }
  }
}
