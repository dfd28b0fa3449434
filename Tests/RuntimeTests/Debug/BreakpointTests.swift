// Breakpoints of every kind, and how they follow their statements.

import Testing
import VM

@testable import Runtime

@Suite(.serialized) struct BreakpointTests {
  private static let counting = """
    Main = (
        run = (
            | sum |
            sum := 0.
            1 to: 200 do: [ :i | sum := sum + (self next: i) ].
            sum println
        )
        next: n = (
            | a b |
            a := n + 1.
            b := a * 2.
            ^b - a
        )
    )
    """
  private static let next = MethodKey(className: "Main", selector: "next:")
  private static let result = "\((1...200).reduce(0, +) + 200)\n"

  @Test(arguments: Tier.available) func hitCountsAndConditions(_ tier: Tier) throws {
    let program = try Debuggee(tier, Self.counting)
    _ = try program.debugger.add(Breakpoint(.entry(Self.next), condition: "n \\\\ 50 = 0", hitCount: 3))
    program.session.start()
    _ = try program.stop()
    #expect(try program.variables()["n"] == "150")
    try program.debugger.resume(1)
    _ = try program.stop()
    #expect(try program.variables()["n"] == "200")
    let report = try program.debugger.breakpoints()[0]
    #expect(report.isVerified && report.hits == 4 && report.method == Self.next)
    try program.debugger.removeBreakpoint(report.id)
    try program.debugger.resume(1)
    #expect(program.output() == Self.result)
  }

  @Test(arguments: Tier.available) func logpoints(_ tier: Tier) throws {
    let program = try Debuggee(tier, Self.counting)
    _ = try program.debugger.add(
      Breakpoint(.methodLine(Self.next, 4), condition: "n > 198", logMessage: "a is {a}, {n foo}"))
    program.session.start()
    #expect(program.output() == Self.result)
    let texts = program.session.transcript.allEvents.compactMap {
      if case .debug(.logged(_, _, let text)) = $0 { text } else { nil }
    }
    #expect(texts.count == 2 && texts[0].hasPrefix("a is 200, <") && texts[0].contains("foo"), "\(texts)")
  }

  @Test(arguments: Tier.available) func conditionThatFails(_ tier: Tier) throws {
    let program = try Debuggee(tier, Self.counting)
    let id = try program.debugger.add(Breakpoint(.methodLine(Self.next, 5), condition: "a foo")).id
    program.session.start()
    let stop = try program.stop()
    #expect(stop.message?.contains("condition of breakpoint \(id) has failed") == true)
    #expect(try program.variables()["b"] == "4")
    try program.debugger.removeBreakpoint(id)
    try program.debugger.resume(1)
    #expect(program.output() == Self.result)
  }

  @Test(arguments: Tier.available) func followsItsStatement(_ tier: Tier) throws {
    let program = try Debuggee(tier, Self.counting)
    let set = try program.debugger.add(Breakpoint(.methodLine(Self.next, 4), condition: "n \\\\ 20 = 0"))
    program.session.start()
    let first = try #require(try program.stop().activation)
    #expect(tier == .redefineEvery || first.version == 1)
    let editor = program.session.editor
    // Moved down by two lines, and edited in place.
    #expect(
      editor.accept(.method("Main", "next: n = (\n | a b |\n a := n.\n a := a + 1.\n\n b := a * 3.\n ^b - a )"))
        .succeeded)
    let moved = try program.debugger.breakpoints()[0]
    #expect(moved.isVerified && moved.place?.line == 6 && moved.id == set.id)
    try program.debugger.resume(1)
    let stop = try program.stop()
    #expect(stop.activation?.place?.line == 6)
    #expect(tier == .redefineEvery || stop.activation?.version == 2)
    #expect(try program.variables()["n"] == "40")
    #expect(editor.accept(.method("Main", "next: n = ( ^n + 1 )")).succeeded)
    let gone = try program.debugger.breakpoints()[0]
    #expect(!gone.isVerified && gone.message?.contains("gone") == true)
    try program.debugger.resume(1)
    let output = program.output()
    // 1 to 20 in the first version, to 40 in the second.
    let expected = (1...200).reduce(0) { $0 + ((21...40).contains($1) ? ($1 + 1) * 2 : $1 + 1) }
    #expect(output == "\(expected)\n")
    let changes = program.session.transcript.allEvents.compactMap {
      if case .debug(.breakpointChanged(let report)) = $0 { report.isVerified } else { nil }
    }
    #expect(changes.suffix(2) == [true, false])
  }

  @Test(arguments: Tier.available) func errorsByClass(_ tier: Tier) throws {
    let program = try Debuggee(
      tier,
      """
      Main = (
          run = (
              | n |
              n := 0.
              1 to: 50 do: [ :i |
                  n := n + ([ self divide: i. 1 ] on: ZeroDivide do: [ :e | e return: 1000 ]).
                  [ i foo ] on: Error do: [ :e | nil ] ].
              n println
          )
          divide: i = ( ^100 / (i - 25) )
      )
      """)
    _ = try program.debugger.add(Breakpoint(.signal(className: "ZeroDivide")))
    program.session.start()
    let stop = try program.stop()
    #expect(stop.reason == .error && stop.errorClass == "ZeroDivide", "\(stop)")
    #expect(try program.stack().first == "Main>>divide: 10")
    #expect(try program.variables()["i"] == "25")
    try program.debugger.resume(1)
    #expect(program.output() == "1049\n")
  }

  @Test(arguments: Tier.available) func byLineOfAFile(_ tier: Tier) throws {
    let program = try Debuggee(tier, Self.counting)
    _ = try program.debugger.add(Breakpoint(.fileLine("Main.som", 11), condition: "n = 77"))
    program.session.start()
    #expect(try program.at(program.stop()).hasSuffix(" 11"))
    #expect(try program.variables()["a"] == "78")
    try program.debugger.resume(1)
    #expect(program.output() == Self.result)
  }

  @Test(arguments: Tier.available) func inEveryVariant(_ tier: Tier) throws {
    let program = try Debuggee(
      tier,
      """
      Main = (
          run = (
              | n |
              n := 0.
              1 to: 100 do: [ :i |
                  i = 40 ifTrue: [ Integer compile: '+ other = ( ^(self - 0) - (0 - other) )' ].
                  n := n + 1.
                  i = 90 ifTrue: [
                      n := n * 10 ] ].
              n println
          )
      )
      """)
    let run = MethodKey(className: "Main", selector: "run")
    _ = try program.debugger.add(Breakpoint(.methodLine(run, 8)))
    program.session.start()
    #expect(try program.at(program.stop()).hasSuffix(" 9"))
    #expect(try program.variables()["n"] == "90")
    #expect(try program.evaluate("n := n + 5") == "95")
    try program.debugger.resume(1)
    #expect(program.output() == "960\n")
  }
}
