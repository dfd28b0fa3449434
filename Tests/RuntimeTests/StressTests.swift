// That stress changes nothing that a program can see.

import Testing

@testable import Runtime

@Suite struct StressTests {
  /// A text that was accepted finds the program's classes, and loads them when it is run first; the library's code has its
  /// own. So the messages that are sent on the way to a handler are others once the method that looks for it is a program's.
  @Test func whatIsReplacedByItselfStaysTheLibrarys() throws {
    let session = try Session(
      .redefineEvery,
      """
      Main = (
          | count |
          tick = ( count := count + 1 )
          tries: n = (
              count := 0.
              1 to: n do: [ :i | [ nil zork: 3 ] on: MessageNotUnderstood do: [ :e | nil ] ].
              ^count
          )
          run = (
              | each |
              count := 0.
              system global: #Counter put: self.
              self tries: 1.
              Object compile: 'isNil = ( Counter tick. ^false )'.
              each := self tries: 1.
              ((self tries: 2000) = (each * 2000)) println
          )
      )
      """)
    session.start()
    #expect(session.finish() == 0)
    #expect(session.transcript.standardOutput == "true\n")
    #expect(session.runtime.statistics.redefinitions > 500)
  }
}
