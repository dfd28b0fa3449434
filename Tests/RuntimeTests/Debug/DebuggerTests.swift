// Stopping, looking, going on: on every tier.

import Testing
import VM

@testable import Runtime

@Suite(.serialized) struct DebuggerTests {
  private static let loop = """
    Main = (
        run = (
            | sum |
            sum := 0.
            1 to: 300 do: [ :i |
                sum := sum + (self double: i) ].
            sum println
        )
        double: n = (
            | twice |
            twice := n + n.
            ^twice
        )
    )
    """
  private static let double = MethodKey(className: "Main", selector: "double:")

  @Test(arguments: Tier.available) func breakpointInACallee(_ tier: Tier) throws {
    let program = try Debuggee(tier, Self.loop)
    let set = try program.debugger.add(Breakpoint(.methodLine(Self.double, 4), condition: "n = 250"))
    #expect(!set.isVerified)
    program.session.start()
    let stop = try program.stop()
    #expect(stop.reason == .breakpoint)
    #expect(try program.stack() == ["Main>>double: 12", "Main>>run 6"])
    #expect(try program.variables() == ["n": "250", "twice": "500"])
    #expect(try program.variables(1)["i"] == "250")
    #expect(try program.variables(1)["sum"] == "\(249 * 250)")
    #expect(try program.evaluate("twice := 0. n + 1") == "251")
    #expect(try program.evaluate("sum := sum + 7", 1) == "\(249 * 250 + 7)")
    try program.debugger.resume(1)
    #expect(program.output() == "\(300 * 301 - 500 + 7)\n")
  }

  /// Where a block is made, its variables are none of the activation's.
  @Test func aBlockThatIsMadeHasNoVariablesYet() throws {
    let text = "Main = ( run = ( | b |\n b := [ :each | | inner |\n inner := each. inner ].\n (b value: 3) println ) )"
    let program = try Debuggee(.interpreter, text)
    _ = try program.debugger.add(Breakpoint(.methodLine(MethodKey(className: "Main", selector: "run"), 2)))
    program.session.start()
    _ = try program.stop()
    #expect(try program.variables() == ["b": "nil"])
    try program.debugger.resume(1)
    #expect(program.output() == "3\n")
  }
}

extension DebuggerTests {
  private static let steps = """
    Main = (
        | total |
        run = (
            | list |
            total := 0.
            list := Array new: 2.
            list at: 1 put: 3.
            list at: 2 put: 4.
            self halt.
            list do: [ :each |
                self add: each.
                total := total + 100 ].
            [ self add: 1 ] value.
            total println.
            ^self
        )
        add: n = (
            total := total + n.
            ^total
        )
    )
    """

  @Test(arguments: Tier.available) func stepping(_ tier: Tier) throws {
    let program = try Debuggee(tier, Self.steps)
    program.session.start()
    #expect(try program.stop().reason == .halt)
    #expect(try program.stack() == ["Main>>run 9"])
    func place(_ stop: StopReport) -> String { program.at(stop) }
    #expect(try place(program.step(.over)) == "Main>>run 10")
    // Into the library's loop, its block, the method that the block sends, and out again.
    var places: [String] = []
    for _ in 0..<20 where places.last != "Main>>add: 18" { places.append(try place(program.step(.into))) }
    #expect(places.contains("Main>>run[] 11"), "\(places)")
    let out = try program.step(.out)
    let outPlace = place(out)
    #expect(outPlace == "Main>>run[] 12" && out.reason == .step && out.answered?.text == "3", "\(outPlace) \(places)")
    #expect(try program.evaluate("total := total + 1000. each") == "3")
    // To a line of the method that the block is in.
    try program.debugger.step(1, .toLine(13), from: try program.debugger.stack(1).last!.id.index)
    #expect(try place(program.stop()) == "Main>>run 13")
    #expect(try program.variables()["total"] == "1207")
    #expect(try place(program.step(.into)) == "Main>>run[] 13")
    #expect(try place(program.step(.into)) == "Main>>add: 18")
    #expect(try place(program.step(.out)) == "Main>>run[] 13")
    #expect(try place(program.step(.over)) == "Main>>run 14")
    try program.debugger.resume(1)
    #expect(program.output() == "1208\n")
  }

  private static let merging = """
    Main = (
        run = ( (self tries: 1) println )
        tries: n = (
            (self goesOn: n) ifTrue: [ self fails ].
            ^n + 10
        )
        goesOn: n = (
            n > 1 ifTrue: [ ^true ].
            ^[ self tries: 2. true ] on: Error do: [ :e | false ]
        )
        fails = ( self halt. self error: 'out' )
    )
    """

