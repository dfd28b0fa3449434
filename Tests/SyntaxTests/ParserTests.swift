// Valid texts and the trees they parse to, printed as s-expressions.

import Syntax
import Testing

func text(_ expression: Expression) -> String {
  switch expression {
  case .literal(let value, _): text(value)
  case .variable(let reference): reference.name
  case .assignment(let node): "(:= \(node.target.name) \(text(node.value)))"
  case .send(let node): "(\(([text(node.receiver)] + message(node.message)).joined(separator: " ")))"
  case .cascade(let node):
    "(\(text(node.receiver))\(node.messages.map { "; " + message($0).joined(separator: " ") }.joined()))"
  case .block(let node):
    "[" + (node.arguments.map { ":" + $0.name } + [text(node.body)]).joined(separator: " ") + "]"
  }
}

func message(_ message: Message) -> [String] { [message.selector] + message.arguments.map(text) }

func text(_ value: LiteralValue) -> String {
  switch value {
  case .integer(let value): "\(value)"
  case .bigInteger(let digits): "big\(digits)"
  case .double(let value): "\(value)"
  case .string(let text): "'\(text)'"
  case .symbol(let name): "#\(name)"
  case .array(let elements): "#(" + elements.map(text).joined(separator: " ") + ")"
  }
}

func text(_ body: Body) -> String {
  let statements = body.statements.map { statement in
    switch statement {
    case .expression(let value): text(value)
    case .returning(let value, _, _): "^" + text(value)
    }
  }
  let temporaries =
    body.temporaries.isEmpty ? [] : ["|" + body.temporaries.map(\.name).joined(separator: " ") + "|"]
  return (temporaries + [statements.joined(separator: ". ")]).joined(separator: " ")
}

func parseBody(_ source: String) throws -> String {
  text(try Parser.parseMethod(SourceText(name: "t", "m = ( \(source) )")).body)
}

@Suite struct ParserTests {
  @Test(arguments: [
    ("^ 1 + 2 * 3", "^((1 + 2) * 3)"),
    ("a foo: b bar + c baz: d", "(a foo:baz: ((b bar) + c) d)"),
    ("a b c", "((a b) c)"),
    ("a := b := c d", "(:= a (:= b (c d)))"),
    ("(a b: c) d", "((a b: c) d)"),
    ("a foo; bar: 1; + 2", "(a; foo; bar: 1; + 2)"),
    ("a b foo: 1; bar", "((a b); foo: 1; bar)"),
    ("3 - 2", "(3 - 2)"), ("3 -2", "(3 - 2)"), ("3-2", "(3 - 2)"), ("3 - -2", "(3 - -2)"),
    ("3--2", "(3 - -2)"),
    ("a -1", "(a - 1)"), ("-1 abs", "(-1 abs)"), ("a<-1", "(a < -1)"), ("a foo: -1", "(a foo: -1)"),
    ("- 5", "-5"), ("a = -2.5", "(a = -2.5)"),
    ("a == b && c || d", "(((a == b) && c) || d)"),
    ("a ->>%@~\\, b", "(a ->>%@~\\, b)"),
    ("[ ] value", "([] value)"), ("[ :x :y | x + y ]", "[:x :y (x + y)]"),
    ("[ :x | | t | t := x. ^t ]", "[:x |t| (:= t x). ^t]"), ("[ :x || t | t ]", "[:x |t| t]"),
    ("| a_1 b | a_1 + b.", "|a_1 b| (a_1 + b)"), ("|| a", "a"),
    ("#foo", "#foo"), ("#foo:bar: size", "(#foo:bar: size)"), ("#at:put", "(#at: put)"), ("#+", "#+"),
    ("#'some text'", "#some text"), ("#- size", "(#- size)"),
    ("'foo:' = #foo: ifTrue: [ ^ 1 ]", "(('foo:' = #foo:) ifTrue: [^1])"),
    ("#(foo #bar 'x' 1 -2.5 #(nested #+) + k:)", "#(#foo #bar 'x' 1 -2.5 #(#nested #+) #+ #k:)"),
    ("#()", "#()"),
    ("'it\\'s\\n\\t\\\\'", "'it's\n\t\\'"), ("'a\nb'", "'a\nb'"), ("''", "''"),
    ("1.5", "1.5"), ("1. 2", "1. 2"), ("007", "7"),
    ("4611686018427387903", "4611686018427387903"), ("4611686018427387904", "big4611686018427387904"),
    ("-4611686018427387904", "-4611686018427387904"), ("-4611686018427387905", "big-4611686018427387905"),
    ("99999999999999999999999", "big99999999999999999999999"),
    ("a \"comment\" b \"another\nline\"", "(a b)"), ("primitive", "primitive"), ("größe foo", "(größe foo)"),
    ("a:=3", "(:= a 3)"), ("", ""), ("^ x := 1. y", "^(:= x 1). y"),
  ])
  func expressions(_ source: String, _ tree: String) throws {
    #expect(try parseBody(source) == tree)
  }

