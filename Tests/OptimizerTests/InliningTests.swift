// Inlining, escape analysis and representation: each fires where it should, and not where it must not.

import IR
import Optimizer
import Testing

private func compile(_ p: TestProgram, _ m: MethodID, osrPC: Int? = nil, unrolling: Int = 1) throws
  -> CompilationResult
{
  var options = OptimizerOptions()
  options.unrolling = unrolling
  options.verify = true
  return try Optimizer.compile(method: m, osrPC: osrPC, program: p, options: options)
}

private let loop = """
  run: n = ( | i total | i := 0. total := 0.
    [ i < n ] whileTrue: [ total := total + (self step: i). i := i + 1 ].
    ^total )
  """

@Suite struct InliningTests {
  @Test func aMonomorphicCalleeDisappearsIntoTheLoop() throws {
    let p = TestProgram()
    let c = p.addClass("Demo")
    let run = try p.method(c, loop)
    let step = try p.method(c, "step: i = ( ^i + 2 )")
    p.feedbackBySelector["step:"] = [c]
    let r = try compile(p, run)
    #expect(count(r.graph, .callMethod) == 0)
    #expect(count(r.graph, .send) == 0)
    #expect(r.inlined.contains { $0.callee == step && $0.caller == run })
    #expect(r.dependencies.contains(.lookup(classIndex: c, selector: p.selectorID("step:"), method: step.raw)))
  }

  @Test func everyPhaseIsMeasured() throws {
    let p = TestProgram()
    let run = try p.method(p.addClass("Demo"), loop)
    let all = try compile(p, run).times
    let passes = (0..<Optimizer.passCount).map(Optimizer.passName)
    #expect(all.phases.first?.name == "build")
    // A pass that runs twice is one phase.
    #expect(Set(all.phases.map(\.name)) == Set(passes + ["build"]) && all.phases.count == Set(passes).count + 1)
    #expect(all.phases.allSatisfy { $0.nanoseconds > 0 })
    var options = OptimizerOptions()
    options.passLimit = 2
    let some = try Optimizer.compile(method: run, program: p, options: options).times
    #expect(some.phases.map(\.name) == ["build"] + passes.prefix(2))
  }

  @Test func dumpsAreNoPartOfAPhasesTime() throws {
    let p = TestProgram()
    let run = try p.method(p.addClass("Demo"), loop)
    var options = OptimizerOptions()
    options.observe = { _, _ in
      let start = ContinuousClock.now
      while start.duration(to: .now) < .milliseconds(200) {}
    }
    let times = try Optimizer.compile(method: run, program: p, options: options).times
    #expect(times.nanoseconds < 200_000_000 * times.phases.count / 2)
  }

  @Test func theLoopsIntegersStayUntagged() throws {
    let p = TestProgram()
    let c = p.addClass("Demo")
    let run = try p.method(c, loop)
    try p.method(c, "step: i = ( ^i + 2 )")
    p.feedbackBySelector["step:"] = [c]
    let r = try compile(p, run)
    // Only the result is tagged, once; only n is checked and untagged.
    #expect(count(r.graph, .tagInt) == 1)
    #expect(count(r.graph, .guardInt) == 1)
    #expect(count(r.graph, .addInt) == 2)
    // i < n bounds i + 1.
    #expect(count(r.graph, .addIntUnchecked) == 1)
  }

  @Test func aSiteThatHasSeenTooMuchIsASend() throws {
    let p = TestProgram()
    let c = p.addClass("Demo")
    let run = try p.method(c, loop)
    try p.method(c, "step: i = ( ^i + 2 )")
    p.megamorphic = ["step:"]
    let r = try compile(p, run)
    #expect(count(r.graph, .send) == 1)
    #expect(r.inlined.isEmpty)
  }

  @Test func aSiteThatNeverRanLeavesForTheInterpreter() throws {
    let p = TestProgram()
    let c = p.addClass("Demo")
    let run = try p.method(c, "run: n = ( n > 5 ifTrue: [ ^self rare ]. ^n )")
    let r = try compile(p, run)
    #expect(count(r.graph, .deopt) == 1)
    #expect(count(r.graph, .send) == 0)
  }

