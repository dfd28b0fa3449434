// Loads, stores, barrier, class tests, allocation; batches and errors.

import Foundation
import GccBackend
import IR
import Testing

@Suite(hasCompiler) struct MemoryTests {
  @Test func allocationIsABumpWithASlowPath() throws {
    let code = try CompiledGraph.one(
      """
      graph "allocate" arguments 1
      s0 = [m1 pc 1 origin 1: 3=v1 4=v2]
      entry b0
      b0:
        v0 = argument<0>
        v1 = argument<1>
        v2 = loadSlot<0> v1
        v3 = constTagged<0x4>
        v4 = allocate<0x1000013> v2 v1 v3 ^s0
        return v4
      """)
    let r = FakeRuntime()
    let object = r.object(at: 1200, classWord: 77, [0x110])
    let header: UInt64 = 0x100_0013 << 32
    let new = Words(bitPattern: UInt(r.call(code, [Tag.nil, object])))!
    #expect(new == r.heap)
    #expect((0..<4).map { new[$0] } == [header, 0x110, object, 0x04])
    #expect(r.thread[2] == UInt64(UInt(bitPattern: r.heap + 4)))
    #expect(r.log == [])
    // Exactly full, then one word too few.
    r.thread[3] = r.thread[2] + 32
    #expect(r.call(code, [Tag.nil, object]) == UInt64(UInt(bitPattern: r.heap + 4)))
    r.thread[3] = r.thread[2] + 24
    r.onAllocate = { r, h in
      let slots = code.metadata.safepoints[Int(h[2])].liveSlots
      #expect(slots.map { h[$0] } == [0x110])
      h[slots[0]] = 0x220
      h[-1] = 0x330
    }
    let slow = Words(bitPattern: UInt(r.call(code, [Tag.nil, object])))!
    #expect(slow == r.heap + 2048)
    #expect((0..<4).map { slow[$0] } == [header, 0x220, 0x330, 0x04])
    #expect(r.log == ["allocateSlow 3"])
  }

