import DebugAdapter
import EditorProtocols
import Foundation
import LiveSession
import TestThreads
import Testing

@Suite(.serialized, .ownThread) struct ScenarioTests {
  /// A loop that is compiled is stopped, looked at, changed and let go again.
  @Test func aCompiledLoopIsStoppedAndRepaired() async throws {
    let fixture = try DebugFixture()
    try await fixture.launch()
    _ = try await fixture.event("ovid/installed") { $0["name"]?.string?.contains("Counting>>run") == true }

    let source: JSON = ["path": .string(fixture.path("Counting"))]
    let set = try await fixture.body("setBreakpoints", ["source": source, "breakpoints": [["line": 6]]])
    #expect(set["breakpoints"]?[0]?["verified"] == true && set["breakpoints"]?[0]?["line"] == 6)
    let stopped = try await fixture.event("stopped")
    #expect(stopped["reason"] == "breakpoint" && stopped["threadId"] == 1)
    #expect(stopped["hitBreakpointIds"]?[0] == set["breakpoints"]?[0]?["id"])
    #expect(try await fixture.body("threads")["threads"]?[0]?["name"]?.string?.contains("main") == true)

    let stack = try await fixture.body("stackTrace", ["threadId": 1, "startFrame": 0, "levels": 20])
    let frame = stack["stackFrames"]?[0] ?? .null
    #expect(frame["name"] == "Counting>>add:" && frame["line"] == 6 && frame["column"] == 9)
    #expect(frame["source"]?["path"]?.string == fixture.path("Counting") && frame["canRestart"] == true)
    #expect(stack["totalFrames"] == 2 && stack["stackFrames"]?[1]?["line"] == 15)

    let locals = try await fixture.variables(frame)
    let n = try #require(locals["n"]?["value"]?.string.flatMap { Int($0) })
    #expect(locals["twice"]?["value"]?.string == "\(2 * n)" && locals["twice"]?["type"] == "Integer")
    #expect(try await fixture.variables(frame, scope: 1)["count"]?["value"]?.string == "\(n)")

    // A step.
    var mark = fixture.mark
    try await fixture.body("next", ["threadId": 1])
    #expect(try await fixture.event("stopped", from: mark)["reason"] == "step")
    #expect(try await fixture.ask("scopes", ["frameId": frame["id"] ?? 0])["success"] == false)
    let next = try await fixture.topFrame()
    #expect(next["line"] == 7)

    // Evaluating and setting.
    let id = next["id"] ?? 0
    let sum = try await fixture.body("evaluate", ["expression": "twice + 1", "frameId": id, "context": "repl"])
    #expect(sum["result"]?.string == "\(2 * n + 1)")
    let scopes = try await fixture.body("scopes", ["frameId": id])["scopes"]
    let changed = try await fixture.body(
      "setVariable",
      ["variablesReference": scopes?[0]?["variablesReference"] ?? 0, "name": "twice", "value": "40 + 2"])
    #expect(changed["value"] == "42")
    #expect(
      try await fixture.body("evaluate", ["expression": "twice", "frameId": id, "context": "hover"])["result"] == "42")
    #expect(
      try await fixture.ask("evaluate", ["expression": "twice zork", "frameId": id, "context": "hover"])["success"]
        == false)

    // It begins again, and stops where it begins.
    mark = fixture.mark
    try await fixture.body("restartFrame", ["frameId": id])
    #expect(try await fixture.event("stopped", from: mark)["reason"] == "restart")
    let again = try await fixture.topFrame()
    #expect(again["line"] == 5)

    // Another version, longer by a line.
    mark = fixture.mark
    let text =
      "add: n = (\n        | twice |\n        twice := n.\n        total := total + twice.\n\n        ^twice\n    )"
    let accepted = try await fixture.body(
      "ovid/accept", ["changes": [["kind": "method", "className": "Counting", "text": .string(text), "basedOn": 1]]])
    #expect(accepted["receipt"]?["id"] == 1)
    _ = try await fixture.event("ovid/accepted", from: mark)
    #expect(try await fixture.event("invalidated", from: mark)["areas"] == ["stacks"])
    _ = try await fixture.event("ovid/written", from: mark)
    let two = try await fixture.body("stackTrace", ["threadId": 1])["stackFrames"]
    #expect(two?[0]?["name"] == "Counting>>add: (runs v1, v2 is installed)")
    // What has moved in the file is where it is now; an old version is a text of its own.
    #expect(two?[1]?["line"] == 16)
    let reference = try #require(two?[0]?["source"]?["sourceReference"])
    #expect(two?[0]?["line"] == 3)
    let old = try await fixture.body("source", ["sourceReference": reference])
    #expect(old["content"]?.string?.contains("twice := n + n.") == true)

    // It begins again in the new one.
    mark = fixture.mark
    try await fixture.body("restartFrame", ["frameId": two?[0]?["id"] ?? 0])
    #expect(try await fixture.event("stopped", from: mark)["reason"] == "restart")
    let new = try await fixture.topFrame()
    #expect(new["name"] == "Counting>>add:" && new["ovid"]?["version"] == 2)
    #expect(new["source"]?["path"]?.string == fixture.path("Counting"))

    // To the end.
    try await fixture.body("setBreakpoints", ["source": source, "breakpoints": []])
    let last = try await fixture.body("evaluate", ["expression": "limit := count", "frameId": new["id"] ?? 0])
    #expect(last["result"]?.string == "\(n)")
    try await fixture.body("continue", ["threadId": 1])
    _ = try await fixture.event("output") { $0["output"]?.string?.contains("done") == true }
    #expect(try await fixture.event("exited")["exitCode"] == 0)
    _ = try await fixture.event("terminated")
    // What it has printed comes before its end.
    let names = fixture.mailbox.messages.compactMap { $0["event"]?.string }
    #expect(try #require(names.lastIndex(of: "output")) < #require(names.firstIndex(of: "exited")))
    try await fixture.end()
  }

  @Test func breakpointsOfAllKinds() async throws {
    let text = """
      Kinds = (
          run = (
              1 to: 5 do: [ :i | self step: i ].
              [ self fail ] on: Error do: [ :e | e return: nil ].
              self late.
              self zork.
              'end' println
          )
          step: i = (
              ^i * i
          )
          fail = ( Error signal: 'on purpose' )
          late = ( ^#(1 2 3) )
      )
      """
    let fixture = try DebugFixture(["Kinds": text])
    try await fixture.launch("Kinds", ["stopOnEntry": true], starts: false)
    let source: JSON = ["path": .string(fixture.path("Kinds"))]
    let set = try await fixture.body(
      "setBreakpoints",
      [
        "source": source,
        "breakpoints": [
          ["line": 10, "condition": "i = 3"], ["line": 9, "logMessage": "at {i}"],
          ["line": 10, "hitCondition": "> 4"], ["line": 10, "hitCondition": "% 2"], ["line": 99],
        ],
      ])
    #expect(set["breakpoints"]?.array?.map { $0["verified"]?.bool } == [true, true, true, false, false])
    let functions = try await fixture.body(
      "setFunctionBreakpoints", ["breakpoints": [["name": "Kinds>>late"], ["name": "nothing"], ["name": "No>>such"]]])
    #expect(functions["breakpoints"]?.array?.map { $0["verified"]?.bool } == [true, false, false])
    try await fixture.body("setExceptionBreakpoints", ["filters": ["unhandled", "error"]])
    #expect(try await fixture.ask("setExceptionBreakpoints", ["filters": ["other"]])["success"] == false)

    func goOn(_ reason: String) async throws {
      let mark = fixture.mark
      try await fixture.body("continue", ["threadId": 1])
      let stop = try await fixture.event("stopped", from: mark)
      #expect(stop["reason"]?.string == reason, "\(stop)")
    }
    try await fixture.body("configurationDone")
    #expect(try await fixture.event("stopped")["reason"] == "entry")
    #expect(try await fixture.ask("exceptionInfo", ["threadId": 1])["success"] == false)
    try await goOn("breakpoint")
    #expect(try await fixture.variables(fixture.topFrame())["i"]?["value"] == "3")
    _ = try await fixture.event("output") { $0["output"] == "at 3\n" }
    try await goOn("breakpoint")
    #expect(try await fixture.variables(fixture.topFrame())["i"]?["value"] == "5")
    try await goOn("exception")
    let handled = try await fixture.body("exceptionInfo", ["threadId": 1])
    #expect(handled["breakMode"] == "always" && handled["exceptionId"] == "Error")
    try await goOn("function breakpoint")
    // What is not there is a message that is not understood.
    try await goOn("exception")
    let info = try await fixture.body("exceptionInfo", ["threadId": 1])
    #expect(info["details"]?["stackTrace"]?.string?.contains("Kinds>>run") == true)
    try await fixture.end()
  }

  @Test func aCollectionIsShownInPieces() async throws {
    let text = """
      Pieces = (
          run = (
              | all |
              all := Array new: 5000.
              1 to: 5000 do: [ :i | all at: i put: i ].
              self halt.
              (all at: 4321) println
          )
      )
      """
    let fixture = try DebugFixture(["Pieces": text])
    try await fixture.launch("Pieces")
    _ = try await fixture.event("stopped")
    let all = try #require(try await fixture.variables(fixture.topFrame())["all"])
    #expect(all["indexedVariables"] == 5000)
    let reference = all["variablesReference"] ?? 0
    let part = try await fixture.body(
      "variables", ["variablesReference": reference, "filter": "indexed", "start": 4320, "count": 10])
    #expect(part["variables"]?.array?.count == 10)
    #expect(part["variables"]?[0]?["name"] == "4321" && part["variables"]?[0]?["value"] == "4321")
    #expect(
      try await fixture.body("setVariable", ["variablesReference": reference, "name": "4321", "value": "7 * 6"])[
        "value"]
        == "42")
    try await fixture.body("continue", ["threadId": 1])
    _ = try await fixture.event("output") { $0["output"] == "42\n" }
    _ = try await fixture.event("terminated")
    try await fixture.end()
  }

  @Test func pausesEvaluationsAndCancel() async throws {
    let fixture = try DebugFixture()
    try await fixture.launch()
    let refused = try await fixture.ask("stackTrace", ["threadId": 1])
    #expect(refused["message"] == "notStopped")
    // Beside the program, which runs.
    #expect(try await fixture.body("evaluate", ["expression": "3 + 4", "context": "repl"])["result"] == "7")
    let endless = fixture.begin("evaluate", ["expression": "[ true ] whileTrue: [ ]", "context": "repl"])
    #expect(try await fixture.body("evaluate", ["expression": "6 * 7", "context": "repl"])["result"] == "42")
    try await fixture.body("cancel", ["requestId": .integer(endless)])
    #expect(try await fixture.answer(endless)["message"] == "cancelled")
    try await fixture.body("pause", ["threadId": 1])
    #expect(try await fixture.event("stopped")["reason"] == "pause")
    let frame = try await fixture.topFrame()
    let targets = try await fixture.body(
      "completions", ["frameId": frame["id"] ?? 0, "text": "self ad", "column": 8])["targets"]
    #expect(targets?.array?.contains { $0["label"] == "add:" && $0["start"] == 6 } == true)
    #expect(try await fixture.body("loadedSources")["sources"]?[0]?["path"]?.string == fixture.path("Counting"))
    // It begins again; the end of the first run is none of the session.
    let mark = fixture.mark
    try await fixture.body("restart")
    try await fixture.body("pause", ["threadId": 1])
    _ = try await fixture.event("stopped", from: mark)
    #expect(!fixture.mailbox.messages.contains { $0["event"] == "terminated" })
    try await fixture.body("terminate")
    _ = try await fixture.event("terminated")
    try await fixture.end()
    #expect(fixture.mailbox.messages.last?["command"] == "disconnect")
  }

  /// Whoever ends a program that is about to begin again, or has just begun, hears of one end.
  @Test func whatBeginsAgainCanBeEnded() async throws {
    for restarts in [1, 1, 1, 2, 2, 2] {
      let fixture = try DebugFixture()
      try await fixture.launch()
      for _ in 0..<restarts { try await fixture.body("restart") }
      try await fixture.body("terminate")
      _ = try await fixture.event("terminated")
      try await fixture.end()
      #expect(fixture.mailbox.messages.filter { $0["event"] == "terminated" }.count == 1)
    }
  }

  /// A session that others have begun goes on when the client leaves.
  @Test func attaching() async throws {
    let files = try DebugFixture()
    let (vm, session) = try DebugFixture.load(LaunchArguments(program: files.path("Counting")))
    defer {
      vm.quit()
      session.end()
    }
    session.start()
    let other = SessionClient(LocalLink(session)) { _ in }
    _ = try await other.hello(as: "other")
    let fixture = try DebugFixture([:], attaching: session)
    try await fixture.initialize()
    try await fixture.body("attach", ["address": "here"])
    _ = try await fixture.event("initialized")
    try await fixture.body("setFunctionBreakpoints", ["breakpoints": [["name": "Counting>>add:"]]])
    try await fixture.body("configurationDone")
    #expect(try await fixture.event("stopped")["reason"] == "function breakpoint")
    try await fixture.body("disconnect")
    #expect(try await other.ask("breakpoints")["breakpoints"] == [])
    let main = try await other.ask("processes")["processes"]?[0]
    #expect(main?["id"] == 1 && main?["stop"] == nil)
    other.close()
    try await files.end()
    try await fixture.end()
  }
}
