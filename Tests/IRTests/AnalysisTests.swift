// Orders, dominators, liveness, use counts.

import Testing

@testable import IR

@Suite struct AnalysisTests {
  @Test func orderAndDominators() throws {
    let g = try Graph.parse(SampleGraphs.loop)
    #expect(g.reversePostOrder.map(\.index) == [0, 1, 2, 3])
    #expect(g.predecessors[1].map(\.index) == [0, 2])
    let d = DominatorTree(g)
    #expect(d.immediateDominator(BlockID(0)) == nil)
    #expect(d.immediateDominator(BlockID(2)) == BlockID(1))
    #expect(d.immediateDominator(BlockID(3)) == BlockID(1))
    #expect(d.dominates(BlockID(1), BlockID(2)) && !d.dominates(BlockID(2), BlockID(3)))
  }

  @Test func useCountsIncludeStates() throws {
    let g = try Graph.parse(SampleGraphs.loop)
    #expect(g.useCounts[1] == 1 + 3)
    #expect(g.useCounts[3] == 2)
    #expect(g.useCounts[0] == 0)
  }

  @Test func statesKeepValuesAlive() throws {
    let g = try Graph.parse(SampleGraphs.loop)
    let l = Liveness(g)
    // v1 only because the additions could deoptimize; v2 for the comparison.
    #expect(l.liveIn[1].elements.map(\.index) == [1, 2, 4])
    #expect(l.liveIn[2].elements.map(\.index) == [1, 2, 4, 5, 6])
    #expect(l.liveIn[3].elements.map(\.index) == [6])
    #expect(l.liveIn[0].isEmpty)
  }

  @Test func valuesAcrossACall() throws {
    let g = try Graph.parse(
      """
      graph "x" arguments 1
      table t0 = selector 1 0 "foo"
      s0 = [m1 pc 0 origin 0: 3=v2 4=v1]
      s1 = [m1 pc 0 origin 0:]
      home v3
      entry b0
      b0:
        v0 = argument<0>
        v1 = argument<1>
        v9 = send<t0> v0 ^s1
        v3 = allocate<0x5> v0 ^s0
        v2 = send<t0> v0 ^s0
        return v2
      """)
    let l = Liveness(g)
    var across: [Int32: [Int32]] = [:]
    l.forEachInstruction(g, BlockID(0)) { v, live in across[v.index] = live.elements.map(\.index) }
    // The call's own result is not live across it; the home environment is, once it exists.
    #expect(across[2] == [1, 3])
    // The allocation needs its operand after the collector ran.
    #expect(across[3] == [0, 1])
    #expect(across[9] == [0, 1])
    #expect(l.unwindsThroughHome(BlockID(0), 4) && !l.unwindsThroughHome(BlockID(0), 2))
  }
}
