import EditorProtocols
import TestThreads
import Testing

@testable import AgentServer

@Suite(.serialized, .ownThread) struct AgentTests {
  /// What an agent does that is told of nothing but the tools.
  @Test func aFaultIsFoundAndRepairedUnderProbation() async throws {
    let fixture = try AgentFixture()
    defer { fixture.end() }
    try await fixture.initialize()
    let failed = try await fixture.use("wait", ["for": "error", "seconds": 60])
    #expect(failed["event"]?["stop"]?["reason"] == "unhandledError")
    let state = try await fixture.use("program_state")
    #expect(state["processes"]?[0]?["stop"]?["reason"] == "unhandledError")
    #expect(state["classes"]?.array?.contains { $0["name"] == "Shop" } == true)

    let stack = try await fixture.use("stack", ["process": 1])
    let place = try #require(stack["activations"]?.array?.first { $0["name"] == "Shop>>share:" })
    let frame = try await fixture.use("frame", ["activation": place["id"] ?? .null])
    #expect(frame["text"]?["text"] == "share: n = ( ^1000 / n )")
    #expect(frame["variables"]?.array?.first { $0["name"] == "n" }?["value"]?["text"] == "0")
    #expect(
      try await fixture.use("evaluate_in", ["activation": place["id"] ?? .null, "text": "n + 1"])["text"] == "1")
    #expect(try await fixture.use("senders", ["selector": "share:"])["places"]?.array?.isEmpty == false)

