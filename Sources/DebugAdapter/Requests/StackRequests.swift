// Processes, their activations, and the texts that these run.

import EditorProtocols

struct StackTraceArguments: Decodable, Sendable {
  var threadId: Int
  var startFrame: Int?
  var levels: Int?
}

struct SourceArguments: Decodable, Sendable {
  struct Source: Decodable, Sendable {
    var path: String?
    var sourceReference: Int?
  }
  var sourceReference: Int?
  var source: Source?
}

extension DebugAdapter {
  func threadList() async throws -> JSON? {
    // Before there is a program there is none.
    guard session != nil else { return ["threads": []] }
    let processes = try await ask("processes")["processes"]?.array ?? []
    return [
      "threads": .array(
        processes.map {
          ["id": $0["id"] ?? 0, "name": .string("\($0["name"]?.string ?? "") (\($0["id"]?.integer ?? 0))")]
        })
    ]
  }

  /// So many activations are told at once, at most.
  private static let levelLimit = 1000

  func stackTrace(_ arguments: StackTraceArguments) async throws -> JSON? {
    let from = max(0, arguments.startFrame ?? 0)
    let levels = arguments.levels.map { $0 <= 0 ? Self.levelLimit : min($0, Self.levelLimit) } ?? Self.levelLimit
    let answer = try await ask(
      "stack",
      ["process": .integer(arguments.threadId), "from": .integer(from), "count": .integer(levels)])
    let activations = answer["activations"]?.array ?? []
    var frames: [JSON] = []
    for activation in activations { frames.append(await frame(activation, of: arguments.threadId)) }
    return .fields([
      "stackFrames": .array(frames), "totalFrames": frames.count < levels ? .integer(from + frames.count) : nil,
    ])
  }

  private func frame(_ activation: JSON, of process: Int) async -> JSON {
    let version = activation["version"]?.integer ?? 0, installed = activation["installedVersion"]?.integer
    let isBlock = activation["isBlock"]?.bool == true
    let id = handles.add(
      Handles.Frame(
        process: process, activation: activation["id"] ?? .null, index: activation["id"]?["index"]?.integer ?? 0,
        method: activation["method"] ?? .null, isBlock: isBlock))
    var name = activation["name"]?.string ?? ""
    if installed != version {
      name += installed.map { " (runs v\(version), v\($0) is installed)" } ?? " (runs v\(version), which was removed)"
    }
    var fields: [String: JSON?] = [
      "id": .integer(id), "name": .string(name), "line": 0, "column": 0,
      "canRestart": .bool(activation["restartObstacle"] == nil && !isBlock),
      "presentationHint": activation["isMachinery"]?.bool == true ? "subtle" : "normal",
      "ovid": .fields([
        "version": .integer(version), "installedVersion": installed.map(JSON.integer),
        "isCompiled": activation["isCompiled"], "restartObstacle": activation["restartObstacle"],
        "returnObstacle": activation["returnObstacle"], "activation": activation["id"],
        "method": activation["method"],
      ]),
    ]
    if let loaded = activation["place"]?["line"]?.integer, let place = try? await place(ofActivation: activation) {
      let line = loaded + place.lineShift, column = activation["place"]?["column"]?.integer ?? 1
      fields["source"] = place.source
      fields["line"] = clientLine(line)
      fields["column"] = clientColumn(
        max(1, column + (line == place.firstLine ? place.columnShift : 0)), in: activation["place"]?["text"]?.string)
    }
    return .fields(fields)
  }

  // MARK: Texts

  func source(_ arguments: SourceArguments) throws -> JSON? {
    let number = arguments.source?.sourceReference ?? arguments.sourceReference ?? 0
    guard let text = places.texts[number] else {
      throw AdapterError("There is no text \(number): files are read from where they are.")
    }
    return ["content": .string(text.text), "mimeType": "text/x-som"]
  }

  /// The files of the classes that are loaded.
  func loadedSources() async throws -> JSON? {
    guard session != nil else { return ["sources": []] }
    var sources: [JSON] = []
    for line in try await ask("classes")["classes"]?.array ?? [] where line["isLibrary"]?.bool == false {
      let report = try await ask("class", ["name": line["name"] ?? ""])
      if let file = report["class"]?["path"]?.string { sources.append(fileSource(path(file))) }
    }
    return ["sources": .array(sources)]
  }
}
