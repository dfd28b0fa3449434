// What value numbering replaces, and what it must not; what single instructions simplify to.

import IR
import Testing

@testable import Optimizer

@Suite struct ValueNumberingTests {
  /// v20 and v21, the second after what is in between, are both needed. Whether they become one.
  private func areOne(_ first: String, _ second: String, between: String = "") throws -> Bool {
    var g = try parsed(
      """
        v10 = addIntUnchecked v3 v4
        v20 = \(first)
        \(between)
        v21 = \(second)
        jump -> b1
      b1:
        return v0
      """)
    // The way on has both as parameters.
    for v in [ValueID(20), ValueID(21)] {
      _ = g.addParameter(BlockID(1), g[v].type)
      g[g.entry].successors[0].arguments.append(v)
    }
    try g.verify()
    valueNumbering.run(&g)
    try g.verify()
    let arguments = g[g.entry].successors[0].arguments
    #expect(arguments[0] == ValueID(20))
    #expect(g[g.entry].instructions.contains(ValueID(21)) == (arguments[1] == ValueID(21)))
    return arguments[1] == ValueID(20)
  }

  @Test(arguments: [
    "addIntUnchecked v4 v3", "compareInt<less> v3 v4", "compareFloat<less> v6 v6", "isInt v0", "hasClass<0x5> v0",
    "tagInt v3", "constInt<7>", "constFloat<0x0>", "constTagged<0x4>", "equalStrings v0 v1", "loadCharacter v0 v3",
    "addInt v3 v4 ^s0", "multiplyInt v3 v4 ^s0", "divideInt v3 v4 ^s0", "floatToInt v6 ^s0",
    "guardInt<notInteger> v0 ^s0", "guardFloat<notDouble> v0 ^s0", "guardDouble<notDouble> v6 ^s0",
    "guardClass<0x5> v0 ^s0", "loadLength<0> v0",
  ])
  func theSameAgainIsTheSame(_ line: String) throws {
    #expect(try areOne(line, line))
    // None of this can be changed by a call.
    #expect(try areOne(line, line, between: "v11 = send<t0> v0 ^s0"))
  }

