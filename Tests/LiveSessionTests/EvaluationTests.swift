import Foundation
import Ovid
import TestThreads
import Testing

@testable import LiveSession

/// Each while the program loops for ever.
@Suite(.serialized, .ownThread) struct EvaluationTests {
  @Test func valuesOfAllKinds() async throws {
    let fixture = try LiveFixture()
    defer { fixture.end() }
    let listener = try await fixture.client()
    let seven = try await listener.ask("evaluate", #"{"text": "3 + 4", "mode": "print"}"#)
    #expect(seven.text("result.kind") == "value" && seven.text("result.text") == "7")
    let set = try await listener.ask("evaluate", #"{"text": "Set new add: 1; yourself", "mode": "print"}"#)
    #expect(set.text("result.text") == "a Set(1)" && set.text("result.value.text") == "a Set")
    #expect(
      try await listener.ask("evaluate", #"{"text": "Flow current total"}"#).text("result.value.className") == "Integer"
    )
    #expect(try await listener.ask("evaluate", #"{"text": " \"nothing\" "}"#).text("result.kind") == "nothing")
    let open = try await listener.ask("evaluate", #"{"text": "3 +"}"#)
    #expect(open.text("error.code") == "text" && open["error.isIncomplete"] as? Bool == true)
    let wrong = try await listener.ask("evaluate", #"{"text": "3 + )"}"#)
    #expect(wrong.text("error.code") == "text" && wrong.number("error.line") == 1 && wrong["error.isIncomplete"] == nil)
    let unknown = try await listener.ask("evaluate", #"{"text": "zork := 1. yrok"}"#)
    #expect(unknown.text("result.kind") == "stopped" || unknown.text("error.code") == "text")
  }

  @Test func workspacesKeepVariables() async throws {
    let fixture = try LiveFixture()
    defer { fixture.end() }
    let anna = try await fixture.client(), ben = try await fixture.client("Ben")
    _ = try await anna.ask("evaluate", #"{"text": "x := 3", "workspace": "w"}"#)
    #expect(try await ben.ask("evaluate", #"{"text": "x * 2", "workspace": "w"}"#).text("result.text") == "6")
    let variables = try await ben.ask("variables", #"{"workspace": "w"}"#)
    #expect(
      variables.text("result.variables.0.name") == "x" && variables.text("result.variables.0.className") == "Integer")
    #expect(try await ben.ask("variables", #"{"workspace": "v"}"#).list("result.variables").isEmpty)
    let made = try await anna.ask("evaluate", #"{"text": "Fresh = ( value = ( ^42 ) )", "workspace": "w"}"#)
    #expect(made.text("result.kind") == "accepted")
    #expect(try await ben.ask("evaluate", #"{"text": "Fresh new value"}"#).text("result.text") == "42")
  }

  @Test func whatNeverEndsIsCancelled() async throws {
    let fixture = try LiveFixture()
    defer { fixture.end() }
    let listener = try await fixture.client()
    let id = listener.begin("evaluate", #"{"text": "[ true ] whileTrue: [ ]"}"#)
    let progress = try await listener.wait("progress") { $0.number("id") == id && $0["progress"] != nil }
    #expect((progress.number("progress.process") ?? 0) > 1)
    // Others are answered meanwhile.
    #expect(try await listener.ask("evaluate", #"{"text": "1 + 1"}"#).text("result.text") == "2")
    listener.send(#"{"request": "cancel", "parameters": {"id": \#(id)}}"#)
    #expect(try await listener.answer(id).text("error.code") == "cancelled")
    let limited = try await listener.ask("evaluate", #"{"text": "[ true ] whileTrue: [ ]", "seconds": 0.3}"#)
    #expect(limited.text("error.code") == "tooSlow")
    // Not even what it protects keeps the answer waiting.
    let stubborn = try await listener.ask(
      "evaluate", #"{"text": "[ [ true ] whileTrue: [ ] ] ensure: [ [ true ] whileTrue: [ ] ]", "seconds": 0.3}"#)
    #expect(stubborn.text("error.code") == "tooSlow")
    #expect(try await listener.ask("evaluate", #"{"text": "1 + 1"}"#).text("result.text") == "2")
  }

  @Test func aPrintStringThatNeverEndsOrFailsIsGivenUp() async throws {
    let files = [
      "Flow": LiveFixture.flow,
      "Endless": "Endless = ( printString = ( [ true ] whileTrue: [ ] ) )",
      "Failing": "Failing = ( printString = ( ^self zork ) )",
    ]
    let fixture = try LiveFixture(files)
    defer { fixture.end() }
    let listener = try await fixture.client()
    let endless = try await listener.ask("evaluate", #"{"text": "Endless new", "mode": "print"}"#)
    #expect(endless.text("result.value.className") == "Endless")
    #expect(endless.text("result.printProblem")?.contains("given up") == true)
    let failing = try await listener.ask("evaluate", #"{"text": "Failing new", "mode": "print"}"#)
    #expect(failing.text("result.printProblem")?.contains("zork") == true)
    #expect(failing.text("result.text") == "a Failing")
    let id = failing.json("result.value.id")
    #expect(try await listener.ask("printString", #"{"value": \#(id)}"#).text("result.printProblem") != nil)
  }

  @Test func bigAndCyclicThingsAreInspectedInPages() async throws {
    let fixture = try LiveFixture()
    defer { fixture.end() }
    let listener = try await fixture.client()
    let made = try await listener.ask(
      "evaluate", #"{"text": "x := Array new: 10000000. x at: 9999999 put: x. x", "mode": "inspect"}"#)
    #expect(made.number("result.value.childCount") == 10_000_000)
    let id = made.json("result.value.id")
    let page = try await listener.ask("inspect", #"{"value": \#(id), "from": 9999998, "count": 100000}"#)
    #expect(page.list("result.children").count == 2)
    #expect(
      page.text("result.children.0.value.className") == "Array" && page.text("result.children.0.name") == "9999999")
    // The array is in itself, and that is said to who comes from there.
    #expect(page.number("result.children.0.above") == nil)
    let known = try await listener.ask(
      "inspect",
      #"{"value": \#(id), "from": 9999998, "path": [{"process": 0, "stop": 999999, "index": 0}, \#(id)]}"#)
    #expect(known.number("result.children.0.above") == 1 && known.number("result.children.1.above") == nil)
    let first = try await listener.ask("inspect", #"{"value": \#(id), "count": 1000000}"#)
    #expect(first.list("result.children").count == 1000)
    let inner = page.json("result.children.0.value.id")
    let set = try await listener.ask("setChild", #"{"value": \#(inner), "child": 9999999, "text": "3 + 4"}"#)
    #expect(set.text("result.text") == "7")
    #expect(try await listener.ask("evaluate", #"{"text": "x at: 10000000"}"#).text("result.text") == "7")
    let beyond = try await listener.ask("setChild", #"{"value": \#(inner), "child": 10000000, "text": "1"}"#)
    #expect(beyond.text("error.code") == "refused")
    let gone = try await listener.ask("inspect", #"{"value": {"process": 0, "stop": 999999, "index": 0}}"#)
    #expect(gone.text("error.code") == "gone")
  }

  @Test func onlySoManyValuesAreKept() async throws {
    let fixture = try LiveFixture(starts: false)
    defer { fixture.end() }
    let listener = try await fixture.client()
    let first = try await listener.ask("evaluate", #"{"text": "Object new"}"#).json("result.value.id")
    let second = try await listener.ask("evaluate", #"{"text": "Object new"}"#).json("result.value.id")
    for _ in 0..<499 {
      _ = try await listener.ask("inspect", #"{"value": \#(second)}"#)
    }
    #expect(try await listener.ask("inspect", #"{"value": \#(first)}"#).text("error.code") == "gone")
    #expect(try await listener.ask("inspect", #"{"value": \#(second)}"#).text("result.value.className") == "Object")
  }

  @Test func anErrorOpensTheDebuggerAndCanBeMended() async throws {
    let fixture = try LiveFixture()
    defer { fixture.end() }
    let listener = try await fixture.client()
    let stopped = try await listener.ask("evaluate", #"{"text": "Flow boom"}"#)
    #expect(stopped.text("result.kind") == "stopped" && stopped.text("result.stop.reason") == "unhandledError")
    let process = stopped.number("result.stop.process")!
    let stack = try await listener.ask("stack", #"{"process": \#(process)}"#)
    #expect(stack.text("result.activations.0.name") == "Flow class>>boom")
    _ = try await listener.ask(
      "accept",
      #"{"changes": [{"kind": "method", "className": "Flow", "isClassSide": true, "text": "boom = ( ^77 )"}]}"#)
    let activation = stack.json("result.activations.0.id")
    let restarted = try await listener.ask("restart", #"{"activation": \#(activation)}"#)
    #expect(restarted["error"] == nil)
    let evaluated = try await listener.event("evaluated")
    #expect(evaluated.text("value.text") == "77" && evaluated.number("process") == process)
  }

  @Test func watchesShowValuesErrorsAndWhatIsTooSlow() async throws {
    let fixture = try LiveFixture()
    defer { fixture.end() }
    let listener = try await fixture.client()
    #expect(try await listener.ask("watch", #"{"text": "3 + "}"#).text("error.code") == "text")
    let id = try await listener.ask("watch", #"{"text": "Flow current total", "interval": 50}"#).number("result.id")!
    let slow = try await listener.ask("watch", #"{"text": "[ true ] whileTrue: [ ]"}"#).number("result.id")!
    let wrong = try await listener.ask("watch", #"{"text": "nil zork"}"#).number("result.id")!
    func value(_ id: Int, _ isWanted: @escaping @Sendable (Reply) -> Bool) async throws {
      _ = try await listener.event("watched") { event in
        event.list("values").contains { value in
          let reply = Reply(value: value as? [String: Any] ?? [:])
          return reply.number("id") == id && isWanted(reply)
        }
      }
    }
    try await value(id) { $0["number"] as? Double ?? 0 > 0 && $0.text("text") != nil }
    try await value(slow) { $0["isTooSlow"] as? Bool == true }
    try await value(wrong) { $0.text("error")?.contains("zork") == true }
    // One whose end never comes is given up with its process, and the others go on.
    _ = try await listener.ask("watch", #"{"text": "[ [ true ] whileTrue: [ ] ] ensure: [ [ true ] whileTrue: [ ] ]"}"#)
    #expect(try await listener.ask("unwatch", #"{"id": \#(wrong)}"#)["error"] == nil)
    #expect(try await listener.ask("unwatch", #"{"id": \#(wrong)}"#).text("error.code") == "gone")
    let list = try await listener.event("watches") { $0.list("watches").count == 3 }
    #expect(list.text("watches.0.text") == "Flow current total")
  }
}
