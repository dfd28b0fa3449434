// The verifier accepts the samples and rejects each kind of damage.

import Testing

@testable import IR

@Suite struct VerifierTests {
  @Test func loopIsValid() throws {
    try Graph.parse(SampleGraphs.loop).verify()
  }

  /// The damage: a replacement in the loop sample, and a word of the message.
  @Test(arguments: [
    ("v10 = tagInt v6", "v10 = tagInt v1", "is tagged, not int"),
    ("v10 = tagInt v6", "v10 = tagInt v8", "not defined on every path"),
    ("v10 = tagInt v6", "v10 = tagInt v77", "not defined"),
    ("v10 = tagInt v6", "v10 = tagInt v6 v6", "operands expected"),
    ("  return v10\n", "", "does not end in a terminator"),
    ("  return v10\n", "  return v10\n  return v10\n", "in the middle"),
    ("v8 = addInt v6 v5 ^s0", "v8 = addInt v6 v5", "state is missing"),
    ("v8 = addInt v6 v5 ^s0", "v8 = addInt v6 v5 ^s4", "does not exist"),
    ("-> b1(v9 v8)", "-> b1(v9)", "parameters"),
    ("-> b1(v9 v8)", "-> b1(v9 v1)", "parameter"),
    ("-> b2, b3", "-> b2", "successors"),
    ("-1=v1", "2=v1", "header"),
    ("-1=v1", "3=v1 3=v0", "twice"),
    ("-1=v1", "3=v5", "not defined on every path"),
    ("-1=v1", "3=@0", "@0 does not exist"),
    ("compareInt<less>", "compareInt<17>", "comparison"),
    ("argument<1>", "argument<2>", "arguments"),
    ("constInt<1>", "constInt<0x4000000000000000>", "63 bits"),
    ("constInt<1>", "literal<t0>", "no such table entry"),
    ("constInt<1>", "untagInt v4", "not defined on every path"),
    ("entry b0", "entry b2", "not defined"),
    ("entry b0", "entry b1", "parameters"),
  ])
  func damageIsFound(_ old: String, _ new: String, _ message: String) throws {
    let parts = SampleGraphs.loop.split(separator: old, maxSplits: 1, omittingEmptySubsequences: false)
    try #require(parts.count == 2)
    let graph = try Graph.parse(parts[0] + new + parts[1])
    let e = #expect(throws: IRVerificationError.self) { try graph.verify() }
    #expect(e?.description.contains(message) == true, "\(e?.description ?? "")")
  }

  @Test func stateOfACallMayNameItsResult() throws {
    let text = """
      graph "x" arguments 0
      table t0 = selector 1 0 "foo"
      s0 = [m1 pc 0 origin 0: 3=v1]
      entry b0
      b0:
        v0 = argument<0>
        v1 = send<t0> v0 ^s0
        return v1
      """
    try Graph.parse(text).verify()
    #expect(throws: IRVerificationError.self) {
      try Graph.parse(text.replacing("send<t0> v0 ^s0", with: "guardClass<0x9> v0 ^s0")).verify()
    }
  }
}
