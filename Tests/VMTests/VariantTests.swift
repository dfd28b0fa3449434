// Redefining what bytecode inlines (live-editing.md, row 9) while activations that rely on it are live, and receivers
// that the inlined code does not expect.

import Testing

@testable import VM

@Suite struct VariantTests {
  private static let program = #"""
    V = (
      loop = ( | i s | i := 0. s := ''.
        [ i < 4 ] whileTrue: [ i := i + 1. i = 2 ifTrue: [ self changeIf ].
          s := s + ((i & 1) = 0 ifTrue: ['e'] ifFalse: ['o']) ]. ^s )
      changeIf = ( True compile: 'ifTrue: a ifFalse: b = ( ^\'T\' )' )
      nested: n = ( | r | r := 0.
        1 to: n do: [:i | | k | k := i.
          (i > 2 and: [ i < 5 ]) ifTrue: [ r := r + ([ k * 10 ] value). i = 3 ifTrue: [ self changeAnd ] ] ]. ^r )
      changeAnd = ( True compile: 'and: b = ( ^false )' )
      nlr = ( 1 to: 10 do: [:i | i = 3 ifTrue: [ self changeTo ]. i = 5 ifTrue: [ ^'five' ] ]. ^'none' )
      nlr2 = ( #(1 2 3 4 5) do: [:i | i = 2 ifTrue: [ self changeEq ]. i = 4 ifTrue: [ ^'four' ] ]. ^'none' )
      changeTo = ( Integer compile: 'to: n do: b = ( ^\'changed\' )' )
      changeEq = ( Integer compile: '= o = ( ^false )' )
      while2 = ( | n | n := 0.
        [ n < 3 ] whileTrue: [ n := n + 1. n = 1 ifTrue: [ Block compile: 'whileTrue: b = ( ^99 )' ] ]. ^n )
      plus = ( | a | a := 1. a := a + self change + a. ^a + 0 )
      change = ( Integer compile: '+ o = ( ^self - (0 - o) - (0 - 100) )'. ^5 )
      rec: n = ( n = 0 ifTrue: [ self changeLess. ^0 ]. ^(self rec: n - 1) + (n < 3 ifTrue: [ 1 ] ifFalse: [ 10 ]) )
      changeLess = ( Integer compile: '< o = ( ^true )' )
      dyn: x = ( | r | r := 0. x to: 3 do: [:i | r := r + i ]. ^r )
      to: n do: b = ( b value: 10. b value: 20 )
      block = ( ^[:x | x + 1 ] )
      keep = ( | b r | b := self block. r := b value: 1. self change. ^r * 1000 - (0 - (b value: 1)) )
      same: x = ( ^x == 3 )
      == other = ( ^'overridden' )
      cond = ( ^3 ifTrue: [ 1 ] )
    )
    """#

  @Test(
    arguments: [
      ("V new loop", "oToT"), ("V new nested: 6", "30"), ("V new nested: 6. V new nested: 6", "0"),
      ("V new nlr", "five"), ("V new nlr. V new nlr", "none"), ("V new nlr2", "none"),
      ("V new while2", "3"), ("V new while2. V new while2", "0"),
      ("V new plus", "307"), ("V new rec: 5", "5"),
      ("V new dyn: 1", "6"), ("V new dyn: V new", "30"),
      ("V new keep", "2102"), ("V new same: V new", "overridden"), ("V new same: 3", "true"),
      ("V new cond", "exit 1"),
    ], [0, 1])
  func switches(_ row: (String, String), _ every: Int) throws {
    var options = VMOptions()
    options.gcEvery = every
    try TestMachine.run([VariantTests.program], options: options) { (m: TestMachine) throws -> Void in
      #expect(try m.eval(row.0) == row.1)
      #expect(m.universe.heap.verify(frame: m.universe.bottomFrame) == [])
    }
  }

  @Test func ordinaryMethodsBreakNothing() throws {
    try TestMachine.run([VariantTests.program]) { (m: TestMachine) throws -> Void in
      _ = try m.eval("V new dyn: 1")
      try m.install("and: x = ( ^x )", in: "V")
      try m.install("+ x = ( ^x )", in: "V")
      // Core already overrode `==` for no assumed receiver but V did when it was loaded.
      #expect(m.universe.brokenAssumptions.map(\.selector) == ["=="])
    }
  }
}
