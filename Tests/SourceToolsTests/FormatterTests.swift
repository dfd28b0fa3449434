// What the formatter makes of texts, and that it is stable and loses nothing.

import CorpusSupport
import Foundation
import SourceTools
import Syntax
import Testing

private func format(_ text: String) throws -> String {
  try SourceFormatter.format(SourceText(name: "t", text))
}

/// The text of a method body in a class, before and after formatting.
private func body(_ text: String) throws -> String {
  let result = try format("A = (\n    m = (\n        \(text)\n    )\n)")
  let lines = result.split(separator: "\n", omittingEmptySubsequences: false)
  #expect(lines.prefix(2) == ["A = (", "    m = ("] && lines.suffix(3) == ["    )", ")", ""])
  return lines.dropFirst(2).dropLast(3).map { String($0.dropFirst(8)) }.joined(separator: "\n")
}

@Suite struct FormatterTests {
  @Test(arguments: [
    ("a:=b  foo", "a := b foo"), ("^ self", "^self"), ("a+b*c", "a + b * c"), ("( a )", "(a)"),
    ("((a+b))", "((a + b))"), ("a foo:1bar:2", "a foo: 1 bar: 2"), ("a foo;bar:1;+2", "a foo; bar: 1; + 2"),
    ("[:x|x]", "[ :x | x ]"), ("[:x||t|t]", "[ :x | | t | t ]"), ("[]", "[ ]"), ("[ || a ]", "[ a ]"),
    ("a foo.", "a foo."), ("[ a. b. ]", "[ a. b ]"),
    ("- 5 abs", "-5 abs"), ("3--2", "3 - -2"), ("#  foo", "#foo"), ("#at:put", "#at: put"), ("#'a  b'", "#'a  b'"),
    ("#( 1   foo #bar -  2 #( ) )", "#(1 foo #bar -2 #())"), ("'a\\nb  c'", "'a\\nb  c'"),
  ])
  func spacing(_ source: String, _ expected: String) throws { #expect(try body(source) == expected) }

  @Test(arguments: [
    ("a foo. \"after\"\nb bar", "a foo. \"after\"\nb bar"),
    ("a foo \"before the period\" .\nb", "a foo. \"before the period\"\nb"),
    ("\"own line\"\n   a foo", "\"own line\"\na foo"),
    ("a \"receiver\" foo: \"argument\" b", "a \"receiver\" foo: \"argument\" b"),
    ("a := \"why\"\n  b", "a := \"why\"\n    b"),
    ("(\"in\" a \"out\")", "(\"in\" a \"out\")"), ("^ \"c\" a", "^\"c\" a"), ("[ \"only\"\n ]", "[ \"only\" ]"),
    ("#( \"c\" 1 \"d\" )", "#(\"c\" 1 \"d\")"), ("a foo: - \"c\" 5", "a foo: \"c\" -5"),
    ("a foo \"x\" ; \"y\" bar", "a foo \"x\"; \"y\" bar"),
    ("a foo.\n\n\n\n\"set off\"\nb", "a foo.\n\n\"set off\"\nb"),
    ("[ :x \"h\" | \"i\"\n x ]", "[ :x \"h\" | \"i\"\n    x ]"),
  ])
  func comments(_ source: String, _ expected: String) throws { #expect(try body(source) == expected) }

  @Test func linesOfACommentMoveWithIt() throws {
    #expect(
      try format("A = (\n  \"one\n   two\n\n  three\"\n  a = primitive )")
        == "A = (\n    \"one\n     two\n\n    three\"\n    a = primitive\n)\n")
  }

  @Test(arguments: [
    // The author's break before a keyword, an operator, a cascaded message.
    ("a foo: 1\n bar: 2", "a\n    foo: 1\n    bar: 2"),
    ("a foo\n + b bar", "a foo\n    + b bar"),
    ("a foo; bar;\n baz: 1", "a\n    foo;\n    bar;\n    baz: 1"),
    ("a ifTrue: [\n b. c ]", "a ifTrue: [\n    b.\n    c ]"),
    ("a ifTrue: [\n b ] ifFalse: [\n c ]", "a\n    ifTrue: [\n        b ]\n    ifFalse: [\n        c ]"),
    ("[\n a. b ] whileTrue: [\n c ]", "[\n    a.\n    b ] whileTrue: [\n    c ]"),
    ("#(1 2\n 3 4)", "#(1 2\n    3 4)"),
    // Other breaks are not kept.
    ("a\n:=\nb\n", "a := b"), ("a foo:\n 1", "a foo: 1"), ("(\na\n)", "(a)"), ("[ a\n]", "[ a ]"),
  ])
  func breaks(_ source: String, _ expected: String) throws { #expect(try body(source) == expected) }

  @Test func longLines() throws {
    let long = "anArgumentOfSomeLength"
    #expect(
      try body("self foo: \(long) bar: \(long) + \(long) baz: \(long)")
        == "self\n    foo: \(long)\n    bar: \(long) + \(long)\n    baz: \(long)")
    #expect(
      try body("x ifTrue: [ self foo: \(long) bar: \(long) ] ifFalse: [ self baz: \(long) ]")
        == "x\n    ifTrue: [ self foo: \(long) bar: \(long) ]\n    ifFalse: [ self baz: \(long) ]")
    #expect(
      try body("self error: \(long) , \(long) , \(long) , \(long)")
        == "self error: \(long) , \(long) , \(long)\n    , \(long)")
    #expect(
      try body("1 to: 10 do: [ :i | self foo: \(long) bar: \(long). self baz: \(long) ]")
        == "1 to: 10 do: [ :i |\n    self foo: \(long) bar: \(long).\n    self baz: \(long) ]")
    #expect(
      try body("self foo: \(long); bar: \(long); baz: \(long); qux: 1")
        == "self\n    foo: \(long);\n    bar: \(long);\n    baz: \(long);\n    qux: 1")
    for line in try format("A = ( m = ( ^#( \(String(repeating: "12345 ", count: 60)) ) ) )").split(separator: "\n") {
      #expect(line.count <= SourceFormatter.lineWidth)
    }
  }

  @Test func classes() throws {
    #expect(
      try format("\"c\" A=B(|a b|x=(^a)y=primitive z=(\na. b)----|k|new=(^super new))\"end\"")
        == """
        "c" A = B (
            | a b |

            x = ( ^a )
            y = primitive

            z = (
                a.
                b
            )

            ----

            | k |

            new = ( ^super new )
        ) "end"

        """)
    #expect(try format("A=()") == "A = ( )\n")
    // Without | |, the next operator would still begin a method.
    #expect(try format("A = ( | | || b = ( ^b ) )") == "A = (\n    || b = ( ^b )\n)\n")
  }

  @Test func tablesStayTables() throws {
    let table = "A = (\n    a        = ( ^1 )\n    longer   = primitive\n\n    other: x = ( ^x )\n)\n"
    #expect(try format(table) == table)
    // One method alone is no table, nor is what is not aligned.
    #expect(
      try format("A = (\n    a        = ( ^1 )\n    longer      = primitive\n)\n")
        == "A = (\n    a = ( ^1 )\n    longer = primitive\n)\n")
  }

  @Test func stringsOfSeveralLines() throws {
    #expect(
      try format("A = ( a = ( ^'two\n lines'  foo ) )") == "A = (\n    a = (\n        ^'two\n lines' foo\n    )\n)\n")
  }

  @Test func lineEndsStay() throws {
    #expect(try format("A = (\r\n  a = ( ^1 )\r\n)\r\n") == "A = (\r\n    a = ( ^1 )\r\n)\r\n")
    // Those in comments and strings are the author's, and say nothing about the others.
    let mixed = try format("A = ( \"two\nlines\"\r\n  a = ( ^1 )\n)")
    #expect(mixed == "A = ( \"two\nlines\"\r\n    a = ( ^1 )\r\n)\r\n")
    #expect(try format(mixed) == mixed)
  }

  /// Found by fuzzing: the comment of a broken cascade moves to the end of a line, and must not break more there.
  @Test func commentsOfBrokenCascades() throws {
    let once = try body("a foo;\n \"c\" at: 1 put: 2; \"d\" at: 3 put: 4")
    #expect(once == "a\n    foo;\n    \"c\" at: 1 put: 2; \"d\"\n    at: 3 put: 4")
    #expect(try body(once) == once)
  }

  /// Found by fuzzing: the comment between a sign and its number is printed before both, and breaks the array there.
  @Test(arguments: [
    ("#(-\n\"c\"\n1)", "#(\n    \"c\"\n    -1)"), ("#(1 - \"c\"\n2)", "#(1 \"c\"\n    -2)"),
    ("#(1 -\n2)", "#(1 -2)"),
  ])
  func commentsWithinNegativeNumbers(_ source: String, _ expected: String) throws {
    let once = try body(source)
    #expect(once == expected)
    #expect(try body(once) == once)
  }

  @Test func syntaxErrorsAreReported() {
    #expect {
      try format("A = ( a = ( ^ ) )")
    } throws: { error in
      "\(error)" == "t:1:15: expected an expression, found ')'"
    }
  }

  @Test func deepNestingIsAnError() throws {
    let deep = "A = ( a = ( ^\(String(repeating: "[ ", count: 390))1\(String(repeating: " ]", count: 390)) ) )"
    // Formatted, or refused; never a crash, on the stack of a secondary thread.
    _ = onSmallStack { (try? format(deep)) ?? "" }
    let chain = "A = ( a = ( ^1\(String(repeating: " + 1", count: 900)) ) )"
    #expect(try format(try format(chain)) == format(chain))
  }

  /// Every source of the project, formatted twice.
  @Test func projectSourcesAreStable() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    var count = 0
    for folder in ["Sources/VM/CoreLibrary", "Benchmarks", "Tests/Corpus"] {
      let files = FileManager.default.enumerator(
        at: root.appendingPathComponent(folder), includingPropertiesForKeys: nil)
      while let file = files?.nextObject() as? URL {
        guard file.pathExtension == "som", let data = try? Data(contentsOf: file) else { continue }
        do throws(FormatError) {
          let once = try SourceFormatter.format(SourceText(name: file.path, bytes: [UInt8](data)))
          let twice = try SourceFormatter.format(SourceText(name: file.path, once))
          #expect(once == twice, "\(file.path)")
          count += 1
        } catch {
          if case .changed = error { Issue.record("\(error)") }
        }
      }
    }
    #expect(count > 100)
  }
}
