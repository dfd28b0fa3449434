import EditorProtocols
import LanguageServer
import Synchronization
import Testing

/// Answers from a table, and remembers what it was asked.
private final class FakeProgram: RunningProgram {
  let asked = Mutex<[JSON]>([])
  let answers = Mutex<[String: Result<JSON, ProgramRefusal>]>([:])

  func ask(
    _ request: String, _ parameters: JSON, _ answered: @escaping @Sendable (Result<JSON, ProgramRefusal>) -> Void
  ) {
    asked.withLock { $0.append(["request": .string(request), "parameters": parameters]) }
    answered(answers.withLock { $0[request] } ?? .success([:]))
  }

  func accepts() -> [JSON] { asked.withLock { $0.filter { $0["request"] == "accept" } } }
}

@Suite(.languageServerThread) struct AttachedTests {
  private static let text = "A = (\n    foo = ( ^self ä: 1 )\n    ä: x = ( ^x )\n)\n"
  private let program = FakeProgram()
  private let editor: EditorFixture

  init() throws {
    editor = try EditorFixture(["A": Self.text], program: program)
    editor.open("A", Self.text)
    editor.settle()
    _ = editor.take()
  }

  private func save() -> [JSON] {
    editor.notify("textDocument/didSave", ["textDocument": ["uri": .string(editor.uri("A"))]])
    editor.settle()
    return editor.take()
  }

  @Test func savingIsAccepting() {
    program.answers.withLock {
      $0["accept"] = .success([
        "receipt": [
          "id": 3, "methods": [["method": ["className": "A", "selector": "foo"], "before": 1, "after": 2]],
          "invalidated": [[:]], "latency": ["total": 70],
        ]
      ])
    }
    let said = save()
    #expect(said.contains { $0["params"]?["message"] == "accept 3: A>>foo v1 → v2, 1 code unit invalidated (70 µs)" })
    let change = program.accepts().first?["parameters"]?["changes"]?[0]
    #expect(change == ["kind": "class", "text": .string(Self.text), "basedOnText": .string(Self.text)])
  }

  @Test func whatIsRefusedIsADiagnosticAtItsPlace() {
    program.answers.withLock {
      $0["accept"] = .failure(
        ProgramRefusal([
          "code": "inUse", "message": "no",
          "receipt": ["errors": [["line": 2, "column": 21, "message": "it is in use"]]],
        ]))
    }
    let diagnostics = save().last { $0["method"] == "textDocument/publishDiagnostics" }?["params"]?["diagnostics"]
    #expect(diagnostics?[0]?["message"] == "it is in use" && diagnostics?[0]?["source"] == "ovid live")
    #expect(diagnostics?[0]?["range"]?["start"] == ["line": 1, "character": 20])
  }

  @Test func whatSomebodyElseHasChangedIsReplacedOnPurposeOnly() throws {
    program.answers.withLock {
      $0["accept"] = .failure(ProgramRefusal(["code": "stale", "message": "The class A was changed since."]))
    }
    let question = try #require(save().first { $0["method"] == "window/showMessageRequest" })
    #expect(program.accepts().count == 1)
    program.answers.withLock { $0["accept"] = .success(["receipt": ["id": 4]]) }
    editor.receive(["id": question["id"] ?? .null, "result": ["title": "Replace it"]])
    editor.settle()
    #expect(program.accepts().last?["parameters"]?["force"] == true)
    #expect(editor.take().contains { $0["params"]?["message"] == "accept 4: nothing changed" })
  }

  @Test func whatDoesNotParseIsNotSent() {
    editor.notify(
      "textDocument/didChange",
      [
        "textDocument": ["uri": .string(editor.uri("A")), "version": 2],
        "contentChanges": [["text": "A = (\n    foo = ( ] )\n)\n"]],
      ])
    #expect(save().contains { $0["params"]?["message"]?.string?.contains("does not parse") == true })
    #expect(program.accepts().isEmpty)
  }

