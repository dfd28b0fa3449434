// What operations require is checked, and what they answer at their edges.

import IR
import Testing

@testable import GraphFuzzing

@Suite struct EvaluationTests {
  /// What running the instructions of one block does.
  private func run(_ body: String) throws -> [String] {
    let graph = try Graph.parse(
      """
      graph "Test" arguments 3
      s0 = [m0 pc 0 origin 0:]
      entry b0
      b0:
        v0 = argument<0>
        v1 = argument<1>
        v2 = argument<2>
      \(body)

      """)
    let machine = GraphMachine()
    let form = try GraphTrial.runnable(graph)
    defer { form.table.deallocate() }
    machine.enter(form)
    _ = machine.run(form, script: GraphScript(seed: 3), noise: nil)
    return machine.events
  }

  private func answer(_ lines: String...) throws -> String {
    try #require(try run(lines.map { "  " + $0 }.joined(separator: "\n")).first)
  }

  @Test(arguments: [
    ("addInt", 4_611_686_018_427_387_903, 1, "leaves at 0: "), ("addInt", 2, 3, "answers 5"),
    ("subtractInt", -4_611_686_018_427_387_904, 1, "leaves at 0: "),
    ("multiplyInt", 2_147_483_648, 2_147_483_648, "leaves at 0: "),
    ("multiplyInt", -2_147_483_648, 2_147_483_648, "answers -4611686018427387904"),
    ("divideInt", -7, 2, "answers -3"), ("divideInt", -4_611_686_018_427_387_904, -1, "leaves at 0: "),
    ("moduloInt", -7, 2, "answers 1"), ("moduloInt", 7, -2, "answers -1"), ("remainderInt", -7, 2, "answers -1"),
    ("shiftLeftInt", 1, 61, "answers 2305843009213693952"), ("shiftLeftInt", 1, 62, "leaves at 0: "),
    ("shiftLeftInt", -1, 62, "answers -4611686018427387904"),
  ])
  func integers(_ op: String, _ a: Int, _ b: Int, _ expected: String) throws {
    let actual = try answer(
      "v3 = constInt<\(a)>", "v4 = constInt<\(b)>", "v5 = \(op) v3 v4 ^s0", "v6 = tagInt v5", "return v6")
    #expect(actual == expected)
  }

  @Test(arguments: [
    ("v8 = untagInt v0", "v4 = addInt v8 v5 ^s0", "an integer that was none"),
    ("v3 = constInt<1>", "v4 = moduloInt v3 v5 ^s0", "division by zero"),
    ("v3 = constInt<-1>", "v4 = remainderIntUnsigned v3 v3", "a sign"),
    ("v3 = constInt<63>", "v4 = shiftRightInt v3 v3", "a shift by 63"),
    ("v3 = constTagged<0x4>", "v6 = loadSlot<0> v3", "is no object"),
    ("v3 = constInt<4611686018427387903>", "v4 = addIntUnchecked v3 v3", "does not fit"),
  ])
  func requirements(_ first: String, _ second: String, _ requirement: String) throws {
    let events = try run(
      """
        v5 = constInt<0>
        \(first)
        \(second.hasPrefix("v6") ? "v4 = constInt<0>" : "v6 = constTagged<0x4>")
        \(second)
        v7 = tagInt v4
        return v6
      """)
    #expect(events.contains { $0.contains(requirement) }, "\(events)")
  }

  /// The least index, made to count from 0, wraps around: it is in no bounds.
  @Test func indexThatWrapsAround() throws {
    let actual = try answer(
      "v3 = constInt<-4611686018427387904>", "v4 = constInt<1>", "v5 = subtractIntUnchecked v3 v4",
      "v6 = isInBounds v5 v4", "guardTrue<outOfBounds> v6 ^s0", "v7 = loadElement<1> v0 v5", "return v7")
    #expect(actual == "leaves at 0: ")
  }

  /// Doubles immediate, boxed, and the one 0.0.
  @Test(arguments: ["1.5", "1e-300", "0.0", "-0.0", "inf", "NaN"]) func doubles(_ text: String) throws {
    let d = text == "NaN" ? Double.nan : Double(text)!
    let actual = try answer(
      "v3 = constFloat<0x\(String(d.bitPattern, radix: 16))>", "v4 = tagFloat v3 ^s0", "v5 = untagFloat v4",
      "v6 = tagFloat v5 ^s0", "return v6")
    #expect(actual == "answers \(d.isNaN ? "NaN" : "\(d)")")
  }
}
