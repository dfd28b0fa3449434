// Policies: activations that start again, or go on in the new code; and what is refused.

import Testing
import VM

@testable import Runtime

@Suite(.serialized) struct PolicyTests {
  /// `methA` edited while its loop runs: the other half of the question.
  private static let loop = """
    Main = (
        | stopped |
        run = ( stopped := false. 'ready' println. self loop println )
        loop = (
            | count last |
            count := 0.
            last := 0.
            [ stopped ] whileFalse: [
                count := count + 1.
                last := self next: count ].
            ^last
        )
        next: n = ( ^n + 1 )
        stop = ( stopped := true )
    )
    """
  private static let newLoop = """
    loop = (
        | last turns count |
        count := 100.
        [ stopped ] whileFalse: [
            count := count + 1.
            turns isNil ifTrue: [ turns := 0. ('went on at ' + (count > 1000) asString) println ].
            turns := turns + 1.
            last := turns min: 10.
            turns = 10 ifTrue: [ self stop ] ].
        ^'new ' + last asString
    )
    """
  private func session(_ tier: Tier, _ text: String, more: [String] = []) throws -> Session {
    var options = tier.options
    options.debuggable = true
    options.writeBack = false
    return try Session(tier, [text] + more, options: options)
  }
  private static func set(_ text: String, _ policy: AcceptPolicy, in className: String = "Main") -> ChangeSet {
    ChangeSet([.method(className, text)], policy: policy)
  }

  @Test(arguments: Tier.available) func migrate(_ tier: Tier) throws {
    let session = try session(tier, Self.loop)
    try session.startLoop()
    while session.runtime.inspect({ $0.statistics }).polls < 5 { session.runtime.interrupt() }
    let receipt = session.editor.accept(Self.set(Self.newLoop, .migrate))
    #expect(receipt.succeeded, "\(receipt.errors)")
    #expect(receipt.policyEffects?.map(\.policy) == [.migrate])
    #expect(session.finish() == 0)
    #expect(session.transcript.standardOutput.hasSuffix("\nnew 10\n"), "\(session.transcript.standardOutput)")
    #expect(session.transcript.standardOutput.contains("went on at "))
    #expect(session.transcript.waitForEvent { if case .settled(receipt.id, _) = $0 { true } else { false } })
  }

  @Test(arguments: Tier.available) func restart(_ tier: Tier) throws {
    let session = try session(tier, Self.loop)
    try session.startLoop()
    let receipt = session.editor.accept(Self.set("loop = ( ^'again' )", .restart))
    #expect(receipt.succeeded, "\(receipt.errors)")
    #expect(receipt.policyEffects?.map(\.policy) == [.restart])
    #expect(session.finish() == 0, "\(session.transcript.standardError)")
    #expect(session.transcript.standardOutput == "ready\nagain\n")
  }

  @Test(arguments: Tier.available) func restartRunsEnsureBlocksAndKeepsArguments(_ tier: Tier) throws {
    let session = try session(
      tier,
      """
      Main = (
          run = ( 'ready' println. (self outer: 7) println )
          outer: n = ( ^[ self loop: n ] ensure: [ 'left' println ] )
          loop: n = ( [ self next: n ] whileTrue: [ ]. ^n )
          next: n = ( ^n > 0 )
      )
      """)
    try session.startLoop(of: MethodKey(className: "Main", selector: "loop:"))
    let receipt = session.editor.accept(Self.set("outer: n = ( ^n * 2 )", .restart))
    #expect(receipt.succeeded, "\(receipt.errors)")
    #expect(session.finish() == 0)
    #expect(session.transcript.standardOutput == "ready\nleft\n14\n")
  }

  @Test(arguments: Tier.available) func inSeveralProcesses(_ tier: Tier) throws {
    let session = try session(
      tier,
      """
      Main = (
          | stopped sum |
          run = (
              | processes |
              stopped := false. sum := 0.
              processes := (1 to: 3) collect: [ :i | [ | r | r := self loop: i. sum := sum + r ] fork ].
              Processor yield.
              'ready' println.
              self loop: 10.
              processes do: [ :each | each join ].
              sum println
          )
          loop: n = (
              | i |
              i := 0.
              [ stopped ] whileFalse: [ i := i + 1. Processor yield ].
              ^n
          )
      )
      """)
    try session.startLoop(of: MethodKey(className: "Main", selector: "loop:"))
    let text = "loop: n = ( | i done | [ stopped or: [ done notNil ] ] whileFalse: [ done := true ]. ^n * 100 )"
    let receipt = session.editor.accept(Self.set(text, .migrate))
    #expect(receipt.succeeded, "\(receipt.errors)")
    #expect(receipt.policyEffects?.map(\.process).sorted() == [1, 2, 3, 4])
    #expect(session.finish() == 0)
    #expect(session.transcript.standardOutput == "ready\n600\n")
  }

