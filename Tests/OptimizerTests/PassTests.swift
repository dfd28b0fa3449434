// Each pass alone on a small graph: where it fires, and where it must not. Value numbering has a file of its own, and
// so has the motion of invariants.

import IR
import Testing

@testable import Optimizer

/// The graph after this pass alone. v0, v1 and v2 are arguments; v3 and v4 are integers, v5 a truth value, v6 a
/// double, of which nothing is known. `lines` go on with b0, where these are defined.
func run(_ pass: Pass, _ lines: String, states: String = "") throws -> Graph {
  var g = try parsed(lines, states: states)
  try g.verify()
  pass.run(&g)
  try g.verify()
  return g
}

func parsed(_ lines: String, states: String = "") throws -> Graph {
  try Graph.parse(
    """
    graph "Test" arguments 2
    table t0 = selector 1 1 "unknown"
    table t1 = cell 1 "Foo"
    table t2 = method 1 "Foo>>bar"
    s0 = [m1 pc 0 origin 0: -1=v0]
    \(states)
    entry b0
    b0:
      v0 = argument<0>
      v1 = argument<1>
      v2 = argument<2>
      v98 = untagInt v1
      v99 = untagInt v2
      v3 = subtractIntUnchecked v98 v99
      v4 = subtractIntUnchecked v99 v98
      v5 = isTrue v0
      v6 = intToFloat v98
    \(lines)
    """)
}

/// The first of these operations.
func first(_ g: Graph, _ op: Op) -> ValueID? {
  g.reversePostOrder.flatMap { g[$0].instructions }.first { g[$0].op == op }
}

private func values(_ s: FrameState) -> [ValueID] {
  var result: [ValueID] = []
  s.forEachValue { result.append($0) }
  return result
}

private func parameters(_ g: Graph) -> [ValueID] { g.reversePostOrder.flatMap { g[$0].parameters } }

@Suite struct SimplifyParametersTests {
  private func join(_ left: String, _ right: String) throws -> Graph {
    try run(
      simplifyParameters,
      """
        branch v5 -> b1, b2
      b1:
        jump -> b3(\(left))
      b2:
        jump -> b3(\(right))
      b3(v10: int, v11: int):
        v12 = subtractIntUnchecked v10 v11
        v13 = tagInt v12
        return v13
      """)
  }

  @Test func whatIsTheSameOnEveryEdgeIsNoParameter() throws {
    let g = try join("v3 v4", "v3 v4")
    #expect(parameters(g).isEmpty)
    #expect(Array(g.operands(ValueID(12))) == [ValueID(3), ValueID(4)])
    #expect(g[BlockID(1)].successors[0].arguments.isEmpty)
  }

  @Test func whatDiffersIs() throws {
    #expect(parameters(try join("v3 v4", "v4 v3")).count == 2)
    for (left, right, kept) in [("v3 v3", "v3 v4", 11), ("v3 v4", "v4 v4", 10)] {
      let g = try join(left, right)
      #expect(parameters(g) == [ValueID(kept)])
      #expect([1, 2].map { g[BlockID($0)].successors[0].arguments } == [[ValueID(3)], [ValueID(4)]])
    }
  }

  @Test(arguments: [("v3", 0), ("v4", 1)])
  func bothEdgesOfABranchCount(_ other: String, _ expected: Int) throws {
    let g = try run(
      simplifyParameters,
      """
        branch v5 -> b1(v3), b1(\(other))
      b1(v10: int):
        v11 = tagInt v10
        return v11
      """)
    #expect(parameters(g).count == expected)
  }

  /// A loop with two variables and a frame state that mentions the first; `next` is what an iteration makes of them.
  private func loop(_ next: String) throws -> Graph {
    try run(
      simplifyParameters,
      """
        v7 = constInt<1>
        jump -> b1(v3 v4)
      b1(v10: int, v11: int):
        v12 = addInt v11 v7 ^s1
        branch v5 -> b2, b3
      b2:
        jump -> b1(\(next))
      b3:
        return v0
      """, states: "s1 = [m1 pc 1 origin 1: -1=v0 3=v10] @0=0x5(v10)")
  }

  @Test func whatNoIterationChangesIsNoParameter() throws {
    let g = try loop("v10 v12")
    #expect(parameters(g) == [ValueID(11)])
    // Frame states follow.
    let state = try #require(g[ValueID(12)].state)
    #expect(values(g[state]) == [0, 3, 3].map { ValueID($0) })
  }

