// Which overflow checks the ranges make superfluous, to the last number.

import IR
import Testing

@testable import Optimizer

/// The first number with more than 63 bits.
private let limit: Int64 = 1 << 62

@Suite struct OverflowCheckTests {
  /// Whether v3 plus or minus `step` is still checked in b1, where `edge` of a branch on `comparison` leads: 0 if
  /// it holds, 1 if not. The bound is v8: nothing is known of it, unless it is given.
  private func isChecked(
    _ op: Op, _ step: Int64, _ comparison: String, bound: Int64? = nil, edge: Int = 0
  ) throws -> Bool {
    let g = try run(
      rangeAnalysis,
      """
        v7 = constInt<\(step)>
        v8 = \(bound.map { "constInt<\($0)>" } ?? "untagInt v0")
        v10 = compareInt<\(comparison)
        branch v10 -> \(edge == 0 ? "b1, b2" : "b2, b1")
      b1:
        v20 = \(op) v3 v7 ^s0
        jump -> b2
      b2:
        return v0
      """)
    let n = g[ValueID(20)]
    #expect(Array(g.operands(ValueID(20))) == [ValueID(3), ValueID(7)])
    if n.op == op { return true }
    #expect(n.op == (op == .addInt ? .addIntUnchecked : .subtractIntUnchecked))
    #expect(n.state == nil && n.immediate == 0)
    return false
  }

  /// The greatest bound with which the sum fits.
  @Test(arguments: [
    ("less> v3 v8", 0, limit - 10), ("lessOrEqual> v3 v8", 0, limit - 11), ("equal> v3 v8", 0, limit - 11),
    ("greater> v8 v3", 0, limit - 10), ("greaterOrEqual> v8 v3", 0, limit - 11),
    ("equal> v8 v3", 0, limit - 11), ("greaterOrEqual> v3 v8", 1, limit - 10),
    ("greater> v3 v8", 1, limit - 11), ("notEqual> v3 v8", 1, limit - 11),
    ("lessOrEqual> v8 v3", 1, limit - 10), ("less> v8 v3", 1, limit - 11),
  ])
  func aSumBelowABoundNeedsNoCheck(_ comparison: String, _ edge: Int, _ greatest: Int64) throws {
    #expect(try !isChecked(.addInt, 10, comparison, bound: greatest, edge: edge))
    #expect(try isChecked(.addInt, 10, comparison, bound: greatest + 1, edge: edge))
    #expect(try isChecked(.addInt, 10, comparison, bound: greatest, edge: 1 - edge))
  }

  /// The smallest bound with which the difference fits.
  @Test(arguments: [
    ("greater> v3 v8", 0, 9 - limit), ("greaterOrEqual> v3 v8", 0, 10 - limit),
    ("equal> v3 v8", 0, 10 - limit), ("less> v8 v3", 0, 9 - limit), ("lessOrEqual> v8 v3", 0, 10 - limit),
    ("lessOrEqual> v3 v8", 1, 9 - limit), ("less> v3 v8", 1, 10 - limit),
    ("notEqual> v3 v8", 1, 10 - limit),
  ])
  func aDifferenceAboveABoundNeedsNoCheck(_ comparison: String, _ edge: Int, _ smallest: Int64) throws {
    #expect(try !isChecked(.subtractInt, 10, comparison, bound: smallest, edge: edge))
    #expect(try isChecked(.subtractInt, 10, comparison, bound: smallest - 1, edge: edge))
    #expect(try isChecked(.subtractInt, 10, comparison, bound: smallest, edge: 1 - edge))
  }

  @Test func whatIsLessThanAnyNumberHasRoomForOneMore() throws {
    #expect(try !isChecked(.addInt, 1, "less> v3 v8"))
    #expect(try isChecked(.addInt, 2, "less> v3 v8"))
    #expect(try isChecked(.addInt, 1, "lessOrEqual> v3 v8"))
    #expect(try isChecked(.addInt, 1, "equal> v3 v8"))
    #expect(try !isChecked(.subtractInt, 1, "greater> v3 v8"))
    #expect(try isChecked(.subtractInt, 2, "greater> v3 v8"))
    #expect(try isChecked(.subtractInt, 1, "greaterOrEqual> v3 v8"))
  }

