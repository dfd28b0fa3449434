// What moves in front of a loop, and what must not.

import IR
import Optimizer
import Testing

@Suite struct InvariantMotionTests {
  /// How often the operation stands in a block that can be run again.
  private func inLoops(_ g: Graph, _ op: Op) -> Int {
    func isInLoop(_ b: BlockID) -> Bool {
      var seen: Set<BlockID> = []
      var work = [b]
      while let at = work.popLast() {
        for e in g[at].successors where seen.insert(e.target).inserted { work.append(e.target) }
      }
      return seen.contains(b)
    }
    return g.reversePostOrder.filter(isInLoop).reduce(0) { n, b in
      n + g[b].instructions.filter { g[$0].op == op }.count
    }
  }

  /// A loop with this body in a class with the fields `step` and `other`, each known to be an integer where it counts.
  private func loop(
    _ body: String, in p: TestProgram = TestProgram(), arguments: String = "run: n", failedEntry: Int? = nil
  ) throws -> Graph {
    let demo = p.addClass("Demo", fields: ["step", "other"])
    let m = try p.method(
      demo, "\(arguments) = ( | i t | i := 0. t := 0. [ i < n ] whileTrue: [ \(body) i := i + 1 ]. ^t )",
      fields: ["step", "other"])
    if let failedEntry { p.failuresByMethod[m] = [failedEntry: [DeoptReason.loopEntry.rawValue]] }
    var options = OptimizerOptions()
    options.unrolling = 1
    options.verify = true
    return try Optimizer.compile(method: m, program: p, options: options).graph
  }

  @Test func aFieldThatTheLoopDoesNotStoreToIsLoadedBeforeIt() throws {
    let g = try loop("t := t + step.")
    #expect(count(g, .loadSlot) == 1 && inLoops(g, .loadSlot) == 0)
    #expect(inLoops(g, .guardInt) == 0)
    #expect(inLoops(g, .poll) == 1)
  }

  @Test func storesToAnotherFieldDoNotMatter() throws {
    #expect(inLoops(try loop("t := t + step. other := t."), .loadSlot) == 0)
  }

  @Test func aFieldThatTheLoopStoresToStays() throws {
    #expect(inLoops(try loop("t := t + step. step := i."), .loadSlot) == 1)
  }

  @Test func aCallMayStoreToEverything() throws {
    let p = TestProgram()
    p.megamorphic = ["unknown"]
    let g = try loop("t := t + step. self unknown.", in: p)
    #expect(inLoops(g, .send) == 1 && inLoops(g, .loadSlot) == 1)
  }

  @Test func whatOnlySomeIterationsNeedStays() throws {
    #expect(inLoops(try loop("i > 3 ifTrue: [ t := t + step ]."), .loadSlot) == 1)
  }

  @Test func afterAFailureAtTheEntryTheGuardStays() throws {
    // One of these is the header. The other guard is that of n.
    let kept = try (0..<20).filter { pc in
      let g = try loop("t := t + step.", failedEntry: pc)
      return inLoops(g, .loadSlot) == 0 && inLoops(g, .guardInt) == 2
    }
    #expect(kept.count == 1)
  }

  @Test func elementsMoveWithTheirBoundsCheck() throws {
    let p = TestProgram()
    p.feedbackBySelector["at:"] = [8]
    let g = try loop("t := t + (a at: 2).", in: p, arguments: "run: n over: a")
    #expect(count(g, .loadElement) == 1 && inLoops(g, .loadElement) == 0 && inLoops(g, .guardTrue) == 0)
  }

  @Test func aVaryingIndexStays() throws {
    let p = TestProgram()
    p.feedbackBySelector["at:"] = [8]
    let g = try loop("t := t + (a at: i).", in: p, arguments: "run: n over: a")
    #expect(inLoops(g, .loadElement) == 1 && inLoops(g, .loadLength) == 0 && inLoops(g, .guardClass) == 0)
  }

  @Test func elementsStayIfSomeAreStored() throws {
    let p = TestProgram()
    for selector in ["at:", "at:put:"] { p.feedbackBySelector[selector] = [8] }
    let g = try loop("t := t + (a at: 2). b at: 2 put: t.", in: p, arguments: "run: n over: a into: b")
    #expect(inLoops(g, .loadElement) == 1)
  }

  /// Without the test, what is read may not be there.
  @Test func fieldsOfAnObjectWhoseClassTheLoopTestsStay() throws {
    let p = TestProgram()
    let classes = try ["One", "Two"].map { name in
      let c = p.addClass(name, fields: ["x", "y"])
      try p.method(c, "get = ( ^\(name == "One" ? "x" : "y") )", fields: ["x", "y"])
      return c
    }
    p.feedbackBySelector["get"] = classes
    let g = try loop("t := a get.", in: p, arguments: "run: n over: a")
    #expect(inLoops(g, .hasClass) > 0 && inLoops(g, .loadSlot) == 2)
  }
}
