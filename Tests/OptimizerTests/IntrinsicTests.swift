// Primitives that compiled code does itself, and the checks that ranges remove: where they fire, and where not.

import IR
import Optimizer
import Testing

func graph(_ p: TestProgram, _ source: String) throws -> Graph {
  let c = p.addClass("Demo")
  var options = OptimizerOptions()
  options.unrolling = 1
  options.verify = true
  return try Optimizer.compile(method: try p.method(c, source), program: p, options: options).graph
}

func count(_ g: Graph, _ op: Op) -> Int {
  g.reversePostOrder.reduce(0) { n, b in n + g[b].instructions.filter { g[$0].op == op }.count }
}

private func program(_ receivers: [String: Int]) -> TestProgram {
  let p = TestProgram()
  for (selector, c) in receivers { p.feedbackBySelector[selector] = [c] }
  return p
}

private let string = 6
private let symbol = 7
private let array = 8

@Suite struct StringIntrinsicTests {
  @Test func aShortLiteralIsComparedAsAWord() throws {
    let g = try graph(program(["=": string]), "is: x = ( ^x = 'seven77' )")
    #expect(count(g, .equalsShortString) == 1)
    #expect(count(g, .callMethod) == 0)
  }

  @Test func aLongLiteralIsComparedAsAString() throws {
    let g = try graph(program(["=": string]), "is: x = ( ^x = 'eight888' )")
    #expect(count(g, .equalStrings) == 1 && count(g, .equalsShortString) == 0)
  }

  @Test func symbolsAreComparedByIdentity() throws {
    let g = try graph(program(["=": symbol]), "is: x = ( ^x = #forward )")
    #expect(count(g, .identical) == 1 && count(g, .callMethod) == 0)
    let mixed = try graph(program(["=": symbol]), "is: x = ( ^x = 'forward' )")
    #expect(count(mixed, .equalsShortString) == 1 && count(mixed, .identical) == 0)
  }

  @Test func whatMayBeNoStringIsLeftToThePrimitive() throws {
    let g = try graph(program(["=": string]), "is: x the: y = ( ^x = y )")
    #expect(count(g, .equalStrings) == 0 && count(g, .callMethod) == 1)
  }

  @Test func charactersAreLoaded() throws {
    let g = try graph(program(["charAt:": string]), "of: s at: i = ( ^s charAt: i )")
    #expect(count(g, .loadCharacter) == 1)
    // In bounds, and all ASCII.
    #expect(count(g, .isInBounds) == 1 && count(g, .compareInt) == 1 && count(g, .guardTrue) == 2)
  }

  @Test func aPartOfOneCharacterIsLoaded() throws {
    let p = program(["primSubstringFrom:to:": string])
    let g = try graph(p, "of: s at: i = ( ^s primSubstringFrom: i to: i )")
    #expect(count(g, .loadCharacter) == 1 && count(g, .callMethod) == 0)
    // The same number, but who knows.
    let other = try graph(p, "of: s from: i to: j = ( ^s primSubstringFrom: i to: j )")
    #expect(count(other, .loadCharacter) == 0 && count(other, .callMethod) == 1)
  }

  @Test func whereAnIndexWasOutOfBoundsThePrimitiveDecides() throws {
    let p = program(["charAt:": string])
    let c = p.addClass("Demo")
    let m = try p.method(c, "of: s at: i = ( ^s charAt: i )")
    p.failuresByMethod[m] = Dictionary(
      uniqueKeysWithValues: (0..<10).map { ($0, [DeoptReason.outOfBounds.rawValue]) })
    let g = try Optimizer.compile(method: m, program: p).graph
    #expect(count(g, .loadCharacter) == 0 && count(g, .callMethod) == 1)
  }
}

@Suite struct ArrayIntrinsicTests {
  @Test func newArraysAreAllocatedHere() throws {
    let g = try graph(program(["new:": 21]), "make: n = ( ^Array new: n )")
    #expect(count(g, .allocateArray) == 1 && count(g, .callMethod) == 0)
    // Its class is known: no check before the access.
    let known = try graph(program(["new:": 21, "at:": array]), "make: n = ( ^(Array new: n) at: 1 )")
    #expect(count(known, .loadElement) == 1 && count(known, .guardClass) == 0)
  }