  @Test func whatTheIterationsExchangeIs() throws { #expect(parameters(try loop("v11 v10")).count == 2) }

  /// The inner loop's parameter has to go before that of the outer one can.
  @Test(arguments: [("v20", 0), ("v4", 2)])
  func oneParameterLeadsToTheNext(_ next: String, _ expected: Int) throws {
    let g = try run(
      simplifyParameters,
      """
        jump -> b1(v3)
      b1(v10: int):
        jump -> b2(v10)
      b2(v20: int) loop s1:
        branch v5 -> b3, b4
      b3:
        jump -> b2(\(next))
      b4:
        branch v5 -> b5, b6
      b5:
        jump -> b1(v20)
      b6:
        v30 = tagInt v20
        return v30
      """, states: "s1 = [m1 pc 1 origin 1: -1=v0 3=v10]")
    #expect(parameters(g).count == expected)
    let entry = try #require(g[BlockID(2)].loopEntry)
    #expect(values(g[entry])[1] == ValueID(expected == 0 ? 3 : 10))
  }

  @Test(arguments: [("jump -> b1(v3)", 0), ("branch v5 -> b1(v3), b2", 1)])
  func whatUnreachableBlocksPassDoesNotMatter(_ end: String, _ expected: Int) throws {
    let g = try run(
      simplifyParameters,
      """
        \(end)
      b1(v10: int):
        v11 = tagInt v10
        return v11
      b2:
        jump -> b1(v4)
      """)
    #expect(parameters(g).count == expected)
  }
}

@Suite struct SimplifyControlFlowTests {
  private func branch(on condition: String) throws -> Graph {
    try run(
      simplifyControlFlow,
      """
        v7 = constBool<true>
        v8 = constBool<false>
        branch \(condition) -> b1(v3), b2
      b1(v10: int):
        jump -> b3(v10)
      b2:
        jump -> b3(v4)
      b3(v11: int):
        v12 = tagInt v11
        return v12
      """)
  }

  @Test(arguments: [("v7", 1, [ValueID(3)], 2), ("v8", 2, [], 1)])
  func aBranchOnAConstantIsAJump(_ condition: String, _ target: Int, _ arguments: [ValueID], _ dead: Int) throws {
    let g = try branch(on: condition)
    #expect(count(g, .branch) == 0 && count(g, .jump) == 2)
    let edges = g[g.entry].successors
    #expect(edges.map(\.target) == [BlockID(target)] && edges.map(\.arguments) == [arguments])
    // The other block is empty, and none of its edges counts.
    #expect(g[BlockID(dead)].instructions.isEmpty && g[BlockID(dead)].parameters.isEmpty)
    #expect(g.predecessors[3] == [BlockID(target)])
  }

  @Test func aBranchOnATestStays() throws {
    let g = try branch(on: "v5")
    #expect(count(g, .branch) == 1 && count(g, .jump) == 2)
    #expect(g.predecessors[3].count == 2)
  }

  @Test func aBlockThatHasAnotherWayInStays() throws {
    let g = try run(
      simplifyControlFlow,
      """
        branch v5 -> b1, b2
      b1:
        v7 = constBool<true>
        branch v7 -> b3, b2
      b2:
        poll ^s0
        return v1
      b3:
        return v2
      """)
    #expect(count(g, .branch) == 1 && count(g, .poll) == 1 && count(g, .return) == 2)
  }

  @Test func aParameterThatIsAConstantOnOneEdgeIsNone() throws {
    let g = try run(
      simplifyControlFlow,
      """
        v7 = constBool<true>
        branch v5 -> b1(v7), b1(v5)
      b1(v10: bool):
        branch v10 -> b2, b3
      b2:
        return v1
      b3:
        return v2
      """)
    #expect(count(g, .branch) == 2)
  }
}

@Suite struct DeadCodeTests {
  /// What is left of these lines when nothing follows that needs them.
  private func left(_ lines: String, states: String = "") throws -> [String] {
    let g = try run(deadCode, lines + "\n return v0", states: states)
    let given = [0, 1, 2, 3, 4, 5, 6, 98, 99].map { ValueID($0) }
    return g[g.entry].instructions.dropLast().filter { !given.contains($0) }.map { String(describing: g[$0].op) }
  }

