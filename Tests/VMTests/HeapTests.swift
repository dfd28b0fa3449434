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

  /// A collection of old space in steps beside a program that turns trees upside down.
  @Test(arguments: [1, 3, 50])
  func programsSurviveCollectionsInSteps(_ every: Int) throws {
    var options = VMOptions()
    options.gcSteps = every
    options.nurseryBytes = 1 << 16
    let program = """
      Tree = ( |left right value|
        value = ( ^value )
        fill: n = (
          value := n. n > 0 ifTrue: [ left := Tree new fill: n - 1. right := Tree new fill: n - 1 ] )
        turn = ( | t | left isNil ifTrue: [ ^self ]. t := left turn. left := right turn. right := t )
        replace: n = ( left isNil ifTrue: [ ^self ].
          n % 2 = 0 ifTrue: [ left := Tree new fill: left value ] ifFalse: [ right := Tree new fill: right value ].
          left replace: n / 2. right replace: n / 2 )
        count = ( ^left isNil ifTrue: [ 1 ] ifFalse: [ 1 + left count + right count ] )
      )
      """
    try TestMachine.run([program], options: options) { (m: TestMachine) throws -> Void in
      let u = m.universe
      let text =
        "| t a | t := Tree new fill: 7. 1 to: 60 do: [ :i | a := Array new: 3000. a at: i put: t. t turn. "
        + "t replace: i. a := a at: i. a == t ifFalse: [ self error: 'lost' ] ]. t count"
      #expect(try m.eval(text) == "255")
      #expect(u.heap.verify(frame: u.bottomFrame) == [])
      #expect(u.heap.statistics.fullCount > 5)
      // Wherever it is, a collection of another kind can begin.
      for _ in 0..<40 {
        u.heap.collectMinor(frame: u.bottomFrame)
        u.heap.collectStep(frame: u.bottomFrame, grown: 0)
        #expect(u.heap.verify(frame: u.bottomFrame) == [])
      }
      u.heap.collectFull(frame: u.bottomFrame, moveEverything: every == 3)
      #expect(u.heap.verify(frame: u.bottomFrame) == [])
      #expect(try m.eval("(Tree new fill: 4) count") == "31")
    }
  }

  /// A marked object gets what was not to be seen from old objects so far.
  @Test func whatMovesBehindTheMarkerIsFound() throws {
    try TestMachine.run { (m: TestMachine) throws -> Void in
      let u = m.universe
      func oldArray(_ count: Int) -> Int {
        let handle = u.handles.push(u.makeArray(count, u.bottomFrame)!)
        for _ in 0..<2 { u.heap.collectMinor(frame: u.bottomFrame) }
        return handle
      }
      let black = oldArray(1), white = oldArray(1)
      // Only a young object leads to it.
      let young = u.makeArray(1, u.bottomFrame)!
      u.heap.store(young.object, 1, u.handles[white])
      u.handles[white] = young
      u.heap.beginMarking(u.bottomFrame)
      #expect(u.heap.drain(until: .max))
      #expect(u.handles[black].object.header & HeaderBits.marked != 0)
      #expect(young.object[1].object.header & HeaderBits.marked == 0)
      u.heap.store(u.handles[black].object, 1, young.object[1])
      u.handles.pop(to: white)
      for _ in 0..<9 where u.heap.marking.phase != .idle {
        u.heap.collectMinor(frame: u.bottomFrame)
        u.heap.collectStep(frame: u.bottomFrame, grown: 0)
      }
      #expect(u.heap.marking.phase == .idle)
      #expect(u.heap.verify(frame: u.bottomFrame) == [])
      #expect(u.handles[black].object[1].object[0] == Value(integer: 1))
    }
  }

  @Test func holesAreAllocatedInAgain() throws {
    var options = VMOptions()
    options.gcSteps = 100
    try TestMachine.run(options: options) { (m: TestMachine) throws -> Void in
      let u = m.universe
      // Every other of many small arrays dies, again and again.
      let text =
        "| all | all := Array new: 5000. 1 to: 100 do: [ :k | 1 to: 5000 do: [ :i | "
        + "(i + k) % 2 = 0 ifTrue: [ all at: i put: (Array new: 24) ] ] ]. all length"
      #expect(try m.eval(text) == "5000")
      #expect(u.heap.verify(frame: u.bottomFrame) == [])
      #expect(u.heap.statistics.fullCount > 10)
      // 1 MB is alive, and 52 were made.
      #expect(u.heap.old.chunks.count + u.heap.marking.unswept.count < 12)
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

  /// An array of one element, and what is in it, by a handle.
  private func nest(_ u: Universe, _ inner: Value) -> Int {
    let handle = u.handles.push(inner)
    let outer = u.makeArray(1, u.bottomFrame)!
    u.heap.store(outer.object, 1, u.handles[handle])
    u.handles[handle] = outer
    return handle
  }

  @Test func whatSurvivesTwoCollectionsIsOld() throws {
    try TestMachine.run { (m: TestMachine) throws -> Void in
      let u = m.universe
      let handle = nest(u, u.makeArray(1, u.bottomFrame)!)
      func isOld() -> Bool { u.handles[handle].object.header & HeaderBits.old != 0 }
      u.heap.collectMinor(frame: u.bottomFrame)
      #expect(!isOld() && u.heap.survivors.usedBytes > 0)
      #expect(u.heap.verify(frame: u.bottomFrame) == [])
      u.heap.collectMinor(frame: u.bottomFrame)
      #expect(isOld() && u.handles[handle].object[1].object.header & HeaderBits.old != 0)
      #expect(u.heap.survivors.usedBytes == 0)
      #expect(u.heap.verify(frame: u.bottomFrame) == [])
    }
  }

  @Test func oldObjectsThatReferToSurvivorsStayRemembered() throws {
    try TestMachine.run { (m: TestMachine) throws -> Void in
      let u = m.universe
      let handle = nest(u, .nil)
      for _ in 0..<2 { u.heap.collectMinor(frame: u.bottomFrame) }
      u.heap.store(u.handles[handle].object, 1, u.makeArray(1, u.bottomFrame)!)
      func element() -> ObjectPointer { u.handles[handle].object[1].object }
      u.heap.collectMinor(frame: u.bottomFrame)
      #expect(element().header & HeaderBits.old == 0)
      #expect(u.handles[handle].object.header & HeaderBits.remembered != 0)
      #expect(u.heap.verify(frame: u.bottomFrame) == [])
      u.heap.collectMinor(frame: u.bottomFrame)
      #expect(element().header & HeaderBits.old != 0)
      #expect(u.handles[handle].object.header & HeaderBits.remembered == 0)
      #expect(u.heap.verify(frame: u.bottomFrame) == [])
    }
  }

  @Test func whatFindsNoRoomAmongSurvivorsIsOldAtOnce() throws {
    var options = VMOptions()
    options.nurseryBytes = 64 << 10
    try TestMachine.run(options: options) { (m: TestMachine) throws -> Void in
      // 49 of the lists of 1,000 links are alive at a time: far more than survivors have room for.
      let text =
        "| all | all := Array new: 49. 1 to: 500 do: [ :i | | l | 1 to: 1000 do: [ :j | | n | n := Array new: 2. "
        + "n at: 1 put: l. n at: 2 put: j. l := n ]. all at: i % 49 + 1 put: l ]. "
        + "((all at: 7) at: 2) + (((all at: 8) at: 1) at: 2)"
      #expect(try m.eval(text) == "1999")
      #expect(m.universe.heap.verify(frame: m.universe.bottomFrame) == [])
      #expect(m.universe.heap.statistics.count > 100)
    }
  }

  @Test func identityHashSurvivesMoving() throws {
    #expect(
      try TestMachine.run { try $0.eval("| o h | o := Object new. h := o hashcode. system fullGC. h = o hashcode") }
        == "true")
  }
}
