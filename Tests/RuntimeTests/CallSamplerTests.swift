// Recompilation when the profile has changed.

import Foundation
import GccBackend
import IR
import Optimizer
import Testing

@testable import Runtime

@Suite struct CallSamplerTests {
  private let edge = CallSampler.Edge(code: CodeID(1), call: CodePlace(method: MethodID(1), pc: 2))
  private let other = CallSampler.Edge(code: CodeID(1), call: CodePlace(method: MethodID(1), pc: 3))

  /// Which of these samples, counted from 1, makes its call hot.
  private func decisions(_ samples: [CallSampler.Edge?]) -> [Int] {
    var sampler = CallSampler()
    return samples.enumerated().compactMap { sampler.note($1) ? $0 + 1 : nil }
  }

  @Test func aCallBecomesHotByFourOfThirtyTwoSamples() {
    let between: [CallSampler.Edge?] = Array(repeating: nil, count: 28)
    #expect(decisions([edge, edge, edge] + between + [edge]) == [32])
    #expect(decisions([edge, edge, edge, nil] + between + [edge]) == [])
    #expect(decisions([edge, other, edge, other, edge, other]) == [])
    // It is decided; what comes is counted from the beginning.
    #expect(decisions(Array(repeating: edge, count: 9)) == [4, 8])
  }

  @Test func whereNothingIsFoundSamplesBecomeRare() {
    var sampler = CallSampler()
    for _ in 1...100 { _ = sampler.note(nil) }
    #expect(sampler.pause == 1)
    _ = sampler.note(edge)
    #expect(sampler.pause == 0.01)
  }

  /// First `rare:` runs once in two hundred times, then always; in the main process or, while that waits, in another.
  @Test(.enabled(if: GccBackend.unavailability == nil), arguments: ["self run2", "[ self run2 ] fork join"])
  func codeIsMadeAgainWhenWhatWasRareIsNot(_ run: String) throws {
    var options = Tier.background.options
    // Counts of fewer calls would not be trusted.
    options.compileThreshold = 1000
    options.trace = [.compile]
    let session = try Session(
      .background,
      """
      Main = ( | a b c every |
        run = ( \(run) )
        run2 = (
          [ self running ] whileTrue: [ every := self rate. self loop: 20000 ].
          (self loop: 20000) println
        )
        running = ( ^true )
        rate = ( ^200 )
        loop: count = ( | sum |
          a := 0. b := 0. c := 0. sum := 0.
          1 to: count do: [ :i | sum := (sum + (self step: i)) % 65536 ].
          ^sum
        )
        step: x = (
          x % every = 0 ifTrue: [ ^self rare: x ].
          ^x
        )
        rare: x = (
          a := a + (x % 7).
          b := b + (x % 5).
          c := c + (x % 3).
          a > 1000 ifTrue: [ a := 0 ].
          b > 1000 ifTrue: [ b := 0 ].
          c > 1000 ifTrue: [ c := 0 ].
          ^a + b + c
        )
      )
      """, options: options)
    session.start()
    #expect(
      session.transcript.waitForEvent {
        if case .installed(let name, _) = $0 { name.contains("loop:") } else { false }
      })
    #expect(session.editor.accept(.method("Main", "rate = ( ^1 )")).succeeded)
    #expect(
      session.transcript.wait(for: "is to be compiled again: Main>>step:, line 15, calls often now"),
      "\(session.transcript.standardError)")
    // The unit that was said to be.
    let lines = session.transcript.standardError.split(separator: "\n")
    let said = try #require(lines.first { $0.contains("is to be compiled again") })
    let unit = try #require(said.dropFirst("[compile] ".count).range(of: " is to be"))
    let name = said.dropFirst("[compile] ".count)[..<unit.lowerBound]
    let earlier = lines.filter { $0.hasPrefix("[compile] \(name): ") }.count
    #expect(
      session.transcript.waitForOutput { _, errors in
        errors.split(separator: "\n").filter { $0.hasPrefix("[compile] \(name): ") }.count > earlier
      }, "\(session.transcript.standardError)")
    #expect(session.editor.accept(.method("Main", "running = ( ^false )")).succeeded)
    #expect(session.finish() == 0)
    var a = 0, b = 0, c = 0, sum = 0
    for x in 1...20000 {
      a += x % 7
      b += x % 5
      c += x % 3
      if a > 1000 { a = 0 }
      if b > 1000 { b = 0 }
      if c > 1000 { c = 0 }
      sum = (sum + a + b + c) % 65536
    }
    #expect(session.transcript.standardOutput == "\(sum)\n")
  }
}
