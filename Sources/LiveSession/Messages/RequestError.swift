// Why a request was refused: a code for programs, a sentence for people.

import EditorProtocols
import Ovid

struct RequestError: Error, Sendable {
  var code: String
  var message: String
  /// What can be done.
  var remedy: String?
  /// What some codes have more.
  var more = Fields()

  init(_ code: String, _ message: String, remedy: String? = nil, more: Fields = Fields()) {
    self.code = code
    self.message = message
    self.remedy = remedy
    self.more = more
  }

  init(_ error: DebugError) { self.init(error.code.rawValue, error.message) }

  init(_ error: AcceptError) {
    self.init(error.code.rawValue, "\(error)", remedy: error.remedy)
  }

  /// Of whatever a request has thrown.
  init(any error: any Error) {
    switch error {
    case let error as RequestError: self = error
    case let error as DebugError: self.init(error)
    case let error as AcceptError: self.init(error)
    case let error as VirtualMachineError: self.init("failed", error.description)
    case let error as DecodingError: self.init("badParameters", error.sentence("parameter", within: "parameters"))
    default: self.init("internal", "\(error)", remedy: "This is a fault of Ovid; the session goes on.")
    }
  }

  static let gone = RequestError("cancelled", "The client is gone.")
  static func noSuchClass(_ name: String) -> RequestError {
    RequestError("noSuchClass", "There is no class \(name).", remedy: "The request `classes` lists them.")
  }
  static func noSuchMethod(_ method: MethodKey) -> RequestError {
    RequestError("noSuchMethod", "There is no method \(method).")
  }

  var fields: Fields {
    var fields = Fields("code", code).with("message", message).with("remedy", remedy)
    if !more.text.isEmpty { fields.append(more) }
    return fields
  }
}

extension Fields {
  mutating func append(_ other: Fields) {
    self = text.isEmpty ? other : other.text.isEmpty ? self : Fields(raw: text + "," + other.text)
  }
}