  @Test func aBoundOnOneSideSaysNothingOfTheOther() throws {
    #expect(try isChecked(.addInt, 1, "greater> v3 v8", bound: 0))
    #expect(try isChecked(.subtractInt, 1, "less> v3 v8", bound: 0))
    #expect(try isChecked(.addInt, 1, "notEqual> v3 v8", bound: 0))
  }

  /// It moves the other way.
  @Test func aNegativeStepStaysChecked() throws {
    #expect(try isChecked(.addInt, -1, "less> v3 v8", bound: 0))
    #expect(try isChecked(.subtractInt, -1, "greater> v3 v8", bound: 0))
  }

  @Test func anotherNumberAndAnotherKindOfTestSayNothing() throws {
    #expect(try isChecked(.addInt, 1, "less> v4 v8", bound: 0))
    // Where this does not hold, v3 may be the smallest number.
    let g = try run(
      rangeAnalysis,
      """
        v7 = constInt<1>
        v10 = isInBounds v3 v7
        branch v10 -> b2, b1
      b1:
        v20 = subtractInt v3 v7 ^s0
        jump -> b2
      b2:
        return v0
      """)
    #expect(count(g, .subtractInt) == 1)
  }

  @Test func aStepThatVariesStaysChecked() throws {
    let g = try run(
      rangeAnalysis,
      """
        v8 = constInt<0>
        v10 = compareInt<less> v3 v8
        branch v10 -> b1, b2
      b1:
        v20 = addInt v3 v4 ^s0
        jump -> b2
      b2:
        return v0
      """)
    #expect(count(g, .addInt) == 1)
  }

  /// One sum right after the branch, one further on, one after the paths have met, one where the branch leads by
  /// both edges.
  @Test func aComparisonHoldsWhereItDominates() throws {
    let g = try run(
      rangeAnalysis,
      """
        v7 = constInt<1>
        v10 = compareInt<less> v3 v4
        branch v10 -> b1, b4
      b1:
        v20 = addInt v3 v7 ^s0
        branch v5 -> b2, b3
      b2:
        v21 = addInt v3 v7 ^s0
        jump -> b3
      b3:
        v22 = addInt v3 v7 ^s0
        jump -> b4
      b4:
        v23 = addInt v3 v7 ^s0
        branch v10 -> b5, b5
      b5:
        v24 = addInt v3 v7 ^s0
        return v0
      """)
    let ops = (20...24).map { g[ValueID($0)].op }
    #expect(ops == [.addIntUnchecked, .addIntUnchecked, .addIntUnchecked, .addInt, .addInt])
  }
}

@Suite struct SignTests {
  /// v20 less one needs no check if v20 is not negative.
  private func isNonNegative(_ lines: String) throws -> Bool {
    let g = try run(
      rangeAnalysis,
      """
        v7 = constInt<1>
        v8 = constInt<-1>
        v9 = loadLength<0> v0
        \(lines)
        v30 = subtractInt v20 v7 ^s0
        return v0
      """)
    return g[ValueID(30)].op == .subtractIntUnchecked && g[ValueID(30)].state == nil
  }