  @Test func lensesAndHoversTellHowMethodsRun() {
    program.answers.withLock {
      $0["lens"] = .success(["tier": ["version": 2, "tier": "compiled", "inlined": [[:], [:]]]])
    }
    editor.server.noteEvent(["event": 1, "kind": "accepted"])
    editor.settle()
    let document: JSON = ["textDocument": ["uri": .string(editor.uri("A"))]]
    let lenses = editor.ask("textDocument/codeLens", document).array ?? []
    #expect(lenses.first?["command"]?["title"] == "v2, compiled, inlined in 2 places")
    let hover = editor.ask("textDocument/hover", at: ["line": 1, "character": 5], in: "A")
    #expect(hover["contents"]?["value"]?.string?.contains("v2, compiled") == true)
  }

  /// What the receiver has been comes first.
  @Test func selectorsComeInTheOrderOfWhatTheReceiverHasBeen() throws {
    program.answers.withLock {
      $0["observed"] = .success([
        "kinds": [["className": "B", "isClassSide": false, "count": 9], ["className": "A"]]
      ])
    }
    let editor = try EditorFixture(
      ["B": "B = ( zip = ( ) zap = ( ) )", "C": "C = ( zorro = ( ) )"], program: program)
    func labels(_ text: String) -> [String] {
      let (text, position) = EditorFixture.cursor(text)
      editor.open("A", text)
      editor.receive([
        "jsonrpc": "2.0", "id": "c", "method": "textDocument/completion",
        "params": ["textDocument": ["uri": .string(editor.uri("A"))], "position": position],
      ])
      editor.settle()
      let answer = editor.take().first { $0["id"] == "c" && $0["method"] == nil }?["result"]
      return (answer?["items"]?.array ?? []).compactMap { $0["label"]?.string }
    }
    #expect(labels("A = (\n    foo: x = ( ^x z‸ )\n    zoo = ( )\n)\n") == ["zip", "zap", "zoo"])
    let asked = program.asked.withLock { $0.last { $0["request"] == "observed" } }
    #expect(
      asked?["parameters"] == ["name": "x", "className": "A", "isClassSide": false, "selector": "foo:"])
    // Without an answer, all there are.
    program.answers.withLock { $0["observed"] = .failure(ProgramRefusal(["code": "ended"])) }
    #expect(labels("A = (\n    foo: x = ( ^x zor‸ )\n)\n") == ["zorro"])
  }

  /// Behind the pattern, and told when it has changed.
  @Test func hintsTellVersionAndTier() throws {
    let refreshing = try EditorFixture(
      ["A": Self.text], capabilities: ["workspace": ["inlayHint": ["refreshSupport": true]]], program: program)
    refreshing.open("A", Self.text)
    refreshing.settle()
    _ = refreshing.take()
    program.answers.withLock {
      $0["lens"] = .success([
        "tier": ["version": 2, "tier": "interpreted", "inlined": [["caller": "B>>run", "line": 7]]]
      ])
    }
    refreshing.server.noteEvent(["event": 1, "kind": "reoptimized"])
    refreshing.settle()
    let said = refreshing.take().compactMap { $0["method"]?.string }
    #expect(said.contains("workspace/inlayHint/refresh") && !said.contains("workspace/codeLens/refresh"))
    func hints(_ lines: ClosedRange<Int>) -> [JSON] {
      refreshing.ask(
        "textDocument/inlayHint",
        [
          "textDocument": ["uri": .string(refreshing.uri("A"))],
          "range": [
            "start": ["line": .integer(lines.lowerBound), "character": 0],
            "end": ["line": .integer(lines.upperBound), "character": 0],
          ],
        ]
      ).array ?? []
    }
    #expect(hints(0...9).count == 2 && hints(0...2).count == 1 && hints(4...9).isEmpty)
    #expect(hints(0...2)[0]["label"] == "v2, interpreted, inlined in 1 place")
    #expect(hints(0...2)[0]["position"] == ["line": 1, "character": 7])
    #expect(hints(0...2)[0]["tooltip"] == "inlined in\nB>>run, line 7")
  }
}