  @Test func bothBoundsAreOneComparison() throws {
    let g = try graph(program(["at:": array]), "of: a at: i = ( ^a at: i )")
    #expect(count(g, .isInBounds) == 1 && count(g, .guardTrue) == 1 && count(g, .compareInt) == 0)
    #expect(count(g, .subtractInt) == 0)
  }

  @Test func literalsNeedNoBarrier() throws {
    func barrier(_ value: String) throws -> Bool {
      let g = try graph(program(["at:put:": array]), "in: a put: x = ( a at: 1 put: \(value) )")
      let store = g.reversePostOrder.flatMap { g[$0].instructions }.first { g[$0].op == .storeElement }
      return g[try #require(store)].immediate & Op.noBarrier == 0
    }
    #expect(try !barrier("'text'"))
    #expect(try !barrier("3"))
    #expect(try barrier("x"))
  }
}

@Suite struct NonNegativeTests {
  /// i starts at `start` and grows by one.
  private func checkedDifferences(start: String) throws -> Int {
    count(
      try graph(
        TestProgram(),
        "run: n = ( | i t | i := \(start). t := 0. [ i < n ] whileTrue: [ t := i - 3. i := i + 1 ]. ^t )"),
      .subtractInt)
  }
  @Test func lessThanANumberThatIsNotNegativeCannotOverflow() throws {
    #expect(try checkedDifferences(start: "0") == 0)
  }
  @Test func lessThanANegativeOneCan() throws { #expect(try checkedDifferences(start: "-5") == 1) }
}

@Suite struct CapturedVariableTests {
  /// A block captures `k`; the loop does or does not change it.
  private func parameters(_ body: String) throws -> Int {
    let p = TestProgram()
    p.feedbackBySelector["value"] = [10]
    let g = try graph(
      p,
      """
      run: n = ( | i k b | i := 0. k := n. b := [ k ].
        [ i < 10 ] whileTrue: [ \(body) i := i + 1 ]. ^b value )
      """)
    return g.reversePostOrder.map { g[$0].parameters.count }.max() ?? 0
  }
  @Test func aCapturedVariableThatTheLoopLeavesAloneIsNoParameter() throws { #expect(try parameters("") == 1) }
  @Test func oneThatItChangesIs() throws { #expect(try parameters("k := k + 1.") == 2) }
}

@Suite struct WarmInliningTests {
  /// A callee of more than `warmInlineSize` instructions, at a site that has made ten calls.
  private func inlines(invocations: Int) throws -> Bool {
    let p = TestProgram()
    let c = p.addClass("Callee")
    let sum = (1...40).map { "a * \($0)" }.joined(separator: " + ")
    try p.method(c, "large: a = ( ^\(sum) )")
    p.feedbackBySelector["large:"] = [c]
    p.invocations = invocations
    let demo = p.addClass("Demo")
    let m = try p.method(demo, "run: x = ( ^x large: 3 )")
    var options = OptimizerOptions()
    options.trustedInvocations = 1
    options.maxInlineSize = 200
    return try !Optimizer.compile(method: m, program: p, options: options).inlined.isEmpty
  }
  @Test func aLargeCalleeIsInlinedWhereEachRunCallsIt() throws { #expect(try inlines(invocations: 10)) }
  @Test func elsewhereItIsCalled() throws { #expect(try !inlines(invocations: 30)) }
}

@Suite struct BlockCallTests {
  private func evaluation(of c: Int, _ call: String) throws -> Graph {
    let p = TestProgram()
    for selector in ["value", "value:"] { p.feedbackBySelector[selector] = [c] }
    return try graph(p, "run: b = ( ^b \(call) )")
  }
  @Test func aBlockOfAKnownClassIsCalledDirectly() throws {
    #expect(count(try evaluation(of: 11, "value: 3"), .callBlock) == 1)
    #expect(count(try evaluation(of: 10, "value"), .callBlock) == 1)
  }
  @Test func whatIsNoBlockIsNot() throws {
    #expect(count(try evaluation(of: 3, "value: 3"), .callBlock) == 0)
  }
}
