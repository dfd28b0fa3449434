// Evaluating in an activation, or beside the program.

import EditorProtocols
import Synchronization

struct EvaluateArguments: Decodable, Sendable {
  var expression: String
  var frameId: Int?
  /// `watch`, `repl`, `hover`, `clipboard`, `variables`.
  var context: String?
}

struct CompletionsArguments: Decodable, Sendable {
  var frameId: Int?
  var text: String
  var column: Int
  var line: Int?
}

extension DebugAdapter {
  func evaluate(_ arguments: EvaluateArguments, sequence: Int) async throws -> JSON? {
    let text = arguments.expression
    // What an editor finds under the mouse must not make the program do anything.
    if arguments.context == "hover", !Self.isName(text) {
      throw AdapterError("Only variables are shown there.")
    }
    let isPrinted = arguments.context == "repl" || arguments.context == "clipboard"
    var parameters: [String: JSON] = ["text": .string(text), "mode": isPrinted ? "print" : "inspect"]
    let frame = try arguments.frameId.map { try handles.frame($0) }
    if let frame { parameters["activation"] = frame.activation } else { parameters["workspace"] = "debugger" }
    let progress = EvaluationProgress(self, sequence, title: text)
    defer { progress.end() }
    let answer = try await ask(frame == nil ? "evaluate" : "evaluateIn", .object(parameters)) { progress.note($0) }
    if isPrinted, frame != nil { invalidate("variables") }
    switch answer["kind"]?.string {
    case "value":
      return .fields(valueFields(answer["value"], text: answer["text"]?.string, key: "result"))
    case "accepted":
      return ["result": .string("accept \(answer["receipt"]?["id"]?.integer ?? 0)"), "variablesReference": 0]
    case "stopped":
      let message = answer["stop"]?["message"]?.string ?? "it stands still"
      throw AdapterError("It has stopped: \(message). The debugger has it; continue, or ovid/leave.")
    default: return ["result": "", "variablesReference": 0]
    }
  }

  func invalidate(_ area: String) {
    if client.hears.contains("invalidated") { event("invalidated", ["areas": [.string(area)]]) }
  }

  func tellProgress(_ name: String, _ fields: [String: JSON?]) { event(name, .fields(fields)) }
  var showsProgress: Bool { client.hears.contains("progress") }

  // MARK: Completion

  func completions(_ arguments: CompletionsArguments) async throws -> JSON? {
    let lines = arguments.text.split(separator: "\n", omittingEmptySubsequences: false)
    let line = line(arguments.line ?? client.firstLine), column = arguments.column - client.firstColumn
    guard lines.indices.contains(line - 1), column >= 0 else { throw AdapterError("The text has no such place.") }
    let units = Array(lines[line - 1].utf16)
    let start = String(decoding: units.prefix(column), as: UTF16.self)
    var before = (lines[..<(line - 1)].map(String.init) + [start]).joined(separator: "\n")
    var parameters: [String: JSON] = [:]
    if let frame = try arguments.frameId.map({ try handles.frame($0) }) {
      let variables = try await ask("activation", ["activation": frame.activation])["variables"]?.array ?? []
      let names = variables.filter { $0["kind"]?.string != "field" }.compactMap { $0["name"]?.string }
      // The text stands in a method that has these variables.
      before = "it = ( | \(names.joined(separator: " ")) | \(before)"
      parameters["className"] = frame.method["className"]
      parameters["isClassSide"] = frame.method["isClassSide"]
    } else {
      parameters["workspace"] = "debugger"
    }
    parameters["before"] = .string(before)
    let answer = try await ask("complete", .object(parameters))
    let prefix = answer["prefix"]?.string ?? ""
    let from = column - prefix.utf16.count + client.firstColumn
    let types: [String: JSON] = [
      "local": "variable", "argument": "variable", "variable": "variable", "field": "field", "global": "value",
      "class": "class", "selector": "method",
    ]
    return [
      "targets": .array(
        (answer["items"]?.array ?? []).map { item in
          .fields([
            "label": item["text"], "detail": item["detail"], "type": types[item["kind"]?.string ?? ""] ?? "text",
            "start": .integer(from), "length": .integer(prefix.utf16.count),
          ])
        })
    ]
  }
}

/// Tells the client of an evaluation that takes longer than a second.
private final class EvaluationProgress: Sendable {
  private let adapter: DebugAdapter
  private let id: String
  private let title: String
  private let begun = Mutex(false)

  init(_ adapter: DebugAdapter, _ sequence: Int, title: String) {
    self.adapter = adapter
    id = "evaluation-\(sequence)"
    self.title = String(title.prefix(60))
  }

  func note(_ progress: JSON) {
    let isFirst = begun.withLock { begun in
      defer { begun = true }
      return !begun
    }
    let message = JSON.string("\(progress["seconds"]?.integer ?? 0) s"), id = JSON.string(id), title = title
    let adapter = adapter
    Task {
      guard await adapter.showsProgress else { return }
      await isFirst
        ? adapter.tellProgress(
          "progressStart", ["progressId": id, "title": .string(title), "cancellable": true, "message": message])
        : adapter.tellProgress("progressUpdate", ["progressId": id, "message": message])
    }
  }

  func end() {
    guard begun.withLock({ $0 }) else { return }
    let adapter = adapter, id = JSON.string(id)
    Task { if await adapter.showsProgress { await adapter.tellProgress("progressEnd", ["progressId": id]) } }
  }
}
