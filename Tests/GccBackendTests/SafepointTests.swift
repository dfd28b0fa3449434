// Calls, polls, allocation: what is in the frame while control is away, and how it goes on.

import GccBackend
import IR
import Testing

@testable import GraphFuzzing

@Suite(hasCompiler) struct SafepointTests {
  /// Two sends; a field's value and an integer live across the first.
  static let sends = """
    graph "sends" arguments 1
    table t0 = selector 12 1 "at:"
    table t1 = literal 1 0 "x"
    s0 = [m1 pc 0 origin 0: -2=v0 -1=v1]
    s1 = [m1 pc 7 origin 6: 3=v5 4=v2 5=v3 6=v4 7=v9 8=v10] [m2 pc 1 origin 1: 3=@0 -1=v11] @0=0x5(v2 @0)
    s2 = [m1 pc 9 origin 8: 3=v6]
    entryState s0
    entry b0
    b0:
      v0 = argument<0>
      v1 = argument<1>
      v2 = loadSlot<0> v0
      v3 = guardInt<notInteger> v1 ^s0
      v4 = intToFloat v3
      v9 = literal<t1>
      v10 = isInt v2
      v11 = constTagged<0x4>
      v5 = send<t0> v0 v1 ^s1
      v6 = send<t0> v2 v5 ^s2
      v7 = identical v6 v2
      branch v7 -> b1, b2
    b1:
      return v0
    b2:
      return v6
    """

  func receiver(_ r: FakeRuntime) -> UInt64 { r.object(at: 1200, classWord: 77, [Tag.int(55)]) }

  @Test func sendPassesItsArgumentsAndReturns() throws {
    let code = try CompiledGraph.one(Self.sends)
    let r = FakeRuntime()
    let me = receiver(r)
    code.table[2] = 0xC0001
    var seen: [[UInt64]] = []
    r.onSend = { r, h in
      seen.append([h[-2], h[-1], h[0]])
      // The frame below is that of compiled code at a safepoint.
      #expect(h - 2 == r.header + code.metadata.frameSize)
      #expect(code.metadata.safepoints[Int(r.header[2])].frames[0].pc == (seen.count == 1 ? 7 : 9))
      return Tag.int(100 + seen.count)
    }
    #expect(r.call(code, [me, Tag.int(3)]) == Tag.int(102))
    let header = UInt64(UInt(bitPattern: r.header)) | 1
    #expect(seen == [[me, Tag.int(3), header], [Tag.int(55), Tag.int(101), header]])
    #expect(r.log == ["send 786433", "send 786433"])
  }

  @Test func resultZeroUnwinds() throws {
    let code = try CompiledGraph.one(Self.sends)
    let r = FakeRuntime()
    r.onSend = { _, _ in 0 }
    #expect(r.call(code, [receiver(r), Tag.int(3)]) == 0)
    #expect(r.log.count == 1)
  }

  @Test func unwindNamesItsTargetAndValue() throws {
    let code = try CompiledGraph.one(
      """
      graph "unwinds" arguments 1
      s0 = [m1 pc 0 origin 0: -2=v0 -1=v1]
      entryState s0
      entry b0
      b0:
        v0 = argument<0>
        v1 = argument<1>
        unwind v0 v1
      """)
    let r = FakeRuntime()
    #expect(r.call(code, [Tag.int(3), Tag.int(4)]) == 0)
    #expect(r.thread[FakeRuntime.layout.unwindTarget] == Tag.int(3))
    #expect(r.thread[FakeRuntime.layout.unwindValue] == Tag.int(4))
  }

  @Test func movedValuesAreReloaded() throws {
    let code = try CompiledGraph.one(Self.sends)
    let r = FakeRuntime()
    let me = receiver(r)
    let moved = r.object(at: 1300, classWord: 77, [Tag.int(7)])
    var sends = 0
    r.onSend = { r, h in
      sends += 1
      let safepoint = code.metadata.safepoints[Int(r.header[2])]
      if sends == 1 {
        // The field's value is in its home; the collector moves it and the receiver.
        #expect(safepoint.liveSlots.count == 1)
        #expect(r.header[safepoint.liveSlots[0]] == Tag.int(55))
        r.header[safepoint.liveSlots[0]] = 0x7770
        #expect(r.header[-2] == me)
        r.header[-2] = moved
      } else {
        #expect(h[-2] == 0x7770)
        return 0x7770
      }
      return Tag.nil
    }
    // v6 and v2 are the same moved object; the receiver comes back at its new place.
    #expect(r.call(code, [me, Tag.int(3)]) == moved)
  }

