import EditorProtocols
import Foundation
import TestThreads
import Testing

@testable import DebugAdapter
@testable import struct Laboratory.SeededRandom
@testable import LiveSession

@Suite(.serialized, .ownThread) struct RefusalTests {
  /// Every request, those of the session too, but what would end the conversation.
  private static let commands =
    (DebugAdapter.handlers.keys.filter { $0 != "disconnect" } + RequestTable.handlers.keys.map { "ovid/\($0)" }
    + ["cancel", "gotoTargets", "nonsense", "", "ovid/", "ovid/nonsense"]).sorted()

  /// What no request understands.
  private static let wrong: [JSON?] = [
    nil, .null, 3, "text", [], [1],
    {
      let keys = [
        "threadId", "frameId", "variablesReference", "source", "breakpoints", "filters", "program", "expression",
        "text",
        "process", "activation", "value", "changes", "method", "name", "id", "requestId", "column", "threadIds",
        "entry",
        "arguments", "address",
      ]
      return .object(Dictionary(uniqueKeysWithValues: keys.map { ($0, ["nested": [true, nil, -1.5]]) }))
    }(),
  ]

  @Test func wrongArgumentsAreAnsweredBeforeAProgramIsThere() async throws {
    let fixture = try DebugFixture()
    for command in Self.commands where command != "initialize" && command != "cancel" {
      #expect(try await fixture.ask(command, [:])["success"] == false, "\(command)")
    }
    try await fixture.initialize()
    for command in Self.commands {
      for arguments in Self.wrong { _ = try await fixture.ask(command, arguments) }
    }
    #expect(try await fixture.ask("attach", ["address": "nowhere"])["success"] == false)
    #expect(try await fixture.ask("launch", ["program": "/no/such/Program.som"])["success"] == false)
    // It can still be used.
    try await fixture.body("launch", ["program": .string(fixture.path("Counting"))])
    try await fixture.end()
    #expect(fixture.mailbox.messages.filter { $0["type"] == "response" }.count > Self.commands.count * 7)
  }

