// Writing accepts to the change log, if the options ask for one.

import Foundation
import VM

final class ChangeLogWriter {
  private let path: String?
  private let notices: Notices
  /// Set once, before there is a program.
  private var log: ChangeLog?

  init(_ machine: Machine) {
    path = machine.options.changeLog
    notices = machine.notices
  }

  /// Answers the log, if there is to be one.
  func open() throws(ChangeLogError) -> ChangeLog? {
    if let path { log = try ChangeLog(path: path) }
    return log
  }

  /// Whether this is the file.
  func isAppending(to path: String) -> Bool {
    guard let log, let identity = FileIdentity(path: path) else { return false }
    return log.identity == identity
  }

  /// VM thread.
  func append(_ entry: ChangeLog.Entry, _ origin: AcceptOrigin, _ receipt: inout Receipt) {
    guard let log else { return }
    do { try log.append(entry) } catch { receipt.logFailure = error.description }
    // A program sees no receipt.
    if origin == .program, let failure = receipt.logFailure { notices.tell("a change is not logged: \(failure)") }
  }

  /// Waits until what was appended is on the disk. Any thread.
  func flush(_ receipt: inout Receipt) {
    do { try log?.flush() } catch { receipt.logFailure = receipt.logFailure ?? error.description }
  }
}
