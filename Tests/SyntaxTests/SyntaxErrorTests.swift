// Invalid texts, and what is said about them.

import CorpusSupport
import Foundation
import Syntax
import Testing

private func errors(_ bytes: [UInt8]) -> [String] {
  do throws(SyntaxErrors) {
    _ = try Parser.parseClass(SourceText(name: "t", bytes: bytes))
    return []
  } catch { return error.diagnostics.map(\.description) }
}

private func errors(_ text: String) -> [String] { errors(Array(text.utf8)) }

/// The diagnostics of a method body that begins in column 1 of line 2.
private func bodyErrors(_ text: String) -> [String] { errors("A = ( m = (\n\(text)\n) )") }

/// The hint for a `!`.
private let noChunks = "; SOM has no ! between methods: a class is one file, Name = ( methods )"

@Suite struct SyntaxErrorTests {
  @Test(arguments: [
    ("", "t:1:1: expected the name of a class, found end of input"),
    ("A", "t:1:2: expected =, found end of input"),
    ("A = B", "t:1:6: expected (, found end of input"),
    ("A = (", "t:1:6: expected a method, a separator ---- or ), found end of input"),
    ("A = () x", "t:1:8: expected end of input after the class, found 'x'"),
    ("A = ( | a ", "t:1:11: expected the name of a field, or |, found end of input"),
    (
      "A = ( m ( ) )",
      "t:1:9: expected = after the method's pattern, found '('; a method is written name = ( ^value )"
    ),
    ("A = ( m = 3 )", "t:1:11: expected ( or primitive, found '3'; a method is written name = ( ^value )"),
    ("A = ( m: = () )", "t:1:10: expected the name of an argument, found '='"),
    ("A = ( m: self = () )", "t:1:10: a variable cannot be named self"),
    ("A = ( \"no end", "t:1:7: this comment has no end"),
    ("A = ( ---- ---- )", "t:1:12: expected ) (there can be only one separator), found '----'"),
  ])
  func classes(_ source: String, _ message: String) { #expect(errors(source).first == message) }

  @Test(arguments: [
    ("a b: ", "t:3:1: expected an expression, found ')'"),
    ("a b ^ c", "t:2:5: expected a message, . or ), found '^'"),
    ("(a b", "t:3:4: expected a method, a separator ---- or ), found end of input"),
    ("(a b.", "t:2:5: expected a message or ), found '.'"),
    ("[ :x ]", "t:2:6: expected | after the block's arguments, found ']'"),
    ("[ : | ]", "t:2:5: expected the name of a block argument, found '|'"),
    ("#(1 (2))", "t:2:5: expected a literal or ), found '('"),
    ("'no end", "t:2:1: this string has no end"),
    ("a foo: '\\a'", "t:2:9: Unknown escape sequence '\\a'"),
    ("a ! b", "t:2:3: expected a message, . or ), found '!'" + noChunks),
    ("a; b", "t:2:2: expected a message before ;, found ';'"),
    ("(a b: 1); c", "t:2:9: expected a message before ;, found ';'"),
    ("a .. b", "t:2:4: expected an expression, found '.'"),
    ("# ]", "t:2:1: expected a name, an operator, a string or ( after #"),
    ("3 := 4", "t:2:3: expected a message, . or ), found ':='"),
    ("a \u{0} b", "t:2:3: a zero byte in the text"),
    ("| a", "t:3:1: expected the name of a variable, or |, found ')'"),
  ])
  func bodies(_ source: String, _ message: String) {
    #expect(bodyErrors(source).first == message)
  }

  /// What other Smalltalks have, with SOM's way.
  @Test(arguments: [
    ("a foo: 'it''s'", #"found a string; a quote in a string is \' in SOM: 'it\'s'"#),
    ("a foo: $a", "found '$'; SOM has no characters: $a is 'a', a string of length 1"),
    ("{1. 2}", "found '{'; SOM has no { }: of literals #(1 2), of other things Array with: a with: b"),
    ("#[1 2]", "after #; SOM has no byte arrays: #(1 2) is an array of integers"),
    ("a foo;; bar", "found ';'; one ; stands between the messages of a cascade"),
    ("<primitive: 60>", "found '<'; SOM has no pragmas: a method of the virtual machine is written name = primitive"),
  ])
  func spellingsOfOthers(_ source: String, _ message: String) {
    let found = bodyErrors(source).first ?? ""
    #expect(found.hasSuffix(message), "\(found)")
  }

  @Test func methodsOfOthers() {
    #expect(errors("A = (\n m ^1\n)").first?.hasSuffix("a method is written name = ( ^value )") == true)
    #expect(errors("A = (\n m = ^1\n)").first?.hasSuffix("a method is written name = ( ^value )") == true)
    // Two strings that are not one another's neighbours are two strings.
    #expect(bodyErrors("a foo: 'b' 'c'").first?.hasSuffix("found a string") == true)
  }

  @Test(arguments: [
    ("Method e3 not found in class Integer", "1000"), ("Method e not found in class Double", "exponent"),
    ("Method r1F not found in class Integer", "decimal"),
    ("Method subclass:instanceVariableNames:category: not found in class Object class", "Name = Superclass"),
  ])
  func messagesOfOthers(_ message: String, _ hint: String) {
    #expect(ForeignSpelling.hint(forMessage: message)?.contains(hint) == true)
  }

  @Test(arguments: [
    "Method e3 not found in class Foo", "Method even3 not found in class Integer",
    "Method r not found in class Integer",
    "Method remove not found in class Integer", "something else", "",
  ])
  func noHint(_ message: String) { #expect(ForeignSpelling.hint(forMessage: message) == nil) }

  @Test func reportsQuoteTheLine() throws {
    do throws(SyntaxErrors) {
      _ = try Parser.parseClass(SourceText(name: "dir/A.som", "A = (\n  m = ( ^3 := 4 )\n)"))
      Issue.record("no error")
    } catch {
      #expect(error.report.hasPrefix("File 'dir/A.som', line 2, column 12:\n    m = ( ^3 := 4 )\nexpected "))
    }
  }

  @Test func severalErrorsInOneFile() {
    let found = errors(
      "A = (\n a = ( ^ )\n b = ( ok )\n c: x = ( x ] )\n ----\n d = ( 'x' ( )\n e = ( 1 )\n)")
    #expect(found.map { $0.prefix(4) } == ["t:2:", "t:4:", "t:6:"])
  }

  /// After an error in a statement, the next ones are parsed as long as the brackets of the method match.
  @Test(arguments: [
    ("a b: . c d: . e", ["2:6: expected an expression, found '.'", "2:13: expected an expression, found '.'"]),
    ("a := . ^b c: ", ["2:6: expected an expression, found '.'", "3:1: expected an expression, found ')'"]),
    (
      "a b := 3. c ! d. ^e",
      ["2:5: expected a message, . or ), found ':='", "2:13: expected a message, . or ), found '!'" + noChunks]
    ),
    ("a ^b. c d: ]. e", ["2:3: expected a message, . or ), found '^'"]),
    // In blocks, and behind them; a period in parentheses ends no statement.
    (
      "a b: [ c d: . e f: ] g: [ h i: ]. j k:",
      [
        "2:13: expected an expression, found '.'", "2:20: expected an expression, found ']'",
        "2:32: expected an expression, found ']'", "3:1: expected an expression, found ')'",
      ]
    ),
    ("(a b. c d:) e. f g:", ["2:5: expected a message or ), found '.'", "3:1: expected an expression, found ')'"]),
    (
      "a b: [ :c d | e f: ] g. #(1 [ . ] 2) h. i j:",
      [
        "2:11: expected | after the block's arguments, found 'd'", "2:29: expected a literal or ), found '['",
        "3:1: expected an expression, found ')'",
      ]
    ),
    ("a .. b .. c", ["2:4: expected an expression, found '.'", "2:9: expected an expression, found '.'"]),
    (
      "a foo: '\\a.'. b ! c",
      ["2:9: Unknown escape sequence '\\a'", "2:17: expected a message, . or ), found '!'" + noChunks]
    ),
    // Where they do not match, the first error is all that is certain.
    ("a b: ( . c d: . e", ["2:8: expected an expression, found '.'"]),
    ("a b: [ . c ) ]. d e: .", ["2:8: expected an expression, found '.'"]),
    ("a b: . 'c d: .", ["2:6: expected an expression, found '.'"]),
  ])
  func severalErrorsInOneMethod(_ source: String, _ messages: [String]) {
    #expect(bodyErrors(source) == messages.map { "t:" + $0 })
  }

  @Test func theErrorsOfAMethodEndWithIt() {
    #expect(
      errors("A = (\n a = ( b c: . d e: )\n a = ( f g: . h )\n ----\n a = ( i | j: . k l: )\n)").map { $0.prefix(7) }
        == [
          "t:2:13:", "t:2:20:", "t:3:2: ", "t:3:13:", "t:5:12:", "t:5:22:",
        ])
    // One that is not closed has one error.
    #expect(
      errors("A = (\n a = ( b c: . d e: . (f\n b = ( g ) )\n c = ( h i: . j k: )\n)").map { $0.prefix(7) } == [
        "t:2:13:", "t:3:12:", "t:4:13:", "t:4:20:",
      ])
    // Nor has one with a parenthesis too many.
    #expect(
      errors("A = (\n a = ( ^ ) b: . c )\n b = ( ^1 )\n)") == ["t:2:10: expected an expression, found ')'"])
    let many = errors("A = (\n a = (\(String(repeating: ".", count: 100_000)))\n b = ( ^ )\n)")
    #expect(many.count == 101)
  }

