// Evaluating, waiting, tests.

import EditorProtocols
import LiveSession

extension Tool {
  private static let waits = ["first_execution", "settled", "taken_back", "error", "stop", "output", "end"]

  static let runTools: [Tool] = [
    Tool(
      "evaluate", .changes,
      "Evaluates statements in the running program, beside it: 3 + 4, Account new deposit: 5, Flow current total. Answers the printString. An error stops that evaluation as a process of its own.",
      ["text": Schema.text("Statements of SOM"), "seconds": seconds], required: ["text"]
    ) { context, arguments in
      var parameters = arguments.object ?? [:]
      parameters["mode"] = "print"
      parameters["workspace"] = "agent"
      parameters["seconds"] = parameters["seconds"] ?? 10
      return try await context.ask("evaluate", .object(parameters))
    },
    Tool(
      "inspect", .reads, request: "inspect", "The fields and elements of a value.",
      [
        "value": value, "from": Schema.integer("The first part, from 0"),
        "count": Schema.integer("So many parts: 100; 1000 at most"),
      ], required: ["value"]),
    Tool(
      "wait", .reads,
      "Waits for something to happen and answers the event, or timedOut. first_execution, settled, taken_back: of the accept whose receipt is named, also if it has happened already: first_execution is the proof that its code ran. error: a process stands still at an error that nobody handles, or comes to. stop: a process stands still for any reason. output: the program prints (something with text). end: it ends.",
      [
        "for": Schema.choice(waits, "What is waited for"), "receipt": Schema.integer("Number of an accept"),
        "text": Schema.text("For output: what it has to contain"),
        "after": Schema.integer(
          "Only events behind this number: lastEvent of program_state. If nothing is said: from now on"),
        "seconds": Schema.number("How long: 10 if nothing is said, 600 at most"),
      ], required: ["for"], run: wait),
    Tool(
      "run_tests", .changes,
      "Runs the tests of test classes (subclasses of TestCase) in the running program, with its code as it is now. A class that is on the class path is loaded.",
      [
        "classes": Schema.list(of: Schema.text("Name of a class"), "The classes"),
        "seconds": Schema.number("For each test: 10 if nothing is said"),
      ], required: ["classes"], run: runTests),
    Tool(
      "restart_program", .destroys, request: "restartProgram",
      "The program ends, if it runs, and begins again. Accepted code stays, its objects are gone.",
      ["arguments": Schema.list(of: Schema.text("A text"), "Its arguments")]),
    Tool("quit_program", .destroys, request: "quitProgram", "The program ends; the session goes on."),
  ]

  // MARK: Waiting

  private static let wait: @Sendable (ToolContext, JSON) async throws -> JSON = { context, arguments in
    let wanted = arguments["for"]?.string ?? "", receipt = arguments["receipt"]?.integer
    let text = arguments["text"]?.string ?? ""
    let seconds = min(max(0, arguments["seconds"]?.double ?? 10), 600)
    var after = arguments["after"]?.integer ?? context.board.last
    let isWanted: @Sendable (JSON) -> Bool
    func ofReceipt(_ kind: String) throws -> @Sendable (JSON) -> Bool {
      guard let receipt else { throw ToolError("arguments.receipt is missing: the number of which accept?") }
      // It may have happened before anybody asked.
      after = arguments["after"]?.integer ?? 0
      return { $0["kind"]?.string == kind && $0["receipt"]?.integer == receipt }
    }
    switch wanted {
    case "first_execution": isWanted = try ofReceipt("effect")
    case "settled": isWanted = try ofReceipt("settled")
    case "taken_back": isWanted = try ofReceipt("takenBack")
    case "error", "stop":
      let isError = wanted == "error"
      let reasons: Set<String> = ["unhandledError", "error"]
      let processes = try await context.ask("processes")["processes"]?.array ?? []
      let stop = processes.compactMap { $0["stop"] }.first { !isError || reasons.contains($0["reason"]?.string ?? "") }
      if let stop { return ["event": ["kind": "stopped", "stop": stop], "isAlreadySo": true] }
      isWanted = { event in
        event["kind"]?.string == "stopped" && (!isError || reasons.contains(event["stop"]?["reason"]?.string ?? ""))
      }
    case "output":
      isWanted = { $0["kind"]?.string == "output" && (text.isEmpty || $0["text"]?.string?.contains(text) == true) }
    default:
      let program = try await context.ask("snapshot")["program"] ?? .null
      if program["state"]?.string == "ended" {
        return ["event": ["kind": "program", "program": program], "isAlreadySo": true]
      }
      isWanted = { $0["kind"]?.string == "program" && $0["program"]?["state"]?.string == "ended" }
    }
    guard let event = try await context.board.wait(seconds: seconds, after: after, isWanted) else {
      return ["timedOut": true, "lastEvent": .integer(context.board.last)]
    }
    return ["event": event]
  }

