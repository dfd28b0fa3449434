import SourceTools
import Syntax
import Testing

@Suite struct MethodInliningTests {
  /// What `«` stands before is inlined: a message or a pattern; the others are classes beside, by their names.
  private func index(_ text: String, _ others: [String: String]) throws -> (SourceIndex, ClassFile, Int) {
    let index = SourceIndex()
    for (name, text) in others {
      index.update("/p/\(name).som", to: ClassFile(path: "/p/\(name).som", SourceText(name: name, text)))
    }
    // What a receiver can be whose class the text tells.
    let library = "Integer = ( timesRepeat: aBlock = ( aBlock value ) double = ( ^self + self ) max: n = ( ^n ) )"
    index.update(
      "/l/Integer.som", to: ClassFile(path: "/l/Integer.som", SourceText(name: "Integer", library), isLibrary: true))
    let offset = try #require(text.split(separator: "«", omittingEmptySubsequences: false).first).utf8.count
    let file = ClassFile(path: "/p/A.som", SourceText(name: "A", text.replacing("«", with: "")))
    #expect(file.errors.isEmpty)
    index.update("/p/A.som", to: file)
    return (index, file, offset)
  }

  /// The class afterwards; the reason, if it is refused; nil, if nothing is offered.
  private func inline(_ text: String, _ others: [String: String] = [:]) throws -> String? {
    let (index, file, offset) = try index(text, others)
    do {
      return try MethodInlining(index).inline(at: offset, in: file).map {
        MethodRefactoring.text(file.source, with: $0.edits)
      }
    } catch { return "refused: \(error.reason)" }
  }

  /// Of a class A whose method foo is `body`: its body afterwards.
  private func body(_ body: String, _ rest: String, _ others: [String: String] = [:]) throws -> String? {
    let beginning = "A = ( | f g | foo: x = ( "
    let found = try inline("\(beginning)\(body) ) \(rest) )", others)
    guard let found, found.hasPrefix(beginning) else { return found }
    return String(found.dropFirst(beginning.count).dropLast(rest.count + 5))
  }

  // MARK: Values

  @Test func anExpression() throws {
    #expect(try body("^self «bar", "bar = ( ^3 )") == "^3")
    #expect(try body("^self «bar + 1", "bar = ( ^f )") == "^f + 1")
    #expect(try body("^1 + self «bar", "bar = ( ^f + g )") == "^1 + (f + g)")
    #expect(try body("^(self «bar: 3) abs", "bar: n = ( ^n )") == "^(3) abs")
    #expect(try body("^self «bar: x with: 2", "bar: a with: b = ( ^a * (b + a) )") == "^x * (2 + x)")
    #expect(try body("^self bar: x «with: 2", "bar: a with: b = ( ^b )") == "^2")
    #expect(try body("^self «+ 3", "+ n = ( ^f + n )") == "^f + 3")
    #expect(try body("self «bar", "bar = ( ^self zip )") == "self zip")
    #expect(try body("x := self «bar", "bar = ( ^self zip: 3 )") == "x := self zip: 3")
    #expect(try body("^self zap: self «bar", "bar = ( ^self zip; zap )") == "^self zap: (self zip; zap)")
  }

