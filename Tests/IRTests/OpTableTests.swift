// The rows of the table of operations agree with themselves.

import IR
import Testing

@Suite struct OpTableTests {
  @Test(arguments: Op.allCases)
  func whatCanLeaveSaysWhy(_ op: Op) {
    let info = op.info
    let leaves = info.effect == .guarding || info.effect == .checked || op == .deopt
    #expect((info.immediate == .reason || info.reason != nil) == leaves)
    #expect(!(info.immediate == .reason && info.reason != nil))
    #expect(info.hasState == (leaves || info.isSafepoint))
  }

  @Test(arguments: Op.allCases)
  func whatComesEarlyIsPure(_ op: Op) {
    if op.info.isSpeculable { #expect(op.info.effect == .pure && !op.info.operands.isEmpty) }
    if op.info.isConstant { #expect(op.info.effect == .pure && op.info.operands.isEmpty) }
    if op.info.successors > 0 { #expect(op.info.effect == .terminates) }
  }

  @Test func aNodeSaysWhyItLeaves() throws {
    var graph = try Graph.parse(SampleGraphs.loop)
    let sum = ValueID(8), guarded = try #require(graph.nodes.indices.first { graph.nodes[$0].op == .guardInt })
    #expect(graph[sum].op == .addInt && graph[sum].deoptReason == .overflow)
    #expect(graph.nodes[guarded].deoptReason == .notInteger)
    #expect(graph[ValueID(guarded)].comparison == nil)
    // The reason of a sum is no immediate of it.
    graph[sum].immediate = DeoptReason.overflow.rawValue
    let error = #expect(throws: IRVerificationError.self) { try graph.verify() }
    #expect(error?.message == "it has no immediate")
  }
}
