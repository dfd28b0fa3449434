// The history of accepts: what was done, taking it back, doing it again.

import Ovid

extension RequestTable {
  private struct Taken: Decodable {
    var entry: Int?
    var method: MethodName?
  }
  private struct Reverted: Decodable {
    var method: MethodName
    var version: VersionName
  }
  private struct Page: Decodable {
    var before: Int?
    var limit: Int?
  }
  private struct ByEntry: Decodable { var entry: Int }

  static let historyRequests: [String: RequestHandler] = [
    "undo": answering { (session, call, wanted: Taken) in
      try session.answer(
        session.vm.undo(
          wanted.entry, method: wanted.method?.key, author: call.client.author, written: session.tellWritten))
    },
    "redo": answering { (session, call, wanted: Taken) in
      try session.answer(
        session.vm.redo(
          wanted.entry, method: wanted.method?.key, author: call.client.author, written: session.tellWritten))
    },
    "revert": answering { (session, call, wanted: Reverted) in
      try session.answer(
        session.vm.revert(
          wanted.method.key, to: wanted.version.place, author: call.client.author, written: session.tellWritten))
    },
    "history": answering { (session, _, wanted: Page) in
      let limit = min(max(1, wanted.limit ?? 100), 1000)
      return Fields("entries", session.vm.history(before: wanted.before, limit: limit))
    },
    "entry": answering { (session, _, wanted: ByEntry) in
      guard let entry = session.vm.historyEntry(wanted.entry) else {
        throw RequestError("notKept", "Accept \(wanted.entry) is not kept, or never was.")
      }
      return Fields("entry", entry)
    },
  ]
}
