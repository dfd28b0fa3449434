import EditorProtocols
import Foundation
import TestThreads
import Testing

@Suite(.serialized, .ownThread) struct TargetTests {
  private static let calls = """
    Calls = (
        run = (
            1 to: 3 do: [ :i | self once: i ].
            'end' println
        )
        once: n = (
            | sum |
            sum := (self a: n) + (self b: n).
            ^sum
        )
        a: n = (
            self b: n.
            ^n
        )
        b: n = ( ^n * 2 )
    )
    """

  /// Stopped at the statement with two messages.
  private func stopped() async throws -> DebugFixture {
    let fixture = try DebugFixture(["Calls": Self.calls])
    try await fixture.launch("Calls", starts: false)
    let set = try await fixture.body(
      "setBreakpoints", ["source": ["path": .string(fixture.path("Calls"))], "breakpoints": [["line": 8]]])
    #expect(set["breakpoints"]?[0]?["line"] == 8)
    try await fixture.body("configurationDone")
    _ = try await fixture.event("stopped")
    return fixture
  }

  /// Into the second message of a statement, although the first one sends it, too.
  @Test func aStepIntoOneOfTheMessages() async throws {
    let fixture = try await stopped()
    let frame = try await fixture.topFrame()
    let targets = try await fixture.body("stepInTargets", ["frameId": frame["id"] ?? 0])["targets"]?.array ?? []
    // (Some class of the library implements + in SOM.)
    #expect(targets.compactMap { $0["label"]?.string } == ["a:", "b:", "+"] && targets[1]["line"] == 8)
    let mark = fixture.mark
    try await fixture.body("stepIn", ["threadId": 1, "targetId": targets[1]["id"] ?? 0])
    #expect(try await fixture.event("stopped", from: mark)["reason"] == "step")
    let stack = try await fixture.body("stackTrace", ["threadId": 1])["stackFrames"]
    #expect(stack?[0]?["name"] == "Calls>>b:" && stack?[1]?["name"] == "Calls>>once:")
    // Its breakpoint counted once: the next call is not stopped at.
    try await fixture.body("setBreakpoints", ["source": ["path": .string(fixture.path("Calls"))], "breakpoints": []])
    try await fixture.body("continue", ["threadId": 1])
    #expect(try await fixture.event("exited")["exitCode"] == 0)
    #expect(try await fixture.ask("stepIn", ["threadId": 1, "targetId": 77])["success"] == false)
    try await fixture.end()
  }

  @Test func anActivationGoesToItsBeginning() async throws {
    let fixture = try await stopped()
    let source: JSON = ["path": .string(fixture.path("Calls"))]
    _ = try await fixture.topFrame()
    let targets = try await fixture.body("gotoTargets", ["source": source, "line": 6])["targets"]?.array ?? []
    #expect(targets.count == 1 && targets[0]["line"] == 6)
    for line in [1, 9, 99] {
      let none = try await fixture.body("gotoTargets", ["source": source, "line": .integer(line)])
      #expect(none["targets"]?.array?.isEmpty == true, "\(line)")
    }
    let mark = fixture.mark
    try await fixture.body("goto", ["threadId": 1, "targetId": targets[0]["id"] ?? 0])
    #expect(try await fixture.event("stopped", from: mark)["reason"] == "goto")
    #expect(try await fixture.topFrame()["line"] == 8)
    #expect(try await fixture.ask("goto", ["threadId": 1, "targetId": 77])["success"] == false)
    try await fixture.end()
  }