  /// Two objects are two, and so are two calls. What memory holds is the builder's to know.
  @Test(arguments: [
    "allocate<0x5> v1 ^s0", "allocateArray<0x5> v3 ^s0", "tagFloat v6 ^s0", "send<t0> v0 ^s0", "callMethod<t2> v0 ^s0",
    "callBlock v0 ^s0",
  ])
  func effectsAreNotShared(_ line: String) throws { #expect(try !areOne(line, line)) }

  @Test(arguments: [
    ("loadSlot<0> v0", "storeSlot<0> v1 v2"), ("loadDouble<0> v0", "storeDouble<0> v1 v6"),
    ("loadElement<1> v0 v3", "storeElement<1> v1 v4 v2"), ("loadCell<t1>", "v11 = send<t0> v0 ^s0"),
    ("loadByte<2> v0 v3", "v11 = callMethod<t2> v0 ^s0"),
  ])
  func whatMayHaveBeenStoredSinceIsLoadedAgain(_ load: String, _ store: String) throws {
    #expect(try !areOne(load, load, between: store))
  }

  @Test(arguments: [
    ("subtractIntUnchecked v3 v4", "subtractIntUnchecked v4 v3"), ("andInt v3 v4", "orInt v3 v4"),
    ("compareInt<less> v3 v4", "compareInt<lessOrEqual> v3 v4"), ("hasClass<0x5> v0", "hasClass<0x6> v0"),
    ("constInt<7>", "constInt<8>"), ("constFloat<0x0>", "constFloat<0x8000000000000000>"),
    ("loadLength<0> v0", "loadLength<1> v0"), ("loadLength<0> v0", "loadLength<0> v1"),
    ("guardInt<notInteger> v0 ^s0", "guardInt<notInteger> v1 ^s0"),
    ("guardClass<0x5> v0 ^s0", "guardClass<0x6> v0 ^s0"), ("addInt v3 v4 ^s0", "subtractInt v3 v4 ^s0"),
  ])
  func whatDiffersIsNotShared(_ first: String, _ second: String) throws { #expect(try !areOne(first, second)) }

  @Test func theReasonOfAGuardIsNotPartOfIt() throws {
    #expect(try areOne("guardInt<notInteger> v0 ^s0", "guardInt<loopEntry> v0 ^s0"))
    #expect(try areOne("guardFloat<notDouble> v0 ^s0", "guardFloat<loopEntry> v0 ^s0"))
    #expect(try areOne("guardDouble<notDouble> v6 ^s0", "guardDouble<loopEntry> v6 ^s0"))
  }

  @Test func whatIsComputedFromTheSameIsTheSame() throws {
    #expect(try areOne("xorInt v10 v3", "xorInt v11 v3", between: "v11 = addIntUnchecked v3 v4"))
    #expect(try !areOne("xorInt v10 v3", "xorInt v11 v3", between: "v11 = addIntUnchecked v4 v4"))
  }

  /// b1 and b2 are the ways on from b0; b3 is where they meet.
  private func operations(
    _ op: Op, in0: String = "", in1: String = "", in2: String = "", in3: String = ""
  ) throws -> Int {
    let g = try run(
      valueNumbering,
      """
        \(in0)
        branch v5 -> b1, b2
      b1:
        \(in1)
        jump -> b3
      b2:
        \(in2)
        jump -> b3
      b3:
        \(in3)
        return v0
      """)
    return count(g, op)
  }

  @Test func whatDominatesIsReused() throws {
    #expect(try operations(.xorInt, in0: "v10 = xorInt v3 v4", in1: "v11 = xorInt v3 v4") == 1)
    #expect(try operations(.xorInt, in0: "v10 = xorInt v3 v4", in3: "v11 = xorInt v3 v4") == 1)
    #expect(try operations(.guardInt, in0: "v10 = guardInt<0> v0 ^s0", in2: "v11 = guardInt<0> v0 ^s0") == 1)
    #expect(try operations(.guardTrue, in0: "guardTrue<outOfBounds> v5 ^s0", in3: "guardTrue<0> v5 ^s0") == 1)
  }

  @Test func whatIsOnAnotherPathIsNot() throws {
    #expect(try operations(.xorInt, in1: "v10 = xorInt v3 v4", in2: "v11 = xorInt v3 v4") == 2)
    #expect(try operations(.xorInt, in1: "v10 = xorInt v3 v4", in3: "v11 = xorInt v3 v4") == 2)
    #expect(try operations(.guardInt, in1: "v10 = guardInt<0> v0 ^s0", in2: "v11 = guardInt<0> v0 ^s0") == 2)
    #expect(try operations(.guardTrue, in2: "guardTrue<0> v5 ^s0", in3: "guardTrue<0> v5 ^s0") == 2)
    // Both paths have one, but each its own.
    #expect(
      try operations(
        .guardTrue, in1: "guardTrue<0> v5 ^s0", in2: "guardTrue<0> v5 ^s0", in3: "guardTrue<0> v5 ^s0") == 3)
  }

  @Test func framesAndLoopsMentionWhatIsLeft() throws {
    let g = try run(
      valueNumbering,
      """
        v10 = xorInt v3 v4
        v11 = xorInt v3 v4
        jump -> b1(v11)
      b1(v12: int) loop s1:
        poll ^s1
        jump -> b1(v12)
      """, states: "s1 = [m1 pc 1 origin 1: -1=v0 3=v11] @0=0x5(v11)")
    let poll = try #require(first(g, .poll)), state = try #require(g[poll].state)
    var mentioned: [ValueID] = []
    g[state].forEachValue { mentioned.append($0) }
    #expect(mentioned == [ValueID(0), ValueID(10), ValueID(10)])
    #expect(g[g.entry].successors[0].arguments == [ValueID(10)])
  }
}

@Suite struct PeepholeTests {
  /// What the last of these lines, which defines v20, is replaced by: a value of the others, or a constant. nil if it
  /// stays.
  private func simplified(_ lines: String) throws -> String? {
    var g = try parsed(lines + "\n jump -> b1 \n b1: \n return v0")
    _ = g.addParameter(BlockID(1), g[ValueID(20)].type)
    g[g.entry].successors[0].arguments = [ValueID(20)]
    try g.verify()
    let before = g.instructionText(ValueID(20))
    valueNumbering.run(&g)
    try g.verify()
    let v = g[g.entry].successors[0].arguments[0]
    if v == ValueID(20) {
      #expect(g.instructionText(v) == before)
      return nil
    }
    #expect(!g[g.entry].instructions.contains(ValueID(20)))
    let isConstant = [.constInt, .constBool].contains(g[v].op)
    return isConstant ? String(g.instructionText(v).split(separator: " ")[2]) : "v\(v.index)"
  }

