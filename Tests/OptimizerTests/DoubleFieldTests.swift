// Fields of unboxed doubles: when code asks for them, and what accesses become.

import IR
import MachineLayout
import Optimizer
import Testing

@Suite struct DoubleFieldTests {
  private func compile(_ source: String, doubles: UInt64 = 0, unboxable: Bool = false) throws -> CompilationResult {
    let p = TestProgram()
    p.unboxable = unboxable
    for selector in ["+", "-", "*"] { p.feedbackBySelector[selector] = [2] }
    let demo = p.addClass("Demo", fields: ["x", "y"], doubles: doubles)
    p.primitiveNew(demo)
    p.feedbackBySelector["new"] = [demo + 1]
    var options = OptimizerOptions()
    options.verify = true
    return try Optimizer.compile(
      method: try p.method(demo, source, fields: ["x", "y"]), program: p, options: options)
  }

  @Test func codeThatWantsADoubleInAFieldSaysSo() throws {
    let wanted = try compile("run = ( ^x + 1.5 )", unboxable: true).doubleFields
    #expect(wanted.map(\.word) == [0])
    #expect(try compile("run = ( ^x + 1.5 )").doubleFields.isEmpty)
    #expect(try compile("run = ( ^x )", unboxable: true).doubleFields.isEmpty)
  }

  @Test func anUnboxedFieldNeedsNoTags() throws {
    let g = try compile("run = ( x := x + y )", doubles: 3).graph
    #expect(count(g, .loadDouble) == 2 && count(g, .guardDouble) == 2 && count(g, .storeDouble) == 1)
    #expect(count(g, .loadSlot) + count(g, .storeSlot) + count(g, .guardFloat) + count(g, .tagFloat) == 0)
  }

  @Test func theOthersStayAsTheyAre() throws {
    let g = try compile("run = ( y := x + y )", doubles: 1).graph
    #expect(count(g, .loadDouble) == 1 && count(g, .loadSlot) == 1 && count(g, .storeSlot) == 1)
  }

  @Test func whatIsStoredIsKnownUntilTheNextStore() throws {
    let g = try compile("run = ( x := y * 2.0. ^x + x )", doubles: 3).graph
    #expect(count(g, .loadDouble) == 1)
    #expect(try count(compile("run: other = ( x := y. ^y )", doubles: 3).graph, .loadDouble) == 1)
  }

  @Test func anIntegerIsLeftToTheInterpreter() throws {
    let g = try compile("run = ( x := 3 )", doubles: 3).graph
    #expect(count(g, .storeDouble) == 0 && count(g, .deopt) == 1)
  }

  @Test func nilHasBitsOfItsOwn() throws {
    let g = try compile("run = ( x := nil )", doubles: 3).graph
    let stored = g.reversePostOrder.flatMap { g[$0].instructions }.first { g[$0].op == .storeDouble }
    let value = g[g.operand(try #require(stored), 1)]
    #expect(value.op == .constFloat && UInt64(bitPattern: value.immediate) == Word.unboxedNil)
  }

  @Test func anythingElseIsChecked() throws {
    let g = try compile("run: v = ( x := v )", doubles: 3).graph
    #expect(count(g, .guardFloat) == 1 && count(g, .storeDouble) == 1)
  }
}
