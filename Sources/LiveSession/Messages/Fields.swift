// The fields of a JSON object, encoded one by one: what answers and events are made of.

import Foundation

struct Fields: Sendable {
  /// `"name":value,…`, without the braces.
  private(set) var text = ""

  init() {}
  /// Fields that are encoded already.
  init(raw text: String) { self.text = text }
  init<T: Encodable>(_ name: String, _ value: T?) { set(name, value) }

  /// Nothing is written for nil.
  mutating func set<T: Encodable>(_ name: String, _ value: T?) {
    guard let value, let json = Self.json(value) else { return }
    if !text.isEmpty { text += "," }
    text += "\"\(name)\":\(json)"
  }
  func with<T: Encodable>(_ name: String, _ value: T?) -> Fields {
    var copy = self
    copy.set(name, value)
    return copy
  }
  func with(_ name: String, _ fields: Fields) -> Fields {
    var copy = self
    if !copy.text.isEmpty { copy.text += "," }
    copy.text += "\"\(name)\":\(fields.object)"
    return copy
  }

  var object: String { "{\(text)}" }

  /// The value as JSON; numbers that JSON has no word for are texts.
  static func json<T: Encodable>(_ value: T) -> String? {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "infinity", negativeInfinity: "-infinity", nan: "nan")
    return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) }
  }
}