  @Test func whatIsTaggedAndUntaggedIsTheSame() throws {
    for untag in ["untagInt v10", "guardInt<notInteger> v10 ^s0"] {
      #expect(try simplified("v10 = tagInt v3 \n v20 = \(untag)") == "v3")
    }
    for untag in ["untagFloat v10", "guardFloat<notDouble> v10 ^s0"] {
      #expect(try simplified("v10 = tagFloat v6 ^s0 \n v20 = \(untag)") == "v6")
    }
    for untag in ["untagInt v0", "guardInt<notInteger> v0 ^s0"] {
      #expect(try simplified("v10 = \(untag) \n v20 = tagInt v10") == "v0")
    }
    for untag in ["untagFloat v0", "guardFloat<notDouble> v0 ^s0"] {
      #expect(try simplified("v10 = \(untag) \n v20 = tagFloat v10 ^s0") == "v0")
    }
  }

  @Test func whatIsTaggedAsAnotherTypeIsNot() throws {
    #expect(try simplified("v10 = tagFloat v6 ^s0 \n v20 = guardInt<notInteger> v10 ^s0") == nil)
    #expect(try simplified("v10 = tagInt v3 \n v20 = guardFloat<notDouble> v10 ^s0") == nil)
    #expect(try simplified("v10 = floatToInt v6 ^s0 \n v20 = tagInt v10") == nil)
    #expect(try simplified("v10 = intToFloat v3 \n v20 = tagFloat v10 ^s0") == nil)
  }

  @Test func aConstantIntegerIsUntagged() throws {
    for op in ["untagInt v10", "guardInt<notInteger> v10 ^s0"] {
      #expect(try simplified("v10 = constTagged<0xb> \n v20 = \(op)") == "constInt<5>")
      #expect(try simplified("v10 = constTagged<0xfffffffffffffff5> \n v20 = \(op)") == "constInt<-6>")
    }
    // nil is none.
    #expect(try simplified("v10 = constTagged<0x4> \n v20 = guardInt<notInteger> v10 ^s0") == nil)
  }

  @Test func theClassOfANewObjectIsKnown() throws {
    for new in ["allocate<0x5> v1 ^s0", "allocateArray<0x5> v3 ^s0"] {
      #expect(try simplified("v10 = \(new) \n v20 = guardClass<0x5> v10 ^s0") == "v10")
      #expect(try simplified("v10 = \(new) \n v20 = guardClass<0x6> v10 ^s0") == nil)
      #expect(try simplified("v10 = \(new) \n v20 = hasClass<0x5> v10") == "constBool<true>")
      #expect(try simplified("v10 = \(new) \n v20 = hasClass<0x6> v10") == "constBool<false>")
      #expect(try simplified("v10 = \(new) \n v20 = isInt v10") == "constBool<false>")
    }
    #expect(try simplified("v10 = loadSlot<0> v0 \n v20 = guardClass<0x5> v10 ^s0") == nil)
    #expect(try simplified("v10 = loadSlot<0> v0 \n v20 = hasClass<0x5> v10") == nil)
  }

  @Test func whetherAValueIsAnIntegerMayBeKnown() throws {
    #expect(try simplified("v10 = tagInt v3 \n v20 = isInt v10") == "constBool<true>")
    #expect(try simplified("v10 = tagFloat v6 ^s0 \n v20 = isInt v10") == "constBool<false>")
    #expect(try simplified("v10 = constTagged<0xb> \n v20 = isInt v10") == "constBool<true>")
    #expect(try simplified("v10 = constTagged<0x4> \n v20 = isInt v10") == "constBool<false>")
    #expect(try simplified("v10 = loadSlot<0> v0 \n v20 = isInt v10") == nil)
  }

  @Test func whatIsNoPointerIsOfNoClass() throws {
    for value in ["tagInt v3", "tagBool v5", "constTagged<0x4>"] {
      #expect(try simplified("v10 = \(value) \n v20 = hasClass<0x5> v10") == "constBool<false>")
    }
    // It may be boxed.
    #expect(try simplified("v10 = tagFloat v6 ^s0 \n v20 = hasClass<0x3000002> v10") == nil)
  }

  @Test func truthIsTakenFromItsObject() throws {
    #expect(try simplified("v10 = tagBool v5 \n v20 = isTrue v10") == "v5")
    for (word, expected) in [("0x14", "true"), ("0xc", "false"), ("0x4", "false")] {
      #expect(try simplified("v10 = constTagged<\(word)> \n v20 = isTrue v10") == "constBool<\(expected)>")
    }
    #expect(try simplified("v20 = isTrue v1") == nil)
  }

  @Test func identityMayBeKnown() throws {
    let words = "v10 = constTagged<0x4> \n v11 = constTagged<0xc> \n v12 = constTagged<0x4> \n"
    #expect(try simplified("v20 = identical v1 v1") == "constBool<true>")
    #expect(try simplified(words + "v20 = identical v10 v12") == "constBool<true>")
    #expect(try simplified(words + "v20 = identical v10 v11") == "constBool<false>")
    #expect(try simplified(words + "v20 = identical v10 v1") == nil)
    #expect(try simplified("v20 = identical v1 v2") == nil)
  }

