// Graphs that differ become small ones that differ, and their text runs them again.

import Foundation
import IR
import Testing

@testable import GraphFuzzing

@Suite struct GraphReducerTests {
  private static let wrong = [
    GraphPass(name: "right") { _ in },
    GraphPass(name: "wrong") { graph in
      for b in graph.blockIDs {
        for v in graph[b].instructions where graph[v].op == .multiplyInt { graph[v].op = .addInt }
      }
    },
  ]

  @Test func aFewInstructionsAreLeft() throws {
    let outcome = GraphFuzzer(seed: 1, seconds: nil, count: 500, isCompiling: false, passes: Self.wrong).run()
    let found = try #require(outcome.failure)
    let small = found.reduced(until: Date(timeIntervalSinceNow: 60))
    #expect(small.instructionCount < 12 && small.instructionCount < found.instructionCount)
    #expect(small.summary == "seed \(found.seed) differs after wrong")
    #expect(small.text.contains("multiplyInt"))

    let again = try #require(try GraphFailure.check(text: small.text, passes: Self.wrong))
    #expect(again.summary == small.summary)
    #expect(again.difference.text == small.difference.text)
    #expect(try GraphFailure.check(text: small.text) == nil)
  }

  /// What was kept of graphs that went wrong.
  static let kept = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Graphs")

  @Test(arguments: try FileManager.default.contentsOfDirectory(atPath: kept.path).sorted())
  func aKeptGraph(_ name: String) throws {
    let text = try String(contentsOf: Self.kept.appendingPathComponent(name), encoding: .utf8)
    #expect(text.contains("graph"))
    let failure = try GraphFailure.check(text: text)
    #expect(failure == nil, "\(failure?.text ?? "")")
  }
}