  @Test func elementsBytesCellsAndLengths() throws {
    let code = try CompiledGraph.one(
      """
      graph "elements" arguments 3
      table t0 = cell 4 "Foo"
      s0 = [m1 pc 1 origin 1:]
      entry b0
      b0:
        v0 = argument<0>
        v1 = argument<1>
        v2 = argument<2>
        v3 = argument<3>
        v4 = guardInt<notInteger> v2 ^s0
        v5 = loadLength v1
        v6 = compareInt<less> v4 v5
        guardTrue<outOfBounds> v6 ^s0
        v7 = loadElement<2> v1 v4
        v8 = loadCell<t0>
        storeElement<2> v1 v4 v8
        v9 = loadByte<2> v3 v4
        v10 = tagInt v9
        storeSlot<1> v1 v10
        return v7
      """)
    let r = FakeRuntime()
    var cell: UInt64 = 0x990
    let array = r.object(at: 1200, classWord: 77, [Tag.int(3), Tag.nil, 0x10, 0x20, 0x30])
    let bytes = r.object(at: 1300, classWord: 78, [Tag.int(3), Tag.int(0), 0x00FE_8041])
    try withUnsafeMutablePointer(to: &cell) { cell in
      code.table[2] = UInt64(UInt(bitPattern: cell))
      #expect(r.call(code, [Tag.nil, array, Tag.int(1), bytes]) == 0x20)
      #expect(r.heap[1204] == 0x990)
      #expect(r.heap[1202] == Tag.int(0x80))
      #expect(r.call(code, [Tag.nil, array, Tag.int(2), bytes]) == 0x30)
      #expect(r.heap[1202] == Tag.int(0xFE))
      #expect(r.call(code, [Tag.nil, array, Tag.int(3), bytes]) == FakeRuntime.deoptAnswer)
      let reason = code.metadata.safepoints[try #require(r.deoptSafepoint)].reason
      #expect(reason == Int(DeoptReason.outOfBounds.rawValue))
    }
  }

  @Test func barrierRemembersOldObjectsOnce() throws {
    let text = """
      graph "store" arguments 1
      entry b0
      b0:
        v0 = argument<0>
        v1 = argument<1>
        storeSlot<0> v0 v1
        return v1
      """
    let code = try CompiledGraph.one(text)
    let silent = try CompiledGraph.one(text.replacing("<0> v0 v1", with: "<0 noBarrier> v0 v1"))
    let r = FakeRuntime()
    let young = r.object(at: 1200, classWord: 77, [0])
    let old = r.object(at: 1300, classWord: 77, header: 4, [0])
    _ = r.call(code, [young, 0x110])
    #expect(r.log == [] && r.heap[1201] == 0x110)
    _ = r.call(silent, [old, 0x110])
    #expect(r.log == [] && r.heap[1301] == 0x110)
    _ = r.call(code, [old, 0x220])
    _ = r.call(code, [old, 0x330])
    #expect(r.log == ["remember"] && r.heap[1301] == 0x330)
  }

  @Test func classGuards() throws {
    let code = try CompiledGraph.one(
      """
      graph "class" arguments 1
      s0 = [m1 pc 1 origin 1: 3=v1]
      entry b0
      b0:
        v0 = argument<0>
        v1 = argument<1>
        v2 = hasClass<0x4d> v1
        branch v2 -> b1, b2
      b1:
        v3 = constTagged<0x14>
        return v3
      b2:
        v4 = isTrue v1
        branch v4 -> b3, b4
      b3:
        return v1
      b4 cold:
        v5 = guardClass<0x4e> v1 ^s0
        v6 = loadSlot<0> v5
        return v6
      """)
    let r = FakeRuntime()
    #expect(r.call(code, [Tag.nil, r.object(at: 1200, classWord: 77, header: 0x1234_00, [5])]) == Tag.true)
    #expect(r.call(code, [Tag.nil, r.object(at: 1200, classWord: 78, header: 0x1234_00, [0x660])]) == 0x660)
    #expect(r.call(code, [Tag.nil, Tag.true]) == Tag.true)
    for other in [Tag.int(78), Tag.nil, Tag.false, 0x1_0002, r.object(at: 1200, classWord: 79, [])] {
      #expect(r.call(code, [Tag.nil, other]) == FakeRuntime.deoptAnswer)
      #expect(code.registers(r) == [3: other])
    }
  }

  @Test func aBatchIsOneObjectWithManyFunctions() throws {
    let graph = { (i: Int) in
      "graph \"same name\" arguments 0\nentry b0\nb0:\n v1 = constInt<\(i)>\n v2 = tagInt v1\n return v2\n"
    }
    let codes = try CompiledGraph.batch((0..<3).map(graph))
    let r = FakeRuntime()
    #expect(codes.map { r.call($0, [Tag.nil]) } == [Tag.int(0), Tag.int(1), Tag.int(2)])
    #expect(Set(codes.map(\.table)).count == 3)
  }

  @Test func errorsComeBackAsErrors() throws {
    let graph = try Graph.parse("graph \"x\" arguments 0\nentry b0\nb0:\n v0 = argument<0>\n return v0\n")
    let nowhere = BackendOptions(outputPath: "/nonexistent/directory/x.so")
    #expect(throws: BackendError.self) {
      try GccBackend.compile([graph], options: nowhere, layout: FakeRuntime.layout)
    }
    var bad = BackendOptions(outputPath: NSTemporaryDirectory() + "/ovid-bad.so")
    bad.compilerOptions = ["-fno-such-option"]
    bad.capturesStandardError = true
    let e = #expect(throws: BackendError.self) {
      try GccBackend.compile([graph], options: bad, layout: FakeRuntime.layout)
    }
    #expect(e?.description.contains("no-such-option") == true)
  }
}