  @Test func negationsCancel() throws {
    #expect(try simplified("v10 = not v5 \n v20 = not v10") == "v5")
    #expect(try simplified("v10 = constBool<true> \n v20 = not v10") == "constBool<false>")
    #expect(try simplified("v10 = constBool<false> \n v20 = not v10") == "constBool<true>")
    #expect(try simplified("v20 = not v5") == nil)
  }

  @Test(arguments: [("constBool<true>", 0), ("constBool<false>", 1), ("isInt v1", 1)])
  func aGuardThatAlwaysHoldsGoes(_ condition: String, _ expected: Int) throws {
    let g = try run(valueNumbering, "v10 = \(condition) \n guardTrue<outOfBounds> v10 ^s0 \n return v0")
    #expect(count(g, .guardTrue) == expected)
  }

  @Test(arguments: Comparison.allCases)
  func numbersAreCompared(_ c: Comparison) throws {
    for (x, y, holds) in [
      (-1, 2, [.less, .lessOrEqual, .notEqual]), (2, 2, [.lessOrEqual, .greaterOrEqual, .equal]),
      (2, -1, [.greater, .greaterOrEqual, .notEqual]),
    ] as [(Int, Int, [Comparison])] {
      let result = try simplified("v10 = constInt<\(x)> \n v11 = constInt<\(y)> \n v20 = compareInt<\(c)> v10 v11")
      #expect(result == "constBool<\(holds.contains(c))>")
    }
    #expect(try simplified("v10 = constInt<1> \n v20 = compareInt<\(c)> v10 v3") == nil)
    #expect(try simplified("v10 = constInt<1> \n v20 = compareInt<\(c)> v3 v10") == nil)
  }

  @Test(arguments: [(-1, false), (0, true), (4, true), (5, false)])
  func anIndexIsInBoundsFromZeroToOneLessThanTheCount(_ index: Int, _ expected: Bool) throws {
    let constants = "v10 = constInt<\(index)> \n v11 = constInt<5> \n"
    #expect(try simplified(constants + "v20 = isInBounds v10 v11") == "constBool<\(expected)>")
    #expect(try simplified(constants + "v12 = loadLength<0> v0 \n v20 = isInBounds v10 v12") == nil)
  }

  /// Sums and differences of constants, up to the largest and down to the smallest: they are not computed beyond.
  @Test(arguments: [
    ("addInt", 2, 3, "constInt<5>"), ("subtractInt", 2, 3, "constInt<-1>"),
    ("addInt", (1 << 62) - 2, 1, "constInt<4611686018427387903>"), ("addInt", (1 << 62) - 1, 1, nil),
    ("addInt", -(1 << 62), -1, nil), ("addInt", 1 - (1 << 62), -1, "constInt<-4611686018427387904>"),
    ("subtractInt", 1 - (1 << 62), 1, "constInt<-4611686018427387904>"), ("subtractInt", -(1 << 62), 1, nil),
    ("subtractInt", (1 << 62) - 1, -1, nil), ("multiplyInt", 2, 3, nil),
  ])
  func constantsAreAddedUp(_ op: String, _ x: Int, _ y: Int, _ expected: String?) throws {
    let result = try simplified("v10 = constInt<\(x)> \n v11 = constInt<\(y)> \n v20 = \(op) v10 v11 ^s0")
    #expect(result == expected)
  }

  @Test(arguments: ["addInt", "subtractInt"])
  func zeroAddsNothing(_ op: String) throws {
    #expect(try simplified("v10 = constInt<0> \n v20 = \(op) v3 v10 ^s0") == "v3")
    #expect(try simplified("v10 = constInt<1> \n v20 = \(op) v3 v10 ^s0") == nil)
  }
  @Test func aDifferenceFromZeroIsNotTheNumber() throws {
    #expect(try simplified("v10 = constInt<0> \n v20 = subtractInt v10 v3 ^s0") == nil)
  }

  /// In one go, each from what the last has become.
  @Test func oneSimplificationLeadsToTheNext() throws {
    let lines = """
      v10 = constInt<2>
      v11 = addInt v10 v10 ^s0
      v12 = addInt v11 v10 ^s0
      v13 = tagInt v11
      v14 = guardInt<notInteger> v13 ^s0
      v15 = compareInt<less> v12 v14
      v20 = not v15
      """
    #expect(try simplified(lines) == "constBool<true>")
    #expect(try simplified(lines.replacing("v11 v10", with: "v3 v10")) == nil)
  }
}
