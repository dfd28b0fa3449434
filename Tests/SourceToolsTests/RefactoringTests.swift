import SourceTools
import Syntax
import Testing

@Suite struct RefactoringTests {
  /// What stands between `«` and `»`, and the text without them.
  private func selection(_ text: String) throws -> (ClassFile, SourceRange) {
    let parts = text.split(separator: "«", omittingEmptySubsequences: false)
    let rest = try #require(parts.last).split(separator: "»", omittingEmptySubsequences: false)
    let start = parts[0].utf8.count
    let source = SourceText(name: "A", String(parts[0] + rest.joined()))
    return (ClassFile(path: "A.som", source), SourceRange(start, start + (rest.count > 1 ? rest[0].utf8.count : 0)))
  }

  /// The text after the edit; the reason, if it is refused; nil, if nothing is offered.
  private func edit(
    _ text: String, _ make: (MethodRefactoring, SourceRange) throws -> [RefactoringEdit]?
  ) throws -> String? {
    let (file, range) = try selection(text)
    let method = try #require(MethodRefactoring(file, around: range))
    do {
      return try make(method, range).map { MethodRefactoring.text(file.source, with: $0) }
    } catch let obstacle as RefactoringObstacle { return "refused: \(obstacle.reason)" }
  }
  private func method(_ text: String) throws -> String? {
    try edit(text) { method, range in
      try method.extractMethod(range) { !["extracted", "extracted:"].contains($0) || !text.contains("taken") }?.edits
    }
  }
  private func variable(_ text: String) throws -> String? {
    try edit(text) { try $0.extractVariable($1)?.edits }
  }
  private func inline(_ text: String) throws -> String? {
    try edit(text) { try $0.inlineVariable(at: $1.start)?.edits }
  }

  // MARK: Methods