  @Test func anArgumentStandsWhereItIsUsedFirst() throws {
    #expect(try body("^self «bar: x zip", "bar: n = ( ^n + 1 )") == "^x zip + 1")
    #expect(try body("^self «bar: x + 1", "bar: n = ( ^n zap )") == "^(x + 1) zap")
    #expect(try body("^self «bar: x a with: x b", "bar: n with: m = ( ^n zap: m )") == "^x a zap: x b")
    // Otherwise it gets the name that it has there.
    #expect(
      try body("^self «bar: x a with: x b", "bar: n with: m = ( ^m zap: n )")
        == "| n m | n := x a. m := x b. ^m zap: n")
    #expect(try body("^self «bar: x zip", "bar: n = ( ^n + n )") == "| n | n := x zip. ^n + n")
    #expect(try body("^self «bar: x zip", "bar: n = ( ^f + n )") == "| n | n := x zip. ^f + n")
    #expect(try body("^self «bar: f", "bar: n = ( self zap. ^n )") == "| n | n := f. self zap. ^n")
    #expect(try body("^self «bar: x zip", "bar: n = ( ^[ n ] )") == "| n | n := x zip. ^[ n ]")
    #expect(try body("^self «bar: x", "bar: n = ( n := n + 1. ^n )") == "| n | n := x. n := n + 1. ^n")
    // And is evaluated, if nobody uses it.
    #expect(try body("^self «bar: x zip", "bar: n = ( ^3 )") == "x zip. ^3")
    #expect(try body("^self «bar: x", "bar: n = ( ^3 )") == "^3")
    #expect(try body("self «bar: x zip", "bar: n = ( ^n )") == "x zip")
  }

  @Test func aVariableThatChangesIsTakenWhenItIsAsked() throws {
    #expect(try body("| n | n := 1. ^self «bar: n", "bar: a = ( ^self zap: a )") == "| n | n := 1. ^self zap: n")
    #expect(
      try body("| n | n := 1. self zip: [ n := 2 ]. ^self «bar: n", "bar: a = ( self zap. ^a )")
        == "| n a | n := 1. self zip: [ n := 2 ]. a := n. self zap. ^a")
    // A block may ask later.
    #expect(
      try body("| n | n := 1. self «bar: n. n := 2", "bar: a = ( f := [ a ] )")
        == "| n a | n := 1. a := n. f := [ a ]. n := 2")
    #expect(
      try body("self «bar: x with: (x := 3)", "bar: a with: b = ( ^a + b )") == "x + (x := 3)")
    #expect(
      try body("self «bar: x with: (x := 3)", "bar: a with: b = ( ^b + a )")
        == "| a b | a := x. b := x := 3. b + a")
  }

  @Test func blocksStandWhereTheyAreUsed() throws {
    #expect(
      try body("self «bar: [ ^3 ]", "bar: aBlock = ( f ifTrue: aBlock )") == "f ifTrue: [ ^3 ]")
    #expect(
      try body("self «bar: [ ^3 ]", "bar: b = ( b value. b value )") == "| b | b := [ ^3 ]. b value. b value")
  }

  // MARK: Statements

  @Test func statements() throws {
    let text = """
      A = (
          | f |
          foo: list = (
              | sum |
              list do: [ :each |
                  sum := self «add: each to: sum ].
              ^sum
          )

          add: n to: total = (
              "Adds."
              | both |
              both := n + total.
              "It may be too large."
              both > 100 ifTrue: [
                  both := 100 ].
              ^both
          )
      )

      """
    #expect(
      try inline(text)?.contains(
        """
                list do: [ :each | | both |
                    both := each + sum.
                    "It may be too large."
                    both > 100 ifTrue: [
                        both := 100 ].
                    sum := both ].
        """) == true)
    #expect(try body("self «bar. ^2", "bar = ( f := 3. g := 4 )") == "f := 3. g := 4. ^2")
    #expect(try body("^self «bar", "bar = ( f := 3. g := 4 )") == "f := 3. g := 4. ^self")
    #expect(try body("^self zap: self «bar", "bar = ( f := 3. ^g )") == "f := 3. ^self zap: g")
    #expect(try body("self «bar. ^2", "bar = ( ^3 )") == "^2")
    #expect(try body("self «bar. ^2", "bar = ( )") == "^2")
    #expect(try body("^self «bar", "bar = ( )") == "^self")
  }

  @Test func theValueOfABlockStays() throws {
    let rest = "bar = ( f := 3 )"
    #expect(try body("x ifTrue: [ self «bar ]. ^1", rest) == "x ifTrue: [ f := 3 ]. ^1")
    let others = ["Boolean": "Boolean = ( ifTrue: aBlock = ( ^nil ) )"]
    #expect(try body("^x do: [ self «bar ]", rest) == "^x do: [ f := 3. self ]")
    #expect(try body("^3 timesRepeat: [ self «bar ]", rest) == "^3 timesRepeat: [ f := 3 ]")
    #expect(try body("^x ifTrue: [ self «bar ]", rest) == "^x ifTrue: [ f := 3. self ]")
    #expect(try body("x ifTrue: [ self «bar ]", rest, others) == "x ifTrue: [ f := 3. self ]")
  }

  @Test func whatComesBeforeStays() throws {
    let refused = "refused: what stands before it in its statement is evaluated first"
    #expect(try body("^x zip + self «bar", "bar = ( f := 3. ^4 )") == refused)
    #expect(try body("^g + self «bar", "bar = ( f := 3. ^4 )") == refused)
    #expect(try body("^x + self «bar", "bar = ( f := 3. ^4 )") == "f := 3. ^x + 4")
    #expect(try body("^x + (self «bar: (x := 3))", "bar: n = ( ^n + n )") == refused)
    #expect(try body("^x zip + self «bar", "bar = ( ^f zap )") == "^x zip + f zap")
  }

  @Test func returns() throws {
    let early = "bar = ( f ifTrue: [ ^1 ]. ^2 )"
    #expect(try body("self «bar. ^3", early) == "refused: A>>bar returns elsewhere than at its end")
    #expect(try body("^self «bar", early) == "f ifTrue: [ ^1 ]. ^2")
    #expect(try body("^self «bar", "bar = ( f ifTrue: [ ^1 ] )") == "f ifTrue: [ ^1 ]. ^self")
    #expect(try body("f := [ ^self «bar ]", early) == "refused: A>>bar returns elsewhere than at its end")
    #expect(try body("^self «bar", "bar = ( self restart )") == "refused: A>>bar sends restart")
    #expect(try body("^self «bar", "bar = ( ^[ 1 ] valueHandling )") == "refused: A>>bar sends valueHandling")
    #expect(
      try body("^x «ensure: [ 2 ]", "bar = ( )", ["Block": "Block = ( ensure: b = ( ^self valueEnsuring ) )"])
        == "refused: Block>>ensure: b sends valueEnsuring")
    #expect(
      try body("self «bar. self restart", "bar = ( | n | n := f. f := n )")
        == "refused: the method sends restart, and variables would keep their values")
  }

  // MARK: Names

  @Test func namesMeanWhatTheyMeant() throws {
    // A variable of the other method gets another name if this one has it.
    #expect(
      try body("| n | n := 1. ^self «bar", "bar = ( | n | n := f. ^n + n )")
        == "| n n2 | n := 1. n2 := f. ^n2 + n2")
    #expect(
      try body("^self «bar: x", "bar: n = ( ^f do: [ :x | x + n ] )") == "^f do: [ :x2 | x2 + x ]")
    #expect(
      try body("| f | f := 1. ^self «bar", "bar = ( ^f )") == "refused: f means something else here")
    #expect(
      try body("^self «bar", "", ["B": "B = ( )"]) == nil)
    // What the class above has, this one may have hidden.
    #expect(
      try inline("A = B ( | h | foo = ( ^self «bar ) )", ["B": "B = ( | h | bar = ( ^h ) )"])
        == "refused: h means something else here")
    #expect(
      try inline("A = B ( foo = ( ^self «bar ) )", ["B": "B = ( | h | bar = ( ^h ) )"]) == "A = B ( foo = ( ^h ) )")
  }

  @Test func anotherReceiver() throws {
    let b = [
      "B": "B = ( | h | bar = ( ^self zip + self zap ) baz = ( ^h ) zork = ( ^super zork2 ) one = ( ^Unknown ) )"
    ]
    #expect(try body("^x «bar", "", b) == "^x zip + x zap")
    #expect(try body("^x y «bar", "", b) == "| receiver | receiver := x y. ^receiver zip + receiver zap")
    #expect(try body("^x «baz", "", b) == "refused: B>>baz uses the field h of its receiver")
    #expect(try body("^x «zork", "", b) == "refused: B>>zork sends to super")
    #expect(try body("^x «one", "", b) == "refused: nobody knows what Unknown is")
    #expect(try body("^3 «double", "") == "^3 + 3")
    #expect(try body("^B «make", "", ["B": "B = ( ---- make = ( ^self new ) )"]) == "^B new")
    let two = ["B": "B = ( bar = ( ) )", "C": "C = ( bar = ( ) )"]
    #expect(try body("^x «bar", "", two) == "refused: 2 methods are called bar")
  }

  @Test func whichMethodItIs() throws {
    #expect(
      try body("^self «bar", "bar = ( ^3 )", ["B": "B = A ( bar = ( ^4 ) )"]) == "refused: B>>bar overrides it")
    #expect(
      try body("^self «bar", "bar = ( ^3 )", ["B": "B = ( bar = ( ^4 ) )", "C": "C = A ( ---- bar = ( ) )"]) == "^3")
    #expect(
      try inline("A = B ( foo = ( ^super «foo: 4 ) foo: n = ( ^n ) )", ["B": "B = ( foo: n = ( ^n + self zip ) )"])
        == "A = B ( foo = ( ^4 + self zip ) foo: n = ( ^n ) )")
    #expect(try body("^self «foo: 3", "") == "refused: A>>foo: x sends it to itself")
    #expect(try body("self «bar; bar", "bar = ( )") == "refused: the message is part of a cascade")
    #expect(try body("self «bar", "bar = primitive") == "refused: A>>bar is a primitive")
    #expect(try body("self «bar", "") == nil)
    #expect(try body("^«x", "") == nil)
  }

  // MARK: Everywhere

  /// The files afterwards.
  private func everywhere(_ text: String, _ others: [String: String] = [:]) throws -> [String]? {
    let (index, file, offset) = try index(text, others)
    do {
      guard let found = try MethodInlining(index).inlineEverywhere(at: offset, in: file) else { return nil }
      let edits = Dictionary(grouping: found, by: \.file.path)
      return edits.keys.sorted().map { path in
        MethodRefactoring.text(edits[path]![0].file.source, with: edits[path]!.map(\.edit))
      }
    } catch { return ["refused: \(error.reason)"] }
  }

  @Test func allSenders() throws {
    let text = """
      A = (
          foo: x = ( ^(self bar: x) + (self bar: (self bar: 2)) )

          «bar: n = (
              ^n + 1
          )

          baz = ( ^self bar: 3 )
      )

      """
    let after = """
      A = (
          foo: x = ( ^(x + 1) + ((2 + 1) + 1) )

          baz = ( ^3 + 1 )
      )

      """
    #expect(try everywhere(text) == [after])
    #expect(
      try everywhere(text, ["B": "B = ( zip: a = ( ^a bar: 4 ) zap = ( ) zop: a = ( a bar: 5 ) )"])
        == [after, "B = ( zip: a = ( ^4 + 1 ) zap = ( ) zop: a = ( 5 + 1 ) )"])
  }

  @Test func whenItCannotGo() throws {
    func refusal(_ rest: String, _ others: [String: String] = [:]) throws -> String? {
      try everywhere("A = ( | f | «bar = ( ^f ) foo = ( ^self bar ) \(rest) )", others)?.first
    }
    #expect(try refusal("") == "A = ( | f |  foo = ( ^f )  )")
    #expect(try refusal("zip: x = ( ^x bar )") == "refused: A>>bar uses the field f of its receiver")
    #expect(try refusal("zip = ( ^#bar )") == "refused: A names it as a symbol, which may be sent")
    #expect(try refusal("zip = ( ^#(foo bar) )") == "refused: A names it as a symbol, which may be sent")
    #expect(
      try refusal("zip = ( ^#(foo #(zap)) bar )") == "refused: A sends it to somebody who does not understand it")
    #expect(try refusal("", ["B": "B = ( bar = ( ) )"]) == "refused: 2 methods are called bar")
    #expect(
      try everywhere("A = ( «bar = ( ^3 ) )") == ["refused: nobody sends bar"])
    #expect(
      try everywhere("A = ( «bar = ( ^self bar ) )") == ["refused: A>>bar sends it to itself"])
    #expect(
      try everywhere("A = ( «run = ( ^3 ) foo = ( self run ) )")
        == ["refused: what begins a program or a test may send run"])
    #expect(try everywhere("A = ( foo = ( ^self «bar ) bar = ( ) )") == nil)
  }
}
