// Doubles: both tagged forms in both directions, arithmetic, NaN, conversions.

import GccBackend
import IR
import Testing

@testable import GraphFuzzing

@Suite(hasCompiler) struct FloatTests {
  static let samples: [Double] = [
    0.0, -0.0, 1.0, -1.5, 3.141592653589793, 1e77, 1e78, -1e78, 1e-77, 1.7272337110188893e-77, 1e-78,
    .leastNonzeroMagnitude, .greatestFiniteMagnitude, .infinity, -.infinity, 0.1, -0.1, 123456789.125,
  ]

  func unary(_ body: String) throws -> CompiledGraph {
    try CompiledGraph.one(
      """
      graph "unary" arguments 1
      s0 = [m1 pc 5 origin 5: 3=v1]
      s1 = [m1 pc 6 origin 6: 3=v2]
      entry b0
      b0:
        v1 = argument<1>
        v2 = guardFloat<notDouble> v1 ^s0
        \(body)
      """)
  }

  @Test func unboxedFields() throws {
    let code = try CompiledGraph.one(
      """
      graph "field" arguments 1
      s0 = [m1 pc 5 origin 5: 3=v1]
      entry b0
      b0:
        v1 = argument<1>
        v2 = loadDouble<1> v1
        v3 = guardDouble<notDouble> v2 ^s0
        v4 = addFloat v3 v3
        storeDouble<0> v1 v4
        return v1
      """)
    let r = FakeRuntime()
    for d in FloatTests.samples + [.nan] {
      let object = r.object(at: 1200, classWord: 77, [5, d.bitPattern])
      #expect(r.call(code, [Tag.nil, object]) == object)
      let sum = Double(bitPattern: Words(bitPattern: UInt(object))![1])
      #expect(sum.bitPattern == (d + d).bitPattern || d.isNaN && sum.isNaN)
    }
    let object = r.object(at: 1200, classWord: 77, [5, Tag.unboxedNil])
    #expect(r.call(code, [Tag.nil, object]) == FakeRuntime.deoptAnswer)
    #expect(code.registers(r) == [3: object] && Words(bitPattern: UInt(object))![1] == 5)
  }

  func tagged(_ d: Double, _ r: FakeRuntime) -> UInt64 { Tag.double(d) ?? r.box(d) }

  /// The double that a word stands for, decoded by trying the encoder.
  func untagged(_ w: UInt64, _ r: FakeRuntime) -> Double {
    if w & 7 == 0 { return Double(bitPattern: Words(bitPattern: UInt(w))![2]) }
    let top: UInt64 = w >> 63 == 1 ? 4 : 3
    return Double(bitPattern: (w >> 2 & 1) << 63 | top << 60 | (w >> 3) & (1 << 60 - 1))
  }

  @Test func everyDoubleSurvivesUnboxingAndBoxing() throws {
    let code = try unary("v3 = tagFloat v2 ^s1\n return v3")
    let r = FakeRuntime()
    for d in FloatTests.samples + [(1.7272337110188893e-77 as Double).nextUp] {
      r.log = []
      let result = r.call(code, [Tag.nil, tagged(d, r)])
      let isZero = d.bitPattern == 0
      #expect(result == (isZero ? r.zeroBox : tagged(d, r)), "\(d)")
      #expect((r.log == ["boxDouble"]) == (Tag.double(d) == nil && !isZero), "\(d)")
    }
  }

