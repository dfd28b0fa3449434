// Integer code that runs: loops, guards, overflow, division.

import Foundation
import GccBackend
import IR
import Testing

@testable import GraphFuzzing

/// Compiling needs libgccjit.
let hasCompiler = ConditionTrait.enabled("libgccjit is not installed") { GccBackend.unavailability == nil }

/// A binary operation on two guarded integers; deoptimizes with both in registers 3 and 4 (untagged and tagged).
func binaryGraph(_ op: String) -> String {
  """
  graph "binary" arguments 2
  s0 = [m1 pc 5 origin 5: -2=v1 -1=v2]
  s1 = [m1 pc 9 origin 8: 3=v3 4=v2 5=v9]
  entry b0
  b0:
    v0 = argument<0>
    v1 = argument<1>
    v2 = argument<2>
    v9 = constInt<-5>
    v3 = guardInt<notInteger> v1 ^s0
    v4 = guardInt<notInteger> v2 ^s0
    \(op)
    v6 = tagInt v5
    return v6
  """
}

@Suite(hasCompiler) struct IntegerTests {
  static let maximum = 1 << 62 - 1
  static let minimum = -(1 << 62)

  @Test func loopSums() throws {
    let code = try CompiledGraph.one(
      """
      graph "Loop>>sum:" arguments 1
      s0 = [m1 pc 0 origin 0: -1=v1]
      entryState s0
      entry b0
      b0:
        v0 = argument<0>
        v1 = argument<1>
        v2 = guardInt<notInteger> v1 ^s0
        v3 = constInt<0>
        v4 = constInt<1>
        jump -> b1(v3 v3)
      b1(v5: int, v6: int):
        poll ^s0
        v7 = compareInt<less> v5 v2
        branch v7 -> b2, b3
      b2:
        v8 = addInt v6 v5 ^s0
        v9 = addInt v5 v4 ^s0
        jump -> b1(v9 v8)
      b3:
        v10 = tagInt v6
        return v10
      """)
    let r = FakeRuntime()
    #expect(Tag.asInt(r.call(code, ints: 1000)) == 499_500)
    #expect(Tag.asInt(r.call(code, ints: 0)) == 0)
    #expect(r.header[1] == 0xC0DE)
    #expect(r.log == [])
    // Not an integer: back to the interpreter with the argument.
    #expect(r.call(code, [Tag.nil, Tag.nil]) == FakeRuntime.deoptAnswer)
    #expect(code.registers(r) == [-1: Tag.nil])
    #expect(code.metadata.safepoints[r.deoptSafepoint!].reason == Int(DeoptReason.notInteger.rawValue))
  }

  @Test func parallelCopiesDoNotDisturbEachOther() throws {
    // Fibonacci by swapping two parameters.
    let code = try CompiledGraph.one(
      """
      graph "fib" arguments 1
      s0 = [m1 pc 0 origin 0:]
      entry b0
      b0:
        v1 = argument<1>
        v2 = guardInt<notInteger> v1 ^s0
        v3 = constInt<0>
        v4 = constInt<1>
        jump -> b1(v3 v4 v2)
      b1(v5: int, v6: int, v7: int):
        v8 = compareInt<greater> v7 v3
        branch v8 -> b2, b3
      b2:
        v9 = addInt v6 v5 ^s0
        v10 = subtractInt v7 v4 ^s0
        branch v8 -> b1(v6 v9 v10), b3
      b3:
        v11 = constInt<100>
        v12 = multiplyInt v5 v11 ^s0
        v13 = addInt v12 v6 ^s0
        v14 = tagInt v13
        return v14
      """)
    let r = FakeRuntime()
    #expect(Tag.asInt(r.call(code, ints: 10)) == 5589)
  }

