// Loads, stores, barrier, class tests, allocation; batches and errors.

import Foundation
import GccBackend
import IR
import Testing

@testable import GraphFuzzing

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

  @Test func arraysAreFilledWithNil() throws {
    let code = try CompiledGraph.one(
      """
      graph "array" arguments 1
      s0 = [m1 pc 1 origin 1: 3=v1]
      entry b0
      b0:
        v1 = argument<1>
        v2 = guardInt<notInteger> v1 ^s0
        v3 = allocateArray<0x1000008> v2 ^s0
        return v3
      """)
    let r = FakeRuntime()
    let header: UInt64 = 0x100_0008 << 32
    var next = r.heap
    for count in [0, 1, 5, 500] {
      r.thread[3] = UInt64(UInt(bitPattern: next + 2 + count))
      let new = Words(bitPattern: UInt(r.call(code, ints: count)))!
      #expect(new == next && new[0] == header && new[1] == Tag.int(count))
      #expect((0..<count).allSatisfy { new[2 + $0] == Tag.nil })
      next += 2 + count
      #expect(next[0] == 0xBAD && r.thread[2] == r.thread[3])
    }
    #expect(r.log == [])
    // No room, and more than is allocated inline.
    for count in [3, 501] {
      let slow = Words(bitPattern: UInt(r.call(code, ints: count)))!
      #expect(slow == r.heap + 2048 && slow[0] == header && slow[1] == Tag.int(count))
      #expect((0..<count).allSatisfy { slow[2 + $0] == Tag.nil })
      r.thread[3] = UInt64(UInt(bitPattern: next + 1024))
    }
    #expect(r.log == ["allocateSlow 4", "allocateSlow 502"])
  }

  @Test func stringsAreComparedByTheirBytes() throws {
    let graph = { (body: String) in
      try CompiledGraph.one(
        """
        graph "equal" arguments 2
        entry b0
        b0:
          v1 = argument<1>
          v2 = argument<2>
          v3 = \(body)
          v4 = tagBool v3
          return v4
        """)
    }
    let equal = try graph("equalStrings v1 v2")
    let r = FakeRuntime()
    let texts = ["", "a", "b", "a\0", "ab", "abcdefgh", "abcdefgx", "abcdefghi", "abcdefghj", "Überraschung"]
    func string(_ text: String, at index: Int) -> UInt64 {
      var bytes = Array(text.utf8)
      let count = bytes.count
      bytes += Array(repeating: 0, count: (8 - count % 8) % 8)
      let words = stride(from: 0, to: bytes.count, by: 8).map { i in
        bytes[i..<i + 8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      }
      return r.object(at: index, classWord: 6 | 2 << 24, [Tag.int(count), Tag.int(text.unicodeScalars.count)] + words)
    }
    for x in texts {
      let a = string(x, at: 1200)
      #expect(r.call(equal, [Tag.nil, a, a]) == Tag.true)
      for y in texts {
        #expect((r.call(equal, [Tag.nil, a, string(y, at: 1300)]) == Tag.true) == (x == y), "\(x) = \(y)")
        guard let word = ShortString.word(y) else { continue }
        let equalsShort = try graph("equalsShortString<0x\(String(UInt64(word), radix: 16))> v1")
        #expect((r.call(equalsShort, [Tag.nil, a, Tag.nil]) == Tag.true) == (x == y), "\(x) = '\(y)'")
      }
    }
    #expect(ShortString.word("12345678") == nil)
  }

  @Test func charactersComeFromTheirTable() throws {
    let code = try CompiledGraph.one(
      """
      graph "character" arguments 2
      s0 = [m1 pc 1 origin 1:]
      entry b0
      b0:
        v1 = argument<1>
        v2 = argument<2>
        v3 = guardInt<notInteger> v2 ^s0
        v4 = loadCharacter v1 v3
        return v4
      """)
    let r = FakeRuntime()
    let table = Words.allocate(capacity: 128)
    defer { table.deallocate() }
    for i in 0..<128 { table[i] = UInt64(i) << 3 }
    r.thread[FakeRuntime.layout.characters] = UInt64(UInt(bitPattern: table))
    let string = r.object(at: 1200, classWord: 78, [Tag.int(3), Tag.int(3), 0x007F_4100])
    for (i, c) in [0, 0x41, 0x7F].enumerated() {
      #expect(r.call(code, [Tag.nil, string, Tag.int(i)]) == UInt64(c) << 3)
    }
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
        v5 = loadLength<0> v1
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
