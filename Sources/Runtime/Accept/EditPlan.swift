// The checked form of a set of changes: everything parsed and compiled, nothing installed.

import Syntax
import VM

/// Errors of one change, or of several places in it.
struct EditErrors: Error {
  var errors: [AcceptError]
  init(_ errors: [AcceptError]) { self.errors = errors }
  init(_ message: String, expected: String? = nil) {
    errors = [AcceptError(change: 0, message: message, expected: expected)]
  }
  func map(_ body: (AcceptError) -> AcceptError) -> [AcceptError] { errors.map(body) }
}
