// Saving is accepting: what a document says goes into the running program, and what became of it is shown.

import EditorProtocols
import SourceTools
import Syntax

extension LanguageServer {
  /// Sends a saved document to the program.
  /// - Parameter force: replaces what somebody else has accepted meanwhile.
  func accept(_ path: String, force: Bool = false) {
    guard let program, let file = workspace.index.files[path], !file.isLibrary,
      let name = file.definition?.name
    else { return }
    // What does not parse has its diagnostics already.
    guard file.errors.isEmpty else { return say(.warning, "\(name) is saved, but not accepted: it does not parse") }
    let text = file.source.string
    let change: JSON = .fields([
      "kind": "class", "text": .string(text), "basedOnText": force ? nil : live.bases[path].map(JSON.string),
    ])
    let schedule = schedule
    program.ask("class", ["name": .string(name)]) { known in
      if case .failure(let refusal) = known {
        return schedule { server in
          server.say(
            refusal.code == "noSuchClass" ? .log : .error,
            refusal.code == "noSuchClass"
              ? "\(name) is no part of the program yet, and is not accepted" : refusal.message)
        }
      }
      program.ask("accept", ["changes": [change], "force": .bool(force)]) { result in
        schedule { $0.accepted(path, text, result) }
      }
    }
  }

  private func accepted(_ path: String, _ text: String, _ result: Result<JSON, ProgramRefusal>) {
    live.refused[path] = nil
    switch result {
    case .success(let answer):
      live.bases[path] = text
      say(.info, Self.summary(answer["receipt"] ?? .null))
    case .failure(let refusal) where refusal.code == "stale":
      say(.warning, refusal.message)
      offerForce(path, refusal.message)
    case .failure(let refusal):
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      live.refused[path] = (refusal.fields["receipt"]?["errors"]?.array ?? []).map { error in
        // Columns count scalars, from 1.
        let line = max((error["line"]?.integer ?? 1) - 1, 0), column = max((error["column"]?.integer ?? 1) - 1, 0)
        let before = line < lines.count ? String(lines[line].unicodeScalars.prefix(column)) : ""
        return (TextPosition(line, before.utf16.count), error["message"]?.string ?? refusal.message)
      }
      if live.refused[path]?.isEmpty != false { live.refused[path] = [(TextPosition(0, 0), refusal.message)] }
      say(.error, "not accepted: \(refusal.message)")
    }
    check(first: path)
    outdate()
  }

  /// Lets the client replace what somebody else has accepted.
  private func offerForce(_ path: String, _ message: String) {
    let action = "Replace it"
    let schedule = schedule
    peer.ask(
      "window/showMessageRequest", ["type": 2, "message": .string(message), "actions": [["title": .string(action)]]]
    ) { answer in
      guard case .success(let chosen) = answer, chosen["title"]?.string == action else { return }
      schedule { $0.accept(path, force: true) }
    }
  }

  enum MessageKind: Int {
    case error = 1, warning, info, log
  }

  func say(_ kind: MessageKind, _ message: String) {
    peer.notify(
      kind == .log ? "window/logMessage" : "window/showMessage",
      ["type": .integer(kind.rawValue), "message": .string(message)])
  }

  /// A receipt in a line.
  private static func summary(_ receipt: JSON) -> String {
    let methods = (receipt["methods"]?.array ?? []).filter { $0["before"] != $0["after"] }
    func version(_ json: JSON?) -> String { json?.integer.map { "v\($0)" } ?? "none" }
    var parts = methods.prefix(5).map { method in
      "\(name(method["method"] ?? .null)) \(version(method["before"])) → \(version(method["after"]))"
    }
    if methods.count > 5 { parts.append("\(methods.count - 5) more") }
    parts += (receipt["classes"]?.array ?? []).compactMap { $0["name"]?.string.map { "\($0) has another shape" } }
    let invalidated = receipt["invalidated"]?.array?.count ?? 0
    if invalidated > 0 { parts.append("\(invalidated) code unit\(invalidated == 1 ? "" : "s") invalidated") }
    let number = receipt["id"]?.integer.map { "accept \($0): " } ?? ""
    let time = receipt["latency"]?["total"]?.integer.map { " (\($0) µs)" } ?? ""
    return number + (parts.isEmpty ? "nothing changed" : parts.joined(separator: ", ")) + time
  }

  private static func name(_ method: JSON) -> String {
    let side = method["isClassSide"]?.bool == true ? " class" : ""
    return "\(method["className"]?.string ?? "")\(side)>>\(method["selector"]?.string ?? "")"
  }
}