  @Test(
    arguments: [
      ("addInt v3 v4 ^s1", 3, 4, 7), ("addInt v3 v4 ^s1", maximum, 1, nil),
      ("addInt v3 v4 ^s1", minimum, -1, nil),
      ("addInt v3 v4 ^s1", maximum, minimum, -1),
      ("subtractInt v3 v4 ^s1", 3, 4, -1), ("subtractInt v3 v4 ^s1", minimum, 1, nil),
      ("subtractInt v3 v4 ^s1", 0, minimum, nil),
      ("multiplyInt v3 v4 ^s1", -3, 4, -12), ("multiplyInt v3 v4 ^s1", 1 << 31, 1 << 30, 1 << 61),
      ("multiplyInt v3 v4 ^s1", 1 << 31, 1 << 31, nil), ("multiplyInt v3 v4 ^s1", minimum, -1, nil),
      ("multiplyInt v3 v9 ^s1", 7, 0, -35), ("multiplyInt v3 v9 ^s1", maximum, 0, nil),
      ("divideInt v3 v4 ^s1", 7, 2, 3), ("divideInt v3 v4 ^s1", -7, 2, -3),
      ("divideInt v3 v4 ^s1", 7, -2, -3),
      ("divideInt v3 v4 ^s1", minimum, -1, nil), ("divideInt v3 v4 ^s1", minimum, 1, minimum),
      ("divideInt v3 v9 ^s1", 23, 0, -4),
      ("moduloInt v3 v4 ^s1", 7, 3, 1), ("moduloInt v3 v4 ^s1", -7, 3, 2), ("moduloInt v3 v4 ^s1", 7, -3, -2),
      ("moduloInt v3 v4 ^s1", -7, -3, -1), ("moduloInt v3 v4 ^s1", -6, 3, 0),
      ("moduloInt v3 v4 ^s1", minimum, -1, 0), ("moduloInt v3 v9 ^s1", 7, 0, -3),
      ("remainderInt v3 v4 ^s1", -7, 3, -1), ("remainderInt v3 v4 ^s1", 7, -3, 1),
      ("andInt v3 v4", -4, 7, 4), ("orInt v3 v4", -8, 3, -5), ("xorInt v3 v4", 5, 6, 3),
      ("xorInt v3 v4", -1, 1, -2),
      ("shiftLeftInt v3 v4 ^s1", 3, 4, 48), ("shiftLeftInt v3 v4 ^s1", -3, 60, -3 << 60),
      ("shiftLeftInt v3 v4 ^s1", 1, 62, nil), ("shiftLeftInt v3 v4 ^s1", -1, 62, minimum),
      ("shiftLeftInt v3 v4 ^s1", maximum, 1, nil),
      ("shiftRightInt v3 v4", 48, 4, 3), ("shiftRightInt v3 v4", -1, 5, -1), ("shiftRightInt v3 v4", 7, 1, 3),
      ("shiftRightInt v3 v4", maximum, 62, 0),
    ] as [(String, Int, Int, Int?)])
  func arithmetic(_ op: String, _ a: Int, _ b: Int, _ expected: Int?) throws {
    let code = try CompiledGraph.one(binaryGraph("v5 = " + op))
    let r = FakeRuntime()
    let result = r.call(code, ints: a, b)
    if let expected {
      #expect(result == Tag.int(expected), "\(op) \(a) \(b): \(Tag.asInt(result))")
      #expect(r.log == [])
    } else {
      #expect(result == FakeRuntime.deoptAnswer)
      // Raw integers are shifted by one, constants are tagged words.
      #expect(code.registers(r) == [3: Tag.int(a) - 1, 4: Tag.int(b), 5: Tag.int(-5)])
      let safepoint = code.metadata.safepoints[r.deoptSafepoint!]
      #expect(safepoint.reason == Int(DeoptReason.overflow.rawValue))
      #expect(safepoint.frames[0].pc == 9 && safepoint.frames[0].originPC == 8)
    }
  }

  @Test func moduloByAPowerOfTwo() throws {
    let code = try CompiledGraph.one(binaryGraph("v8 = constInt<8>\n v5 = moduloInt v3 v8 ^s1"))
    let r = FakeRuntime()
    for (a, m) in [(13, 5), (-13, 3), (8, 0), (-1, 7), (IntegerTests.minimum, 0)] {
      #expect(r.call(code, ints: a, 0) == Tag.int(m))
    }
  }

  @Test func comparisons() throws {
    for (c, expected) in zip(Comparison.allCases, ["TFF", "TTF", "FFT", "FTT", "FTF", "TFT"]) {
      let code = try CompiledGraph.one(
        """
        graph "compare" arguments 2
        s0 = [m1 pc 5 origin 5:]
        entry b0
        b0:
          v1 = argument<1>
          v2 = argument<2>
          v3 = guardInt<notInteger> v1 ^s0
          v4 = guardInt<notInteger> v2 ^s0
          v5 = compareInt<\(c)> v3 v4
          v6 = tagBool v5
          return v6
        """)
      let r = FakeRuntime()
      let found = [(-1, 0), (0, 0), (1, 0)].map { r.call(code, ints: $0, $1) == Tag.true ? "T" : "F" }
      #expect(found.joined() == expected)
    }
  }

  @Test func additionIsOneInstructionAndAJump() throws {
    let path = "/tmp/ovid-asm-\(IntegerTests.maximum)-\(UInt32.random(in: 0...UInt32.max)).s"
    let sum = try CompiledGraph.one(
      """
      graph "sum" arguments 1
      s0 = [m1 pc 5 origin 5: 3=v1]
      s1 = [m1 pc 6 origin 6: 3=v4 4=v5]
      s2 = [m1 pc 7 origin 7: 3=v6 4=v5]
      entry b0
      b0:
        v1 = argument<1>
        v2 = guardInt<notInteger> v1 ^s0
        v3 = constInt<0>
        jump -> b1(v3, v3)
      b1(v4: int, v5: int):
        v6 = addInt v4 v5 ^s1
        v7 = constInt<1>
        v8 = addInt v5 v7 ^s2
        v9 = compareInt<less> v8 v2
        branch v9 -> b1(v6, v8), b2
      b2:
        v10 = tagInt v6
        return v10
      """
    ) { $0.assemblyPath = path }
    let text = try String(contentsOfFile: path, encoding: .utf8)
    try FileManager.default.removeItem(atPath: path)
    #expect(text.contains("\tjo\t") && !text.contains("\tseto\t"))
    #expect(!text.contains("__"))
    #expect(FakeRuntime().call(sum, ints: 5) == Tag.int(10))
  }
}
