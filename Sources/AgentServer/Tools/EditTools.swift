// Changing code.

import EditorProtocols
import LiveSession

extension Tool {
  private static let change = Schema.object(
    [
      "kind": Schema.choice(
        [
          "method", "removeMethod", "class", "removeClass", "renameClass", "addField", "removeField",
        ], "What kind of change"),
      "className": Schema.text("The class; for kind class it is in the text"),
      "isClassSide": Schema.flag("A method or field of the class itself, and not of its instances"),
      "method": Schema.text("For removeMethod: Class>>selector"),
      "text": Schema.text("For method: the whole text, as: twice = ( ^self + self ). For class: the whole class"),
      "name": Schema.text("Of a field"), "newName": Schema.text("Of a class"),
      "file": Schema.text("For class: where it is written"),
      "basedOn": Schema.integer(
        "The version that you have read, from method; 0: there was none. If it is another one by now, the change is refused as stale"
      ),
      "basedOnText": Schema.text("For class: the text that you have read"),
    ], required: ["kind"])

  static let editTools: [Tool] = [
    Tool(
      "check", .reads, request: "check",
      "What is wrong with the text of a method (with className) or of a class, before it is accepted.",
      [
        "className": Schema.text("The class of the method"), "isClassSide": Schema.flag("A method of the class itself"),
        "text": Schema.text("The whole text"),
      ], required: ["text"]),
    Tool(
      "accept", .changes,
      "Changes the running program, all changes or none, at its next safepoint, and writes the class files. Answers a receipt: what was invalidated, which versions are there now. That it was accepted does not say that it was executed: wait for first_execution of the receipt.",
      [
        "changes": Schema.list(of: change, "What is to change"),
        "policy": Schema.choice(
          ["next", "restart", "migrate"],
          "What becomes of activations that run an old version. next: they finish with it (if nothing is said); restart: they begin again with the new one; migrate: they go on in the new one at the next head of their loop"
        ),
        "probation": Schema.number(
          "So many seconds: if the new code raises an error that nobody handles in that time, the accept is taken back by itself"
        ),
        "dryRun": Schema.flag("Only tell what would happen; nothing changes"),
        "force": Schema.flag("Also if it is stale"),
      ], required: ["changes"]
    ) { context, arguments in
      var fields = arguments.object ?? [:]
      let isDryRun = fields.removeValue(forKey: "dryRun")?.bool == true
      return try await context.ask(isDryRun ? "dryRun" : "accept", .object(fields))
    },
    Tool(
      "undo", .changes, request: "undo",
      "Takes an accept back (the last one, if none is named), or only what it did to one method.",
      ["entry": Schema.integer("Number of the accept"), "method": method]),
    Tool(
      "redo", .changes, request: "redo", "Does again what was taken back.",
      ["entry": Schema.integer("Number of the accept"), "method": method]),
    Tool(
      "revert", .changes, request: "revert", "Brings a version of a method back.",
      ["method": method, "version": version], required: ["method", "version"]),
  ]
}