  @Test func invalidatedDuringACall() throws {
    let code = try CompiledGraph.one(Self.sends)
    let r = FakeRuntime()
    let me = receiver(r)
    r.onSend = { r, _ in
      code.table[0] = 1
      return 0x8880
    }
    #expect(r.call(code, [me, Tag.int(3)]) == FakeRuntime.deoptAnswer)
    #expect(r.log == ["send 0", "deoptimize"])
    let safepoint = code.metadata.safepoints[r.deoptSafepoint!]
    let outer = Dictionary(
      uniqueKeysWithValues: safepoint.frames[0].registers.map { ($0.register, $0.location) })
    // The result, the field, the raw integer, the raw double, the literal's table word, a truth value.
    #expect(r.value(outer[3]!) == 0x8880)
    #expect(r.value(outer[4]!) == Tag.int(55))
    #expect(r.value(outer[5]!) == 6)
    #expect(r.value(outer[6]!) == 3.0.bitPattern)
    #expect(outer[7] == .table(3))
    #expect(r.value(outer[8]!) == 1)
    guard case .int = outer[5]!, case .float = outer[6]!, case .bool = outer[8]! else {
      Issue.record("wrong kinds: \(outer)")
      return
    }
    #expect(safepoint.frames[1].registers.map(\.location) == [.virtual(0), .immediate(Tag.nil)])
    #expect(safepoint.virtuals == [VirtualDescription(classWord: 5, fields: [outer[4]!, .virtual(0)])])
    #expect(safepoint.reason == Int(DeoptReason.invalidated.rawValue))
    // Invalidated by the poll of its entry, it leaves at once, by safepoint 0.
    r.log = []
    code.table[0] = 0
    r.thread[0] = 0
    r.onEntryPoll = { _, h in
      #expect(h[2] == UInt64.max)
      code.table[0] = 1
      return 1
    }
    #expect(r.call(code, [me, Tag.int(3)]) == FakeRuntime.deoptAnswer)
    #expect(r.deoptSafepoint == 0 && r.log == ["entryPoll", "deoptimize"])
    #expect(code.registers(r) == [-2: me, -1: Tag.int(3)])
  }

  @Test func methodIsCalledThroughItsEntry() throws {
    let code = try CompiledGraph.one(
      """
      graph "call" arguments 0
      table t0 = method 7 "x"
      s0 = [m1 pc 0 origin 0: 3=v1]
      entry b0
      b0:
        v0 = argument<0>
        v1 = callMethod<t0> v0 v0 ^s0
        return v1
      """)
    let r = FakeRuntime()
    r.onCall = { _, method, h in
      let isRight = h[1] == UInt64(UInt(bitPattern: method)) && h[-2] == Tag.int(5) && h[-1] == Tag.int(5)
      return isRight ? Tag.true : Tag.false
    }
    var fakeMethod = [RuntimeThread.methodEntry, 0]
    fakeMethod.withUnsafeMutableBufferPointer {
      code.table[2] = UInt64(UInt(bitPattern: $0.baseAddress))
      #expect(r.call(code, [Tag.int(5)]) == Tag.true)
    }
    #expect(r.log == ["callee"])
  }

  @Test func blockIsCalledThroughItsMethod() throws {
    let code = try CompiledGraph.one(
      """
      graph "call" arguments 1
      s0 = [m1 pc 0 origin 0: 3=v2]
      entry b0
      b0:
        v0 = argument<0>
        v1 = argument<1>
        v2 = callBlock v1 v0 ^s0
        return v2
      """)
    let r = FakeRuntime()
    r.onCall = { _, method, h in
      let isRight = h[1] == UInt64(UInt(bitPattern: method)) && h[-1] == Tag.int(5)
      return isRight ? h[-2] : Tag.false
    }
    var fakeMethod = [RuntimeThread.methodEntry, 0]
    fakeMethod.withUnsafeMutableBufferPointer {
      let address = UInt64(UInt(bitPattern: $0.baseAddress))
      let block = r.object(at: 1200, classWord: 11, [address | 1, Tag.nil, Tag.nil])
      #expect(r.call(code, [Tag.int(5), block]) == block)
    }
    #expect(r.log == ["callee"])
  }

