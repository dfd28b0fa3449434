// The parameters of a request, with an error for those that are missing or wrong.

import EditorProtocols
import SourceTools
import Syntax

/// What a request says, and the server that it is said to.
struct Parameters {
  let json: JSON
  let server: LanguageServer

  static func wrong(_ what: String) -> RPCError { RPCError(.invalidParameters, "\(what) is missing or wrong") }

  func path() throws -> String {
    guard let uri = json["textDocument"]?["uri"]?.string else { throw Self.wrong("textDocument.uri") }
    return DocumentAddress.path(of: uri)
  }

  func file() throws -> ClassFile {
    let path = try path()
    if let file = server.workspace.file(path) { return file }
    throw RPCError(.invalidParameters, "no document is open, and no SOM source is at \(path)")
  }

  func offset(in file: ClassFile, _ name: String = "position") throws -> Int {
    guard let position = TextPosition(json[name]) else { throw Self.wrong(name) }
    return server.workspace.positions(of: file).offset(position)
  }

  func range(in file: ClassFile) throws -> SourceRange {
    guard let range = Self.range(json["range"], server.workspace.positions(of: file)) else { throw Self.wrong("range") }
    return range
  }

  static func range(_ json: JSON?, _ positions: TextPositions) -> SourceRange? {
    guard let start = TextPosition(json?["start"]), let end = TextPosition(json?["end"]) else { return nil }
    let offset = positions.offset(start)
    return SourceRange(offset, max(offset, positions.offset(end)))
  }

  func string(_ name: String) throws -> String {
    guard let text = json[name]?.string else { throw Self.wrong(name) }
    return text
  }
}
