// Scopes and variables: what an activation sees, and what is in it.

import EditorProtocols

struct VariablesArguments: Decodable, Sendable {
  var variablesReference: Int
  var filter: String?
  var start: Int?
  var count: Int?
}

struct SetVariableArguments: Decodable, Sendable {
  var variablesReference: Int
  var name: String
  var value: String
}

struct SetExpressionArguments: Decodable, Sendable {
  var expression: String
  var value: String
  var frameId: Int?
}

extension DebugAdapter {
  func scopes(_ arguments: FrameArguments) async throws -> JSON? {
    let frame = try handles.frame(arguments.frameId)
    let found = try await ask("activation", ["activation": frame.activation])["variables"]?.array ?? []
    let kinds = Set(found.compactMap { $0["kind"]?.string })
    func scope(_ name: String, _ wanted: Set<String>, _ hint: String?) -> JSON {
      let reference = handles.add(.scope(frame: arguments.frameId, kinds: wanted))
      return .fields([
        "name": .string(name), "variablesReference": .integer(reference), "expensive": false,
        "presentationHint": hint.map(JSON.string),
        "namedVariables": .integer(found.count { wanted.contains($0["kind"]?.string ?? "") }),
      ])
    }
    var scopes = [scope("Arguments and temporaries", ["argument", "temporary"], "locals")]
    if kinds.contains("outer") { scopes.append(scope("Around the block", ["outer"], nil)) }
    if kinds.contains("field") { scopes.append(scope("Fields of self", ["field"], nil)) }
    return ["scopes": .array(scopes)]
  }

  /// What clients show of a value.
  func valueFields(_ value: JSON?, text: String? = nil, key: String = "value") -> [String: JSON?] {
    guard let value else { return [:] }
    let count = value["childCount"]?.integer ?? 0
    var fields: [String: JSON?] = [
      key: .string(text ?? value["text"]?.string ?? ""), "type": value["className"], "variablesReference": 0,
    ]
    if count > 0, let id = value["id"] {
      fields["variablesReference"] = .integer(handles.add(.value(id, process: id["process"]?.integer ?? 0)))
      // What has many parts is a collection, and is shown in pieces.
      if count > Self.pieceLimit { fields["indexedVariables"] = .integer(count) }
    }
    return fields
  }
  private static let pieceLimit = 100
  /// Parts that the session answers at once.
  private static let childLimit = 1000

  func variables(_ arguments: VariablesArguments) async throws -> JSON? {
    let start = max(0, arguments.start ?? 0)
    let count = arguments.count.map { $0 <= 0 ? nil : $0 } ?? nil
    switch try handles.container(arguments.variablesReference) {
    case .scope(let id, let kinds):
      if arguments.filter == "indexed" { return ["variables": []] }
      let frame = try handles.frame(id)
      let found = try await ask("activation", ["activation": frame.activation])["variables"]?.array ?? []
      let wanted = found.filter { kinds.contains($0["kind"]?.string ?? "") }.dropFirst(start)
      return ["variables": .array(wanted.prefix(count ?? wanted.count).map { variable($0, isNamed: true) })]
    case .value(let id, _):
      if arguments.filter == "named" { return ["variables": []] }
      var variables: [JSON] = []
      while variables.count < count ?? Self.childLimit {
        let wanted = min((count ?? Self.childLimit) - variables.count, Self.childLimit)
        let from = start + variables.count
        let part =
          try await ask(
            "inspect", ["value": id, "from": .integer(from), "count": .integer(wanted)])["children"]?.array ?? []
        for (i, child) in part.enumerated() {
          handles.note(child: child["name"]?.string ?? "", at: from + i, of: arguments.variablesReference)
          variables.append(variable(child, isNamed: false))
        }
        if part.count < wanted { break }
      }
      return ["variables": .array(variables)]
    }
  }

  private func variable(_ variable: JSON, isNamed: Bool) -> JSON {
    let name = variable["name"]?.string ?? ""
    var fields: [String: JSON?] = ["name": .string(name)]
    if isNamed { fields["evaluateName"] = .string(name) }
    if variable["value"] == nil {
      fields["value"] = .string(variable["note"]?.string ?? "?")
      fields["variablesReference"] = 0
      fields["presentationHint"] = ["attributes": ["readOnly"]]
    }
    return .fields(fields.merging(valueFields(variable["value"])) { _, new in new })
  }

  // MARK: Setting

  func setVariable(_ arguments: SetVariableArguments) async throws -> JSON? {
    switch try handles.container(arguments.variablesReference) {
    case .scope(let id, _):
      return try await set(arguments.name, in: try handles.frame(id), to: arguments.value)
    case .value(let id, _):
      guard let child = handles.child(arguments.name, of: arguments.variablesReference) else {
        throw AdapterError("It has no part \(arguments.name.prefix(100)) that was shown.")
      }
      let answer = try await ask(
        "setChild", ["value": id, "child": .integer(child), "text": .string(arguments.value)])
      return .fields(try valueFields(changed(answer)))
    }
  }

  func setExpression(_ arguments: SetExpressionArguments) async throws -> JSON? {
    guard let id = arguments.frameId else { throw AdapterError("setExpression needs frameId.") }
    guard Self.isName(arguments.expression) else {
      throw AdapterError("Only a variable can be given a value; evaluate does everything else.")
    }
    return try await set(arguments.expression, in: try handles.frame(id), to: arguments.value)
  }

  static func isName(_ text: String) -> Bool {
    text.first.map { $0.isLetter || $0 == "_" } == true && text.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
  }

  private func set(_ name: String, in frame: Handles.Frame, to text: String) async throws -> JSON {
    let answer = try await ask(
      "setVariable", ["activation": frame.activation, "name": .string(name), "text": .string(text)])
    return .fields(try valueFields(changed(answer)))
  }

  private func changed(_ answer: JSON) throws -> JSON? {
    if answer["kind"]?.string == "stopped" {
      throw AdapterError("The expression has stopped itself: \(answer["stop"]?["message"]?.string ?? "look at it").")
    }
    return answer["value"]
  }
}
