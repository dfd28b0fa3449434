// The sources that are worked on: those of the folders, as they are on disk, or as they are in an editor.

import EditorProtocols
import Foundation
import SourceTools
import Syntax

final class Workspace {
  /// More files than this are not read: a home folder was opened, not a program.
  static let fileLimit = 20_000

  struct OpenDocument {
    /// As the editor writes it.
    let uri: String
    var version: Int?
  }

  let index = SourceIndex()
  private(set) var open: [String: OpenDocument] = [:]
  private(set) var folders: [String] = []
  private let library: LibraryFolder
  private let helpers: [SourceText]
  private var known = KnownClasses(classPath: [], files: [], library: [])
  private var uris: [String: String] = [:]
  private var positionCache: [String: (file: ClassFile, positions: TextPositions)] = [:]
  /// Places are told file by file.
  private var lastPositions: (file: ClassFile, positions: TextPositions)?

  init(_ library: LibraryFolder, helpers: [SourceText]) {
    self.library = library
    self.helpers = helpers
    for source in library.sources {
      let path = library.path(of: source.name)
      index.update(path, to: ClassFile(path: path, source, isLibrary: true))
    }
    learn()
  }

  var programFiles: [ClassFile] { index.files.values.filter { !$0.isLibrary }.sorted { $0.path < $1.path } }

  // MARK: Folders

  /// Reads the sources of folders; answers a problem that people should hear of.
  func add(folders new: [String]) -> String? {
    var problem: String?
    for folder in new where !folders.contains(folder) {
      folders.append(folder)
      let paths = (try? SomFiles.find([folder])) ?? []
      if paths.count > Self.fileLimit {
        problem = "\(folder) has \(paths.count) SOM sources; only the first \(Self.fileLimit) are read"
      }
      for path in paths.prefix(Self.fileLimit) where open[path] == nil { read(path) }
    }
    learn()
    return problem
  }

  func remove(folders old: [String]) -> [String] {
    folders.removeAll { old.contains($0) }
    let gone = programFiles.map(\.path).filter { path in
      open[path] == nil && old.contains { path.hasPrefix($0 + "/") } && !folders.contains { path.hasPrefix($0 + "/") }
    }
    gone.forEach { index.update($0, to: nil) }
    learn()
    return gone
  }

  /// The folder of a document outside of all folders: its neighbours are what it can name.
  func addNeighbours(of path: String) {
    guard path.hasPrefix("/"), !folders.contains(where: { path.hasPrefix($0 + "/") }) else { return }
    let folder = (path as NSString).deletingLastPathComponent
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] where name.hasSuffix(".som") {
      let other = "\(folder)/\(name)"
      if index.files[other] == nil, open[other] == nil { update(other) }
    }
  }

  private func read(_ path: String) {
    let source = try? SomFiles.read(path)
    index.update(path, to: source.map { ClassFile(path: path, $0) })
  }

  /// Everything that the checker knows, anew.
  private func learn() {
    let files = programFiles
    var read: [String: ClassDefinition] = files.reduce(into: [:]) { $0[$1.path] = $1.definition }
    for source in library.sources { read[source.name] = index.files[library.path(of: source.name)]?.definition }
    known = KnownClasses(
      classPath: [], files: files.map(\.path), library: library.sources, helpers: helpers, read: read)
  }

  // MARK: Files

  func file(_ path: String) -> ClassFile? {
    if let file = index.files[path] { return file }
    guard path.hasSuffix(".som"), let source = try? SomFiles.read(path) else { return nil }
    return ClassFile(path: path, source)
  }

  func positions(of file: ClassFile) -> TextPositions {
    if let last = lastPositions, last.file === file { return last.positions }
    let positions: TextPositions
    if let cached = positionCache[file.path], cached.file === file {
      positions = cached.positions
    } else {
      positions = TextPositions(file.source.bytes)
      positionCache[file.path] = (file, positions)
    }
    lastPositions = (file, positions)
    return positions
  }

  /// The file on disk is another one, or gone; what an editor has open counts more.
  func update(_ path: String) {
    if open[path] != nil { return }
    read(path)
    known.update(path, to: index.files[path]?.definition)
  }

  func open(_ path: String, _ document: OpenDocument, _ text: String) {
    open[path] = document
    set(path, SourceText(name: path, text))
  }

  func change(_ path: String, version: Int?, _ source: SourceText) {
    open[path]?.version = version
    set(path, source)
  }

  func close(_ path: String) {
    open[path] = nil
    update(path)
  }

  private func set(_ path: String, _ source: SourceText) {
    // The library is shown, not changed.
    if index.files[path]?.isLibrary == true { return }
    let file = ClassFile(path: path, source)
    index.update(path, to: file)
    known.update(path, to: file.definition)
  }

  func findings(in file: ClassFile) -> [Finding] {
    if file.isLibrary || file.source.bytes.allSatisfy({ [0x20, 0x09, 0x0A, 0x0D].contains($0) }) { return [] }
    return Checker(known: known).check(file.source)
  }

  // MARK: Places

  func uri(of path: String) -> String {
    if let document = open[path] { return document.uri }
    if let uri = uris[path] { return uri }
    let uri = DocumentAddress.uri(of: path)
    uris[path] = uri
    return uri
  }

  func location(_ file: ClassFile, _ range: SourceRange) -> JSON {
    ["uri": .string(uri(of: file)), "range": positions(of: file).json(range)]
  }
  /// Of a class that somebody may open then: one of the library is a file before.
  func uri(of file: ClassFile) -> String {
    if file.isLibrary { library.write() }
    return uri(of: file.path)
  }
  func location(_ method: MethodReference) -> JSON {
    location(method.file, method.place.definition.patternRange)
  }
  func location(_ found: FoundName) -> JSON { location(found.file, found.name.range) }
}