  @Test func twoClassesAreTestedAndBothInlined() throws {
    let p = TestProgram()
    let a = p.addClass("A")
    let b = p.addClass("B")
    let run = try p.method(a, "run: x = ( ^x kind )")
    try p.method(a, "kind = ( ^1 )")
    try p.method(b, "kind = ( ^2 )")
    p.feedbackBySelector["kind"] = [a, b]
    let r = try compile(p, run)
    #expect(count(r.graph, .hasClass) == 1)
    #expect(count(r.graph, .guardClass) == 1)
    #expect(r.inlined.count == 2)
  }

  @Test func blocksPassedToInlinedMethodsAreNeverAllocated() throws {
    let p = TestProgram()
    let c = p.addClass("Demo")
    let run = try p.method(
      c, "run: n = ( | sum | sum := 0. self upTo: n do: [ :i | sum := sum + i ]. ^sum )")
    try p.method(c, "upTo: n do: aBlock = ( | i | i := 1. [ i <= n ] whileTrue: [ aBlock value: i. i := i + 1 ] )")
    p.feedbackBySelector["upTo:do:"] = [c]
    p.feedbackBySelector["value:"] = [11]
    let r = try compile(p, run)
    #expect(count(r.graph, .allocate) == 0)
    #expect(count(r.graph, .callMethod) == 0)
    #expect(count(r.graph, .storeSlot) == 0)
  }

  @Test func aBlockThatIsPassedOnIsAllocated() throws {
    let p = TestProgram()
    let c = p.addClass("Demo")
    let run = try p.method(c, "run: n = ( | sum | sum := 0. self keep: [ :i | sum := sum + i ]. ^sum )")
    p.megamorphic = ["keep:"]
    let r = try compile(p, run)
    // The environment and the block.
    #expect(count(r.graph, .allocate) == 2)
  }

  @Test func aNonLocalReturnOutOfAnInlinedBlockIsAJump() throws {
    let p = TestProgram()
    let c = p.addClass("Demo")
    let run = try p.method(c, "run: n = ( self upTo: n do: [ :i | i = 7 ifTrue: [ ^i ] ]. ^0 )")
    try p.method(c, "upTo: n do: aBlock = ( | i | i := 1. [ i <= n ] whileTrue: [ aBlock value: i. i := i + 1 ] )")
    p.feedbackBySelector["upTo:do:"] = [c]
    p.feedbackBySelector["value:"] = [11]
    let r = try compile(p, run)
    #expect(count(r.graph, .allocate) == 0)
    #expect(count(r.graph, .return) == 2)
    #expect(r.graph.homeEnvironment == nil)
  }

  @Test func anInstanceThatDoesNotEscapeIsNeverAllocated() throws {
    let p = TestProgram()
    let point = p.addClass("Point", fields: ["x"])
    p.primitiveNew(point)
    let c = p.addClass("Demo")
    let run = try p.method(c, "run: n = ( | q | q := Point new. q x: n. ^q x )")
    try p.method(point, "x: v = ( x := v )", fields: ["x"])
    try p.method(point, "x = ( ^x )", fields: ["x"])
    let r = try compile(p, run)
    #expect(count(r.graph, .allocate) == 0)
    #expect(count(r.graph, .loadSlot) == 0)
  }

