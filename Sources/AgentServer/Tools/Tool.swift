// What an agent can do: a row each. Most are requests of the session with the same parameters.

import EditorProtocols
import LiveSession

struct Tool: Sendable {
  enum Effect {
    case reads
    case changes
    /// What is lost cannot be had again.
    case destroys
  }
  var name: String
  var description: String
  var effect: Effect
  var schema: JSON
  var run: @Sendable (ToolContext, JSON) async throws -> JSON

  init(
    _ name: String, _ effect: Effect, _ description: String, _ properties: [String: JSON] = [:],
    required: [String] = [], run: @escaping @Sendable (ToolContext, JSON) async throws -> JSON
  ) {
    self.name = name
    self.effect = effect
    self.description = description
    schema = Schema.object(properties, required: required)
    self.run = run
  }

  /// A request of the session with these parameters.
  init(
    _ name: String, _ effect: Effect, request: String, _ description: String, _ properties: [String: JSON] = [:],
    required: [String] = []
  ) {
    self.init(name, effect, description, properties, required: required) { context, arguments in
      let result = try await context.ask(request, arguments)
      return result == [:] ? ["done": true] : result
    }
  }

  static let all: [Tool] = codeTools + editTools + runTools + debugTools
  static let named = Dictionary(all.map { ($0.name, $0) }) { first, _ in first }

  var listed: JSON {
    [
      "name": .string(name), "description": .string(description), "inputSchema": schema,
      "annotations": [
        "readOnlyHint": .bool(effect == .reads), "destructiveHint": .bool(effect == .destroys), "openWorldHint": false,
      ],
    ]
  }

  // MARK: What several take

  static let method = Schema.text("A method: Class>>selector, or Class class>>selector")
  static let version = Schema.text("v2: version 2; 7: as accept 7 left it; -7: before accept 7")
  static let seconds = Schema.number("It is given up after so many seconds")
  static let process = Schema.integer("Number of a process, from processes or program_state")
  static let activation = Schema.token("An activation: the id that stack gives it, whole")
  static let value = Schema.token("A value: the id that an answer gives it, whole")
}
