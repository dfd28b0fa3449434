// Which classes are tests: those below TestCase, found by the headers of their files alone. Nothing is loaded here;
// a file that is broken further down is the error of its own run.

import Foundation

/// A class of tests, and the folder that is searched for its classes first.
struct TestClass: Hashable {
  var name: String
  var file: String
  var folder: String { TestClasses.folder(of: file) }
}

struct TestClasses {
  struct Problem: Error, CustomStringConvertible, Equatable { let description: String }

  /// Sorted by file.
  private(set) var found: [TestClass] = []
  private var headers: [String: ClassHeader?] = [:]
  private let classPath: [String]

  /// `paths` are files and folders, folders with everything below them.
  init(paths: [String], classPath: [String]) throws(Problem) {
    self.classPath = classPath
    var seen: Set<String> = []
    for path in paths {
      for file in try Self.files(path) where seen.insert(file).inserted {
        if let name = try testName(of: file, isNamed: file == path) {
          found.append(TestClass(name: name, file: file))
        }
      }
    }
    if found.isEmpty {
      let places = paths.joined(separator: ", ")
      throw Problem(
        description: "no tests found in \(places): a test is a class below TestCase, in a file of its own")
    }
  }

  private static func files(_ path: String) throws(Problem) -> [String] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw Problem(description: "\(path): no such file or folder")
    }
    if !isFolder.boolValue {
      guard path.hasSuffix(".som") else { throw Problem(description: "\(path): not a .som file") }
      return [path]
    }
    var files: [String] = []
    try collect(path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path, &files)
    return files
  }

  /// What is hidden, and folders behind links, are left out.
  private static func collect(_ folder: String, _ files: inout [String]) throws(Problem) {
    let names: [String]
    do { names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted() } catch {
      throw Problem(description: "cannot read the folder \(folder): \(error.localizedDescription)")
    }
    for name in names where !name.hasPrefix(".") {
      let path = folder == "/" ? "/\(name)" : "\(folder)/\(name)"
      var info = stat()
      guard lstat(path, &info) == 0 else { continue }
      if info.st_mode & S_IFMT == S_IFDIR {
        try collect(path, &files)
      } else if name.hasSuffix(".som") {
        files.append(path)
      }
    }
  }

  /// The class in a file if it is one of tests. A file without a header is none, unless it says that it is one.
  private mutating func testName(of file: String, isNamed: Bool) throws(Problem) -> String? {
    guard let header = header(of: file) else {
      let base = String(file.dropLast(4))
      let name = base.split(separator: "/").last.map(String.init) ?? base
      return isNamed || name.hasSuffix("Test") || name.hasSuffix("Tests") ? name : nil
    }
    if inheritsFromTestCase(header, folder: Self.folder(of: file)) { return header.name }
    if isNamed { throw Problem(description: "\(file): \(header.name) is no test; a test is a class below TestCase") }
    return nil
  }

  private mutating func inheritsFromTestCase(_ header: ClassHeader, folder: String) -> Bool {
    var header = header
    var visited: Set<String> = [header.name]
    while let name = header.superclass, visited.insert(name).inserted {
      if name == "TestCase" { return true }
      let next = ([folder] + classPath).lazy.map { "\($0)/\(name).som" }
        .first { FileManager.default.fileExists(atPath: $0) }
      guard let next, let found = self.header(of: next) else { return false }
      header = found
    }
    return false
  }

  private mutating func header(of file: String) -> ClassHeader? {
    if let known = headers[file] { return known }
    let text = FileManager.default.contents(atPath: file).flatMap { String(validating: $0, as: UTF8.self) }
    let header = text.flatMap { ClassHeader($0) }
    headers[file] = .some(header)
    return header
  }

  static func folder(of file: String) -> String {
    guard let slash = file.lastIndex(of: "/") else { return "." }
    return slash == file.startIndex ? "/" : String(file[..<slash])
  }
}

/// `Name = Superclass (`, after comments and white space.
struct ClassHeader: Equatable {
  var name: String
  /// Nil for Object, which most classes do not mention.
  var superclass: String?

  init?(_ source: String) {
    var rest = Substring(source)
    guard let name = Self.word(&rest), Self.skip("=", &rest) else { return nil }
    self.name = name
    superclass = Self.word(&rest)
    guard Self.skip("(", &rest) else { return nil }
  }

  private static func skipBlank(_ rest: inout Substring) {
    while let c = rest.first {
      if c.isWhitespace {
        rest.removeFirst()
      } else if c == "\"" {
        let comment = rest.dropFirst()
        guard let end = comment.firstIndex(of: "\"") else { return }
        rest = comment[comment.index(after: end)...]
      } else {
        return
      }
    }
  }
  private static func word(_ rest: inout Substring) -> String? {
    skipBlank(&rest)
    let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
    rest = rest[word.endIndex...]
    return word.isEmpty ? nil : String(word)
  }
  private static func skip(_ sign: Character, _ rest: inout Substring) -> Bool {
    skipBlank(&rest)
    guard rest.first == sign else { return false }
    rest.removeFirst()
    return true
  }
}