  @Test func anExpression() throws {
    #expect(
      try method("A = (\n    foo: a = (\n        ^a + («self bar: a * 2»)\n    )\n)\n") == """
        A = (
            foo: a = (
                ^a + (self extracted: a)
            )

            extracted: a = (
                ^self bar: a * 2
            )
        )

        """)
    #expect(try method("A = ( foo = ( ^(«3 + 4») abs ) )")?.hasPrefix("A = ( foo = ( ^(self extracted) abs )") == true)
    #expect(try method("A = ( foo = ( ^(«3 + 4») abs ) taken = ( ) )")?.contains("self extracted2") == true)
    #expect(
      try method("A = ( foo: x bar: y = ( x := «y foo: x» ) )")?.contains("x := self extracted: y with: x") == true)
  }

  @Test func whatIsNoNodeIsNotOffered() throws {
    #expect(try method("A = ( foo = ( ^1 + «2 + 3» ) )") == nil)
    #expect(try method("A = ( foo = ( «a b. c» d ) )") == nil)
    #expect(try method("A = ( foo = ( a «»b ) )") == nil)
    #expect(try method("A = ( foo = ( «(a b) c». ^3 ) )")?.hasPrefix("A = ( foo = ( self extracted. ^3 )") == true)
    #expect(try method("A = ( foo = ( ^«super» bar ) )") == "refused: super is no value of its own")
  }

  @Test func statements() throws {
    #expect(
      try method(
        """
        A = (
            foo: list = (
                | sum |
                sum := 0.
                «list do: [ :each |
                    sum := sum + each ].
                self note: sum»
            )
        )

        """) == """
          A = (
              foo: list = (
                  | sum |
                  sum := 0.
                  sum := self extracted: list with: sum
              )

              extracted: list with: sum = (
                  list do: [ :each |
                      sum := sum + each ].
                  self note: sum.
                  ^sum
              )
          )

          """)
  }

  @Test func aVariableOfTheStatementsAloneGoesWithThem() throws {
    #expect(
      try method(
        "A = (\n    foo = (\n        | a b |\n        b := 1.\n        «a := b + 1.\n        a println»\n    )\n)\n")
          == """
          A = (
              foo = (
                  | b |
                  b := 1.
                  self extracted: b
              )

              extracted: b = (
                  | a |
                  a := b + 1.
                  a println
              )
          )

          """)
    #expect(
      try method("A = ( foo = ( | a | «a := 3. self bar: a». ^a ) )")?.contains("a := self extracted. ^a") == true)
    #expect(
      try method("A = ( foo = ( | a b | «a := 3. b := 4». ^a + b ) )")
        == "refused: it assigns a and b; a method answers one value")
    // In a loop, it keeps its value for the next time.
    #expect(
      try method("A = ( foo = ( | n | 3 timesRepeat: [ «n := n + 1». self foo ] ) )")?.contains(
        "[ n := self extracted: n. self foo ]") == true)
  }

  @Test func returns() throws {
    #expect(
      try method("A = ( foo = ( 1 bar. «self ok ifTrue: [ ^1 ]. ^2» ) )")?.contains("1 bar. ^self extracted )") == true)
    #expect(try method("A = ( foo = ( «self ok ifTrue: [ ^1 ]. self zap» ) )")?.contains("( ^self extracted )") == true)
    #expect(
      try method("A = ( foo = ( «self ok ifTrue: [ ^1 ]». ^2 ) )")
        == "refused: it may return from the method, and may not")
    #expect(
      try method("A = ( foo = ( ^(«#(1) do: [ :e | ^e ]») bar ) )") == "refused: a block in it returns from the method")
    #expect(
      try method("A = ( foo = ( self do: [ 1 bar. «^2 abs» ] ) )")?.contains("[ 1 bar. ^self extracted ]") == true)
    // Nor may what begins again be another block or method.
    #expect(try method("A = ( foo = ( self a. «self b. self restart» ) )") == "refused: it sends restart")
    #expect(try method("A = ( foo = ( ^«[ 1 ] valueHandling» ) )") == "refused: it sends valueHandling")
    // A block answers its last statement.
    let found = try method("A = ( foo = ( ^self do: [ :e | e zip. «e bar. e zap» ] ) )")
    #expect(found?.contains("e zip. self extracted: e ]") == true && found?.contains("e bar. ^e zap") == true)
  }

  @Test func whatIsSharedWithABlockThatRunsLaterStays() throws {
    #expect(
      try method("A = ( foo = ( | n | n := 1. block := [ n println ]. «n := n + 1». block value ) )")
        == "refused: n is assigned, and a block that may run later uses it")
    #expect(
      try method("A = ( foo: n = ( block := [ n println ]. «self bar: n» ) )")?.contains("self extracted: n") == true)
  }

  @Test func stringsOfSeveralLinesStayAsTheyAre() throws {
    let found = try method("A = (\n    foo = (\n            «self a: 'x\n  y'.\n            self b»\n    )\n)\n")
    #expect(found?.contains("self a: 'x\n  y'.\n            self b\n    )") == true)
  }

  // MARK: Variables

  @Test func anExpressionGetsAName() throws {
    #expect(
      try variable("A = (\n    foo = (\n        ^«self bar» + 1\n    )\n)\n") == """
        A = (
            foo = ( | value |
                value := self bar.
                ^value + 1
            )
        )

        """)
    #expect(
      try variable("A = ( foo = ( | value | value := 1. value bar: («value zip») ) )")
        == "A = ( foo = ( | value value2 | value := 1. value2 := value zip. value bar: (value2) ) )")
    #expect(
      try variable("A = ( foo = ( #(1) do: [ :e | (e foo: «e bar») ] ) )")
        == "A = ( foo = ( #(1) do: [ :e | | value | value := e bar. (e foo: value) ] ) )")
    #expect(try variable("A = ( foo = ( «self bar» ) )") == "A = ( foo = ( | value | value := self bar ) )")
    // The parentheses of the receiver belong to it.
    #expect(
      try variable("A = ( foo = ( ^self a: «(self b) c: 1» ) )")
        == nil)
    #expect(
      try variable("A = ( foo = ( ^self a: («(self b) c: 1») ) )")
        == "A = ( foo = ( | value | value := (self b) c: 1. ^self a: (value) ) )")
    #expect(try inline("A = ( foo = ( | a | «a := (self b) c. ^a ) )") == "A = ( foo = ( ^(self b) c ) )")
    #expect(
      try variable("A = ( foo = ( [ :x|«self bar» + x ] ) )")
        == "A = ( foo = ( [ :x| | value |value := self bar. value + x ] ) )")
    #expect(try variable("A = ( foo = ( ^«self a» + self b ) )")?.contains("value := self a. ^value + self b") == true)
  }

  @Test func theOrderStays() throws {
    let refused = "refused: what stands before it in the statement is evaluated first"
    #expect(try variable("A = ( foo = ( ^self a + «self b» ) )") == refused)
    #expect(try variable("A = ( | n | foo = ( ^n + «self b» ) )") == refused)
    #expect(try variable("A = ( | n | foo = ( ^self a + «n» ) )") == refused)
    #expect(try variable("A = ( foo: n = ( ^n + «self b» ) )")?.contains("value := self b. ^n + value") == true)
    #expect(try variable("A = ( foo: n = ( ^3 + «(n := 4)» ) )") == "refused: it assigns a variable")
  }

  @Test func aNameGoes() throws {
    #expect(
      try inline("A = (\n    foo = (\n        | «a |\n        a := self bar: 1.\n        ^a + 1\n    )\n)\n") == """
        A = (
            foo = (
                ^(self bar: 1) + 1
            )
        )

        """)
    #expect(
      try inline("A = ( foo: x = ( | b a | b := 2. «a := x. b foo. ^a + a ) )")
        == "A = ( foo: x = ( | b | b := 2. b foo. ^x + x ) )")
    #expect(try inline("A = ( foo = ( | a | «a := 3. ^[ :x | x + a ] ) )") == "A = ( foo = ( ^[ :x | x + 3 ] ) )")
  }

  @Test func whatItIsWorthStays() throws {
    func refusal(_ body: String) throws -> String? { try inline("A = ( | f | foo: x = ( \(body) ) )") }
    #expect(try refusal("| a | «a := self b. self c. ^a") == "refused: what happens between may change the value of a")
    #expect(
      try refusal("| a | «a := self b. ^a + a")
        == "refused: a is used more than once, and its value may be another one each time")
    #expect(
      try refusal("| a | «a := self b. ^f + a") == "refused: what stands before a in its statement is evaluated first")
    #expect(try refusal("| a | «a := 1. a := 2. ^a") == "refused: a is assigned more than once")
    #expect(try refusal("| a | «a := f. self b. ^a") == "refused: what happens between may change the value of a")
    #expect(try refusal("| a | a println. «a := 1. ^a") == "refused: a is used before it is assigned")
    #expect(try refusal("| a | self b: («a := 1). ^a") == "refused: a is assigned within another statement")
    #expect(
      try refusal("| a | «a := x. ^#(1) do: [ :x | a ]")
        == "refused: x means something else where the value would stand")
    // In a loop, another one may have it by then.
    #expect(
      try refusal("| s | 3 timesRepeat: [ | a | s := x b. «a := s. x add: [ a ] ]")
        == "refused: what happens between may change the value of a")
    #expect(try refusal("| a | «a := 1") == "refused: a is not used")
    #expect(try refusal("^«x") == nil)
  }
}
