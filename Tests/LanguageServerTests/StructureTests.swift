import EditorProtocols
import LanguageServer
import Testing

@Suite(.languageServerThread) struct StructureTests {
  private static let text = "A = (\n  | f |\n  \"ä 😀\n two\" foo: x = (\n    f := x + 3.\n    ^self foo: #a ) )\n"
  private let editor: EditorFixture
  private let document: JSON

  init() throws {
    editor = try EditorFixture([:])
    document = ["uri": .string(editor.uri("A"))]
  }

  @Test func semanticTokens() {
    editor.open("A", Self.text)
    let data = editor.ask("textDocument/semanticTokens/full", ["textDocument": document])["data"]?.array ?? []
    let lines = Self.text.components(separatedBy: "\n").map { Array($0.utf16) }
    let kinds = [
      "class", "parameter", "variable", "property", "method", "keyword", "string", "number", "comment", "operator",
      "symbol",
    ]
    var line = 0, column = 0
    var found: [String] = []
    for i in stride(from: 0, to: data.count, by: 5) {
      let numbers = data[i..<(i + 5)].compactMap(\.integer)
      column = numbers[0] == 0 ? column + numbers[1] : numbers[1]
      line += numbers[0]
      found.append(
        "\(kinds[numbers[3]]) \(String(decoding: lines[line][column..<(column + numbers[2])], as: UTF16.self))")
    }
    #expect(
      found == [
        "class A", "property f", "comment \"ä 😀", "comment  two\"", "method foo:", "parameter x", "property f",
        "parameter x", "operator +", "number 3", "keyword self", "method foo:", "symbol #a",
      ])
  }

  @Test func folding() {
    editor.open("A", Self.text)
    let ranges = editor.ask("textDocument/foldingRange", ["textDocument": document]).array ?? []
    #expect(
      ranges.map { "\($0["startLine"]?.integer ?? -1)-\($0["endLine"]?.integer ?? -1)" } == ["2-3", "0-4", "3-4"])
  }

  @Test func selection() {
    let (text, position) = EditorFixture.cursor("A = ( foo = ( ^self bar: (3 + ‸four) ) )")
    editor.open("A", text)
    var range = editor.ask("textDocument/selectionRange", ["textDocument": document, "positions": [position]])[0]
    var texts: [String] = []
    let units = Array(text.utf16)
    while let found = range {
      let start = found["range"]?["start"]?["character"]?.integer ?? 0
      let end = found["range"]?["end"]?["character"]?.integer ?? 0
      texts.append(String(decoding: units[start..<end], as: UTF16.self))
      range = found["parent"]
    }
    #expect(
      texts == [
        "four", "3 + four", "self bar: (3 + four)", "^self bar: (3 + four)", "foo = ( ^self bar: (3 + four) )", text,
      ])
  }

  @Test func formatting() {
    let messy = "A = (\nfoo   =   ( ^1 )\n\n  bar = (   ^2   )\n)\n"
    editor.open("A", messy)
    let edits = editor.ask("textDocument/formatting", ["textDocument": document, "options": [:]])
    #expect(EditorFixture.apply(edits, to: messy) == "A = (\n    foo = ( ^1 )\n\n    bar = ( ^2 )\n)\n")
    let range: JSON = ["start": ["line": 3, "character": 3], "end": ["line": 3, "character": 4]]
    let some = editor.ask("textDocument/rangeFormatting", ["textDocument": document, "range": range, "options": [:]])
    #expect(EditorFixture.apply(some, to: messy) == "A = (\nfoo   =   ( ^1 )\n\n  bar = ( ^2 )\n)\n")
    editor.open("A", "A = ( foo = ( ] )")
    let answer = editor.answer("textDocument/formatting", ["textDocument": document])
    #expect(answer?["error"]?["message"]?.string?.contains("does not parse") == true)
  }

  @Test func lenses() throws {
    let editor = try EditorFixture(["B": "B = ( foo = ( ^self bar ) bar = ( ) )"])
    editor.open("A", "A = B ( bar = ( ^self foo ) )")
    let lenses = editor.ask("textDocument/codeLens", ["textDocument": ["uri": .string(editor.uri("A"))]])
    #expect(lenses.array?.map { $0["command"]?["title"] } == ["1 sender", "overrides B"])
    let places = editor.ask("workspace/executeCommand", ["command": "ovid.senders", "arguments": ["bar"]])
    #expect(EditorFixture.places(places) == ["B:0:20"])
  }
}
