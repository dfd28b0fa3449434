// An editor that talks to a language server in this process.

import EditorProtocols
import Foundation
import LanguageServer
import Synchronization
import Syntax
import TestThreads
import Testing

extension Trait where Self == OwnThread {
  /// All tests of the server have one: each reads the whole library.
  static var languageServerThread: Self { sharedThread }
}
private let sharedThread = OwnThread()

/// Class files in a folder, a server for it, and what it has said.
final class EditorFixture {
  private final class Scheduled: Sendable {
    let work = Mutex<[@Sendable (LanguageServer) -> Void]>([])
  }
  private let scheduled = Scheduled()
  private final class Sent: Sendable {
    let messages = Mutex<[JSON]>([])
  }
  let folder: String
  let server: LanguageServer
  let peer: RPCPeer
  private let sent = Sent()
  private var lastID = 0

  /// The bundled library of the sources.
  static let library: [SourceText] = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Sources/VM/CoreLibrary")
    let files = (try? FileManager.default.contentsOfDirectory(at: root, includingPropertiesForKeys: nil)) ?? []
    return files.sorted { $0.path < $1.path }.compactMap { file in
      FileManager.default.contents(atPath: file.path).map {
        SourceText(name: file.deletingPathExtension().lastPathComponent, bytes: [UInt8]($0))
      }
    }
  }()

  static let capabilities: JSON = [
    "workspace": ["workspaceEdit": ["documentChanges": true, "resourceOperations": ["rename"]]],
    "textDocument": ["completion": ["completionItem": ["snippetSupport": true]]],
  ]

  /// - Parameter initializes: false: the server has heard nothing yet.
  init(
    _ files: [String: String], initializes: Bool = true, capabilities: JSON = EditorFixture.capabilities,
    program: (any RunningProgram)? = nil, tests: (any TestRuns)? = nil
  ) throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("ovid lsp-\(UUID())").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for (name, text) in files {
      try text.write(toFile: "\(folder)/\(name).som", atomically: true, encoding: .utf8)
    }
    let sent = sent
    peer = RPCPeer { bytes in
      guard let json = try? JSON(parsing: bytes) else { return }
      sent.messages.withLock { $0.append(json) }
    }
    var configuration = LanguageServer.Configuration(
      version: "test", library: LibraryFolder(Self.library, folder: "\(folder)/.library"))
    configuration.program = program
    configuration.tests = tests
    let scheduled = scheduled
    server = LanguageServer(peer, configuration) { work in scheduled.work.withLock { $0.append(work) } }
    if initializes {
      _ = ask("initialize", ["capabilities": capabilities, "rootUri": .string(uri(nil))])
      notify("initialized", [:])
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func uri(_ name: String?) -> String {
    "file://\(folder.replacingOccurrences(of: " ", with: "%20"))" + (name.map { "/\($0).som" } ?? "")
  }

  /// Everything that the server has said since the last time.
  func take() -> [JSON] {
    sent.messages.withLock { messages in
      defer { messages = [] }
      return messages
    }
  }

  func receive(_ json: JSON) {
    if let call = peer.receive(json.bytes) { server.handle(call) }
  }

  /// The answer to a request: the whole message.
  func answer(_ method: String, _ parameters: JSON?) -> JSON? {
    lastID += 1
    let id = lastID
    receive(.fields(["jsonrpc": "2.0", "id": .integer(id), "method": .string(method), "params": parameters]))
    var found: JSON?
    sent.messages.withLock { messages in
      guard let i = messages.firstIndex(where: { $0["id"]?.integer == id && $0["method"] == nil }) else { return }
      found = messages.remove(at: i)
    }
    return found
  }

  func ask(_ method: String, _ parameters: JSON) -> JSON { answer(method, parameters)?["result"] ?? "no result" }
  func notify(_ method: String, _ parameters: JSON) {
    receive(["jsonrpc": "2.0", "method": .string(method), "params": parameters])
  }

  /// Does what the program's answers have left to do.
  func settle() {
    while true {
      while server.workWhileIdle() {}
      let work = scheduled.work.withLock { work in
        defer { work = [] }
        return work
      }
      if work.isEmpty { return }
      for one in work { one(server) }
    }
  }

  // MARK: Documents

  func text(_ name: String) throws -> String { try String(contentsOfFile: "\(folder)/\(name).som", encoding: .utf8) }

  func open(_ name: String, _ text: String) {
    notify(
      "textDocument/didOpen",
      ["textDocument": ["uri": .string(uri(name)), "languageId": "som", "version": 1, "text": .string(text)]])
  }

  /// The place of the `‸` that stands for the cursor, and the text without it.
  static func cursor(_ text: String) -> (text: String, position: JSON) {
    let parts = text.components(separatedBy: "‸")
    let lines = parts[0].components(separatedBy: "\n")
    return (
      parts.joined(), ["line": .integer(lines.count - 1), "character": .integer(lines[lines.count - 1].utf16.count)]
    )
  }

  /// A request about the place of a cursor in a document, which is opened with that text.
  func ask(_ method: String, _ name: String, at text: String, _ more: [String: JSON] = [:]) -> JSON {
    let (text, position) = Self.cursor(text)
    open(name, text)
    return ask(method, at: position, in: name, more)
  }

  func ask(_ method: String, at position: JSON, in name: String, _ more: [String: JSON] = [:]) -> JSON {
    ask(method, .object(["textDocument": ["uri": .string(uri(name))], "position": position].merging(more) { $1 }))
  }

  /// What is wrong, by the document, once the server has nothing to do.
  func diagnostics() -> [String: [JSON]] {
    while server.workWhileIdle() {}
    var result: [String: [JSON]] = [:]
    for message in take() where message["method"] == "textDocument/publishDiagnostics" {
      let name = message["params"]?["uri"]?.string?.split(separator: "/").last.map { String($0.dropLast(4)) } ?? ""
      result[name] = message["params"]?["diagnostics"]?.array
    }
    return result
  }

  /// `Name:line:character` of locations, lines and characters from 0.
  static func places(_ json: JSON) -> [String] {
    (json.array ?? (json.isNull ? [] : [json])).map { location in
      let uri = location["uri"]?.string ?? ""
      let start = location["range"]?["start"]
      let name = uri.split(separator: "/").last?.dropLast(4) ?? ""
      return "\(name):\(start?["line"]?.integer ?? -1):\(start?["character"]?.integer ?? -1)"
    }
    .sorted()
  }

  /// A text after edits.
  static func apply(_ edits: JSON, to text: String) -> String {
    var bytes = Array(text.utf8)
    let positions = TextPositions(bytes)
    let sorted = (edits.array ?? []).map { edit in
      let start = positions.offset(TextPosition(edit["range"]?["start"]) ?? TextPosition(0, 0))
      let end = positions.offset(TextPosition(edit["range"]?["end"]) ?? TextPosition(0, 0))
      return (start, end, edit["newText"]?.string ?? "")
    }
    .sorted { $0.0 > $1.0 }
    for (start, end, new) in sorted { bytes.replaceSubrange(start..<end, with: Array(new.utf8)) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The text of a document after a workspace edit.
  func apply(_ edit: JSON, _ name: String, _ text: String) -> String {
    let change = edit["documentChanges"]?.array?.first { $0["textDocument"]?["uri"]?.string == uri(name) }
    return Self.apply(change?["edits"] ?? [], to: text)
  }
}