  @Test func entryChecksTheLimit() throws {
    let code = try CompiledGraph.one(Self.sends)
    let r = FakeRuntime()
    let me = receiver(r)
    r.thread[0] = 0
    #expect(r.call(code, [me, Tag.int(1)]) == Tag.nil)
    #expect(r.log == ["entryPoll", "send 0", "send 0"])
    r.onEntryPoll = { _, _ in 0 }
    #expect(r.call(code, [me, Tag.int(1)]) == 0)
    // The last frame that fits.
    r.log = []
    r.thread[0] = UInt64(UInt(bitPattern: r.header + code.metadata.frameSize))
    _ = r.call(code, [me, Tag.int(1)])
    #expect(!r.log.contains("entryPoll"))
    r.thread[0] -= 8
    _ = r.call(code, [me, Tag.int(1)])
    #expect(r.log.contains("entryPoll"))
  }

  /// Counts down while keeping a loop-carried object.
  static let polling = """
    graph "polling" arguments 2
    s0 = [m1 pc 0 origin 0:]
    s1 = [m1 pc 4 origin 4: 3=v5 4=v6]
    entry b0
    b0:
      v0 = argument<0>
      v1 = argument<1>
      v2 = argument<2>
      v3 = guardInt<notInteger> v1 ^s0
      v4 = constInt<0>
      v9 = constInt<1>
      v10 = loadSlot<0> v2
      jump -> b1(v3 v10)
    b1(v5: int, v6: tagged):
      poll ^s1
      v7 = compareInt<greater> v5 v4
      branch v7 -> b2, b3
    b2:
      v8 = subtractInt v5 v9 ^s1
      v11 = loadSlot<0> v6
      jump -> b1(v8 v11)
    b3:
      return v6
    """

  @Test func pollIsAskedOnlyIfWanted() throws {
    let code = try CompiledGraph.one(Self.polling)
    let r = FakeRuntime()
    let last = r.object(at: 1300, classWord: 77, [0x330])
    let object = r.object(at: 1200, classWord: 77, [last])
    #expect(r.call(code, [Tag.nil, Tag.int(1), object]) == 0x330)
    #expect(r.log == [])
    // The collector moves the loop's object at the first poll.
    let moved = r.object(at: 1400, classWord: 77, [0x440])
    r.thread[1] = 1
    r.onPoll = { r, h in
      let slots = code.metadata.safepoints[Int(h[2])].liveSlots
      #expect(slots.count == 1 && h[slots[0]] == last)
      h[slots[0]] = moved
      r.thread[1] = 0
      return 1
    }
    #expect(r.call(code, [Tag.nil, Tag.int(1), object]) == 0x440)
    #expect(r.log == ["loopPoll"])
    // Invalidated at a poll: the loop's values are handed over.
    r.thread[1] = 1
    r.onPoll = { _, _ in
      code.table[0] = 1
      return 1
    }
    #expect(r.call(code, [Tag.nil, Tag.int(1), object]) == FakeRuntime.deoptAnswer)
    #expect(code.registers(r) == [3: 2, 4: last])
    code.table[0] = 0
    // Objects may have changed: so are they then.
    r.onPoll = { _, _ in 2 }
    #expect(r.call(code, [Tag.nil, Tag.int(1), object]) == FakeRuntime.deoptAnswer)
    #expect(code.registers(r) == [3: 2, 4: last])
    r.onPoll = { _, _ in 0 }
    #expect(r.call(code, [Tag.nil, Tag.int(1), object]) == 0)
  }

  @Test func nothingOfItWithoutEditability() throws {
    let code = try CompiledGraph.one(Self.polling) { $0.elideEditability = true }
    let r = FakeRuntime()
    let object = r.object(at: 1200, classWord: 77, [r.object(at: 1300, classWord: 77, [0x330])])
    r.thread[0] = 0
    r.thread[1] = 1
    code.table[0] = 1
    #expect(r.call(code, [Tag.nil, Tag.int(1), object]) == 0x330)
    #expect(r.log == [])
  }

  @Test func countdownDeoptimizes() throws {
    let code = try CompiledGraph.one(Self.polling) { $0.countsDeopts = true }
    let r = FakeRuntime()
    let object = r.object(at: 1200, classWord: 77, [r.object(at: 1300, classWord: 77, [0x330])])
    #expect(r.call(code, [Tag.nil, Tag.int(1), object]) == 0x330)
    // The second guard is the loop's subtraction.
    r.thread[9] = 2
    #expect(r.call(code, [Tag.nil, Tag.int(1), object]) == FakeRuntime.deoptAnswer)
    #expect(code.registers(r)[3] == 2)
    #expect(r.thread[9] == 0)
  }

