import EditorProtocols
import LanguageServer
import Testing

@Suite(.languageServerThread) struct NavigationTests {
  static let shape =
    "\"Something with an area.\"\nShape = (\n  | side |\n  cost = ( ^side )\n  grow: n = ( side := side + n. ^self cost )\n)"
  static let square =
    "Square = Shape (\n  cost = ( ^side * side )\n  test = ( | s | s := Square new. s grow: 3. ^s cost )\n)"
  private let editor: EditorFixture

  init() throws { editor = try EditorFixture(["Shape": Self.shape, "Square": Self.square]) }

  private func places(_ method: String, _ name: String, _ text: String, _ more: [String: JSON] = [:]) -> [String] {
    EditorFixture.places(editor.ask(method, name, at: text, more))
  }

  /// A class with the cursor before the nth place of a text.
  private func at(_ word: String, _ number: Int = 1, in text: String) -> String {
    let parts = text.components(separatedBy: word)
    return parts.prefix(number).joined(separator: word) + "‸" + word + parts.dropFirst(number).joined(separator: word)
  }

  @Test func definitions() {
    let square = Self.square
    func definition(_ word: String, _ number: Int) -> [String] {
      places("textDocument/definition", "Square", at(word, number, in: square))
    }
    #expect(definition("Shape", 1) == ["Shape:1:0"])
    #expect(definition("side", 1) == ["Shape:2:4"])
    #expect(definition("s :=", 1) == ["Square:2:13"])
    #expect(definition("grow:", 1) == ["Shape:4:2"])
    // The receiver is known: not Shape's.
    #expect(definition("cost", 2) == ["Square:1:2"])
    #expect(definition("Square new", 1) == ["Square:0:0"])
    #expect(places("textDocument/typeDefinition", "Square", at("s cost", 1, in: square)) == ["Square:0:0"])
  }

  @Test func referencesAndImplementations() {
    #expect(
      places(
        "textDocument/references", "Shape", at("cost", 2, in: Self.shape), ["context": ["includeDeclaration": false]])
        == ["Shape:4:38", "Square:2:48"])
    #expect(
      places("textDocument/implementation", "Shape", at("cost", 2, in: Self.shape)) == ["Shape:3:2", "Square:1:2"])
    #expect(
      places("textDocument/references", "Shape", at("side", 1, in: Self.shape)) == [
        "Shape:2:4", "Shape:3:12", "Shape:4:14", "Shape:4:22", "Square:1:12", "Square:1:19",
      ])
    #expect(places("textDocument/implementation", "Shape", at("Shape", 1, in: Self.shape)) == ["Square:0:0"])
  }

  @Test func librarySourcesCanBeShown() throws {
    let found = editor.ask("textDocument/definition", "Square", at: at("new", 1, in: Self.square))
    let uri = try #require(found[0]?["uri"]?.string)
    #expect(uri.hasSuffix("/.library/Class.som"))
    let symbols = editor.ask("textDocument/documentSymbol", ["textDocument": ["uri": .string(uri)]])
    #expect(symbols[0]?["name"] == "Class")
  }

  @Test func hovers() {
    func hover(_ name: String, _ text: String) -> String {
      editor.ask("textDocument/hover", name, at: text)["contents"]?["value"]?.string ?? ""
    }
    #expect(hover("Square", at("Shape", 1, in: Self.square)).contains("Shape < Object\n```\n\nSomething with an area."))
    #expect(hover("Square", at("s :=", 1, in: Self.square)) == "local variable `s`: Square")
    #expect(hover("Square", at("side", 1, in: Self.square)) == "field `side` of Shape")
    #expect(hover("Square", at("cost", 2, in: Self.square)).contains("2 implementors, 2 senders"))
  }

  @Test func symbols() {
    let found = editor.ask("workspace/symbol", ["query": "gro"])
    #expect(found[0]?["name"] == "grow:" && found[0]?["containerName"] == "Shape")
    #expect(editor.ask("workspace/symbol", ["query": "Sqre"]).array?.contains { $0["name"] == "Square" } == true)
  }

  @Test func hierarchies() throws {
    let items = editor.ask("textDocument/prepareCallHierarchy", "Shape", at: at("grow:", 1, in: Self.shape))
    let item = try #require(items[0])
    let callers = editor.ask("callHierarchy/incomingCalls", ["item": item])
    #expect(callers.array?.map { $0["from"]?["detail"] } == ["Square>>test"])
    let called = editor.ask("callHierarchy/outgoingCalls", ["item": item]).array ?? []
    #expect(called.contains { $0["to"]?["detail"] == "Shape>>cost" })
    let types = editor.ask("textDocument/prepareTypeHierarchy", "Square", at: at("Square", 1, in: Self.square))
    let type = try #require(types[0])
    #expect(editor.ask("typeHierarchy/supertypes", ["item": type])[0]?["name"] == "Shape")
    #expect(editor.ask("typeHierarchy/subtypes", ["item": type]) == [])
  }

  @Test func highlights() {
    let found = editor.ask("textDocument/documentHighlight", "Square", at: at("s grow", 1, in: Self.square))
    #expect(found.array?.map { $0["kind"] } == [3, 3, 2, 2])
  }
}
