import EditorProtocols
import LanguageServer
import Testing

@Suite(.languageServerThread) struct WritingTests {
  private func complete(_ text: String, _ files: [String: String] = [:]) throws -> [JSON] {
    let editor = try EditorFixture(files)
    return editor.ask("textDocument/completion", "A", at: text)["items"]?.array ?? []
  }
  private func labels(_ text: String, _ files: [String: String] = [:]) throws -> [String] {
    try complete(text, files).map { $0["label"]?.string ?? "" }
  }

  @Test func variablesOfTheScopes() throws {
    let found = try labels(
      "A = B (\n | mine |\n foo: myArgument = ( | myLocal | #(1) do: [:myEach | ‸ ] ) )", ["B": "B = ( | myBase | )"])
    #expect(found.prefix(5) == ["myEach", "myLocal", "myArgument", "mine", "myBase"])
    #expect(found.contains("A") && found.contains("Array") && found.contains("self"))
  }

  /// The text after the cursor, and what stands before in other methods, need not be right.
  @Test func textThatDoesNotParse() throws {
    #expect(try labels("A = (\n foo = ( | total | 1 + ) bar = ( | tall | ta‸ ] ( oops\n") == ["tall"])
    #expect(try labels("A = (\n foo = ( )\n zap = ( 1 + ] )\n bar = ( self fo‸", [:]).first == "foo")
    #expect(try labels("A = ( foo = ( 'a str‸ing' ) )") == [])
    #expect(try labels("A = ( foo = ( \"a com‸ment\" ) )") == [])
    #expect(try labels("A = ( foo = ( | ab‸ | ) )") == [])
  }

  @Test func selectorsOfTheReceiver() throws {
    let files = ["B": "B = ( zip = ( ^self ) zap: x with: y = ( ) ---- | all | make = ( ^self new zap: 1 with: 2 ) )"]
    #expect(try labels("A = ( foo = ( B new z‸ ) )", files) == ["zip", "zap:with:"])
    #expect(try labels("A = ( foo = ( | b | b := B make. b z‸ ) )", files) == ["zip", "zap:with:"])
    #expect(try labels("A = ( foo = ( B m‸ ) )", files).first == "make")
    #expect(try labels("A = ( foo = ( ^3 ab‸ ) )").first == "abs")
    #expect(try labels("A = ( foo = ( self ba‸ ) bar = ( ) )").first == "bar")
    // Of whom nothing is known: everybody's.
    #expect(try labels("A = ( foo: x = ( x zi‸ ) )", files) == ["zip"])
  }

  @Test func argumentsArePlaces() throws {
    let item = try #require(
      try complete("A = ( foo = ( B new za‸ ) )", ["B": "B = ( zap: x with: y = ( \"Zaps it.\" ) )"]).first)
    #expect(item["textEdit"]?["newText"] == "zap: ${1:x} with: ${2:y}")
    let editor = try EditorFixture(["B": "B = ( zap: x with: y = ( \"Zaps *it*.\" ) )"])
    let found = editor.ask("textDocument/completion", "A", at: "A = ( foo = ( B new za‸ ) )")["items"]?[0] ?? .null
    let resolved = editor.ask("completionItem/resolve", found)
    #expect(resolved["documentation"]?["value"]?.string?.contains("B>>zap: x with: y\n```\n\nZaps \\*it\\*.") == true)
  }

  @Test func overridesWhereAMethodBegins() throws {
    let item = try #require(
      try complete("A = B (\n foo = ( )\n za‸\n)", ["B": "B = ( zap: x = ( ) )"]).first)
    #expect(item["label"] == "zap:" && item["detail"] == "overrides B>>zap: x")
    #expect(item["textEdit"]?["newText"] == "zap: x = (\n    $0\n)")
  }

  @Test func signatures() throws {
    let editor = try EditorFixture(["B": "B = ( zap: x with: y = ( ) )"])
    let found = editor.ask("textDocument/signatureHelp", "A", at: "A = ( foo = ( B new zap: 1 with: ‸2 ) )")
    #expect(found["signatures"]?[0]?["label"] == "zap: x with: y" && found["activeParameter"] == 1)
  }
}