  @Test(arguments: [
    "constInt<1>", "xorInt v3 v4", "compareInt<less> v3 v4", "loadSlot<0> v0", "loadDouble<0> v0", "loadLength<0> v0",
    "loadElement<1> v0 v3", "loadCell<t1>", "tagFloat v6 ^s0", "allocate<0x5> v1 ^s0", "allocateArray<0x5> v3 ^s0",
    "addInt v3 v4 ^s0", "subtractInt v3 v4 ^s0", "multiplyInt v3 v4 ^s0", "shiftLeftInt v3 v4 ^s0",
    "divideInt v3 v4 ^s0", "moduloInt v3 v4 ^s0", "remainderInt v3 v4 ^s0", "floatToInt v6 ^s0",
  ])
  func whatOnlyComputesAValueGoes(_ line: String) throws { #expect(try left("v10 = \(line)") == []) }

  @Test(arguments: [
    "storeSlot<0> v0 v1", "storeDouble<0> v0 v6", "storeElement<1> v0 v3 v1", "guardTrue<outOfBounds> v5 ^s0",
    "poll ^s0",
    // A number, though nobody needs it.
    "v10 = guardInt<notInteger> v1 ^s0", "v10 = guardFloat<notDouble> v1 ^s0", "v10 = guardClass<0x5> v0 ^s0",
    "v10 = guardDouble<notDouble> v6 ^s0", "v10 = send<t0> v0 ^s0", "v10 = callMethod<t2> v0 ^s0",
    "v10 = callBlock v0 ^s0",
  ])
  func whatHasAnEffectOrLeavesStays(_ line: String) throws { #expect(try left(line).count == 1) }

  @Test func whatOnlyThatNeededGoesToo() throws {
    let computed = "v10 = xorInt v3 v4 \n v11 = allocate<0x5> v1 ^s1 \n v12 = loadSlot<0> v11"
    let state = "s1 = [m1 pc 1 origin 1: -1=v0 3=v10]"
    #expect(try left(computed, states: state) == [])
    #expect(
      try left(computed + "\n storeSlot<0> v0 v12", states: state) == ["xorInt", "allocate", "loadSlot", "storeSlot"])
  }

  @Test func whatAFrameStateMentionsStays() throws {
    let states = "s1 = [m1 pc 1 origin 1: -1=v0 3=v10 4=@0] @0=0x5(v11)"
    let lines = "v10 = xorInt v3 v4 \n v11 = loadSlot<0> v0 \n v12 = loadSlot<1> v0 \n poll ^s"
    #expect(try left(lines + "1", states: states) == ["xorInt", "loadSlot", "poll"])
    #expect(try left(lines + "0", states: states) == ["poll"])
  }

  @Test func whatTheEntryMentionsStays() throws {
    let lines = "v10 = constInt<1> \n v11 = allocate<0x5> v1 ^s0"
    let state = "s1 = [m1 pc 1 origin 1: -1=v0 3=v10]\n"
    #expect(try left(lines, states: state + "entryState s1") == ["constInt"])
    #expect(try left(lines, states: state + "home v11") == ["allocate"])
    #expect(try left(lines, states: state) == [])
  }

  /// A loop that counts with v10 and adds up in v11.
  private func loop(returning result: String) throws -> Graph {
    try run(
      deadCode,
      """
        v7 = constInt<0>
        v8 = constInt<1>
        jump -> b1(v7 v7)
      b1(v10: int, v11: int):
        v12 = compareInt<less> v10 v4
        branch v12 -> b2, b3(\(result))
      b2:
        v13 = addInt v11 v10 ^s0
        v14 = addIntUnchecked v10 v8
        jump -> b1(v14 v13)
      b3(v20: int):
        v21 = tagInt v20
        return v21
      """)
  }

  @Test func aVariableThatOnlyComputesItselfGoes() throws {
    let g = try loop(returning: "v10")
    #expect(g[BlockID(1)].parameters == [ValueID(10)])
    #expect(g[BlockID(2)].successors[0].arguments == [ValueID(14)])
    #expect(count(g, .addInt) == 0)
  }

  @Test func aVariableThatIsReadInTheEndStays() throws {
    let g = try loop(returning: "v11")
    #expect(parameters(g).count == 3)
    #expect(count(g, .addInt) == 1)
  }
}