  @Test func wrongArgumentsAreAnsweredWhileAProgramRuns() async throws {
    let fixture = try DebugFixture()
    try await fixture.launch()
    let ending: Set<String> = ["terminate", "restart", "ovid/quitProgram", "ovid/restartProgram"]
    for command in Self.commands where !ending.contains(command) {
      for arguments in Self.wrong {
        let answer = try await fixture.ask(command, arguments)
        if answer["success"] == false { #expect(answer["message"]?.string?.isEmpty == false, "\(command)") }
      }
    }
    for (command, arguments) in [
      ("launch", ["program": .string(fixture.path("Counting"))]), ("configurationDone", [:]), ("initialize", [:]),
      ("stackTrace", ["threadId": 77]), ("next", ["threadId": 77]), ("scopes", ["frameId": 77]),
      ("variables", ["variablesReference": 77]), ("source", ["sourceReference": 77]), ("restartFrame", ["frameId": 77]),
      ("setVariable", ["variablesReference": 77, "name": "a", "value": "1"]), ("evaluate", ["expression": "3 +"]),
      ("completions", ["text": "a", "column": 1, "line": 9]),
      ("setBreakpoints", ["source": [:], "breakpoints": [["line": 1]]]),
    ] as [(String, JSON)] {
      #expect(try await fixture.ask(command, arguments)["success"] == false, "\(command)")
    }
    try await fixture.end()
    #expect(try await fixture.ask("threads")["success"] == false)
  }

  @Test(arguments: ["{", "[]", "null", "{}", #"{"seq":1}"#, #"{"type":"request","seq":"1","command":"threads"}"#])
  func whatIsNoRequestIsAnswered(text: String) async throws {
    let fixture = try DebugFixture()
    fixture.adapter.receive(Array(text.utf8))
    let answer = try await fixture.mailbox.wait("an answer") { $0["type"] == "response" }
    #expect(answer["success"] == false)
    try await fixture.end()
  }

  /// Two requests of one number, which were sent before anybody looked: a cancellation means both.
  @Test func whatHasOneNumberIsCancelledTogether() async throws {
    let fixture = try DebugFixture()
    try await fixture.launch()
    let arguments: JSON = ["expression": "[ true ] whileTrue: [ ]", "context": "repl"]
    let sequence = fixture.begin("evaluate", arguments)
    for _ in 0..<3 { fixture.begin("evaluate", arguments, sequence: sequence) }
    try await fixture.body("cancel", ["requestId": .integer(sequence)])
    try await fixture.body("cancel", ["requestId": .integer(sequence)])
    // Who comes after them is answered; nothing of that number runs on.
    #expect(try await fixture.body("evaluate", ["expression": "3 + 4", "context": "repl"])["result"] == "7")
    func answers() -> [JSON] {
      fixture.mailbox.messages.filter { $0["type"] == "response" && $0["request_seq"]?.integer == sequence }
    }
    for _ in 0..<200 where answers().count < 4 { try await Task.sleep(for: .milliseconds(50)) }
    #expect(answers().count == 4 && answers().allSatisfy { $0["success"] == false })
    try await fixture.end()
  }

  /// In any order, repeated, cancelled, while methods change.
  @Test func randomRequestsAreAllAnswered() async throws {
    let fixture = try DebugFixture()
    try await fixture.launch()
    let source: JSON = ["path": .string(fixture.path("Counting"))]
    let requests: [(String, JSON)] = [
      ("threads", [:]), ("pause", ["threadId": 1]), ("continue", ["threadId": 1]), ("next", ["threadId": 1]),
      ("stepIn", ["threadId": 1]), ("stepOut", ["threadId": 1]), ("stackTrace", ["threadId": 1]),
      ("setBreakpoints", ["source": source, "breakpoints": [["line": 6]]]),
      ("setBreakpoints", ["source": source, "breakpoints": []]), ("scopes", ["frameId": 1]),
      ("variables", ["variablesReference": 2]), ("evaluate", ["expression": "3 + 4"]),
      ("evaluate", ["expression": "total := 0", "frameId": 1]), ("restartFrame", ["frameId": 1]),
      ("setFunctionBreakpoints", ["breakpoints": [["name": "Counting>>run"]]]),
      ("setFunctionBreakpoints", ["breakpoints": []]), ("exceptionInfo", ["threadId": 1]),
      ("loadedSources", [:]), ("source", ["sourceReference": 1]),
      ("ovid/accept", ["changes": [["kind": "method", "className": "Counting", "text": "add: n = ( ^n )"]]]),
      (
        "ovid/accept",
        ["changes": [["kind": "method", "className": "Counting", "text": "add: n = ( | t | t := n. ^t )"]]]
      ),
      ("ovid/undo", [:]), ("ovid/redo", [:]), ("ovid/history", ["limit": 3]), ("cancel", ["requestId": 5]),
    ]
    // With `OVID_SEED=N` the same again.
    let seed =
      ProcessInfo.processInfo.environment["OVID_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 0...UInt64.max)
    var random = SeededRandom(seed: seed)
    var sent: [(Int, String)] = []
    for _ in 0..<300 {
      let (command, arguments) = requests.randomElement(using: &random)!
      let sequence = fixture.begin(command, arguments)
      sent.append((sequence, command))
      if Int.random(in: 0..<10, using: &random) == 0 {
        sent.append((fixture.begin("cancel", ["requestId": .integer(sequence)]), "cancel"))
      }
    }
    do {
      for (sequence, command) in sent { _ = try await fixture.answer(sequence, command) }
      try await fixture.end()
    } catch { Issue.record("with OVID_SEED=\(seed): \(error)") }
    let answered = fixture.mailbox.messages.compactMap { $0["request_seq"]?.integer }
    #expect(Set(answered).count == answered.count, "with OVID_SEED=\(seed)")
  }
}
