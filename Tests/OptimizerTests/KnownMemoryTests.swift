// What the builder knows of fields: loads that a load or a store before them makes superfluous, and those that stay.

import IR
import Optimizer
import Testing

@Suite struct KnownMemoryTests {
  /// A method of a class with the fields `x` and `y` and accessors that are inlined. `keep:with:` and `unknown`
  /// are calls.
  private func compile(_ source: String) throws -> Graph {
    let p = TestProgram()
    let demo = p.addClass("Demo", fields: ["x", "y"])
    for text in ["setX: v = ( x := v )", "setY: v = ( y := v )", "getX = ( ^x )"] {
      try p.method(demo, text, fields: ["x", "y"])
    }
    for selector in ["setX:", "setY:", "getX"] { p.feedbackBySelector[selector] = [demo] }
    let other = p.addClass("Other", fields: ["z"])
    try p.method(other, "setZ: v = ( z := v )", fields: ["z"])
    p.feedbackBySelector["setZ:"] = [other]
    p.megamorphic = ["keep:with:", "unknown"]
    var options = OptimizerOptions()
    options.verify = true
    return try Optimizer.compile(
      method: try p.method(demo, source, fields: ["x", "y"]), program: p, options: options
    ).graph
  }

  /// How often the field is loaded, with this between the first load and the second.
  private func loads(between: String, _ arguments: String = "run") throws -> Int {
    let g = try compile("\(arguments) = ( | a | a := x. \(between) ^self keep: a with: x )")
    #expect(count(g, .send) == (between.contains("unknown") ? 2 : 1))
    return count(g, .loadSlot)
  }

  @Test func aFieldIsLoadedOnce() throws { #expect(try loads(between: "") == 1) }
  @Test func afterACallItIsLoadedAgain() throws { #expect(try loads(between: "self unknown.") == 2) }

  @Test func aStoreToAnotherFieldDoesNotMatter() throws {
    #expect(try loads(between: "y := a.") == 1)
    #expect(try loads(between: "o setY: 3.", "run: o") == 1)
  }
  @Test func anotherObjectMayBeTheSame() throws { #expect(try loads(between: "o setX: 3.", "run: o") == 2) }

  /// Of the receiver it is only known that it inherits from its class; of these, what they are.
  @Test func anObjectOfAnotherClassIsNot() throws {
    func loads(_ store: String) throws -> Int {
      let g = try compile("run: o with: p = ( | a | a := p getX. \(store) ^self keep: a with: p getX )")
      return count(g, .loadSlot)
    }
    #expect(try loads("o setZ: 3.") == 1)
    #expect(try loads("o setX: 3.") == 2)
    #expect(try loads("x := 3.") == 2)
  }

  @Test func whatIsStoredIsNotLoaded() throws {
    let g = try compile("run: v = ( x := v. ^self keep: 1 with: x )")
    #expect(count(g, .loadSlot) == 0)
    let send = try #require(g.reversePostOrder.flatMap { g[$0].instructions }.first { g[$0].op == .send })
    let value = g[g.operand(send, 2)]
    #expect(value.op == .argument && value.immediate == 1)
  }
  @Test func unlessItMayHaveBeenOverwritten() throws {
    #expect(count(try compile("run: o = ( x := 5. o setX: 6. ^self keep: 1 with: x )"), .loadSlot) == 1)
    #expect(count(try compile("run: o = ( x := 5. self unknown. ^self keep: 1 with: x )"), .loadSlot) == 1)
  }

  @Test func whereTwoPathsMeetBothMustKnowIt() throws {
    func loads(_ other: String) throws -> Int {
      count(try compile("run: o = ( o == nil ifTrue: [ x := o ] ifFalse: [ \(other) ]. ^x )"), .loadSlot)
    }
    #expect(try loads("x := o") == 0)
    #expect(try loads("x := 3") == 1)
    #expect(try loads("y := o") == 1)
  }
}
