// What counts against a unit, and for how long: neither edits nor other processes' deaths, and nothing for ever.

import Foundation
import GccBackend
import IR
import Synchronization
import Testing

@testable import Runtime

@Suite struct TieringTests {
  @Test func countsAge() {
    var count = AgingCount(period: 10)
    #expect(count.value(1000) == 0)
    #expect(count.add(1000) == 1)
    #expect(count.add(1005) == 2)
    #expect(count.value(1009) == 2 && count.value(1010) == 1 && count.value(1020) == 0 && count.value(9999) == 0)
    #expect(count.add(1012) == 2)
    // The rest of the period is kept.
    #expect(count.value(1019) == 2 && count.value(1020) == 1)
    #expect(count.add(5000) == 1)
  }

  private static let program = """
    Main = (
      | count |
      run = ( count := 0. [ self goOn ] whileTrue: [ ]. 'ended' println )
      goOn = ( count := count + 1. count % 10000 = 0 ifTrue: [ 'tick' println ]. ^true )
    )
    """

  /// A session whose backend fails as `failure` says, given the number of the attempt for Main>>run.
  private func session(
    _ attempts: Mutex<Int>.Box, compileNow: Bool, failure: @escaping @Sendable (Int) -> CompileFailure?
  ) throws -> Session {
    var options = Options()
    options.compileThreshold = 20
    options.compileNow = compileNow
    return try Session(
      .compiled, Self.program, options: options,
      stages: { stages in
        var failing = stages
        failing.generate = { graphs, path in
          if graphs.contains(where: { $0.name.hasPrefix("Main>>run") }) {
            if let failure = failure(attempts.increment()) { throw failure }
          }
          return try stages.generate(graphs, path)
        }
        return failing
      })
  }

  private func end(_ session: Session) {
    #expect(session.editor.accept(.method("Main", "goOn = ( ^false )")).succeeded)
    #expect(session.finish() == 0)
  }

  @Test(.enabled(if: GccBackend.unavailability == nil), arguments: [true, false])
  func aUnitHasMoreChancesWhenTheWorkerDies(_ compileNow: Bool) throws {
    let attempts = Mutex<Int>.Box()
    let session = try session(attempts, compileNow: compileNow) {
      $0 <= 2 ? CompileFailure("the compile worker was ended by signal 9", extent: .worker) : nil
    }
    session.start()
    #expect(session.transcript.waitForEvent { if case .installed(_, true) = $0 { true } else { false } })
    end(session)
    #expect(attempts.count >= 3)
    #expect(session.transcript.standardError == "")
  }

  /// The worker that dies of a unit each time: other units are compiled, and after three times this one is not tried
  /// again for long.
  @Test(.enabled(if: GccBackend.unavailability == nil), arguments: [true, false])
  func aUnitThatAlwaysKillsTheWorkerIsGivenUp(_ compileNow: Bool) throws {
    let attempts = Mutex<Int>.Box()
    let session = try session(attempts, compileNow: compileNow) { _ in
      CompileFailure("the compile worker was ended by signal 11", extent: .worker)
    }
    session.start()
    #expect(session.transcript.wait(for: "Main>>run is interpreted for 10 minutes"))
    let tried = attempts.count
    // It is hot again and again.
    func ticks(_ output: String) -> Int { output.split(separator: "\n").count { $0 == "tick" } }
    let before = ticks(session.transcript.standardOutput)
    #expect(session.transcript.waitForOutput { output, _ in ticks(output) > before + 10 })
    #expect(attempts.count == tried)
    end(session)
    #expect(
      session.transcript.standardError
        == "ovid: Main>>run is interpreted for 10 minutes: a process ended 3 times while it compiled that "
        + "(the compile worker was ended by signal 11)\n")
  }

  /// Results that an edit has overtaken do not count against what was compiled.
  @Test(.enabled(if: GccBackend.unavailability == nil)) func outdatedResultsAreNoFailures() throws {
    let runtime = Mutex<Runtime?>(nil)
    let attempts = Mutex<Int>.Box()
    let edits = 4
    var options = Options()
    options.recompileLimit = 2
    options.compileThreshold = 20
    let session = try Session(
      .background, Self.program, options: options,
      stages: { stages in
        var late = stages
        late.generate = { graphs, path in
          let metadata = try stages.generate(graphs, path)
          if graphs.contains(where: { $0.name.hasPrefix("Main>>run") }), attempts.increment() <= edits {
            let n = attempts.count
            let machine = runtime.withLock { $0 }
            _ = machine?.editor.accept(.method("Main", "goOn = ( count := count + \(n). ^true )"))
          }
          return metadata
        }
        return late
      })
    runtime.withLock { $0 = session.runtime }
    session.start()
    #expect(session.transcript.waitForEvent { if case .installed(_, true) = $0 { true } else { false } })
    #expect(attempts.count > edits)
    end(session)
    runtime.withLock { $0 = nil }
  }
}

extension Mutex where Value == Int {
  /// A counter that several threads share.
  final class Box: Sendable {
    private let mutex = Mutex(0)
    var count: Int { mutex.withLock { $0 } }
    func increment() -> Int {
      mutex.withLock {
        $0 += 1
        return $0
      }
    }
  }
}