  /// Only the path on which somebody else sees it allocates it.
  @Test func anInstanceThatEscapesOnOnePathIsAllocatedThere() throws {
    let p = TestProgram()
    let c = p.addClass("Demo", fields: ["x"])
    p.primitiveNew(c)
    try p.method(c, "x = ( ^x )", fields: ["x"])
    try p.method(c, "x: v = ( x := v )", fields: ["x"])
    p.feedbackBySelector = ["new": [c + 1], "x": [c], "x:": [c]]
    p.megamorphic = ["unknown:"]
    let run = try p.method(
      c, "run: v = ( | d | d := Demo new. d x: v. v < 3 ifTrue: [ ^self unknown: d ]. ^d x )", fields: ["x"])
    let g = try compile(p, run).graph
    let allocating = g.reversePostOrder.filter { b in g[b].instructions.contains { g[$0].op == .allocate } }
    #expect(allocating.count == 1)
    let ops = g[try #require(allocating.first)].instructions.map { g[$0].op }
    #expect(ops.contains(.send))
    #expect(count(g, .return) == 2)
  }

  @Test func aValueThatChangesItsTypeInTheLoopIsTagged() throws {
    let p = TestProgram()
    let c = p.addClass("Demo")
    let run = try p.method(
      c, "run: n = ( | i x | i := 0. x := 0. [ i < n ] whileTrue: [ x := self next: x. i := i + 1 ]. ^x )")
    p.megamorphic = ["next:"]
    let r = try compile(p, run)
    let header = r.graph.reversePostOrder.first { r.graph[$0].parameters.count == 2 }
    let types = r.graph[try #require(header)].parameters.map { r.graph[$0].type }
    #expect(Set(types) == [.int, .tagged])
  }

  @Test func doublesStayUnboxedInALoop() throws {
    let p = TestProgram()
    let c = p.addClass("Demo")
    let run = try p.method(
      c, "run: n = ( | i x | i := 0. x := 0.5. [ i < n ] whileTrue: [ x := x * 1.5 + i. i := i + 1 ]. ^x )")
    let r = try compile(p, run)
    #expect(count(r.graph, .tagFloat) == 1)
    #expect(count(r.graph, .guardFloat) == 0)
  }

  @Test func onStackReplacementEntersAtTheLoop() throws {
    let p = TestProgram()
    let c = p.addClass("Demo")
    let run = try p.method(c, loop)
    try p.method(c, "step: i = ( ^i + 2 )")
    p.feedbackBySelector["step:"] = [c]
    let header = try #require(p.facts(run).chunk?.loopHeaders.first)
    let r = try compile(p, run, osrPC: header)
    #expect(count(r.graph, .register) >= 2)
    #expect(count(r.graph, .callMethod) == 0)
  }

  @Test func recursionIsInlinedALittle() throws {
    let p = TestProgram()
    let c = p.addClass("Demo")
    let fib = try p.method(
      c, "fib: n = ( n < 2 ifTrue: [ ^n ]. ^(self fib: n - 1) + (self fib: n - 2) )")
    p.feedbackBySelector["fib:"] = [c]
    let r = try compile(p, fib)
    #expect(count(r.graph, .callMethod) > 0)
    #expect(r.inlined.contains { $0.callee == fib })
  }
}

@Suite struct RestartTests {
  @Test func whileTrueInTheLibrarysWayIsALoop() throws {
    let p = TestProgram()
    let c = p.addClass("Demo")
    let run = try p.method(
      c, "run: n = ( | i | i := 0. self while: [ i < n ] do: [ i := i + 1 ]. ^i )")
    try p.method(c, "while: a do: b = ( ^a repeat: b )")
    try p.method(10, "repeat: b = ( self value ifFalse: [ ^nil ]. b value. self restart )")
    p.feedbackBySelector["while:do:"] = [c]
    p.feedbackBySelector["repeat:"] = [10]
    p.feedbackBySelector["value"] = [10]
    let r = try compile(p, run)
    #expect(count(r.graph, .allocate) == 0)
    #expect(count(r.graph, .poll) == 1)
    #expect(count(r.graph, .addInt) + count(r.graph, .addIntUnchecked) == 1)
  }
}

@Suite struct NonLocalReturnTests {
  @Test func aBlockOnItsOwnUnwindsToItsHome() throws {
    let p = TestProgram()
    let c = p.addClass("Demo")
    let run = try p.method(c, "run: n = ( self each: [ :i | i = 7 ifTrue: [ ^i ] ]. ^0 )")
    let r = try compile(p, p.facts(run).blocks[0])
    #expect(count(r.graph, .unwind) == 1)
    // Only if the home has returned, or is another process's, is it the interpreter's.
    #expect(count(r.graph, .processMark) == 1)
    #expect(count(r.graph, .guardTrue) == 1)
    #expect(count(r.graph, .deopt) == 0)
  }
}

@Suite struct LoopVariableTests {
  @Test func anIntegerInTheLoopIsOneFromTheStart() throws {
    let p = TestProgram()
    let c = p.addClass("Demo")
    let run = try p.method(c, loop)
    try p.method(c, "step: i = ( ^i + 2 )")
    p.feedbackBySelector["step:"] = [c]
    let header = try #require(p.facts(run).chunk?.loopHeaders.first)
    let r = try compile(p, run, osrPC: header)
    let types = r.graph.reversePostOrder.flatMap { r.graph[$0].parameters.map { r.graph[$0].type } }
    #expect(types == [.int, .int])
    #expect(count(r.graph, .tagInt) == 1)
  }

  @Test func unlessThatFailedBefore() throws {
    let p = TestProgram()
    let c = p.addClass("Demo")
    let run = try p.method(c, loop)
    try p.method(c, "step: i = ( ^i + 2 )")
    p.feedbackBySelector["step:"] = [c]
    let header = try #require(p.facts(run).chunk?.loopHeaders.first)
    p.failuresByMethod[run] = [header: [DeoptReason.loopEntry.rawValue]]
    let r = try compile(p, run, osrPC: header)
    let types = r.graph.reversePostOrder.flatMap { r.graph[$0].parameters.map { r.graph[$0].type } }
    #expect(types == [.tagged, .tagged])
  }
}

@Suite struct RangeTests {
  @Test func theRemainderOfACounterNeedsNoSign() throws {
    let p = TestProgram()
    let c = p.addClass("Demo")
    let run = try p.method(
      c, "run: n = ( | i s | i := 0. s := 0. [ i < n ] whileTrue: [ s := s + (i % 7). i := i + 1 ]. ^s )")
    let r = try compile(p, run)
    #expect(count(r.graph, .remainderIntUnsigned) == 1)
    #expect(count(r.graph, .moduloInt) == 0)
  }

  @Test func butThatOfOneThatCountsDownDoes() throws {
    let p = TestProgram()
    let c = p.addClass("Demo")
    let run = try p.method(
      c, "run: n = ( | i s | i := 9. s := 0. [ i > n ] whileTrue: [ s := s + (i % 7). i := i - 1 ]. ^s )")
    let r = try compile(p, run)
    #expect(count(r.graph, .remainderIntUnsigned) == 0)
    #expect(count(r.graph, .moduloInt) == 1)
  }

  @Test func andThatOfAnArgument() throws {
    let p = TestProgram()
    let c = p.addClass("Demo")
    let run = try p.method(c, "run: n = ( ^n % 7 )")
    #expect(count(try compile(p, run).graph, .remainderIntUnsigned) == 0)
  }
}

@Suite struct ColdSiteTests {
  private func result(invocations: Int, isHot: Bool = false) throws -> CompilationResult {
    let p = TestProgram()
    let c = p.addClass("Demo")
    let run = try p.method(c, "run: n = ( ^self long: n )")
    // Longer than `coldInlineSize`, shorter than `warmInlineSize`.
    let sum = (1...7).map { "n + \($0)" }.joined(separator: " * ")
    try p.method(c, "long: n = ( ^\(sum) )")
    p.feedbackBySelector["long:"] = [c]
    p.invocations = invocations
    if isHot { p.hotCalls = try compile(p, run).coldCalls }
    return try compile(p, run)
  }
  @Test func whatHardlyEverRunsIsCalled() throws {
    let result = try result(invocations: 10_000)
    #expect(result.inlined.isEmpty && result.coldCalls.count == 1)
  }
  @Test func whatRunsNowAndThenIsInlined() throws {
    let result = try result(invocations: 600)
    #expect(result.inlined.count == 1 && result.coldCalls.isEmpty)
  }
  @Test func whatHasBecomeHotSinceIsInlined() throws {
    let result = try result(invocations: 10_000, isHot: true)
    #expect(result.inlined.count == 1 && result.coldCalls.isEmpty)
  }
}

@Suite struct UnrollingTests {
  @Test func fourIterationsShareAPoll() throws {
    let p = TestProgram()
    let c = p.addClass("Demo")
    let run = try p.method(c, loop)
    try p.method(c, "step: i = ( ^i + 2 )")
    p.feedbackBySelector["step:"] = [c]
    let r = try compile(p, run, unrolling: 4)
    #expect(count(r.graph, .poll) == 1)
    #expect(count(r.graph, .branch) == 4)
    #expect(count(r.graph, .guardClass) == 1)
  }

  @Test func aLoopThatCallsIsLeftAlone() throws {
    let p = TestProgram()
    let c = p.addClass("Demo")
    let run = try p.method(c, loop)
    p.megamorphic = ["step:"]
    #expect(count(try compile(p, run, unrolling: 4).graph, .send) == 1)
  }

  @Test func objectsOfDifferentIterationsAreDifferent() throws {
    let p = TestProgram()
    let node = p.addClass("Node", fields: ["next"])
    p.primitiveNew(node)
    try p.method(node, "next: n = ( next := n )", fields: ["next"])
    let c = p.addClass("Demo")
    let run = try p.method(
      c,
      """
      run: n = ( | i head q | i := 0. head := nil.
        [ i < n ] whileTrue: [ q := Node new. q next: head. head := q. i := i + 1 ]. ^head )
      """)
    let r = try compile(p, run, unrolling: 4)
    // Four at the back edge; one, two and three on the ways out between the copies.
    #expect(count(r.graph, .allocate) == 10)
  }
}
