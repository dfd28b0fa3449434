import Testing

@testable import VM

@Suite struct InterpreterTests {
  @Test(arguments: [
    ("1 + 2", "3"),
    ("(4611686018427387903 + 1)", "4611686018427387904"),
    ("4611686018427387904 - 1", "4611686018427387903"),
    ("3 < 4", "true"),
    ("7 / 2", "3"), ("-7 % 5", "3"), ("7 % -5", "-3"),
    ("1.5 + 1", "2.5"), ("1 / 2.0", "0.5"),
    ("| a | a := 0. 1 to: 10 do: [:i | a := a + i]. a", "55"),
    ("| a | a := 10. [a > 0] whileTrue: [a := a - 3]. a", "-2"),
    ("| s | s := 0. #(1 2 3) do: [:e | s := s + e]. s", "6"),
    ("| b | b := [:x | [:y | x + y]]. (b value: 3) value: 4", "7"),
    ("nil isNil", "true"),
    ("3 perform: #+ withArguments: #(4)", "7"),
    ("#(1 2) class asString", "Array"),
    ("3 class class asString", "Integer class"),
    ("3 class class class asString", "Metaclass"),
    ("Metaclass class class asString", "Metaclass"),
    ("Object class superclass asString", "Class"),
    ("#foo == #foo", "true"),
    ("'abc' + 'def'", "abcdef"),
    ("(1 = 1) and: [ 2 = 2 ]", "true"),
    ("| a | a := 0. 5 timesRepeat: [ a := a + 2 ]. a", "10"),
  ])
  func expressions(_ text: String, _ expected: String) throws {
    #expect(try TestMachine.run { try $0.eval(text) } == expected)
  }

  @Test func nonLocalReturn() throws {
    let text = """
      Foo = (
        find: n in: a = ( a do: [:e | e = n ifTrue: [ ^'found' ] ]. ^'missing' )
        deep: n = ( | b | b := [:x | x = 0 ifTrue: [ ^'bottom' ]. self run: b with: x - 1 ]. b value: n. ^'no' )
        run: b with: x = ( b value: x. ^nil )
        escaped = ( ^[ ^1 ] )
        escapedBlock: b = ( ^'escaped' )
        useEscaped = ( ^self escaped value )
      )
      """
    try TestMachine.run([text]) { (m: TestMachine) throws -> Void in
      #expect(try m.eval("Foo new find: 2 in: #(1 2 3)") == "found")
      #expect(try m.eval("Foo new find: 9 in: #(1 2 3)") == "missing")
      #expect(try m.eval("Foo new deep: 50") == "bottom")
      #expect(try m.eval("Foo new useEscaped") == "escaped")
    }
  }

  @Test func messageNotUnderstood() throws {
    let text = """
      Foo = (
        doesNotUnderstand: s arguments: a = ( ^s + (a length) asString )
      )
      """
    try TestMachine.run([text]) { (m: TestMachine) throws -> Void in
      #expect(try m.eval("Foo new bar: 1 baz: 2") == "bar:baz:2")
      #expect(try m.eval("Foo new bar") == "bar0")
      try m.install("bar = ( ^'now' )", in: "Foo")
      #expect(try m.eval("Foo new bar") == "now")
      #expect(try m.eval("3 fooBar") == "exit 1")
      #expect(m.error.contains("ERROR: Method fooBar not found in class Integer"))
    }
  }

  @Test func stackOverflowIsAnError() throws {
    let text = """
      Foo = (
        down: n = ( n = 0 ifTrue: [ ^0 ]. ^1 + (self down: n - 1) )
        forever = ( ^self forever )
        native = ( ^self perform: #native )
        array = ( #(1) do: [:e | self array ] )
      )
      """
    try TestMachine.run([text]) { (m: TestMachine) throws -> Void in
      #expect(try m.eval("Foo new down: 100000") == "100000")
      for selector in ["forever", "native", "array"] {
        #expect(try m.eval("Foo new \(selector)") == "exit 1")
      }
      #expect(m.error.contains("Stack overflow"))
      #expect(m.error.contains("Foo>>forever"))
      #expect(try m.eval("1 + 1") == "2")
    }
  }

  @Test func superAndClassSide() throws {
    let base = """
      Base = ( |a| a = ( ^a ) a: x = ( a := x ) name = ( ^'base' )
        ---- |count| create = ( count := (count isNil ifTrue: [0] ifFalse: [count]) + 1. ^self new ) count = ( ^count ) )
      """
    let derived = "Derived = Base ( |b| b: x = ( b := x ) b = ( ^b ) name = ( ^[ super name + '!' ] value ) ---- )"
    try TestMachine.run([base, derived]) { (m: TestMachine) throws -> Void in
      #expect(try m.eval("Derived new name") == "base!")
      #expect(try m.eval("| d | d := Derived new. d a: 1. d b: 2. d a + (d b * 10)") == "21")
      #expect(try m.eval("Base create. Base create. Derived create. (Base count * 10) + Derived count") == "21")
    }
  }

  @Test func redefinitionOfInlinedMethods() throws {
    let text = """
      Foo = (
        sum = ( ^3 + 4 )
        choose: x = ( ^x ifTrue: ['yes'] ifFalse: ['no'] )
        loop = ( | i | i := 0. [ i < 3 ] whileTrue: [ i := i + 1. i = 2 ifTrue: [ self change ] ]. ^i )
        change = ( ^nil )
        ifTrue: a ifFalse: b = ( ^'mine' )
      )
      """
    try TestMachine.run([text]) { (m: TestMachine) throws -> Void in
      #expect(try m.eval("Foo new sum") == "7")
      #expect(try m.eval("Foo new choose: Foo new") == "mine")
      #expect(try m.eval("Foo new choose: true") == "yes")
      #expect(try m.eval("Foo new loop") == "3")
      try m.install("+ other = ( ^42 )", in: "Integer")
      #expect(try m.eval("Foo new sum") == "42")
      #expect(try m.eval("Foo new loop") == "42")
    }
  }
}
