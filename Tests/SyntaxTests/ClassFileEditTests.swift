// One method or field list changes; every other byte stays.

import Syntax
import Testing

@Suite struct ClassFileEditTests {
  private func edit(_ text: String, _ body: (inout ClassFileEdit) throws -> Void) throws -> String {
    var edit = try ClassFileEdit(SourceText(name: "t", text))
    try body(&edit)
    return edit.source.string
  }

  private let file = """
    "The comment"
    A = B (
      | x |

      "about m"
      m = ( ^1 )   "after m"
      n: a = (\t^a )
      ----
      k = ( ^3 )
    )

    """

  @Test func aMethodIsReplacedInItsPlace() throws {
    #expect(
      try edit(file) { try $0.setMethod("m", classSide: false, to: "m = (\n    ^2\n  )") }
        == file.replacing("m = ( ^1 )", with: "m = (\n    ^2\n  )"))
    #expect(
      try edit(file) { try $0.setMethod("k", classSide: true, to: "k = ( ^4 )") } == file.replacing("^3", with: "^4")
    )
  }

  @Test func theSuperclassIsReplacedOrAdded() throws {
    #expect(try edit("\"A\" A = B ( a = ( ^A ) )") { try $0.setName("C") } == "\"A\" C = B ( a = ( ^A ) )")
    #expect(try edit("A=( )") { try $0.setName("A") } == "A=( )")
    #expect(try edit(file) { try $0.setSuperclass("Better") } == file.replacing("= B (", with: "= Better ("))
    #expect(try edit("A = ( m = ( ^1 ) )") { try $0.setSuperclass("B") } == "A = B ( m = ( ^1 ) )")
    #expect(try edit("A=( )") { try $0.setSuperclass("Object") } == "A=( )")
  }

  @Test func aNewMethodStandsAfterTheLastOfItsSide() throws {
    #expect(
      try edit(file) { try $0.setMethod("+", classSide: false, to: "+ a = ( ^5 )") }
        == file.replacing("^a )", with: "^a )\n\n  + a = ( ^5 )"))
    #expect(
      try edit(file) { try $0.setMethod("o", classSide: true, to: "o = ( ^5 )") }
        == file.replacing("^3 )", with: "^3 )\n\n  o = ( ^5 )"))
    #expect(
      try edit("A = ()") { try $0.setMethod("o", classSide: true, to: "o = ( ^5 )") }
        == "A = (\n\n  ----\n\n  o = ( ^5 ))")
    #expect(
      try edit("A = (\r\n\tm = ( ^1 )\r\n)\r\n") { try $0.setMethod("o", classSide: false, to: "o = ( ^5 )") }
        == "A = (\r\n\tm = ( ^1 )\r\n\r\n\to = ( ^5 )\r\n)\r\n")
  }

  @Test func aRemovedMethodTakesItsLinesAlong() throws {
    #expect(
      try edit(file) { try $0.setMethod("n:", classSide: false, to: nil) }
        == file.replacing("  n: a = (\t^a )\n", with: ""))
    #expect(
      try edit(file) { try $0.setMethod("m", classSide: false, to: nil) } == file.replacing("m = ( ^1 )", with: ""))
    #expect(try edit(file) { try $0.setMethod("none", classSide: false, to: nil) } == file)
    // Added and removed, it leaves nothing behind.
    #expect(
      try edit(file) {
        try $0.setMethod("o", classSide: false, to: "o = ( ^5 )")
        try $0.setMethod("o", classSide: false, to: nil)
      } == file)
  }

  @Test func fields() throws {
    #expect(
      try edit(file) { try $0.setFields(["x", "y"], classSide: false) } == file.replacing("| x |", with: "| x y |"))
    #expect(try edit(file) { try $0.setFields(["x"], classSide: false) } == file)
    #expect(
      try edit(file) { try $0.setFields([], classSide: false) } == file.replacing("  | x |\n", with: ""))
    #expect(
      try edit(file) { try $0.setFields(["z"], classSide: true) } == file.replacing("----", with: "----\n  | z |"))
    #expect(
      try edit("A = (\n  m = ( ^1 )\n)") { try $0.setFields(["z"], classSide: false) }
        == "A = (\n  | z |\n  m = ( ^1 )\n)")
    #expect(
      try edit("A = (\n  m = ( ^1 )\n)") { try $0.setFields(["z"], classSide: true) }
        == "A = (\n  m = ( ^1 )\n\n  ----\n\n  | z |\n)")
  }

  @Test func aFileWithErrorsIsLeftAlone() {
    #expect(throws: SyntaxErrors.self) { try ClassFileEdit(SourceText(name: "t", "A = ( m = ( ")) }
  }
}