  @Test func aClass() throws {
    let source = SourceText(
      name: "Foo.som",
      "\"c\"\r\nFoo = Bar (\r\n  | a b |\r\n  foo = primitive\r\n  || x = ( ^x )\r\n  at: i put: x = ( a := i )\r\n"
        + "  ----\r\n  |k| new = ( ^super new )\r\n)")
    let parsed = try Parser.parseClass(source)
    #expect(parsed.name == "Foo")
    #expect(parsed.superclassName == "Bar")
    #expect(parsed.instanceFields == ["a", "b"])
    #expect(parsed.classFields == ["k"])
    #expect(parsed.instanceMethods.map(\.selector) == ["foo", "||", "at:put:"])
    #expect(parsed.instanceMethods.map(\.isPrimitive) == [true, false, false])
    #expect(parsed.instanceMethods[2].argumentNames == ["i", "x"])
    #expect(parsed.classMethods.map(\.selector) == ["new"])
    #expect(parsed.instanceMethods[1].text(in: source) == "|| x = ( ^x )")
    #expect(
      source[SourceRange(parsed.instanceAppendOffset - 12, parsed.instanceAppendOffset)] == "= ( a := i )")
    #expect(parsed.classAppendOffset.map { source[SourceRange($0 - 3, $0)] } == "w )")
    #expect(source[parsed.range].hasPrefix("Foo = Bar") && source[parsed.range].hasSuffix("\r\n)"))
  }

  @Test func superclasses() throws {
    #expect(try Parser.parseClass(SourceText(name: "t", "Object = nil ()")).superclassName == "nil")
    #expect(try Parser.parseClass(SourceText(name: "t", "A = ()")).superclassName == "Object")
    let empty = try Parser.parseClass(SourceText(name: "t", "A = ( || ---- | | )"))
    #expect(empty.instanceFields.isEmpty && empty.classFields.isEmpty && empty.classMethods.isEmpty)
    // At the start of a body, `||` can begin a method, too.
    let method = try Parser.parseClass(SourceText(name: "t", "A = ( || b = ( ^b ) )"))
    #expect(method.instanceMethods.map(\.selector) == ["||"])
  }

  @Test func expressionsForEvaluation() throws {
    func body(_ source: String) throws -> String {
      text(try Parser.parseExpression(SourceText(name: "t", source)).body)
    }
    #expect(try body("| a | a := 1. a + 2") == "|a| (:= a 1). ^(a + 2)")
    #expect(try body("") == "^nil")
    #expect(try body("^3.") == "^3")
  }

  @Test func identitiesDependOnTheMethodAlone() throws {
    let inClass = try Parser.parseClass(
      SourceText(name: "t", "A = ( x = ( y ) m: a = ( | b | [ :c | b ] ) )"))
    let alone = try Parser.parseMethod(SourceText(name: "t", "m: a = ( | b | [ :c | b ] )"))
    let first = inClass.instanceMethods[1]
    #expect(first.arguments[0].id == alone.arguments[0].id)
    #expect(first.body.temporaries[0].id == alone.body.temporaries[0].id)
    #expect(first.nodeCount == alone.nodeCount)
    #expect(first.arguments[0].id != first.body.temporaries[0].id)
  }

  @Test func positions() {
    let source = SourceText(name: "t", "aä\nbcd\r\nlast")
    #expect(source.position(of: 0) == (1, 1))
    #expect(source.position(of: 3) == (1, 3))
    #expect(source.position(of: 5) == (2, 2))
    #expect(source.line(2) == "bcd")
    #expect(source.line(3) == "last")
    #expect(source.line(4) == nil)
  }
}
