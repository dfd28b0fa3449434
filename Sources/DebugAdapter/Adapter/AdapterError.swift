// Why a request is answered with an error.

import EditorProtocols
import LiveSession

/// A sentence for people.
struct AdapterError: Error {
  var message: String
  init(_ message: String) { self.message = message }
}

/// The two parts of the answer to a request that has failed.
struct ErrorAnswer {
  /// A word of the protocol's, or the sentence.
  var message: String
  var body: JSON

  init(_ error: any Error) {
    switch error {
    case let error as SessionRefusal:
      let words = ["cancelled": "cancelled", "notStopped": "notStopped"]
      self.init(words[error.code] ?? error.description, error.description, more: error.fields)
    case is CancellationError: self.init("cancelled", "It was cancelled.")
    case let error as AdapterError: self.init(error.message, error.message)
    case let error as DecodingError:
      let text = error.sentence("argument")
      self.init(text, text)
    default: self.init("\(error)", "\(error)")
    }
  }

  private init(_ message: String, _ sentence: String, more: JSON? = nil) {
    self.message = message
    // What stands in braces would be a variable.
    let format = sentence.replacing("{", with: "(").replacing("}", with: ")")
    body = .fields(["error": ["id": more == nil ? 1 : 2, "format": .string(format), "showUser": true], "ovid": more])
  }
}
