// What follows a receipt: where the new code ran first, who still runs an old version, and when nobody does any more.

import Foundation
import Testing

@testable import Runtime

@Suite struct EpilogueTests {
  private static let program = """
    Main = (
      run = ( system errorPrintln: 'ready'. self loop println. self again println )
      loop = (
        [ self running ] whileTrue: [ self value ].
        ^#old )
      again = ( ^self loop )
      running = ( ^true )
      value = ( ^1 )
    )
    """
  private let loop = MethodKey(className: "Main", selector: "loop")

  private func settled(_ receipt: Receipt) -> (RuntimeEvent) -> Bool {
    { if case .settled(receipt.id, _) = $0 { true } else { false } }
  }
  private func settledCount(_ session: Session, _ receipt: Receipt) -> Int {
    session.transcript.allEvents.count(where: settled(receipt))
  }
  private func stop(_ session: Session) throws {
    #expect(session.editor.accept(.method("Main", "running = ( ^false )")).succeeded)
    #expect(session.finish() == 0)
  }

  @Test(arguments: Tier.available)
  func whereNewCodeRanFirst(_ tier: Tier) throws {
    let session = try Session(tier, Self.program)
    try session.startLoop()
    let receipt = session.editor.accept(.method("Main", "value = ( ^2 )"))
    #expect(session.transcript.waitForEvent { if case .effect(receipt.id, _, _, _) = $0 { true } else { false } })
    #expect(session.transcript.waitForEvent(settled(receipt)))
    try stop(session)
    for case .effect(receipt.id, let method, let microseconds, let sender) in session.transcript.allEvents {
      #expect(method == MethodKey(className: "Main", selector: "value") && microseconds > 0)
      #expect(sender == CallPlace(caller: "Main>>loop", line: 4, process: 1))
    }
    #expect(settledCount(session, receipt) == 1)
  }

  /// The loop that runs is replaced, twice; both accepts are settled when it returns.
  @Test(arguments: Tier.available)
  func whoRunsAnOldVersion(_ tier: Tier) throws {
    let session = try Session(tier, Self.program)
    try session.startLoop()
    let first = session.editor.accept(.method("Main", "loop = ( ^#new )"))
    let second = session.editor.accept(.method("Main", "loop = ( ^#newer )"))
    var old = session.inspector.oldActivations(limit: 10)
    // (The stress tier makes versions of its own.)
    if tier == .redefineEvery {
      old = old.filter { $0.method == loop }
      #expect(old.count == 1)
    } else {
      #expect(old == [OldActivation(process: 1, method: loop, isBlock: false, version: 1, installed: 3, line: 4)])
      #expect("\(old[0])" == "process 1: Main>>loop v1, line 4; v3 is installed")
    }
    #expect(session.inspector.oldActivations(limit: 0).isEmpty)
    // The second has replaced a version that nothing has ever run.
    #expect(session.transcript.waitForEvent(settled(second)))
    usleep(20_000)
    #expect(settledCount(session, first) == 0)
    try stop(session)
    #expect(session.transcript.waitForEvent(settled(first)))
    #expect(session.transcript.standardOutput == "#old\n#newer\n")
    #expect(session.runtime.inspect { $0.settling.count } == 0)
    #expect(settledCount(session, first) == 1 && settledCount(session, second) == 1)
  }

  /// Methods and blocks that are inlined in the loop, and a method that is gone.
  @Test(arguments: Tier.available)
  func inlinedActivationsCountToo(_ tier: Tier) throws {
    let session = try Session(
      tier,
      """
      Main = (
        run = ( system errorPrintln: 'ready'. self loop println )
        loop = ( ^self evaluate: [ self wait. 3 ] )
        evaluate: block = ( ^block value )
        wait = ( [ self running ] whileTrue: [ self value ] )
        running = ( ^true )
        value = ( ^1 )
      )
      """)
    try session.startLoop(of: MethodKey(className: "Main", selector: "wait"))
    let receipt = session.editor.accept(
      .method("Main", "loop = ( ^4 )"),
      .removeMethod(MethodKey(className: "Main", selector: "evaluate:"), basedOn: nil))
    #expect(receipt.succeeded, "\(receipt)")
    // (The stress tier replaces others.)
    let edited = ["loop", "evaluate:"]
    let old = session.inspector.oldActivations(limit: 10).filter { edited.contains($0.method.selector) }
    #expect(old.map(\.method.selector) == ["loop", "evaluate:", "loop"], "\(old)")
    #expect(old.map(\.isBlock) == [true, false, false] && old.map(\.line) == [3, 4, 3])
    #expect(old.allSatisfy { ($0.installed == nil) == ($0.method.selector == "evaluate:") })
    #expect(settledCount(session, receipt) == 0)
    try stop(session)
    #expect(session.transcript.waitForEvent(settled(receipt)))
    #expect(session.transcript.standardOutput == "3\n")
  }

