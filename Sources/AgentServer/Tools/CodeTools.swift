// Looking at the program and its code.

import EditorProtocols
import LiveSession

extension Tool {
  static let codeTools: [Tool] = [
    Tool(
      "program_state", .reads,
      "Where the program stands: does it run, what it printed last, its processes (those that stand still, and why), its own classes, breakpoints, speed. Begin here.",
      ["outputCharacters": Schema.integer("So much of the end of its output: 4000 if nothing is said")]
    ) { context, arguments in
      let snapshot = try await context.ask("snapshot")
      let limit = max(0, arguments["outputCharacters"]?.integer ?? 4000)
      return .fields([
        "program": snapshot["program"], "processes": snapshot["processes"], "breakpoints": snapshot["breakpoints"],
        "rates": snapshot["statistics"], "lastAccept": snapshot["lastAccept"],
        "classes": .array((snapshot["classes"]?.array ?? []).filter { $0["isLibrary"]?.bool == false }),
        "output": .string(String((snapshot["output"]?["text"]?.string ?? "").suffix(limit))),
        "lastEvent": .integer(context.board.last),
      ])
    },
    Tool(
      "classes", .reads, "The classes that are loaded, with their superclasses.",
      ["withLibrary": Schema.flag("Those of the bundled library, too")]
    ) { context, arguments in
      let all = try await context.ask("classes")["classes"]?.array ?? []
      let withLibrary = arguments["withLibrary"]?.bool == true
      return ["classes": .array(all.filter { withLibrary || $0["isLibrary"]?.bool == false })]
    },
    Tool(
      "class", .reads, request: "class",
      "A class: superclass, fields, comment, and its methods with their versions.",
      ["name": Schema.text("Name of a class")], required: ["name"]),
    Tool(
      "method", .reads,
      "The text of a method and the number of its version: of the current one, or of an older one. accept wants that number as basedOn.",
      ["method": method, "version": version], required: ["method"]
    ) { context, arguments in
      guard let wanted = arguments["version"] else { return try await context.ask("method", arguments) }
      // A version compared with itself is its text.
      let found = try await context.ask(
        "difference", ["method": arguments["method"] ?? .null, "old": wanted, "new": wanted])
      let lines = (found["difference"]?["lines"]?.array ?? []).compactMap { $0["text"]?.string }
      return [
        "method": arguments["method"] ?? .null, "version": wanted, "text": .string(lines.joined(separator: "\n")),
      ]
    },
    Tool(
      "versions", .reads, request: "versions", "All versions of a method, oldest first: who made them, when.",
      ["method": method], required: ["method"]),
    Tool(
      "difference", .reads, request: "difference", "Two versions of a method, compared line by line.",
      ["method": method, "old": version, "new": version], required: ["method", "old", "new"]),
    Tool(
      "senders", .reads, request: "senders", "The places where a message is sent.",
      ["selector": Schema.text("A selector: at:put:"), "limit": Schema.integer("Places at most")],
      required: ["selector"]),
    Tool(
      "implementors", .reads, request: "implementors", "The methods that implement a selector.",
      ["selector": Schema.text("A selector: at:put:")], required: ["selector"]),
    Tool(
      "references", .reads, request: "references", "The places that name a class or a global.",
      ["name": Schema.text("Name of a class or global")], required: ["name"]),
    Tool(
      "search", .reads, request: "search", "Classes, selectors and lines of code that contain a text.",
      ["text": Schema.text("What is looked for"), "limit": Schema.integer("Places at most")], required: ["text"]),
    Tool(
      "explain", .reads, request: "lens",
      "How a method runs: interpreted or compiled, what is inlined in it and where it is inlined, where compiled code was left (deoptimized) and why, line by line.",
      ["method": method], required: ["method"]),
    Tool(
      "old_activations", .reads, request: "oldActivations",
      "Who still runs a version of a method that is not the current one.",
      ["limit": Schema.integer("Activations at most")]),
    Tool(
      "history", .reads, request: "history", "The accepts of the session, oldest first, with author and changes.",
      ["before": Schema.integer("Only those before this number"), "limit": Schema.integer("At most so many: 100")]),
    Tool(
      "receipt", .reads, request: "entry", "An accept: its changes with texts before and after, and its receipt.",
      ["entry": Schema.integer("Its number")], required: ["entry"]),
  ]
}