  /// What an activation comes to without the message has not answered anything.
  @Test(arguments: Tier.available) func outOfWhatIsLeft(_ tier: Tier) throws {
    let program = try Debuggee(tier, Self.merging)
    program.session.start()
    _ = try program.stop()
    let stop = try program.step(.out)
    #expect(stop.reason == .step && stop.answered == nil && stop.activation?.place?.line == 5)
    #expect(try program.variables()["n"] == "1")
    try program.debugger.resume(1)
    #expect(program.output() == "11\n")
  }

  /// Behind a message there may be values that are about to be sent: they move like all others.
  @Test(arguments: Tier.available) func whatIsToBeSentMoves(_ tier: Tier) throws {
    let program = try Debuggee(
      tier,
      """
      Main = (
          run = ( (self join: (self first: 'a') with: (self first: 'b')) println )
          first: x = ( self halt. ^x + '!' )
          join: a with: b = ( ^a + b )
      )
      """)
    program.session.start()
    _ = try program.stop()
    try program.debugger.resume(1)
    _ = try program.stop()
    #expect(try program.step(.out).answered?.text == "'b!'")
    #expect(try program.evaluate("system fullGC. 'x' + 'y'") == "'xy'")
    try program.debugger.resume(1)
    #expect(program.output() == "a!b!\n")
  }

  /// Nobody in the program handles what somebody outside has tried.
  @Test(arguments: Tier.available) func errorsOfEvaluationsAreNotThePrograms(_ tier: Tier) throws {
    let program = try Debuggee(
      tier,
      """
      Main = (
          run = ( ([ self inner: 3 ] on: Error do: [ :e | 'handled' ]) println )
          inner: n = (
              self halt.
              ^'not ' + n
          )
      )
      """)
    let inner = MethodKey(className: "Main", selector: "inner:")
    _ = try program.debugger.add(Breakpoint(.methodLine(inner, 3), condition: "n foo"))
    program.session.start()
    #expect(try program.stop().reason == .halt)
    #expect(try program.evaluate("1 / 0").hasPrefix("stopped: "))
    #expect(try program.stop().reason == .unhandledError)
    try program.debugger.leave(1)
    try program.debugger.resume(1)
    let stop = try program.stop()
    #expect(stop.reason == .breakpoint && stop.message?.contains("foo") == true, "\(stop)")
    try program.debugger.resume(1)
    #expect(program.output() == "not 3\n")
  }

  private static let failing = """
    Main = (
        run = (
            | result |
            1 to: 60 do: [ :i | result := self outer: i ].
            result println
        )
        outer: n = ( | r | r := [ self inner: n ] ensure: [ 'left ' print ]. ^r + 1 )
        inner: n = (
            n = 60 ifTrue: [ ^n nothing ].
            ^n * 2
        )
    )
    """
  private static let inner = MethodKey(className: "Main", selector: "inner:")

  private func atError(_ tier: Tier) throws -> Debuggee {
    let program = try Debuggee(tier, Self.failing)
    program.session.start()
    let stop = try program.stop()
    #expect(stop.reason == .unhandledError)
    #expect(stop.message?.contains("nothing") == true)
    let stack = try program.stack()
    #expect(stack.first == "Main>>inner: 9" && stack.last == "Main>>run 4", "\(stack)")
    return program
  }
  private func last(_ text: String) -> Substring { text.split(separator: "left ").last ?? "" }

  @Test(arguments: Tier.available) func resumingAnError(_ tier: Tier) throws {
    let program = try atError(tier)
    try program.debugger.resume(1, with: "n + 40")
    #expect(last(program.output()) == "101\n")
  }

  @Test(arguments: Tier.available) func returningAValue(_ tier: Tier) throws {
    let program = try atError(tier)
    // From the outermost that has a value to give.
    let outer = try #require(try program.debugger.stack(1).first { $0.name == "Main>>outer:" })
    try program.debugger.return("n * 10", from: outer.id)
    let output = program.output()
    #expect(last(output) == "600\n", "\(output)")
    // The block of ensure: is run once each time.
    #expect(output.components(separatedBy: "left ").count == 61)
  }

  @Test(arguments: Tier.available) func fixAndContinue(_ tier: Tier) throws {
    let program = try atError(tier)
    let receipt = program.session.editor.accept(.method("Main", "inner: n = ( ^n * 3 )"))
    #expect(receipt.succeeded, "\(receipt.errors)")
    let failed = try program.debugger.stack(1)[0]
    #expect(failed.name == "Main>>inner:" && failed.installedVersion == failed.version + 1)
    try program.debugger.restart(failed.id)
    #expect(last(program.output()) == "181\n")
  }

  @Test(arguments: Tier.available) func restartingACallerInItsOwnVersion(_ tier: Tier) throws {
    let program = try atError(tier)
    #expect(program.session.editor.accept(.method("Main", "inner: n = ( ^n * 3 )")).succeeded)
    #expect(program.session.editor.accept(.method("Main", "outer: n = ( ^0 )")).succeeded)
    let outer = try #require(try program.debugger.stack(1).first { $0.name == "Main>>outer:" })
    try program.debugger.restart(outer.id, installed: false)
    #expect(last(program.output()) == "181\n")
  }