  @Test func aMethodThatIsNotClosed() {
    #expect(
      errors("A = (\n  a = ( ^(1 + 2 )\n  b: x = ( ^x )\n  c = ( ^ )\n)") == [
        "t:3:3: expected ) at the end of method a (line 2), found 'b:'",
        "t:4:11: expected an expression, found ')'",
      ])
    // A statement that looks like a method, but stands deeper, is none.
    #expect(
      errors("A = (\n  a = (\n    x = (1) .\n    ]\n  )\n)") == ["t:4:5: expected an expression, found ']'"])
  }

  /// What was not expected is the beginning of the next method, or the separator: it is read all the same.
  @Test(arguments: [
    "A = (\n foo = 3\n bar = ( )\n zip = ( ) )", "A = (\n foo: 3\n bar = ( )\n zip = ( ) )",
    "A = (\n foo = \n   bar = ( )\n zip = ( ) )", "A = (\n foo = ( 3 + )\n bar = ( )\n zip = ( ) )",
    "A = (\n foo\n   bar = ( )\n zip = ( ) )", "A = (\n 3 = ( )\n bar = ( )\n zip = ( ) )",
  ])
  func theMethodAfterAnErrorIsRead(text: String) {
    let found = Parser.parseClassPartially(SourceText(name: "t", text))
    #expect(found.definition?.instanceMethods.map(\.selector).suffix(2) == ["bar", "zip"])
    #expect(!found.diagnostics.isEmpty)
  }

  @Test func theSideAfterAnErrorIsTheClass() {
    let found = Parser.parseClassPartially(SourceText(name: "t", "A = (\n foo = \n----\n bar = ( ) )"))
    #expect(found.definition?.classMethods.map(\.selector) == ["bar"])
    #expect(found.definition?.instanceMethods.isEmpty == true)
  }

  @Test func aParenthesisTooMany() {
    #expect(
      errors("A = (\n  a = ( ^(1 + 2)) )\n  b = ( ^2 )\n  c = ( ^ )\n)") == [
        "t:2:19: this ) ends class A, but b follows: there is one ) too many before it",
        "t:4:11: expected an expression, found ')'",
      ])
  }

  @Test func aBlockOfAnotherLine() {
    #expect(
      bodyErrors("a do: [ :x |\n b )") == [
        "t:3:4: expected a message, . or ] for the block of line 2, found ')'"
      ])
  }

  @Test(arguments: [
    ("A = ( | a b a | )", "t:1:13: Field 'a' has already been defined in this class."),
    ("A = ( ---- | a a | )", "t:1:16: Field 'a' has already been defined in this class."),
    (
      "A = (\n m = ( )\n m = ( ) )",
      "t:3:2: method #m has already been defined in this class, at line 2"
    ),
    (
      "A = ( x: a y: b = ( )\n x: a y: c = primitive )",
      "t:2:2: method #x:y: has already been defined in this class, at line 1"
    ),
    ("A = ( x: a y: a = ( ) )", "t:1:15: Variable 'a' shadows another of the same name"),
    ("A = ( x: a = ( | a | ) )", "t:1:18: Variable 'a' shadows another of the same name"),
    ("A = ( m = ( | a b a | ) )", "t:1:19: Variable 'a' shadows another of the same name"),
    ("A = ( m = ( ^[ :a :a | ] ) )", "t:1:20: Variable 'a' shadows another of the same name"),
    ("A = ( m = ( ^[ :a | | a | ] ) )", "t:1:23: Variable 'a' shadows another of the same name"),
  ])
  func repeatedNames(_ source: String, _ message: String) { #expect(errors(source) == [message]) }

  @Test func aNameMayBeUsedOnBothSidesAndInInnerScopes() {
    #expect(errors("A = ( | a | m: b = ( | c | ^[ :b | | c | c ] ) ---- | a | m: b = ( ) )").isEmpty)
  }

  @Test func aByteOrderMarkIsNoError() {
    #expect(errors([0xEF, 0xBB, 0xBF] + Array("A = ( )".utf8)).isEmpty)
    #expect(errors(Array("A \u{FEFF}= ( )".utf8)).count == 1)
  }

  @Test func invalidUTF8() {
    #expect(
      errors([0x41, 0x20, 0x3D, 0xFF, 0x28, 0x29]).first
        == "t:1:4: expected UTF-8 text, found a byte that is not UTF-8")
    #expect(errors([0xC3]).count == 1)
  }

  /// Whatever stands in a file, parsing ends, with errors or without.
  @Test func mutations() {
    let seed = Array(
      "A = B ( | a | m: x = ( | t | ^[ :y | #(1 'a' #b) foo: -1.5 + x; bar ] \"c\" ) ---- n = primitive )"
        .utf8)
    var random = UInt64(42)
    for _ in 0..<4000 {
      var bytes = seed
      for _ in 0..<3 {
        random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let position = Int(random >> 33) % bytes.count
        switch random >> 20 & 3 {
        case 0: bytes.remove(at: position)
        case 1: bytes[position] = UInt8(truncatingIfNeeded: random >> 24)
        case 2: bytes.insert(seed[Int(random >> 40) % seed.count], at: position)
        default: bytes.removeSubrange(position...)
        }
        if bytes.isEmpty { break }
      }
      for message in errors(bytes) { #expect(message.hasPrefix("t:")) }
    }
  }

  @Test(arguments: ["(", "[", "#(", "a foo: (", "[:x | x := [", "a + (", "^ (", "x := ", "a b: #("])
  func deepNesting(_ opening: String) throws {
    // On a small stack, as secondary threads have.
    let outcome = onSmallStack { bodyErrors(String(repeating: opening, count: 100_000)).first ?? "" }
    #expect(
      outcome.contains(
        opening.hasSuffix(":= ")
          ? "too many assignments" : opening == "^ (" ? "expected" : "too deeply nested"))
  }

  @Test func reasonableNestingAndChains() {
    let depth = 40
    #expect(
      bodyErrors(String(repeating: "(", count: depth) + "1" + String(repeating: ")", count: depth)).isEmpty)
    #expect(
      bodyErrors(String(repeating: "[", count: depth) + "1" + String(repeating: "]", count: depth)).isEmpty)
    #expect(bodyErrors("1" + String(repeating: " + 1", count: 900)).isEmpty)
    let long = onSmallStack { bodyErrors("1" + String(repeating: " + 1", count: 100_000)).first ?? "" }
    #expect(long.contains("too many messages in one expression"))
  }
}