  // v9 is not negative, and nothing is known of v3 and v4.
  @Test(arguments: [
    "constInt<0>", "loadLength<0> v0", "loadByte<2> v0 v3", "addInt v9 v7 ^s0", "addIntUnchecked v9 v7",
    "multiplyInt v9 v9 ^s0", "orInt v9 v7", "andInt v9 v3", "andInt v3 v9", "shiftRightInt v9 v3",
    "moduloInt v3 v7 ^s0", "remainderIntUnsigned v9 v7",
  ])
  func theseAreNotNegative(_ line: String) throws { #expect(try isNonNegative("v20 = \(line)")) }

  @Test(arguments: [
    "constInt<-1>", "guardInt<notInteger> v0 ^s0", "addInt v9 v8 ^s0", "addInt v3 v9 ^s0", "addIntUnchecked v3 v7",
    "multiplyInt v9 v3 ^s0", "orInt v9 v3", "orInt v3 v9", "andInt v3 v4", "shiftRightInt v3 v7",
    "moduloInt v9 v8 ^s0", "moduloInt v9 v4 ^s0", "remainderInt v3 v7 ^s0", "subtractInt v9 v7 ^s0",
    "subtractIntUnchecked v9 v7",
  ])
  func theseMayBe(_ line: String) throws { #expect(try !isNonNegative("v20 = \(line)")) }

  @Test func stepsDownMustBeConstantAndPositive() throws {
    for (step, isChecked) in [("v7", false), ("v8", true), ("v4", true)] {
      let g = try run(
        rangeAnalysis,
        """
          v7 = constInt<1>
          v8 = constInt<-1>
          v9 = loadLength<0> v0
          v30 = subtractInt v9 \(step) ^s0
          return v0
        """)
      #expect(count(g, .subtractInt) == (isChecked ? 1 : 0))
    }
  }

  /// Two variables of a loop, and what an iteration makes of them.
  private func checked(start: (Int, Int), _ next: String) throws -> Int {
    let g = try run(
      rangeAnalysis,
      """
        v7 = constInt<1>
        v8 = constInt<\(start.0)>
        v9 = constInt<\(start.1)>
        jump -> b1(v8 v9)
      b1(v10: int, v11: int):
        v12 = addInt v10 v7 ^s0
        v13 = addInt v11 v7 ^s0
        v14 = subtractIntUnchecked v10 v7
        v20 = subtractInt v10 v7 ^s0
        v21 = subtractInt v11 v7 ^s0
        branch v5 -> b2, b3
      b2:
        jump -> b1(\(next))
      b3:
        return v0
      """)
    return count(g, .subtractInt)
  }

  @Test func aCounterIsNotNegativeIfItDoesNotStartSo() throws {
    #expect(try checked(start: (0, 5), "v12 v13") == 0)
    #expect(try checked(start: (0, -1), "v12 v13") == 1)
    #expect(try checked(start: (-1, -1), "v12 v13") == 2)
  }
  @Test func aCounterThatGoesDownMayBe() throws { #expect(try checked(start: (5, 5), "v14 v13") == 1) }

  @Test func twoThatDependOnEachOtherAreOnlyTogether() throws {
    #expect(try checked(start: (0, 0), "v13 v12") == 0)
    #expect(try checked(start: (-2, 0), "v13 v12") == 2)
    #expect(try checked(start: (0, -2), "v13 v12") == 2)
    // The other one is never less than the successor of -1.
    #expect(try checked(start: (-1, 0), "v13 v12") == 1)
    #expect(try checked(start: (0, -1), "v13 v12") == 1)
  }

  /// v10 begins with -1; that v10 & 1 is not negative must not make it so.
  @Test func whatWasAssumedInVainIsTakenBack() throws {
    let g = try run(
      rangeAnalysis,
      """
        v7 = constInt<1>
        v8 = constInt<-1>
        jump -> b1(v8)
      b1(v10: int):
        v11 = andInt v10 v7
        v12 = addInt v10 v7 ^s0
        v20 = subtractInt v11 v7 ^s0
        v21 = subtractInt v10 v7 ^s0
        branch v5 -> b2, b3
      b2:
        jump -> b1(v12)
      b3:
        return v0
      """)
    #expect(g[ValueID(20)].op == .subtractIntUnchecked && g[ValueID(21)].op == .subtractInt)
  }

  @Test(arguments: [Op.moduloInt, .remainderInt])
  func aRemainderNeedsNoSignsIfThereAreNone(_ op: Op) throws {
    func isUnsigned(_ operands: String) throws -> Bool {
      let g = try run(
        rangeAnalysis,
        """
          v7 = constInt<1>
          v8 = constInt<-1>
          v9 = loadLength<0> v0
          v30 = \(op) \(operands) ^s0
          return v0
        """)
      let n = g[ValueID(30)]
      if n.op == op { return false }
      #expect(n.op == .remainderIntUnsigned && n.state == nil && n.immediate == 0)
      return true
    }
    #expect(try isUnsigned("v9 v7"))
    #expect(try !isUnsigned("v3 v7") && !isUnsigned("v8 v7"))
    // A divisor that may be negative, though what is divided is not.
    #expect(try !isUnsigned("v9 v8") && !isUnsigned("v9 v4"))
  }
}

@Suite struct BoundsCheckTests {
  /// Bounds checks that are left in a loop whose counter v10 begins with `start` and goes on with `next`; it runs while
  /// `comparison`, and accesses the element at `index`, counted from 0. v8 is the length of the array v0.
  private func checks(
    start: Int = 1, _ comparison: String = "lessOrEqual> v10 v8", index: String = "v12", next: String = "v13",
    count other: String = "v8"
  ) throws -> Int {
    let g = try run(
      rangeAnalysis,
      """
        v7 = constInt<1>
        v8 = loadLength<0> v0
        v9 = constInt<\(start)>
        v15 = loadLength<0> v1
        jump -> b1(v9)
      b1(v10: int):
        v11 = compareInt<\(comparison)
        branch v11 -> b2, b3
      b2:
        v12 = subtractIntUnchecked v10 v7
        v16 = subtractIntUnchecked v12 v7
        v20 = isInBounds \(index) \(other)
        guardTrue<outOfBounds> v20 ^s0
        v21 = loadElement<1> v0 \(index)
        v13 = addInt v10 v7 ^s0
        v14 = subtractInt v10 v7 ^s0
        jump -> b1(\(next))
      b3:
        return v0
      """)
    return count(g, .guardTrue)
  }

  @Test func anIndexFromOneToTheLengthNeedsNoCheck() throws {
    #expect(try checks() == 0)
    #expect(try checks("greaterOrEqual> v8 v10") == 0)
    #expect(try checks(start: 5) == 0)
    #expect(try checks(start: 1, "less> v10 v8", index: "v10") == 0)
    #expect(try checks(start: 2, index: "v16") == 0)
  }
  @Test func oneThatMayBeTooSmallDoes() throws {
    #expect(try checks(start: 0) == 1)
    #expect(try checks(start: 1, index: "v16") == 1)
    #expect(try checks(next: "v14") == 1)
  }
  @Test func oneThatMayBeTooLargeDoes() throws {
    #expect(try checks(index: "v10") == 1)
    #expect(try checks("greaterOrEqual> v10 v8") == 1)
    #expect(try checks("notEqual> v10 v8") == 1)
    #expect(try checks("lessOrEqual> v10 v3") == 1)
  }
  @Test func theLengthOfAnotherArrayIsNone() throws {
    #expect(try checks(count: "v15") == 1)
  }

  /// Nor does the counter overflow.
  @Test func aCounterUpToALengthNeedsNoCheck() throws {
    func checked(_ bound: String) throws -> [Op] {
      let g = try run(
        rangeAnalysis,
        """
          v7 = constInt<1>
          v8 = \(bound)
          v11 = compareInt<lessOrEqual> v3 v8
          branch v11 -> b1, b2
        b1:
          v12 = addInt v3 v7 ^s0
          jump -> b3
        b2:
          v13 = subtractInt v3 v7 ^s0
          jump -> b3
        b3:
          return v0
        """)
      return [g[ValueID(12)].op, g[ValueID(13)].op]
    }
    #expect(try checked("loadLength<0> v0") == [.addIntUnchecked, .subtractIntUnchecked])
    // What is greater than any number is not the smallest.
    #expect(try checked("untagInt v0") == [.addInt, .subtractIntUnchecked])
  }

  /// Each number is asked about once: twice for each of forty would be a million million times.
  @Test(.timeLimit(.minutes(1)))
  func sumsOfSumsTakeNoTime() throws {
    let doublings = (10..<50).map { "v\($0 + 1) = addInt v\($0) v\($0) ^s0" }.joined(separator: "\n  ")
    let g = try run(
      rangeAnalysis,
      """
        v10 = loadLength<0> v0
        \(doublings)
        v7 = constInt<1>
        v60 = subtractInt v50 v7 ^s0
        return v0
      """)
    #expect(g[ValueID(60)].op == .subtractIntUnchecked)
    let failing = try run(
      rangeAnalysis,
      """
        v10 = addInt v3 v4 ^s0
        \(doublings)
        v7 = constInt<1>
        v60 = subtractInt v50 v7 ^s0
        return v0
      """)
    #expect(failing[ValueID(60)].op == .subtractInt)
  }

  /// Bounds beyond what an integer can be do not trap.
  @Test func theGreatestConstantsAreNoTrap() throws {
    for op in ["subtractInt", "addInt"] {
      let g = try run(
        rangeAnalysis,
        """
          v7 = constInt<\(op == "addInt" ? -(1 << 62) : 1 << 62 - 1)>
          v8 = constInt<7>
          v10 = \(op) v3 v7 ^s0
          v11 = \(op) v10 v7 ^s0
          v12 = \(op) v11 v7 ^s0
          v13 = \(op) v12 v7 ^s0
          v20 = moduloInt v13 v8 ^s0
          return v0
        """)
      #expect(count(g, .moduloInt) == 1)
    }
  }
}