  // MARK: Tests

  /// A test on an instance of its own, as `ovid test` runs it; answers a symbol or a text.
  private static func running(_ selector: String, of name: String) -> String {
    """
    | test outcome |
    test := \(name) for: #\(selector).
    outcome := 'passed'.
    [ [ [ test setUp. test perform: #\(selector) ] ensure: [ test tearDown ] ]
        on: TestFailure do: [ :e | outcome := 'failed: ' + e description asString ] ]
        on: TestSkip do: [ :e | outcome := 'skipped: ' + e description asString ].
    outcome
    """
  }

  private static let runTests: @Sendable (ToolContext, JSON) async throws -> JSON = { context, arguments in
    var results: [JSON] = []
    let seconds = arguments["seconds"] ?? 10
    func evaluate(_ text: String) async throws -> JSON {
      try await context.ask("evaluate", ["text": .string(text), "seconds": seconds, "workspace": "tests"])
    }
    for name in arguments["classes"]?.array?.compactMap(\.string) ?? [] {
      guard name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }), name.first?.isUppercase == true else {
        throw ToolError("\(name.prefix(100)) is no name of a class.")
      }
      let found = try await evaluate("(\(name) tests collect: [ :each | each selector ]) asArray")
      guard let id = found["value"]?["id"] else { throw ToolError("\(name) does not answer tests.") }
      let children = try await context.ask("inspect", ["value": id, "count": 1000])["children"]?.array ?? []
      let selectors = children.compactMap { $0["value"]?["text"]?.string.map { String($0.drop { $0 == "#" }) } }
      for (i, selector) in selectors.enumerated() {
        context.tell(Double(i), Double(selectors.count), "\(name)>>\(selector)")
        results.append(
          .fields(["test": .string("\(name)>>\(selector)")].merging(try await outcome(selector, name)) { $1 }))
      }
      func outcome(_ selector: String, _ name: String) async throws -> [String: JSON?] {
        do {
          let answer = try await evaluate(running(selector, of: name))
          if answer["kind"]?.string == "stopped" {
            // What nobody handles is an error of the test; the process that stands there is not needed.
            _ = try? await context.ask("terminate", ["process": answer["stop"]?["process"] ?? .null])
            return ["outcome": "error", "message": answer["stop"]?["message"]]
          }
          let text = answer["text"]?.string?.trimmingQuotes ?? ""
          let parts = text.split(separator: ": ", maxSplits: 1).map(String.init)
          return ["outcome": .string(parts.first ?? ""), "message": parts.count > 1 ? .string(parts[1]) : nil]
        } catch let error as SessionRefusal where error.code == "tooSlow" {
          return ["outcome": "error", "message": .string(error.message)]
        }
      }
    }
    let passed = results.count { $0["outcome"]?.string == "passed" }
    return [
      "results": .array(results), "passed": .integer(passed), "run": .integer(results.count),
      "allPassed": .bool(passed == results.count && !results.isEmpty),
    ]
  }
}

extension String {
  /// Without the quotes of a string as SOM writes it.
  fileprivate var trimmingQuotes: String {
    hasPrefix("'") && hasSuffix("'") && count >= 2 ? String(dropFirst().dropLast()) : self
  }
}
