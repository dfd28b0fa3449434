// JSON schemas of what tools take, and whether something fits one. Only what is needed here of the standard.

import EditorProtocols

enum Schema {
  static func text(_ description: String) -> JSON { ["type": "string", "description": .string(description)] }
  static func integer(_ description: String) -> JSON { ["type": "integer", "description": .string(description)] }
  static func number(_ description: String) -> JSON { ["type": "number", "description": .string(description)] }
  static func flag(_ description: String) -> JSON { ["type": "boolean", "description": .string(description)] }
  static func list(of element: JSON, _ description: String) -> JSON {
    ["type": "array", "items": element, "description": .string(description)]
  }
  static func choice(_ words: [String], _ description: String) -> JSON {
    ["type": "string", "enum": .array(words.map(JSON.string)), "description": .string(description)]
  }
  /// A number object that answers contain, sent back as it came.
  static func token(_ description: String) -> JSON { ["type": "object", "description": .string(description)] }
  static func object(_ properties: [String: JSON], required: [String] = []) -> JSON {
    .fields([
      "type": "object", "properties": .object(properties), "additionalProperties": false,
      "required": required.isEmpty ? nil : .array(required.map(JSON.string)),
    ])
  }

  /// Why a value does not fit; nil: it does.
  static func problem(_ value: JSON, _ schema: JSON, _ place: String = "arguments") -> String? {
    switch schema["type"]?.string {
    case "string":
      guard let text = value.string else { return "\(place) must be a text." }
      if let words = schema["enum"]?.array, !words.contains(value) {
        return "\(place) is one of \(words.compactMap(\.string).joined(separator: ", ")), and not \(text.prefix(50))."
      }
    case "integer": if value.integer == nil { return "\(place) must be a whole number." }
    case "number": if value.double == nil { return "\(place) must be a number." }
    case "boolean": if value.bool == nil { return "\(place) must be true or false." }
    case "array":
      guard let elements = value.array else { return "\(place) must be an array." }
      for (i, element) in elements.enumerated() {
        if let problem = problem(element, schema["items"] ?? .null, "\(place)[\(i)]") { return problem }
      }
    case "object":
      guard let fields = value.object else { return "\(place) must be an object." }
      guard let properties = schema["properties"]?.object else { return nil }
      for name in schema["required"]?.array?.compactMap(\.string) ?? [] where fields[name] == nil {
        return "\(place).\(name) is missing."
      }
      for (name, field) in fields.sorted(by: { $0.key < $1.key }) {
        guard let expected = properties[name] else {
          return "\(place) has no \(name.prefix(50)): \(properties.keys.sorted().joined(separator: ", "))."
        }
        if let problem = problem(field, expected, "\(place).\(name)") { return problem }
      }
    default: break
    }
    return nil
  }
}
