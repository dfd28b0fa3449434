import EditorProtocols
import LanguageServer
import Testing

@Suite(.languageServerThread) struct DiagnosticsTests {
  static func messages(_ diagnostics: [JSON]?) -> [String] { (diagnostics ?? []).map { $0["message"]?.string ?? "" } }

  @Test func aWholeFolder() throws {
    let editor = try EditorFixture([
      "A": "A = ( foo = ( ^self bar ) )", "B": "B = ( bar = ( ^1 ) )", "C": "C = ( foo =",
    ])
    let found = editor.diagnostics()
    #expect(Self.messages(found["A"]) == ["A does not understand bar"])
    #expect(found["B"] == nil)
    #expect(found["C"]?.first?["severity"] == 1)
  }

  @Test func theyFollowTheTextOfOtherDocuments() throws {
    let editor = try EditorFixture(["A": "A = B ( foo = ( ^self bar ) )", "B": "B = ( )"])
    #expect(Self.messages(editor.diagnostics()["A"]) == ["no class implements bar"])
    editor.open("B", "B = ( )")
    editor.notify(
      "textDocument/didChange",
      [
        "textDocument": ["uri": .string(editor.uri("B")), "version": 2],
        "contentChanges": [["text": "B = ( bar = ( ^1 ) )"]],
      ])
    #expect(editor.diagnostics()["A"] == [])
    // What was not saved is gone.
    editor.notify("textDocument/didClose", ["textDocument": ["uri": .string(editor.uri("B"))]])
    editor.notify(
      "workspace/didChangeWatchedFiles", ["changes": [["uri": .string(editor.uri("B")), "type": 2]]])
    #expect(Self.messages(editor.diagnostics()["A"]) == ["no class implements bar"])
  }

  /// Titles of what can be done, and the text after each.
  private func fixes(_ text: String, _ name: String = "A", _ files: [String: String] = [:]) throws -> [String: String] {
    let editor = try EditorFixture(files)
    let (plain, position) = EditorFixture.cursor(text)
    editor.open(name, plain)
    let actions = editor.ask(
      "textDocument/codeAction",
      [
        "textDocument": ["uri": .string(editor.uri(name))], "range": ["start": position, "end": position],
        "context": ["diagnostics": []],
      ])
    var result: [String: String] = [:]
    for action in actions.array ?? [] {
      result[action["title"]?.string ?? ""] = editor.apply(action["edit"] ?? .null, name, plain)
    }
    return result
  }

  @Test func aMethodIsCreated() throws {
    let found = try fixes("A = (\n    foo = ( ^self ‸put: 1 at: 2 )\n)\n")
    #expect(
      found["Create method A>>put:at:"] == """
        A = (
            foo = ( ^self put: 1 at: 2 )

            put: a1 at: a2 = (
                ^self error: 'not written yet'
            )
        )

        """)
  }

  @Test func aVariableIsDeclared() throws {
    let found = try fixes("A = (\n    foo = ( ^‸zork )\n)\n")
    #expect(found["Create field zork"] == "A = (\n  | zork |\n    foo = ( ^zork )\n)\n")
    #expect(found["Create local variable zork"] == "A = (\n    foo = ( | zork | ^zork )\n)\n")
  }

  @Test func whatIsUnusedIsRemoved() throws {
    #expect(try fixes("A = ( foo = ( | a ‸b | ^a ) )")["Remove b"] == "A = ( foo = ( | a | ^a ) )")
    #expect(try fixes("A = ( | x ‸y | foo = ( ^x ) )")["Remove field y"] == "A = ( | x | foo = ( ^x ) )")
  }

  @Test func whatWasMeant() throws {
    #expect(
      try fixes("A = ( foo = ( ^self ‸prinln ) println = ( ) )")["Change to println"]
        == "A = ( foo = ( ^self println ) println = ( ) )")
  }

  @Test func methodsAreOverridden() throws {
    let found = try fixes("‸A = B (\n    x = ( )\n)\n", "A", ["B": "B = ( at: i put: v = ( ^v ) )"])
    #expect(
      found["Override B>>at: i put: v"] == """
        A = B (
            x = ( )

            at: i put: v = (
                ^super at: i put: v
            )
        )

        """)
  }
}
