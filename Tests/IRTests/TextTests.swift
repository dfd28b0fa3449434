// Printer and parser; texts that are none are in Tests/IR/parser.

import Testing

@testable import IR

@Suite struct TextTests {
  @Test(arguments: [SampleGraphs.complete, SampleGraphs.loop])
  func textSurvivesARoundTrip(_ text: String) throws {
    let graph = try Graph.parse(text)
    #expect(graph.text == text)
  }

  @Test func parsedGraphHasWhatTheTextSays() throws {
    let g = try Graph.parse(SampleGraphs.complete)
    #expect(g.name == "Foo>>bar: \"x\"")
    #expect(g.argumentCount == 2)
    #expect(g.osrPC == 12)
    #expect(
      g.table == [
        .literal(method: 5, index: 0, text: "'text'"), .method(id: 7, text: "Foo>>bar"),
        .selector(id: 12, argumentCount: 1, text: "at:"), .cell(id: 4, text: "Foo"),
        .methodValue(id: 7, text: "Foo>>bar"),
      ])
    #expect(g.homeEnvironment == ValueID(4))
    #expect(g[BlockID(2)].isCold && !g[BlockID(1)].isCold)
    #expect(g[BlockID(1)].parameters == [ValueID(10), ValueID(11)])
    #expect(g[ValueID(11)].type == .float)
    #expect(g[ValueID(2)].immediate == -7)
    #expect(g[g[BlockID(0)].instructions[11]].immediate == 2 | Op.noBarrier)
    let poll = g[BlockID(1)].instructions[0]
    let state = g[g[poll].state!]
    #expect(state.frames.count == 2)
    #expect(state.frames[0].registers[2] == .init(4, .virtual(0)))
    #expect(
      state.virtuals[0] == VirtualObject(classWord: 0x300_0005, fields: [.value(ValueID(1)), .virtual(1)]))
    #expect(g[BlockID(1)].successors[0].arguments == [ValueID(10)])
  }

  @Test func everyOperationAndReasonHasAName() throws {
    // The verifier is not asked: only the form is at stake.
    for op in Op.allCases where op != .blockParameter {
      let text = "graph \"x\" arguments 0\nentry b0\nb0:\n  \(op)\n"
      let g = try Graph.parse(text)
      #expect(g[g[BlockID(0)].instructions[0]].op == op)
    }
    for reason in DeoptReason.allCases {
      let text = "graph \"x\" arguments 0\nentry b0\nb0:\n  deopt<\(reason)>\n"
      #expect(try Graph.parse(text).text == text)
    }
  }
}
