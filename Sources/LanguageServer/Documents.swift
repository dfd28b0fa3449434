// What an editor says of its documents: opened, changed, saved, closed.

import EditorProtocols
import Foundation
import SourceTools
import Syntax

extension LanguageServer {
  static let didOpen: Notification = { parameters in
    let path = try parameters.path()
    guard let document = parameters.json["textDocument"], let uri = document["uri"]?.string,
      let text = document["text"]?.string
    else { throw Parameters.wrong("textDocument") }
    let server = parameters.server
    server.workspace.addNeighbours(of: path)
    server.workspace.open(path, Workspace.OpenDocument(uri: uri, version: document["version"]?.integer), text)
    server.live.bases[path] = text
    server.outdate()
    server.check(first: path)
  }

  static let didChange: Notification = { parameters in
    let path = try parameters.path()
    let server = parameters.server
    guard server.workspace.open[path] != nil, let file = server.workspace.index.files[path] else {
      throw RPCError(.invalidParameters, "\(path) is not open")
    }
    guard let changes = parameters.json["contentChanges"]?.array else { throw Parameters.wrong("contentChanges") }
    var bytes = file.source.bytes
    for change in changes {
      guard let text = change["text"]?.string else { throw Parameters.wrong("contentChanges[].text") }
      guard let place = change["range"], !place.isNull else {
        bytes = Array(text.utf8)
        continue
      }
      guard let range = Parameters.range(place, TextPositions(bytes)) else {
        throw Parameters.wrong("contentChanges[].range")
      }
      bytes.replaceSubrange(range.start..<range.end, with: Array(text.utf8))
    }
    let before = Outline(file)
    server.live.refused[path] = nil
    server.workspace.change(
      path, version: parameters.json["textDocument"]?["version"]?.integer, SourceText(name: path, bytes: bytes))
    // What others can say of this class has changed.
    if let after = server.workspace.index.files[path], Outline(after) != before { server.checkAll() }
    server.check(first: path)
  }

  static let didSave: Notification = { parameters in
    let path = try parameters.path()
    parameters.server.check(first: path)
    parameters.server.accept(path)
  }

  static let didClose: Notification = { parameters in
    let path = try parameters.path()
    let server = parameters.server
    guard server.workspace.open[path] != nil else { throw RPCError(.invalidParameters, "\(path) is not open") }
    server.workspace.close(path)
    server.live.bases[path] = nil
    server.check(first: path)
  }

  static let didChangeWatchedFiles: Notification = { parameters in
    guard let changes = parameters.json["changes"]?.array else { throw Parameters.wrong("changes") }
    for change in changes {
      guard let uri = change["uri"]?.string else { throw Parameters.wrong("changes[].uri") }
      let path = DocumentAddress.path(of: uri)
      if path.hasSuffix(".som") { parameters.server.workspace.update(path) }
      parameters.server.check(first: path)
    }
    parameters.server.checkAll()
    for change in changes {
      if let uri = change["uri"]?.string { parameters.server.check(first: DocumentAddress.path(of: uri)) }
    }
  }

  static let didChangeWorkspaceFolders: Notification = { parameters in
    guard let event = parameters.json["event"], event.object != nil else { throw Parameters.wrong("event") }
    func paths(_ name: String) -> [String] {
      (event[name]?.array ?? []).compactMap { $0["uri"]?.string.map(DocumentAddress.path(of:)) }
    }
    let server = parameters.server
    let gone = server.workspace.remove(folders: paths("removed"))
    if let problem = server.workspace.add(folders: paths("added")) {
      server.peer.notify("window/showMessage", ["type": 2, "message": .string(problem)])
    }
    server.checkAll()
    gone.forEach { server.check(first: $0) }
  }
}

/// What other classes can see of one.
private struct Outline: Equatable {
  let name: String?
  let superclass: String?
  let fields: [String]
  let selectors: [String]

  init(_ file: ClassFile) {
    name = file.definition?.name
    superclass = file.definition?.superclassName
    fields = (file.definition?.instanceFields ?? []) + ["|"] + (file.definition?.classFields ?? [])
    selectors = file.methods.map { "\($0.isClassSide)\($0.definition.selector)" }
  }
}
