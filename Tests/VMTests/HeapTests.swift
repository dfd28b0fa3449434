import MachineLayout
import Testing

@testable import VM

@Suite struct HeapTests {
  private static let program = """
    Tree = ( |left right value|
      left = ( ^left ) right = ( ^right ) value = ( ^value )
      fill: n = ( value := n. n > 0 ifTrue: [ left := Tree new fill: n - 1. right := Tree new fill: n - 1 ] )
      count = ( ^left isNil ifTrue: [ 1 ] ifFalse: [ 1 + left count + right count ] )
      strings: n = ( | a | a := Array new: n. 1 to: n do: [:i | a at: i put: i asString + 'x' ]. ^a )
      check = ( | a s | a := self strings: 50. s := 0. a do: [:e | s := s + e length ]. ^s )
    )
    """

  @Test(arguments: [0, 1, 7])
  func programsSurviveCollections(_ every: Int) throws {
    var options = VMOptions()
    options.gcEvery = every
    options.nurseryBytes = 1 << 16
    try TestMachine.run([HeapTests.program], options: options) { (m: TestMachine) throws -> Void in
      let depth = every == 1 ? 5 : 10
      #expect(try m.eval("| t | t := Tree new. t fill: \(depth). t count") == "\((1 << (depth + 1)) - 1)")
      #expect(try m.eval("Tree new check") == "141")
      #expect(m.universe.heap.verify(frame: m.universe.bottomFrame) == [])
      if every > 0 { #expect(m.universe.heap.statistics.fullCount > 10) }
    }
  }

  @Test func rememberedSetKeepsYoungObjects() throws {
    var options = VMOptions()
    options.nurseryBytes = 1 << 16
    try TestMachine.run([HeapTests.program], options: options) { (m: TestMachine) throws -> Void in
      let text = """
        | old | old := Array new: 5000. 1 to: 20 do: [:k |
          1 to: 5000 do: [:i | old at: i put: i asString ]. ].
        (old at: 4999) + (old at: 1)
        """
      #expect(try m.eval(text) == "49991")
      #expect(m.universe.heap.verify(frame: m.universe.bottomFrame) == [])
      #expect(m.universe.heap.statistics.count > 10)
    }
  }

  @Test func outOfMemoryIsAnError() throws {
    var options = VMOptions()
    options.heapLimit = 64 << 20
    try TestMachine.run(options: options) { (m: TestMachine) throws -> Void in
      let text = "| l | l := nil. [ true ] whileTrue: [ | n | n := Array new: 100. n at: 1 put: l. l := n ]"
      #expect(try m.eval(text) == "exit 1")
      #expect(m.error.contains("Out of memory"))
      #expect(try m.eval("3 + 4") == "7")
      #expect(try m.eval("Array new: 1000000000") == "exit 1")
    }
  }

  @Test func verifierFindsDamage() throws {
    try TestMachine.run { (m: TestMachine) throws -> Void in
      let u = m.universe
      let old = u.heap.allocateTenured(
        ClassWord(index: WellKnownClass.array.rawValue, format: .indexable), bodyWords: 2)
      old[0] = Value(integer: 1)
      old[1] = .nil
      let handle = u.handles.push(Value(old))
      u.heap.collectMinor(frame: u.bottomFrame)
      let young = u.makeArray(1, u.bottomFrame)!
      u.handles[handle].object[1] = young
      #expect(u.heap.verify(frame: u.bottomFrame) != [])
    }
  }

  @Test func identityHashSurvivesMoving() throws {
    #expect(
      try TestMachine.run { try $0.eval("| o h | o := Object new. h := o hashcode. system fullGC. h = o hashcode") }
        == "true")
  }
}
