// How a client begins, and what it is shown first.

import Foundation
import Ovid

/// A class in a list.
struct ClassLine: Codable, Sendable {
  var name: String
  var superclass: String?
  var isLibrary: Bool
}

extension RequestTable {
  private struct Hello: Decodable {
    var `protocol`: Int?
    var client: String?
    var name: String?
    var session: String?
    var event: Int?
  }

  static let helloRequests: [String: RequestHandler] = [
    "hello": answering { (session, call, hello: Hello) in
      if let version = hello.protocol, version != LiveSession.protocolVersion {
        throw RequestError(
          "badParameters", "This is version \(LiveSession.protocolVersion) of the protocol, and not \(version).",
          remedy: "Reload the page.")
      }
      let client = call.client
      var answer = Fields("protocol", LiveSession.protocolVersion).with("version", VirtualMachine.version)
        .with("session", session.name)
      let key = hello.client.map { String($0.prefix(200)) } ?? "c\(client.connection)"
      let name = hello.name.map { String($0.prefix(200)) } ?? ""
      session.presence.set(PresenceReport(client: key, name: name, looksAt: []), of: client.connection)
      if hello.session == session.name, let seen = hello.event, session.log.canResume(after: seen) {
        client.greet(key: key, name: name, seen: seen)
        return answer.with("event", seen).with("resumed", true)
      }
      // What happens while the snapshot is made comes again, as events.
      let seen = session.log.last
      answer = answer.with("event", seen).with("resumed", false).with("snapshot", try session.snapshot(for: key))
      client.greet(key: key, name: name, seen: seen)
      return answer
    },
    "snapshot": answering { session, call in try session.snapshot(for: call.client.key) },
    "ping": answering { _, _ in Fields("time", Date().timeIntervalSince1970) },
  ]
}

extension LiveSession {
  func snapshot(for client: String) throws -> Fields {
    let tail = output.tail
    var fields = Fields("program", program.report).with("classes", classLines)
      .with("processes", try programProcesses()).with("breakpoints", try vm.debugger.breakpoints())
      .with("watches", watches.reports).with("clients", presence.reports).with("drafts", drafts.all(of: client))
      .with("output", Fields("text", tail.text).with("leftOut", tail.leftOut))
      .with("statistics", rates.rates).with("lastAccept", vm.history(limit: 1).last?.id)
    switch compiler.withLock({ $0 }) {
    case .found(let version)?: fields.set("libgccjit", "\(version)")
    case .missing(let reason)?: fields.set("compilerProblem", reason)
    case nil: break
    }
    return fields
  }

  var classLines: [ClassLine] {
    vm.classNames().compactMap { name in
      vm.classReport(name).map {
        ClassLine(name: name, superclass: $0.superclass, isLibrary: vm.code.isLibrary(name))
      }
    }
  }
}
