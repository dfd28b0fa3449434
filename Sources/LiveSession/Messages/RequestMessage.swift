// What a client sends: its envelope first; the parameters are read by whoever carries the request out.

import Foundation
import Ovid

/// `{"id": 7, "request": "accept", "parameters": {…}}`
struct RequestMessage: Decodable {
  /// Without it nobody wants an answer.
  var id: Int?
  var request: String

  private struct Parameters<P: Decodable>: Decodable { var parameters: P? }

  /// The parameters of a message; without them, those of an empty object.
  static func parameters<P: Decodable>(_ type: P.Type, of message: Data) throws -> P {
    let decoder = JSONDecoder()
    if let found = try decoder.decode(Parameters<P>.self, from: message).parameters { return found }
    return try decoder.decode(P.self, from: Data("{}".utf8))
  }
}

/// A method in parameters: an object, or a text such as "Foo class>>bar:".
struct MethodName: Decodable {
  let key: MethodKey

  init(from decoder: any Decoder) throws {
    guard let text = try? decoder.singleValueContainer().decode(String.self) else {
      struct Parts: Decodable {
        var className: String
        var isClassSide: Bool?
        var selector: String
      }
      let parts = try Parts(from: decoder)
      key = MethodKey(className: parts.className, isClassSide: parts.isClassSide ?? false, selector: parts.selector)
      return
    }
    guard let arrow = text.range(of: ">>"), arrow.lowerBound != text.startIndex, arrow.upperBound != text.endIndex
    else {
      throw RequestError("badParameters", "\(text.prefix(100)) is no method: write Class>>selector.")
    }
    let holder = String(text[..<arrow.lowerBound]), suffix = " class"
    let isClassSide = holder.hasSuffix(suffix)
    key = MethodKey(
      className: isClassSide ? String(holder.dropLast(suffix.count)) : holder, isClassSide: isClassSide,
      selector: String(text[arrow.upperBound...]))
  }
}

/// A version in parameters: "v2", "7" (after accept 7), "-7" (before it).
struct VersionName: Decodable {
  let place: VersionPlace

  init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let place = VersionPlace(text) else {
      throw RequestError(
        "badParameters", "\(text.prefix(100)) is no version: v2 is the second one, 7 is after accept 7, -7 before it.")
    }
    self.place = place
  }
}

/// Of requests without parameters.
struct NoParameters: Decodable {}
