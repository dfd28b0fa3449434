import EditorProtocols
import LanguageServer
import Testing

@Suite(.languageServerThread) struct RenamingTests {
  static let base = "B = (\n | x |\n in: i put: v = ( x := v )\n)"
  static let user = "A = B (\n foo: x2 = ( | t | t := B new. t in: (x2) \"with: it\" put: x. ^t perform: #in:put: )\n)"

  private func rename(_ name: String, _ text: String, to new: String) throws -> (JSON?, EditorFixture) {
    let editor = try EditorFixture(["A": Self.user, "B": Self.base])
    let (plain, position) = EditorFixture.cursor(text)
    editor.open(name, plain)
    let answer = editor.answer(
      "textDocument/rename",
      ["textDocument": ["uri": .string(editor.uri(name))], "position": position, "newName": .string(new)])
    return (answer, editor)
  }

  @Test func aLocalVariable() throws {
    let (answer, editor) = try rename("A", Self.user.replacingOccurrences(of: "foo: x2", with: "foo: ‸x2"), to: "index")
    #expect(
      editor.apply(answer?["result"] ?? .null, "A", Self.user)
        == Self.user.replacingOccurrences(of: "x2", with: "index"))
  }

  @Test func aField() throws {
    let (answer, editor) = try rename("B", Self.base.replacingOccurrences(of: "| x |", with: "| ‸x |"), to: "value")
    let edit = answer?["result"] ?? .null
    #expect(editor.apply(edit, "B", Self.base) == "B = (\n | value |\n in: i put: v = ( value := v )\n)")
    #expect(editor.apply(edit, "A", Self.user).contains("put: value. ^t"))
  }

  @Test func aMethodWithAllItsKeywords() throws {
    let (answer, editor) = try rename("B", Self.base.replacingOccurrences(of: "in: i", with: "‸in: i"), to: "set:to:")
    let edit = answer?["result"] ?? .null
    #expect(editor.apply(edit, "B", Self.base).contains(" set: i to: v = ( x := v )"))
    #expect(editor.apply(edit, "A", Self.user).contains("t set: (x2) \"with: it\" to: x. ^t perform: #set:to: )"))
  }

  /// For those who can show it, all of it is to be looked at first.
  @Test func aMethodWithAPreview() throws {
    let capabilities: JSON = [
      "workspace": ["workspaceEdit": ["documentChanges": true, "changeAnnotationSupport": [:]]]
    ]
    let editor = try EditorFixture(["A": Self.user, "B": Self.base], capabilities: capabilities)
    func rename(_ text: String, _ new: String) -> JSON {
      let (plain, position) = EditorFixture.cursor(text)
      editor.open("B", plain)
      return editor.ask("textDocument/rename", at: position, in: "B", ["newName": .string(new)])
    }
    let edit = rename(Self.base.replacingOccurrences(of: "in: i", with: "‸in: i"), "set:to:")
    #expect(edit["changeAnnotations"]?["preview"]?["label"] == "in:put: becomes set:to:")
    #expect(edit["changeAnnotations"]?["preview"]?["needsConfirmation"] == true)
    let all = (edit["documentChanges"]?.array ?? []).flatMap { $0["edits"]?.array ?? [] }
    #expect(all.count == 5 && all.allSatisfy { $0["annotationId"] == "preview" })
    let field = rename(Self.base.replacingOccurrences(of: "| x |", with: "| ‸x |"), "value")
    #expect(field["changeAnnotations"] == nil && field["documentChanges"]?[0]?["edits"]?[0]?["annotationId"] == nil)
  }

  @Test func aClassWithItsFile() throws {
    let (answer, editor) = try rename("B", "‸" + Self.base, to: "Base")
    let edit = answer?["result"] ?? .null
    #expect(editor.apply(edit, "A", Self.user).hasPrefix("A = Base ("))
    #expect(editor.apply(edit, "A", Self.user).contains("t := Base new"))
    #expect(edit["documentChanges"]?.array?.last?["newUri"]?.string == editor.uri("Base"))
  }

  @Test(arguments: [
    ("foo: x2", "foo: ‸x2", "t", "means something else"), ("foo: x2", "foo: ‸x2", "1x", "no name"),
    ("foo: x2", "‸foo: x2", "bar", "number of arguments"), ("foo: x2", "‸foo: x2", "a b", "no selector"),
    ("B new", "B ‸new", "newer", "bundled library"), ("A = B", "‸A = B", "B", "a class B already"),
  ])
  func whatCannotBe(text: String, cursor: String, new: String, message: String) throws {
    let (answer, _) = try rename("A", Self.user.replacingOccurrences(of: text, with: cursor), to: new)
    #expect(answer?["error"]?["message"]?.string?.contains(message) == true, "\(answer ?? .null)")
  }
}