  @Test(arguments: Tier.available) func lettingAnErrorGoOn(_ tier: Tier) throws {
    let program = try atError(tier)
    try program.debugger.resume(1)
    let output = program.output()
    #expect(output.contains("status 1") && output.contains("Method nothing not found"), "\(output)")
  }

  @Test(arguments: Tier.available) func evaluationsWithinEachOther(_ tier: Tier) throws {
    let program = try atError(tier)
    #expect(try program.evaluate("self inner: 60").hasPrefix("stopped: "))
    #expect(try program.stop().evaluations == 1)
    #expect(try program.evaluate("n foo").hasPrefix("stopped: "))
    #expect(try program.stop().evaluations == 2)
    #expect(try program.stack().filter { $0 == "Main>>inner: 9" }.count == 2)
    try program.debugger.leave(1)
    try program.debugger.leave(1)
    #expect(try program.stack().filter { $0 == "Main>>inner: 9" }.count == 1)
    #expect(throws: DebugError.self) { try program.debugger.leave(1) }
    let ends = program.session.transcript.allEvents.filter { event in
      if case .debug(.evaluated(1, nil, .some)) = event { true } else { false }
    }
    #expect(ends.count == 2)
    // What was told of the inner stop does not count any more.
    try program.debugger.resume(1, with: "1")
    #expect(last(program.output()) == "2\n")
  }

  @Test(arguments: Tier.available) func anEvaluationThatGoesOnAfterAStop(_ tier: Tier) throws {
    let program = try atError(tier)
    #expect(try program.evaluate("self halt. n + 1").hasPrefix("stopped: "))
    let stop = try program.stop()
    #expect(stop.reason == .halt && stop.activation?.name == "evaluation", "\(stop)")
    #expect(stop.activation?.place?.text == "self halt. n + 1")
    try program.debugger.resume(1)
    _ = program.session.transcript.waitForEvents { events in
      events.contains { if case .debug(.evaluated(_, let value?, nil)) = $0 { value.text == "61" } else { false } }
    }
    let failed = try program.debugger.stack(1)[0]
    #expect(failed.name == "Main>>inner:")
    let text = try program.debugger.text(of: failed.id)
    #expect(text.text.hasPrefix("inner: n = (\n") && text.line == 8 && text.column == 5, "\(text)")
    try program.debugger.resume(1, with: "1")
    #expect(last(program.output()) == "2\n")
  }

  private static let endless = """
    Main = (
        | stopped |
        run = ( 'ready' println. self loop. 'over' println )
        loop = (
            | count factor |
            factor := 1.5.
            count := 0.
            stopped := false.
            [ stopped ] whileFalse: [ count := self next: count. factor := factor * 1.0 ]
        )
        next: n = ( ^n + 1 )
    )
    """

  @Test(arguments: Tier.available) func pausingALoop(_ tier: Tier) throws {
    let program = try Debuggee(tier, Self.endless)
    try program.session.startLoop()
    try program.debugger.pause()
    #expect(try program.stop().reason == .pause)
    let stack = try program.debugger.stack(1)
    let loop = try #require(stack.first { $0.name == "Main>>loop" })
    let names = try program.debugger.variables(loop.id).map { "\($0.name) \($0.value?.text ?? "?")" }
    #expect(names.contains("factor 1.5") && names.contains("stopped false"), "\(names)")
    let count = try #require(
      try program.debugger.variables(loop.id).first { $0.name == "count" }?.value.flatMap { Int($0.text) })
    #expect(count > 0)
    _ = try program.debugger.set("factor", in: loop.id, to: "2.5")
    #expect(try program.debugger.variables(loop.id).first { $0.name == "factor" }?.value?.text == "2.5")
    // An endless evaluation is paused, and left.
    let error = #expect(throws: DebugError.self) {
      try program.debugger.evaluate("[ true ] whileTrue: [ self next: 1 ]", in: loop.id, seconds: 0.2)
    }
    #expect(error?.code == .running)
    try program.debugger.pause(1)
    #expect(try program.stop().evaluations == 1)
    try program.debugger.leave(1)
    _ = try program.debugger.set("stopped", in: try program.debugger.stack(1).last!.id, to: "true")
    try program.debugger.resume(1)
    #expect(program.output() == "ready\nover\n")
  }

  @Test(arguments: Tier.available) func aFieldCountsInTheLoopThatHasReadIt(_ tier: Tier) throws {
    let program = try Debuggee(tier, Self.endless)
    try program.session.startLoop()
    try program.debugger.pause()
    _ = try program.stop()
    _ = try program.debugger.set("stopped", in: try program.debugger.stack(1).last!.id, to: "true")
    try program.debugger.resume(1)
    #expect(program.output() == "ready\nover\n")
  }
}
