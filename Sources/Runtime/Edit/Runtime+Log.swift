// Writing accepts to the change log.

import Foundation
import VM

extension Runtime {
  func openChangeLog() throws(ChangeLogError) {
    if let path = options.changeLog { editing.log = try ChangeLog(path: path) }
  }

  func log(
    _ set: ChangeSet, _ replaced: [ChangeLog.Replaced], _ origin: AcceptOrigin, _ receipt: inout Receipt
  ) {
    guard let log = editing.log else { return }
    do {
      try log.append(
        ChangeLog.Entry(
          accept: receipt.id, author: set.author, time: Date().timeIntervalSince1970, changes: set.changes,
          replaced: replaced))
    } catch {
      receipt.logFailure = error.description
    }
    // A program sees no receipt.
    if origin == .program, let failure = receipt.logFailure { notices.tell("a change is not logged: \(failure)") }
  }

  func flushLog(_ receipt: inout Receipt) {
    do { try editing.log?.flush() } catch { receipt.logFailure = receipt.logFailure ?? error.description }
  }
}
