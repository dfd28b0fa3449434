// Evaluations in a process that stands still, while a more urgent one never waits.

import Testing
import VM

@testable import Runtime

@Suite struct UrgentProcessTests {
  @Test(arguments: Tier.available) func evaluationsComeFirst(_ tier: Tier) throws {
    let program = try Debuggee(
      tier,
      """
      Main = (
          | goes |
          run = (
              | other |
              goes := true.
              other := [ self idle ] forkAt: 30.
              [ other state = #waiting ] whileFalse: [ Processor sleep: 1 ].
              [ goes ] whileTrue: [ ].
              'ended' println
          )
          idle = ( self halt. 'not before' println )
          twice: n = ( ^n + n )
      )
      """)
    program.session.start()
    let stop = try program.stop()
    #expect(stop.process == 2 && stop.reason == .halt && stop.depth > 2)
    #expect(try program.evaluate("(1 to: 300) inject: 0 into: [ :a :b | a + (self twice: b) ]", 0, 2) == "90300")
    #expect(try program.evaluate("goes := false. goes", 0, 2) == "false")
    #expect(program.output() == "ended\n")
  }

  /// A pause that has not come yet is for a debugger that is there.
  @Test func nobodyPausesWithoutADebugger() throws {
    let program = try Debuggee(
      .interpreter,
      """
      Main = (
          run = (
              | other |
              other := [ 'other' println ] forkAt: 30.
              'begun' println.
              [ self goesOn ] whileTrue: [ ].
              other join.
              'ended' println
          )
          goesOn = ( ^true )
      )
      """)
    program.session.start()
    #expect(program.session.transcript.wait(for: "begun"))
    try program.debugger.pause(2)
    try program.debugger.attach(false)
    _ = program.session.runtime.editor.accept(ChangeSet([.method("Main", "goesOn = ( ^false )")]))
    #expect(program.output() == "begun\nother\nended\n")
  }
}