    // The fix, on probation; it is executed by the activation that had failed.
    let method = try await fixture.use("method", ["method": "Shop>>share:"])
    #expect(method["version"] == 1)
    let fix: JSON = [
      "kind": "method", "className": "Shop", "text": "share: n = ( n = 0 ifTrue: [ ^0 ]. ^1000 / n )", "basedOn": 1,
    ]
    let dry = try await fixture.use("accept", ["changes": [fix], "dryRun": true])
    #expect(dry["dryRun"] != nil)
    #expect(try await fixture.use("method", ["method": "Shop>>share:"])["version"] == 1)
    let receipt = try await fixture.use("accept", ["changes": [fix], "probation": 30])["receipt"]
    let number = try #require(receipt?["id"])
    #expect(try await fixture.call("accept", ["changes": [fix]])["isError"] == true)
    _ = try await fixture.use("restart", ["activation": place["id"] ?? .null])
    let proof = try await fixture.use("wait", ["for": "first_execution", "receipt": number, "seconds": 60])
    #expect(proof["event"]?["kind"] == "effect" && proof["event"]?["method"]?["selector"] == "share:")
    #expect(try await fixture.use("processes")["processes"]?[0]?["stop"] == nil)
    #expect(
      try await fixture.use("wait", ["for": "taken_back", "receipt": number, "seconds": 0.2])["timedOut"] == true)

    // A wrong one takes itself back.
    let wrong: JSON = ["kind": "method", "className": "Shop", "text": "share: n = ( ^n zork )", "basedOn": 2]
    let second = try await fixture.use("accept", ["changes": [wrong], "probation": 30])["receipt"]?["id"] ?? .null
    let taken = try await fixture.use("wait", ["for": "taken_back", "receipt": second, "seconds": 60])
    #expect(taken["event"]?["error"]?.string?.contains("zork") == true)
    #expect(try await fixture.use("method", ["method": "Shop>>share:"])["text"]?.string?.contains("ifTrue:") == true)
    #expect(
      try await fixture.use("method", ["method": "Shop>>share:", "version": "v1"])["text"] == "share: n = ( ^1000 / n )"
    )
    #expect(try await fixture.use("explain", ["method": "Shop>>share:"])["tier"] != nil)
    #expect(try await fixture.use("history")["entries"]?.array?.isEmpty == false)
  }

  @Test func testsOfTheProgramAreRun() async throws {
    let fixture = try AgentFixture()
    defer { fixture.end() }
    try await fixture.initialize()
    let answer = try await fixture.ask(
      "tools/call",
      ["name": "run_tests", "arguments": ["classes": ["ShopTest"]], "_meta": ["progressToken": "p"]])
    let result = answer["result"]?["structuredContent"] ?? .null
    #expect(result["run"] == 3 && result["passed"] == 1 && result["allPassed"] == false)
    let outcomes = (result["results"]?.array ?? []).map { "\($0["test"]?.string ?? "") \($0["outcome"]?.string ?? "")" }
    #expect(outcomes == ["ShopTest>>testFour passed", "ShopTest>>testZero error", "ShopTest>>testLast failed"])
    #expect(fixture.answers.messages.contains { $0["method"] == "notifications/progress" })
    #expect(try await fixture.call("run_tests", ["classes": ["Nothing at all"]])["isError"] == true)
  }

  @Test func resources() async throws {
    let fixture = try AgentFixture()
    defer { fixture.end() }
    try await fixture.initialize()
    _ = try await fixture.use(
      "accept", ["changes": [["kind": "method", "className": "Shop", "text": "twice = ( ^2 )"]]])
    let list = try await fixture.ask("resources/list")["result"]?["resources"]?.array ?? []
    #expect(list.contains { $0["uri"] == "ovid://receipt/1" })
    for resource in list {
      let read = try await fixture.ask("resources/read", ["uri": resource["uri"] ?? .null])["result"]
      #expect(read?["contents"]?[0]?["text"]?.string?.isEmpty == false)
    }
    let method = try await fixture.ask("resources/read", ["uri": "ovid://method/Shop%3E%3Etwice"])["result"]
    #expect(method?["contents"]?[0]?["text"] == "twice = ( ^2 )")
    for uri in ["", "ovid://", "ovid://class/", "ovid://class/Nothing", "ovid://receipt/x", "file:///etc/passwd"] {
      #expect(try await fixture.ask("resources/read", ["uri": .string(uri)])["error"]?["code"] == -32002, "\(uri)")
    }
    #expect(try await fixture.ask("resources/templates/list")["result"]?["resourceTemplates"]?.array?.count == 3)
  }

  @Test func whatIsWrongIsAnsweredWithAnError() async throws {
    let fixture = try AgentFixture()
    defer { fixture.end() }
    #expect(try await fixture.ask("tools/list")["error"] != nil)
    try await fixture.initialize()
    #expect(try await fixture.ask("initialize")["error"] != nil)
    #expect(try await fixture.ask("ping")["result"] == [:])
    for method in ["nonsense", "", "tools", "resources/subscribe"] {
      #expect(try await fixture.ask(method)["error"]?["code"] == -32601, "\(method)")
    }
    for parameters in [nil, [:], ["name": 3], ["name": "nonsense"], [1]] as [JSON?] {
      #expect(try await fixture.ask("tools/call", parameters)["error"]?["code"] == -32602)
    }
    let listed = try await fixture.ask("tools/list")["result"]?["tools"]?.array ?? []
    #expect(listed.count == Tool.all.count && Tool.named.count == Tool.all.count)
    for tool in Tool.all where tool.effect != .destroys {
      #expect(try await fixture.call(tool.name, ["nonsense": 1])["isError"] == true, "\(tool.name)")
      #expect(try await fixture.call(tool.name, [1])["isError"] == true, "\(tool.name)")
      #expect(try await fixture.call(tool.name, "text")["isError"] == true, "\(tool.name)")
      // Of the right form, and of nothing that is there.
      for text in ["", "Nothing", "Nothing>>at:all", "'"] {
        let properties = tool.schema["properties"]?.object ?? [:]
        let arguments = properties.mapValues { schema -> JSON in
          switch schema["type"]?.string {
          case "string": schema["enum"]?[0] ?? .string(text)
          case "integer": 9999
          case "number": 0.1
          case "boolean": true
          case "array": []
          default: ["process": 9999, "stop": 9999, "index": 9999]
          }
        }
        _ = try await fixture.call(tool.name, .object(arguments))
      }
      let required = tool.schema["required"]?.array ?? []
      if !required.isEmpty { #expect(try await fixture.call(tool.name)["isError"] == true, "\(tool.name)") }
    }
  }

  @Test func whatTakesLongIsCancelled() async throws {
    let fixture = try AgentFixture()
    defer { fixture.end() }
    try await fixture.initialize()
    let endless = fixture.begin(
      "tools/call",
      [
        "name": "evaluate", "arguments": ["text": "[ true ] whileTrue: [ ]", "seconds": 500],
        "_meta": ["progressToken": 7],
      ])
    let waiting = fixture.begin("tools/call", ["name": "wait", "arguments": ["for": "end", "seconds": 500]])
    #expect(try await fixture.use("evaluate", ["text": "6 * 7"])["text"] == "42")
    for id in [endless, waiting] { fixture.notify("notifications/cancelled", ["requestId": .integer(id)]) }
    // They end, and nobody wants an answer any more.
    for _ in 0..<1000 {
      let processes = try await fixture.use("processes")["processes"]?.array ?? []
      if processes.count == 1 { break }
      try await Task.sleep(for: .milliseconds(10))
    }
    #expect(try await fixture.use("processes")["processes"]?.array?.count == 1)
    #expect(!fixture.answers.messages.contains { [endless, waiting].contains($0["id"]?.integer) })
    fixture.notify("notifications/cancelled", ["requestId": 9999])
    fixture.notify("notifications/cancelled")
    fixture.notify("nonsense", [1, 2])
    #expect(try await fixture.use("evaluate", ["text": "3 + 4"])["text"] == "7")
  }
}
