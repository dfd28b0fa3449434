// Processes, their stacks, breakpoints.

import EditorProtocols
import LiveSession

extension Tool {
  private static let place: [String: JSON] = [
    "method": method,
    "line": Schema.integer("Line of the method's own text, from 1; without it, where the method begins"),
    "signal": Schema.text("Instead of a method: a class of exceptions, wherever one is signalled"),
    "condition": Schema.text("Statements: it stops only if they answer true"),
    "hitCount": Schema.integer("It stops from this time on"),
    "logMessage": Schema.text("It does not stop but tells this as an event; what stands in braces is evaluated"),
    "isEnabled": Schema.flag("Whether it counts"),
  ]

  static let debugTools: [Tool] = [
    Tool(
      "processes", .reads, request: "processes", "The processes, what each does, and why those that stand still do."),
    Tool(
      "stack", .reads, request: "stack",
      "The activations of a process that stands still, the innermost first: method, the version it runs and the installed one, place, receiver.",
      [
        "process": process, "from": Schema.integer("The first one, from 0"),
        "count": Schema.integer("At most so many: 100"),
      ],
      required: ["process"]),
    Tool(
      "frame", .reads, request: "activation",
      "An activation: the text that it runs, its variables and the fields of self with their values.",
      ["activation": activation], required: ["activation"]),
    Tool(
      "evaluate_in", .changes,
      "Evaluates statements in an activation, with its self and variables, which may be assigned.",
      ["activation": activation, "text": Schema.text("Statements of SOM"), "seconds": seconds],
      required: ["activation", "text"]
    ) { context, arguments in
      var parameters = arguments.object ?? [:]
      parameters["mode"] = "print"
      parameters["seconds"] = parameters["seconds"] ?? 10
      return try await context.ask("evaluateIn", .object(parameters))
    },
    Tool(
      "set_variable", .changes, request: "setVariable",
      "Gives a variable of an activation, or a field of its self, the value of an expression.",
      ["activation": activation, "name": Schema.text("Of the variable"), "text": Schema.text("An expression")],
      required: ["activation", "name", "text"]),
    Tool(
      "pause", .changes, request: "pause",
      "Stops a process at its next safepoint; without a number, the one that runs.",
      ["process": process]),
    Tool(
      "resume", .changes, request: "resume",
      "A process that stands still goes on. One that stands at an error ends, unless the error is given a value to answer.",
      ["process": process, "text": Schema.text("An expression: what the message that has failed answers")],
      required: ["process"]),
    Tool(
      "step", .changes, request: "step", "A process that stands still goes on to another statement, and stops there.",
      [
        "process": process, "kind": Schema.choice(["into", "over", "out", "toLine"], "How far"),
        "line": Schema.integer("For toLine: a line of the text that the activation runs"),
      ], required: ["process", "kind"]),
    Tool(
      "restart", .changes, request: "restart",
      "An activation begins again with the same receiver and arguments, in the installed version of its method: so a repaired method does what has failed.",
      [
        "activation": activation,
        "version": Schema.choice(["installed", "own"], "own: in the version that it runs"),
      ], required: ["activation"]),
    Tool(
      "return", .changes, request: "return", "An activation ends, and answers a value.",
      ["activation": activation, "text": Schema.text("An expression")], required: ["activation", "text"]),
    Tool(
      "leave", .changes, request: "leave", "Ends the innermost evaluation that has stopped a process.",
      ["process": process], required: ["process"]),
    Tool(
      "terminate", .destroys, request: "terminate", "Ends a process; of the main one, the program.",
      ["process": process], required: ["process"]),
    Tool("breakpoints", .reads, request: "breakpoints", "All breakpoints."),
    Tool(
      "add_breakpoint", .changes, request: "addBreakpoint",
      "The program stops at a method, a line of it, or where an exception is signalled.", place),
    Tool(
      "change_breakpoint", .changes, request: "changeBreakpoint", "Changes a breakpoint.",
      place.merging(["id": Schema.integer("Its number")]) { $1 }, required: ["id"]),
    Tool(
      "remove_breakpoint", .changes, request: "removeBreakpoint", "Takes a breakpoint away.",
      ["id": Schema.integer("Its number")], required: ["id"]),
  ]
}
