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
}
struct Edit {
  var change: Int
  var stale: [Receipt.StaleEdit]
  func install(_ universe: Universe, _ frame: Words) throws -> [Receipt.MethodVersion] { [] }
}
struct EditPlan {
  let universe: Universe
  var edits: [Edit] = []
  mutating func add(_ change: Change) throws(EditErrors) {}
}
extension Runtime {
  func watchEffect(_ method: Receipt.MethodVersion, _ receipt: Int, _ requested: Int) {}
  func source(of: MethodKey, version: Int) throws -> String { "" }
  func redefineRandomMethod(_ random: UInt64) {}
}
