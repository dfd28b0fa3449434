// What is typed at a prompt: statements or a class, complete or not.

import Testing

@testable import Syntax

@Suite struct InputTests {
  private enum Kind: Equatable { case nothing, expression, classDefinition(String), incomplete, wrong }

  private func kind(_ text: String) -> Kind {
    do throws(SyntaxErrors) {
      switch try Parser.parseInput(SourceText(name: "input", text)) {
      case .nothing: return .nothing
      case .expression: return .expression
      case .classDefinition(let definition): return .classDefinition(definition.name)
      }
    } catch { return error.isIncomplete ? .incomplete : .wrong }
  }

  @Test func completeInputs() {
    for text in ["3 + 4", "x := 3.", "| a | a := 1. a", "#(1 2 #(3))", "'two\nlines'", "[ :x | x ] value: 3", "^3"] {
      #expect(kind(text) == .expression, "\(text)")
    }
    for text in ["", "  \n", "\"a comment\"", "\"one\" \"two\"\n"] { #expect(kind(text) == .nothing, "\(text)") }
  }

  @Test func whatEndsTooEarlyGoesOn() {
    for text in [
      "3 +", "(3 + 4", "[ :x", "[ :x | x", "x := ", "3 max:", "'no end", "'no end\\", "\"no end", "#(1 2", "^", "| a",
      "3 foo;", "#", "Foo = (", "Foo = ( |", "Foo = ( bar", "Foo = ( bar = ( ^3 )", "Foo = Object ( bar: x = ( ^",
      "Foo = ( a = ( ) ----", "Foo =",
    ] { #expect(kind(text) == .incomplete, "\(text)") }
  }

  @Test func errorsAreErrorsWhateverFollows() {
    for text in [
      "3 + + ", "(3 + 4]", "]", ")", "x := := (", "3 ) (", "[ 3 ) ", "'bad \\q escape' (", "$", "3 foo; ; (",
      "Foo = ( bar = ( ^ ) baz = (",
    ] { #expect(kind(text) == .wrong, "\(text)") }
  }

  @Test func classesAndComparisons() {
    #expect(kind("Foo = ( )") == .classDefinition("Foo"))
    #expect(kind("Foo = Bar ( bar = ( ^3 ) ---- new = ( ^super new ) )") == .classDefinition("Foo"))
    #expect(kind("\"comment\" Foo = ( | a b | )") == .classDefinition("Foo"))
    #expect(kind("Foo = (3)") == .expression)
    #expect(kind("Foo = (bar)") == .expression)
    #expect(kind("Foo = Bar") == .expression)
    #expect(kind("foo = ( bar = (3) )") == .expression)
    // In parentheses it is no class.
    #expect(kind("(Foo = ( bar = (3) ))") == .expression)
  }

  @Test func theErrorShownIsOfWhatWasMeant() throws {
    let error = #expect(throws: SyntaxErrors.self) {
      try Parser.parseInput(SourceText(name: "input", "Foo = (\n  bar = ( ^3 + ] )\n)"))
    }
    #expect(error?.diagnostics.first?.line == 2)
  }

  @Test func openTextFollowsBracketsStringsAndComments() {
    func isOpen(_ lines: String...) -> Bool {
      var open = OpenText()
      for line in lines { open.add((line + "\n").utf8) }
      return open.isOpen
    }
    #expect(isOpen("Foo = (", "a = ( 'x )' )"))
    #expect(!isOpen("Foo = (", "a = ( 'x )' )", ")"))
    #expect(isOpen("'abc"))
    #expect(!isOpen("'abc", "d'"))
    #expect(isOpen("'abc\\'"))
    #expect(isOpen("\"it's (", "3"))
    #expect(!isOpen("\"it's (\" 3"))
    #expect(!isOpen("3 )"))
  }
}
