import EditorProtocols
import LanguageServer
import Testing

@Suite(.languageServerThread) struct LifeCycleTests {
  static func code(_ answer: JSON?) -> Int? { answer?["error"]?["code"]?.integer }

  @Test func everythingInItsOrder() throws {
    let editor = try EditorFixture([:], initializes: false)
    #expect(Self.code(editor.answer("textDocument/hover", [:])) == -32002)
    #expect(Self.code(editor.answer("shutdown", nil)) == -32002)
    #expect(Self.code(editor.answer("no/such", nil)) == -32002)
    #expect(Self.code(editor.answer("initialize", nil)) == -32602)
    #expect(editor.answer("initialize", ["capabilities": [:]])?["result"]?["capabilities"]?["hoverProvider"] == true)
    #expect(Self.code(editor.answer("initialize", ["capabilities": [:]])) == -32600)
    #expect(Self.code(editor.answer("no/such", nil)) == -32601)
    #expect(editor.answer("shutdown", nil)?["result"] == .null)
    #expect(Self.code(editor.answer("textDocument/hover", [:])) == -32600)
    #expect(Self.code(editor.answer("shutdown", nil)) == -32600)
    editor.notify("exit", .null)
    #expect(editor.server.exitStatus == 0)
  }

  @Test func exitWithoutShutdown() throws {
    let editor = try EditorFixture([:])
    editor.notify("exit", .null)
    #expect(editor.server.exitStatus == 1)
  }

  @Test func aCancelledRequestIsAnswered() throws {
    let editor = try EditorFixture([:])
    let message: JSON = ["id": "x", "method": "workspace/symbol", "params": ["query": ""]]
    let call = try #require(editor.peer.receive(message.bytes))
    editor.peer.cancel(.string("x"))
    editor.server.handle(call)
    #expect(Self.code(editor.take().last) == -32800)
  }

  /// Every request, with parameters of every kind that are wrong: an answer each, and the server goes on.
  @Test func wrongParametersAreAnswered() throws {
    let text = "A = ( foo = ( ^self bar ) )"
    let editor = try EditorFixture(["A": text])
    editor.open("A", text)
    let document: JSON = ["uri": .string(editor.uri("A"))]
    let wrong: [JSON?] = [
      nil, .null, [], [:], ["textDocument": 1], ["textDocument": [:]], ["textDocument": ["uri": 7]],
      ["textDocument": ["uri": "file:///no/such.som"], "position": ["line": 0, "character": 0]],
      ["textDocument": ["uri": "nonsense:%zz"]], ["textDocument": document],
      ["textDocument": document, "position": ["line": -1, "character": 0]],
      ["textDocument": document, "position": ["line": "0", "character": 0]],
      ["textDocument": document, "position": ["line": 9_000_000_000, "character": 9_000_000_000]],
      [
        "textDocument": document, "position": ["line": 0, "character": 18],
        "range": ["start": ["line": 5, "character": 0], "end": ["line": 0, "character": 0]], "newName": "",
        "context": [:], "positions": [["line": 99, "character": 99]],
      ],
      ["textDocument": document, "positions": [3], "range": [:], "context": 1, "newName": [:]],
      ["item": [:]],
      ["item": ["uri": "file:///no/such.som", "selectionRange": ["start": ["line": 0, "character": 0]]]],
      ["label": "x", "data": ["path": 1]], ["command": "no"], ["command": "ovid.senders", "arguments": 3],
      ["query": 7], ["contentChanges": 1, "textDocument": document],
      ["contentChanges": [["range": 1, "text": 2]], "textDocument": document], ["changes": [[:]]], ["event": 4],
      ["textDocument": .object(["uri": .string(editor.uri("A")), "text": 4])], ["id": 1],
    ]
    for method in LanguageServer.methods where !["initialize", "shutdown", "exit"].contains(method) {
      for parameters in wrong {
        let answer = editor.answer(method, parameters)
        let isAnswered = answer?["result"] != nil || Self.code(answer) != nil
        #expect(isAnswered, "\(method) \(parameters ?? .null)")
        #expect(Self.code(answer) != -32603, "\(method) \(parameters ?? .null)")
        // As a notification: nothing is said.
        editor.receive(.fields(["method": .string(method), "params": parameters]))
      }
    }
    editor.notify("textDocument/didClose", ["textDocument": document])
    #expect(editor.ask("textDocument/hover", "A", at: "A = ( foo = ( ^self ‸foo ) )")["contents"] != nil)
  }

  @Test func incrementalTextInUTF16() throws {
    let editor = try EditorFixture([:])
    editor.open("A", "A = (\r\n  foo = ( ^'😀ä' ) \"😀\" bar = ( ^1 )\r\n)")
    func change(_ changes: JSON) {
      editor.notify(
        "textDocument/didChange",
        ["textDocument": ["uri": .string(editor.uri("A")), "version": 2], "contentChanges": changes])
    }
    func range(_ line: Int, _ start: Int, _ end: Int) -> JSON {
      [
        "start": ["line": .integer(line), "character": .integer(start)],
        "end": ["line": .integer(line), "character": .integer(end)],
      ]
    }
    func symbols() -> [String?] {
      let result = editor.ask("textDocument/documentSymbol", ["textDocument": ["uri": .string(editor.uri("A"))]])
      return (result[0]?["children"]?.array ?? []).map { $0["name"]?.string }
    }
    #expect(symbols() == ["foo", "bar"])
    change([["range": range(1, 24, 27), "text": "zork"], ["range": range(1, 2, 5), "text": "ä😀"]])
    #expect(symbols() == [])
    change([["range": range(1, 2, 5), "text": "öl"]])
    #expect(symbols() == ["öl", "zork"])
    change([["text": "A = ( only = ( ) )"]])
    #expect(symbols() == ["only"])
  }
}
