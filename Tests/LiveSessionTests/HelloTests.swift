import Foundation
import TestThreads
import Testing

@testable import LiveSession

@Suite(.serialized, .ownThread) struct HelloTests {
  @Test func theFirstRequestIsHello() async throws {
    let fixture = try LiveFixture()
    defer { fixture.end() }
    let listener = LiveListener(fixture.session.connect())
    #expect(try await listener.ask("classes").text("error.code") == "helloFirst")
    let hello = try await listener.ask("hello", #"{"protocol": 1, "unknown": [1, {}]}"#)
    #expect(hello.text("result.session") == fixture.session.name)
    #expect(hello["result.resumed"] as? Bool == false)
    #expect(hello.text("result.snapshot.program.className") == "Flow")
    #expect(hello.list("result.snapshot.classes").count > 20)
    #expect(try await listener.ask("classes").list("result.classes").count > 20)
  }

  @Test func anotherVersionOfTheProtocolIsRefused() async throws {
    let fixture = try LiveFixture(starts: false)
    defer { fixture.end() }
    let listener = LiveListener(fixture.session.connect())
    #expect(try await listener.ask("hello", #"{"protocol": 99}"#).text("error.code") == "badParameters")
  }

  @Test func whoComesBackGetsTheRest() async throws {
    let fixture = try LiveFixture()
    defer { fixture.end() }
    let first = try await fixture.client()
    let seen = first.lastEvent
    first.client.disconnect()
    let other = try await fixture.client("Ben")
    _ = try await other.ask(
      "accept", #"{"changes": [{"kind": "method", "className": "Flow", "text": "methB = ( ^2 )"}]}"#)
    _ = try await other.event("accepted")

    let again = LiveListener(fixture.session.connect())
    let hello = try await again.ask("hello", #"{"session": "\#(fixture.session.name)", "event": \#(seen)}"#)
    #expect(hello["result.resumed"] as? Bool == true && hello["result.snapshot"] == nil)
    let accepted = try await again.event("accepted")
    #expect(accepted.text("receipt.author") == "Ben")
    let numbers = again.replies.compactMap { $0.number("event") }
    #expect(numbers == Array((seen + 1)..<(seen + 1 + numbers.count)))
  }

  @Test func whoWasInAnotherSessionGetsASnapshot() async throws {
    let fixture = try LiveFixture(starts: false)
    defer { fixture.end() }
    for (session, event) in [("s-other", 1), (fixture.session.name, 1_000_000), (fixture.session.name, -5)] {
      let listener = LiveListener(fixture.session.connect())
      let hello = try await listener.ask("hello", #"{"session": "\#(session)", "event": \#(event)}"#)
      #expect(hello["result.resumed"] as? Bool == false && hello["result.snapshot"] != nil)
    }
  }

  @Test func badMessagesAreToldAndThenTheEnd() async throws {
    let fixture = try LiveFixture(starts: false)
    defer { fixture.end() }
    let listener = try await fixture.client()
    listener.send("no JSON")
    _ = try await listener.wait("an error") { $0.text("error.code") == "badMessage" }
    #expect(try await listener.ask("nonsense").text("error.code") == "unknownRequest")
    let wrong = try await listener.ask("class", #"{"name": 7}"#)
    #expect(wrong.text("error.code") == "badParameters" && wrong.text("error.message")?.contains("name") == true)
    let missing = try await listener.ask("class", "{}")
    #expect(missing.text("error.message") == "The parameter name is missing.")
    for _ in 0..<20 { listener.send("[]") }
    #expect(try await listener.waitForClose() == 1008)
  }

  @Test func whoSaysNoHelloIsDropped() async throws {
    let fixture = try LiveFixture(starts: false)
    defer { fixture.end() }
    let client = fixture.session.connect()
    client.tick(LiveClient.now + LiveClient.helloPatience + 1)
    #expect(await client.next() == .close(code: 4003, reason: "no hello"))
    #expect(await client.next() == nil)
  }

  @Test func aClientThatFallsBehindIsDroppedAndNothingElseWaits() async throws {
    let fixture = try LiveFixture(starts: false)
    defer { fixture.end() }
    let slow = fixture.session.connect()
    slow.greet(key: "slow", name: "", seen: fixture.session.log.last)
    slow.follow()
    for _ in 0...EventLog.countLimit { fixture.session.log.append("test") }
    #expect(await slow.next() == .close(code: 4001, reason: "too slow: say hello again"))
    // By bytes, too.
    let big = String(repeating: "x", count: 1 << 20)
    let log = EventLog()
    for _ in 0..<40 { log.append("test", Fields("text", big)) }
    #expect(log.next(after: 1) == .gone && !log.canResume(after: 1) && log.canResume(after: log.last))
  }

  @Test func answersThatNobodyReadsAreBounded() async throws {
    let fixture = try LiveFixture(starts: false)
    defer { fixture.end() }
    let client = fixture.session.connect()
    client.greet(key: "", name: "", seen: 0)
    let text = String(repeating: "x", count: 1 << 20)
    for i in 0..<12 {
      client.finish(LiveCall(i, "ping", Data(), client, at: 0), "result", Fields("text", text))
    }
    #expect(await client.next() == .close(code: 4001, reason: "it does not read its answers"))
  }

  @Test func tooManyRequestsAreRefused() async throws {
    let fixture = try LiveFixture()
    defer { fixture.end() }
    let listener = try await fixture.client()
    let ids = (0..<200).map { _ in listener.begin("evaluate", #"{"text": "system sleep: 60000"}"#) }
    let refused = try await listener.answer(ids.last!)
    #expect(refused.text("error.code") == "tooMany")
    listener.client.disconnect()
    // All of them end with their client.
    let other = try await fixture.client("Ben")
    for _ in 0..<400 {
      let processes = try await other.ask("processes").list("result.processes")
      if processes.count == 1 { return }
      try await Task.sleep(for: .milliseconds(25))
    }
    Issue.record("evaluations of a client that is gone go on")
  }

  /// The page of the protocol lists what there is, and nothing else.
  @Test func theProtocolListsEveryRequest() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let page = try String(contentsOf: root.appendingPathComponent("docs/protocol.md"), encoding: .utf8)
    let section = page.components(separatedBy: "\n## Requests\n")[1].components(separatedBy: "\n## Accepting\n")[0]
    var listed: Set<String> = ["hello"]
    for line in section.split(separator: "\n") where line.hasPrefix("| `") {
      let names = line.split(separator: "|")[0]
      listed.formUnion(names.split(separator: "`").map(String.init).filter { $0.allSatisfy(\.isLetter) })
    }
    let atOnce: Set<String> = ["cancel"]
    #expect(listed == Set(RequestTable.handlers.keys).union(atOnce))
  }
}