  // MARK: Processes

  @Test func aProcessThatWaitsKeepsAnOldVersionAndCostsNothing() throws {
    let session = try Session(
      .interpreter, "Main = ( hold: s = ( s wait. ^1 ) run = ( 1 println ) )", options: Tier.interpreter.options)
    let calls = session.calls
    _ = try calls.evaluation(
      "system global: #gate put: Semaphore new. [ Main new hold: (system global: #gate) ] fork. Processor yield")
    let receipt = session.editor.accept(.method("Main", "hold: s = ( ^2 )"))
    let old = session.inspector.oldActivations(limit: 10)
    #expect(old.map(\.process) == [2] && old.map(\.version) == [1] && old.map(\.installed) == [2], "\(old)")
    // Nothing polls while nothing runs: what is counted are the two questions.
    usleep(50_000)
    let before = session.runtime.inspect { $0.statistics.polls }
    usleep(600_000)
    #expect(session.runtime.inspect { $0.statistics.polls } - before <= 1)
    #expect(settledCount(session, receipt) == 0)
    _ = try calls.evaluation("(system global: #gate) signal")
    #expect(session.transcript.waitForEvent(settled(receipt)))
    #expect(session.inspector.oldActivations(limit: 10).isEmpty)
  }

  /// A process that goes on by the clock, while nobody asks for anything.
  @Test func aProcessThatSleepsSettlesWhenItHasReturned() throws {
    let session = try Session(
      .interpreter, "Main = ( hold = ( (Delay forMilliseconds: 300) wait. ^1 ) run = ( self hold println ) )")
    session.start()
    let deadline = Date(timeIntervalSinceNow: 10)
    while session.inspector.version(of: MethodKey(className: "Main", selector: "hold")) == nil, Date() < deadline {
      usleep(1000)
    }
    usleep(50_000)
    let receipt = session.editor.accept(.method("Main", "hold = ( ^2 )"))
    #expect(session.transcript.waitForEvent(settled(receipt)))
    #expect(session.finish() == 0 && settledCount(session, receipt) == 1)
  }

  // MARK: What it costs

  /// With an old activation in a loop for ever it is looked a few times a second; without one, never.
  @Test(arguments: Tier.available.filter { $0 == .interpreter || $0 == .compiled })
  func aRunningLoopIsLeftAlone(_ tier: Tier) throws {
    let session = try Session(tier, Self.program)
    try session.startLoop()
    func polls(during seconds: Double) -> Int {
      let before = session.runtime.inspect { $0.statistics.polls }
      usleep(UInt32(seconds * 1e6))
      return session.runtime.inspect { $0.statistics.polls } - before
    }
    let receipt = session.editor.accept(.method("Main", "loop = ( ^#new )"))
    usleep(600_000)
    let entries = session.runtime.inspect { $0.statistics.deoptimizations }
    // Samples of calls beside.
    #expect(polls(during: 1) < 20)
    #expect(session.runtime.inspect { $0.statistics.deoptimizations } == entries)
    #expect(settledCount(session, receipt) == 0)
    try stop(session)
    #expect(session.transcript.waitForEvent(settled(receipt)))
  }

  @Test func aProgramThatEditsItself() throws {
    let session = try Session(
      .interpreter,
      """
      Main = (
        value = ( ^0 )
        run = ( 1 to: 2000 do: [ :i | Main compile: 'value = ( ^' + i asString + ' )' ]. self value println )
      )
      """)
    #expect(session.output() == "2000\n")
    #expect(session.runtime.inspect { $0.settling.count } == 0)
    let events = session.transcript.allEvents
    #expect(events.count { if case .settled = $0 { true } else { false } } == 2000)
  }

  @Test func whatNothingRunsIsSettledAtOnce() throws {
    let session = try Session(.interpreter, Self.program)
    try session.evaluations.load("Main")
    let receipt = session.editor.accept(.method("Main", "loop = ( ^#new )"))
    let events = session.transcript.allEvents
    #expect(events.count == 2 && settledCount(session, receipt) == 1, "\(events)")
    #expect(!session.editor.accept(.method("Main", "loop = ( ^ )")).succeeded)
    #expect(session.transcript.allEvents.count == 3)
    for event in events {
      let copy = try JSONDecoder().decode(RuntimeEvent.self, from: JSONEncoder().encode(event))
      #expect(copy.epilogue?.text == event.epilogue?.text)
    }
  }
}
