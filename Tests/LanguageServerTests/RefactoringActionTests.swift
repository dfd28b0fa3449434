import EditorProtocols
import LanguageServer
import Synchronization
import Testing

/// Remembers what it is asked to run.
private final class FakeTests: TestRuns {
  let asked = Mutex<[String]>([])
  let report: TestRunReport

  init(_ report: TestRunReport) { self.report = report }

  func run(_ path: String, filter: String?, _ ended: @escaping @Sendable (TestRunReport) -> Void) {
    asked.withLock { $0.append("\(path.split(separator: "/").last ?? "") \(filter ?? "all")") }
    ended(report)
  }
}

@Suite(.languageServerThread) struct RefactoringActionTests {
  private func actions(_ editor: EditorFixture, _ text: String, only: JSON? = nil) -> [JSON] {
    let (_, start) = EditorFixture.cursor(text.replacing("»", with: "").replacing("«", with: "‸"))
    let (_, end) = EditorFixture.cursor(text.replacing("«", with: "").replacing("»", with: "‸"))
    editor.open("A", text.replacing("«", with: "").replacing("»", with: ""))
    return editor.ask(
      "textDocument/codeAction",
      [
        "textDocument": ["uri": .string(editor.uri("A"))], "range": ["start": start, "end": end],
        "context": .fields(["diagnostics": [], "only": only]),
      ]
    ).array ?? []
  }