  // MARK: Probation

  @Test(arguments: Tier.available) func probation(_ tier: Tier) throws {
    let session = try session(
      tier,
      """
      Main = (
          | stopped |
          run = ( stopped := false. 'ready' println. self loop println )
          loop = ( | i | i := 0. [ stopped ] whileFalse: [ i := self next: i ]. ^i > 10 )
          next: n = ( ^n + 1 )
      )
      """)
    try session.startLoop()
    let editor = session.editor
    let bad = editor.accept(
      ChangeSet([.method("Main", "next: n = ( 'bad' println. ^(n foo) + 1 )")], probation: 60))
    #expect(bad.succeeded)
    #expect(
      session.transcript.waitForEvent {
        if case .takenBack(bad.id, let by, let error) = $0 { by.succeeded && error.contains("foo") } else { false }
      })
    #expect(
      session.inspector.source(of: MethodKey(className: "Main", selector: "next:")) == "next: n = ( ^n + 1 )")
    // Without probation, and after it, an error is one.
    #expect(editor.accept(.method("Main", "next: n = ( stopped := true. ^n + 1 )")).succeeded)
    #expect(session.finish() == 0)
    #expect(session.transcript.standardOutput == "ready\nbad\ntrue\n")
  }

  // MARK: Refused

  private func refusal(_ tier: Tier, _ text: String, _ policy: AcceptPolicy, of program: String? = nil) throws -> String
  {
    let session = try session(tier, program ?? Self.loop)
    try session.startLoop()
    let receipt = session.editor.accept(Self.set(text, policy))
    let error = try #require(receipt.errors.first)
    #expect(error.code == .cannotFollowPolicy && receipt.policyEffects == nil)
    // Nothing has changed.
    let source = session.inspector.source(of: MethodKey(className: "Main", selector: "loop"))
    #expect(source?.contains("last := self next: count") == true)
    #expect(session.editor.accept(.method("Main", "next: n = ( stopped := true. ^n + 1 )")).succeeded)
    #expect(session.finish() == 0)
    return error.message
  }

  @Test(arguments: Tier.available) func loopsThatDoNotCorrespond(_ tier: Tier) throws {
    #expect(try refusal(tier, "loop = ( ^1 )", .migrate).contains("the loops are others: 1 before, 0 now"))
    let two = "loop = ( [ stopped ] whileFalse: [ [ stopped ] whileFalse: [ ] ]. ^1 )"
    #expect(try refusal(tier, two, .migrate).contains("1 before, 2, 1 of them in others now"))
  }

  @Test(arguments: Tier.available) func variablesThatDoNotCorrespond(_ tier: Tier) throws {
    let shared = "loop = ( | count | count := 0. [ stopped ] whileFalse: [ #(1) do: [ :i | count := i ] ]. ^count )"
    #expect(try refusal(tier, shared, .migrate).contains("blocks share other variables"))
    let limit = "loop = ( 1 to: stopped hash do: [ :i | i println ]. ^1 )"
    let message = try refusal(tier, limit, .migrate)
    #expect(message.contains("the loop's variable i was not there before") || message.contains("limit"), "\(message)")
  }

  @Test(arguments: Tier.available) func inNoLoop(_ tier: Tier) throws {
    let program = """
      Main = (
          | stopped |
          run = ( stopped := false. 'ready' println. self outer println )
          outer = ( | last | last := self loop. ^last )
          loop = ( [ stopped ] whileFalse: [ self next: 1 ]. ^1 )
          next: n = ( ^n + 1 )
      )
      """
    let session = try session(tier, program)
    try session.startLoop()
    let receipt = session.editor.accept(Self.set("outer = ( ^self loop + 1 )", .migrate))
    #expect(receipt.errors.first?.message.contains("Main>>outer, line 4, is in no loop") == true, "\(receipt.errors)")
    let dry = session.editor.dryRun(ChangeSet([.method("Main", "outer = ( ^self loop + 1 )")]))
    #expect(dry.errors.isEmpty && dry.activations.count == 1)
    #expect(dry.activations[0].restartObstacle == nil && dry.activations[0].migrationObstacle != nil)
    let source = session.inspector.source(of: MethodKey(className: "Main", selector: "outer"))
    #expect(source?.contains("last := self loop") == true)
    #expect(session.editor.accept(.method("Main", "next: n = ( stopped := true. ^n + 1 )")).succeeded)
    #expect(session.finish() == 0)
  }
}
