// The statements of a method, and the scopes that they are in.

import Testing

@testable import Syntax

@Suite struct StatementTests {
  private static let source = SourceText(
    name: "m",
    """
    m: a = (
      | t u |
      t := u := a + (3 * a).
      a do: [ :each | | v | v := each foo: [ a ]. self bar; baz: v ].
      t foo ifTrue: [ ^t ].
      ^[ t ]
    )
    """)

  @Test func statementsWithThoseOfBlocks() throws {
    let method = try Parser.parseMethod(Self.source)
    #expect(
      method.statements.map { Self.source[$0.range] } == [
        "t := u := a + (3 * a)", "a do: [ :each | | v | v := each foo: [ a ]. self bar; baz: v ]",
        "v := each foo: [ a ]", "a", "self bar; baz: v", "t foo ifTrue: [ ^t ]", "^t", "^[ t ]", "t",
      ])
  }

  @Test func scopesComeBeforeThoseInThem() throws {
    let method = try Parser.parseMethod(Self.source)
    let scopes = method.scopes
    #expect(scopes.map { $0.arguments.map(\.name) + $0.body.temporaries.map(\.name) }.first == ["a", "t", "u"])
    #expect(scopes.count == 5)
    for (i, scope) in scopes.enumerated() {
      #expect(scopes[..<i].allSatisfy { !(scope.range.start <= $0.range.start && $0.range.end <= scope.range.end) })
    }
  }
}