  @Test func extractingAndInlining() throws {
    let editor = try EditorFixture(["B": "B = ( extracted = ( ) )"])
    let text = "A = (\n    foo = (\n        | a |\n        a := «self bar».\n        ^a\n    )\n    bar = ( ^1 )\n)\n"
    let found = actions(editor, text)
    // (Somebody else has a method extracted.)
    let extraction = try #require(found.first { $0["title"] == "Extract method extracted2" })
    #expect(extraction["kind"] == "refactor.extract")
    let plain = text.replacing("«", with: "").replacing("»", with: "")
    #expect(
      editor.apply(extraction["edit"] ?? .null, "A", plain).contains(
        "a := self extracted2.\n        ^a\n    )\n\n    extracted2 = (\n        ^self bar\n    )\n"))
    #expect(found.contains { $0["title"] == "Extract local variable value" })
    let inline = actions(editor, text.replacing("a := «self", with: "«a» := self").replacing("bar»", with: "bar"))
    #expect(inline.contains { $0["title"] == "Inline local variable a" })
    #expect(actions(editor, text, only: ["refactor.inline"]).isEmpty)
    #expect(actions(editor, text, only: ["refactor"]).count == 2)
  }

  @Test func methodsAreInlined() throws {
    let other = "B = (\n    zip: a = (\n        ^a bar: 2\n    )\n)\n"
    let editor = try EditorFixture(["B": other])
    let text = "A = (\n    foo = (\n        ^self «»bar: 1\n    )\n    bar: n = ( ^n + 1 )\n)\n"
    let plain = text.replacing("«»", with: "")
    let inline = try #require(actions(editor, text).first { $0["title"] == "Inline A>>bar: n" })
    #expect(inline["kind"] == "refactor.inline")
    #expect(editor.apply(inline["edit"] ?? .null, "A", plain) == plain.replacing("self bar: 1", with: "1 + 1"))
    let everywhere = actions(editor, plain.replacing("bar: n", with: "«»bar: n"))
    let action = try #require(
      everywhere.first { $0["title"] == "Inline A>>bar: n into its 2 senders, and remove it" })
    #expect(
      editor.apply(action["edit"] ?? .null, "A", plain) == "A = (\n    foo = (\n        ^1 + 1\n    )\n)\n")
    #expect(editor.apply(action["edit"] ?? .null, "B", other) == other.replacing("a bar: 2", with: "2 + 1"))
  }

  /// Who can ask for them later has no edits of other files made for a cursor that passes by.
  @Test func editsOfAllSendersAreMadeWhenTheyAreWanted() throws {
    let late: JSON = ["dataSupport": true, "resolveSupport": ["properties": ["edit"]]]
    let editor = try EditorFixture(
      [:],
      capabilities: ["textDocument": ["codeAction": late], "workspace": ["workspaceEdit": ["documentChanges": true]]])
    let text = "A = (\n    foo = (\n        ^self bar: 1\n    )\n    «»bar: n = ( ^n + 1 )\n)\n"
    let title: JSON = "Inline A>>bar: n into its 1 sender, and remove it"
    var action = try #require(actions(editor, text).first { $0["title"] == title })
    #expect(action["edit"] == nil)
    let whole = editor.ask("codeAction/resolve", action)
    #expect(whole["title"] == title)
    let plain = text.replacing("«»", with: "")
    #expect(editor.apply(whole["edit"] ?? .null, "A", plain) == "A = (\n    foo = (\n        ^1 + 1\n    )\n)\n")
    // What has its edit stays as it is.
    #expect(
      editor.ask("codeAction/resolve", whole.object.map { .object($0.filter { $0.key != "data" }) } ?? .null)["edit"]
        != nil)
    // Somebody writes on meanwhile.
    #expect(actions(editor, "A = ( foo = ( ^self bar: 1 ) «»zap = ( ) )").isEmpty)
    #expect(editor.answer("codeAction/resolve", action)?["error"]?["code"] == -32801)
    // Only with a look at its senders it is found out that it cannot be done.
    let cascade = "A = (\n    foo = (\n        self bar: 1; yourself\n    )\n    «»bar: n = ( ^n + 1 )\n)\n"
    action = try #require(actions(editor, cascade).first { $0["title"] == title })
    #expect(
      editor.answer("codeAction/resolve", action)?["error"]?["message"]
        == "The method cannot be inlined: the message is part of a cascade.")
    let places: [JSON] = [
      1, ["uri": "file:///x", "offset": 0], ["uri": .string(editor.uri("A")), "offset": -1],
      ["uri": .string(editor.uri("A")), "offset": .integer(.max)],
    ]
    for wrong in [[:], ["title": 3]] + places.map({ ["title": "x", "data": $0] }) as [JSON] {
      #expect(editor.answer("codeAction/resolve", wrong)?["error"]?["message"]?.string?.isEmpty == false)
    }
  }

  @Test func theReasonIsSaidToThoseWhoCanShowIt() throws {
    let text = "A = ( foo = ( ^self a + «self b» ) a = ( ) b = ( ) )"
    #expect(!actions(try EditorFixture([:]), text).contains { $0["title"] == "Extract local variable" })
    let editor = try EditorFixture([:], capabilities: ["textDocument": ["codeAction": ["disabledSupport": true]]])
    let refused = actions(editor, text).first { $0["title"] == "Extract local variable" }
    #expect(refused?["disabled"]?["reason"] == "what stands before it in the statement is evaluated first")
  }

  @Test func testsAreRunFromLenses() throws {
    let text = "ATest = TestCase (\n    testOne = ( )\n    testTwo: x = ( )\n    other = ( )\n)\n"
    let tests = FakeTests(TestRunReport(isSuccess: true, text: "ok\n1 passed\n"))
    let editor = try EditorFixture(["ATest": text], tests: tests)
    editor.open("ATest", text)
    let document: JSON = ["textDocument": ["uri": .string(editor.uri("ATest"))]]
    let lenses = (editor.ask("textDocument/codeLens", document).array ?? []).compactMap { $0["command"] }
      .filter { $0["command"] == "ovid.runTests" }
    #expect(lenses.map { $0["title"]?.string } == ["run 1 test", "run test"])
    for lens in lenses {
      editor.receive(["jsonrpc": "2.0", "id": "run", "method": "workspace/executeCommand", "params": lens])
      editor.settle()
      let said = editor.take()
      #expect(said.contains { $0["params"]?["message"] == "1 passed" })
      #expect(said.contains { $0["id"] == "run" && $0["result"]?["isSuccess"] == true })
    }
    #expect(tests.asked.withLock { $0 } == ["ATest.som all", "ATest.som *ATest>>#testOne"])
    for arguments in [[], [3], ["file:///nowhere/X.som"], [.string(editor.uri("ATest")), "other"]] as [JSON] {
      let answer = editor.answer(
        "workspace/executeCommand", ["command": "ovid.runTests", "arguments": arguments])
      #expect(answer?["error"]?["message"]?.string?.isEmpty == false)
    }
    // Without somebody who runs them there are none.
    let other = try EditorFixture(["ATest": text])
    #expect(
      other.ask("textDocument/codeLens", ["textDocument": ["uri": .string(other.uri("ATest"))]]).array?.count == 3)
  }
}