  @Test func arithmeticAndItsResultsInStates() throws {
    let code = try unary(
      """
      v3 = constFloat<0x4004000000000000>
      v4 = addFloat v2 v3
      v5 = multiplyFloat v4 v2
      v6 = subtractFloat v5 v3
      v7 = divideFloat v6 v3
      v8 = sqrtFloat v7
      v9 = tagFloat v8 ^s1
      return v9
      """)
    let r = FakeRuntime()
    for d in [1.0, 2.5, 100.25] {
      #expect(
        untagged(r.call(code, [Tag.nil, tagged(d, r)]), r) == (((d + 2.5) * d - 2.5) / 2.5).squareRoot())
    }
  }

  @Test func guardRefusesWhatIsNoDouble() throws {
    let code = try unary("v3 = tagFloat v2 ^s1\n return v3")
    let r = FakeRuntime()
    let object = r.object(at: 1200, classWord: 77, [1, 2, 3])
    for word in [Tag.int(2), Tag.nil, Tag.true, object] {
      #expect(r.call(code, [Tag.nil, word]) == FakeRuntime.deoptAnswer)
      #expect(code.registers(r) == [3: word])
    }
    #expect(r.log == Array(repeating: "deoptimize", count: 4))
  }

  @Test func comparisonsWithNaN() throws {
    for (c, expected) in zip(Comparison.allCases, ["TFFF", "TTFF", "FFTF", "FTTF", "FTFF", "TFTT"]) {
      let code = try unary(
        "v3 = constFloat<0x0>\n v4 = compareFloat<\(c)> v2 v3\n v5 = tagBool v4\n return v5")
      let negated = try unary(
        "v3 = constFloat<0x0>\n v4 = compareFloat<\(c)> v2 v3\n v6 = not v4\n v5 = tagBool v6\n return v5")
      let r = FakeRuntime()
      let values = [-1, 0, 1, Double.nan]
      let found = values.map { r.call(code, [Tag.nil, tagged($0, r)]) == Tag.true ? "T" : "F" }
      #expect(found.joined() == expected)
      let opposite = values.map { r.call(negated, [Tag.nil, tagged($0, r)]) == Tag.true ? "F" : "T" }
      #expect(opposite.joined() == expected)
    }
  }

  @Test func conversionsToAndFromIntegers() throws {
    let code = try unary("v3 = floatToInt v2 ^s1\n v4 = tagInt v3\n return v4")
    let r = FakeRuntime()
    for (d, i) in [
      (2.9, 2), (-2.9, -2), (0.0, 0), (-0x1p62, -(1 << 62)),
      ((0x1p62 as Double).nextDown, 4_611_686_018_427_387_392),
    ] {
      #expect(r.call(code, [Tag.nil, tagged(d, r)]) == Tag.int(i))
    }
    for d in [0x1p62, (-0x1p62 as Double).nextDown, .nan, .infinity, -.infinity] {
      #expect(r.call(code, [Tag.nil, tagged(d, r)]) == FakeRuntime.deoptAnswer, "\(d)")
      // The raw double's bits.
      let found = code.registers(r)[3].map { Double(bitPattern: $0) }
      #expect(found?.bitPattern == d.bitPattern)
    }
    let back = try CompiledGraph.one(
      """
      graph "toFloat" arguments 1
      s0 = [m1 pc 5 origin 5:]
      entry b0
      b0:
        v1 = argument<1>
        v2 = guardInt<notInteger> v1 ^s0
        v3 = intToFloat v2
        v4 = tagFloat v3 ^s0
        return v4
      """)
    for i in [0, -7, 1 << 61, -(1 << 62)] { #expect(untagged(r.call(back, ints: i), r) == Double(i)) }
  }

  @Test func testForDoubles() throws {
    let code = try CompiledGraph.one(
      """
      graph "isFloat" arguments 1
      entry b0
      b0:
        v1 = argument<1>
        v2 = isFloat v1
        branch v2 -> b1, b2
      b1:
        v3 = untagFloat v1
        v4 = constFloat<0x3ff0000000000000>
        v5 = compareFloat<greater> v3 v4
        v6 = tagBool v5
        return v6
      b2:
        return v1
      """)
    let r = FakeRuntime()
    #expect(r.call(code, [Tag.nil, tagged(2, r)]) == Tag.true)
    #expect(r.call(code, [Tag.nil, tagged(1e300, r)]) == Tag.true)
    #expect(r.call(code, [Tag.nil, tagged(0.5, r)]) == Tag.false)
    #expect(r.call(code, [Tag.nil, Tag.int(9)]) == Tag.int(9))
    let object = r.object(at: 1200, classWord: 77, [])
    #expect(r.call(code, [Tag.nil, object]) == object)
  }
}