  @Test func placesForBreakpoints() async throws {
    let fixture = try await stopped()
    let source: JSON = ["path": .string(fixture.path("Calls"))]
    func places(_ more: [String: JSON]) async throws -> [String] {
      let found = try await fixture.body("breakpointLocations", .object(more.merging(["source": source]) { $1 }))
      return (found["breakpoints"]?.array ?? []).map {
        "\($0["line"]?.integer ?? 0):\($0["column"]?.integer ?? 0)"
      }
    }
    #expect(try await places(["line": 3]) == ["3:9", "3:28"])
    #expect(try await places(["line": 3, "column": 10]) == ["3:28"])
    #expect(try await places(["line": 6, "endLine": 9]) == ["8:9", "9:9"])
    #expect(try await places(["line": 99]) == [])
    #expect(
      try await fixture.ask("breakpointLocations", ["source": ["path": "/nowhere"], "line": 1])["success"] == false)
    try await fixture.end()
  }

  /// Lines and columns from 0, and paths as URIs.
  @Test func theClientsWayOfCounting() async throws {
    let fixture = try DebugFixture(["Calls": Self.calls])
    try await fixture.initialize(["linesStartAt1": false, "columnsStartAt1": false, "pathFormat": "uri"])
    try await fixture.body("launch", ["program": .string(fixture.path("Calls"))])
    _ = try await fixture.event("initialized")
    let uri = URL(fileURLWithPath: fixture.path("Calls")).absoluteString
    let set = try await fixture.body(
      "setBreakpoints", ["source": ["path": .string(uri)], "breakpoints": [["line": 7]]])
    #expect(set["breakpoints"]?[0]?["line"] == 7 && set["breakpoints"]?[0]?["source"]?["path"]?.string == uri)
    let places = try await fixture.body("breakpointLocations", ["source": ["path": .string(uri)], "line": 2])
    #expect(places["breakpoints"]?[1] == ["line": 2, "column": 27])
    try await fixture.body("configurationDone")
    _ = try await fixture.event("stopped")
    let frame = try await fixture.topFrame()
    #expect(frame["line"] == 7 && frame["column"] == 8 && frame["source"]?["path"]?.string == uri)
    let completions = try await fixture.body(
      "completions", ["frameId": frame["id"] ?? 0, "text": "su", "line": 0, "column": 2])
    #expect(completions["targets"]?[0]?["label"] == "sum" && completions["targets"]?[0]?["start"] == 0)
    try await fixture.end()
    let other = try DebugFixture()
    #expect(try await other.ask("initialize", ["adapterID": "ovid", "pathFormat": "runes"])["success"] == false)
    try await other.end()
  }

  @Test func withoutDebuggingNothingStops() async throws {
    let text = "Plain = ( run = ( self at: 1. self zork. 'end' println ) at: n = ( ^n ) )"
    let fixture = try DebugFixture(["Plain": text])
    try await fixture.launch("Plain", ["noDebug": true, "stopOnEntry": true], starts: false)
    let set = try await fixture.body(
      "setBreakpoints", ["source": ["path": .string(fixture.path("Plain"))], "breakpoints": [["line": 1]]])
    #expect(set["breakpoints"]?[0]?["verified"] == false)
    try await fixture.body("configurationDone")
    #expect(try await fixture.event("exited")["exitCode"] == 1)
    #expect(!fixture.mailbox.messages.contains { $0["event"] == "stopped" })
    try await fixture.end()
  }

  /// An evaluation that takes long tells so, and can be cancelled by its progress.
  @Test func progressIsToldAndCancels() async throws {
    let fixture = try DebugFixture()
    try await fixture.initialize(["supportsProgressReporting": true])
    try await fixture.body("launch", ["program": .string(fixture.path("Counting"))])
    try await fixture.body("configurationDone")
    let long = fixture.begin("evaluate", ["expression": "[ true ] whileTrue: [ ]", "context": "repl"])
    let start = try await fixture.event("progressStart")
    #expect(start["title"] == "[ true ] whileTrue: [ ]" && start["cancellable"] == true)
    _ = try await fixture.event("progressUpdate")
    try await fixture.body("cancel", ["progressId": start["progressId"] ?? 0])
    #expect(try await fixture.answer(long)["message"] == "cancelled")
    #expect(try await fixture.event("progressEnd")["progressId"] == start["progressId"])
    try await fixture.end()
    // Who does not know progress is not told of it.
    #expect(try await DebugFixture().ask("cancel", [:])["success"] == false)
  }
}