  @Test func osrTakesTheInterpretersRegisters() throws {
    let code = try CompiledGraph.one(
      """
      graph "osr" arguments 1 osr 12
      table t0 = selector 3 0 "foo"
      s0 = [m1 pc 12 origin 12: -1=v1 3=v2 4=v3 5=v4]
      s1 = [m1 pc 13 origin 12: 3=v6 4=v2 5=v3 6=v4]
      entryState s0
      entry b0
      b0:
        v0 = argument<0>
        v1 = register<-1>
        v2 = register<3>
        v3 = register<4>
        v4 = register<5>
        v6 = send<t0> v4 ^s1
        v7 = guardInt<notInteger> v2 ^s1
        v8 = guardInt<notInteger> v3 ^s1
        v9 = guardInt<notInteger> v4 ^s1
        v10 = constInt<10>
        v11 = multiplyInt v7 v10 ^s1
        v12 = addInt v11 v8 ^s1
        v13 = multiplyInt v12 v10 ^s1
        v14 = addInt v13 v9 ^s1
        v15 = tagInt v14
        return v15
      """)
    let r = FakeRuntime()
    func enter() -> UInt64 {
      let h = r.header
      (h[-2], h[-1], h[0], h[1], h[2]) = (Tag.nil, Tag.int(9), 1, 0, 12)
      (h[3], h[4], h[5]) = (Tag.int(1), Tag.int(2), Tag.int(3))
      return code.entry(r.thread, h, nil)
    }
    #expect(enter() == Tag.int(123))
    r.thread[0] = 0
    r.onEntryPoll = { _, h in
      // The collector is to find the registers.
      #expect(h[2] == 12)
      code.table[0] = 1
      return 1
    }
    #expect(enter() == FakeRuntime.deoptAnswer)
    #expect(r.deoptSafepoint == 0)
    #expect(code.registers(r) == [-1: Tag.int(9), 3: Tag.int(1), 4: Tag.int(2), 5: Tag.int(3)])
  }

  /// No word of the frame is kept for it.
  @Test func theProcessMarkIsReadAndDescribed() throws {
    let code = try CompiledGraph.one(
      """
      graph "mark" arguments 0
      table t0 = selector 3 0 "foo"
      s0 = [m1 pc 1 origin 1: 3=v1 4=v2]
      entry b0
      b0:
        v0 = argument<0>
        v1 = processMark
        v2 = send<t0> v0 ^s0
        v3 = identical v1 v2
        v4 = tagBool v3
        return v4
      """)
    let r = FakeRuntime()
    r.thread[FakeRuntime.layout.processMark] = Tag.int(7)
    r.onSend = { _, _ in Tag.int(7) }
    #expect(r.call(code, [Tag.int(1)]) == Tag.true)
    r.onSend = { _, _ in Tag.int(8) }
    #expect(r.call(code, [Tag.int(1)]) == Tag.false)
    let safepoint = try #require(code.metadata.safepoints.last)
    #expect(safepoint.frames[0].registers.first?.location == .processMark)
    #expect(safepoint.liveSlots.isEmpty)
  }

  @Test func unwindingTakesTheHomeEnvironmentAlong() throws {
    let code = try CompiledGraph.one(
      """
      graph "home" arguments 0
      table t0 = selector 3 0 "foo"
      s0 = [m1 pc 1 origin 1:]
      home v2
      entry b0
      b0:
        v0 = argument<0>
        v1 = send<t0> v0 ^s0
        v2 = allocate<0x1000013> v0 v1 ^s0
        v3 = send<t0> v0 ^s0
        return v3
      """)
    let r = FakeRuntime()
    // Before the environment exists: plainly.
    r.onSend = { _, _ in 0 }
    #expect(r.call(code, [Tag.int(1)]) == 0)
    var sends = 0
    r.onSend = { r, h in
      sends += 1
      if sends == 1 { return Tag.int(1) }
      let slots = code.metadata.safepoints[Int(r.header[2])].liveSlots
      #expect(slots.count == 1)
      r.header[slots[0]] = 0xABC0
      return 0
    }
    #expect(r.call(code, [Tag.int(1)]) == FakeRuntime.homeAnswer)
    #expect(r.log.last == "unwindThroughHome abc0")
  }
}
