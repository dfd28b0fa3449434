// The two variants of a method agree on sync points and variables, so that a live activation can go from one
// to the other.

import Bytecode
import Syntax
import Testing

private let methods = [
  "^a + 1", "^a + (a := 2)", "^f + a foo", "^1 + a foo", "^a < 3", "^a == 3", "^a foo: a + f bar: 100000",
  "a < 3 ifTrue: [ self x ] ifFalse: [ self y ]", "^a foo ifTrue: [ 1 ]", "^(a and: [ f ]) foo",
  "(a and: [ f foo ]) ifTrue: [ ^1 ]",
  "((a or: [ f > 2 ]) and: [ g ]) ifFalse: [ ^a foo ] ifTrue: [ g := 3 ]",
  "^a ifNil: [ f foo ]", "^f foo ifNotNil: [ :x | x foo. [ x ] ]",
  "^f ifNil: [ ^2 ] ifNotNil: [ :x | x foo ]",
  "[ a > 0 ] whileTrue: [ a := a - 1 ]", "a foo. [ f foo. a ] whileFalse: [ | t | t := [ a ]. t value. ^t ]",
  "^1 to: a foo do: [ :i | i print ]", "^a foo to: a bar do: [ :i | f := [ i ] ]",
  "a to: 10 do: [ :i | a foo: i ]",
  "^a to: 100000 do: [ :i | i := i + 1. i foo ]", "10 downTo: 1 do: [ :i | a x: i ]",
  "^a timesRepeat: [ a foo ]",
  "^3 timesRepeat: [ a foo ]", "^a bar timesRepeat: [ | t | t foo. t := 1. [ t ] value ]",
  "1 to: a by: 100000 do: [ :i | 1 to: i do: [ :j | (i + j) foo ifTrue: [ ^j ] ] ]",
  "^[ :x | x foo ifTrue: [ ^x + a ] ifFalse: [ a := x. [ a ] whileTrue: [ ^[ x ] ] ] ]",
  "^a foo: (a bar and: [ a baz ]) with: (a foo ifTrue: [ Foo ] ifFalse: [ ^Bar ])",
  "| x | x := (a foo ifTrue: [ x + 1 ] ifFalse: [ x ]) + (x := a). ^x", "a foo; bar: 1 + a; yourself",
  "a foo ifTrue: [ | x | x := a. a bar ifTrue: [ | y | y := x. [ y ] value. ^[ x ] ] ]",
  "^[ super m: (a > 3 ifTrue: [ self ] ifFalse: [ super foo ]) ]",
]

private func byID(_ chunk: BytecodeChunk, _ result: inout [UInt32: BytecodeChunk]) {
  result[chunk.nodeID] = chunk
  for block in chunk.blocks { byID(block, &result) }
}

@Suite struct VariantTests {
  @Test(arguments: methods) func syncPoints(_ source: String) throws {
    var inlined: [UInt32: BytecodeChunk] = [:]
    var generic: [UInt32: BytecodeChunk] = [:]
    byID(try compile(source), &inlined)
    byID(try compile(source, .generic), &generic)
    for (id, chunk) in inlined {
      let other = try #require(generic[id])
      let keys = Dictionary(uniqueKeysWithValues: chunk.syncPoints.map { ($0.key, $0.operands.count) })
      let otherKeys = Dictionary(uniqueKeysWithValues: other.syncPoints.map { ($0.key, $0.operands.count) })
      #expect(keys == otherKeys)
      let pcs = Set(chunk.syncPoints.map(\.pc))
      for (pc, instruction) in chunk.instructions.enumerated() where instruction.opcode?.info.invokes == true {
        #expect(pcs.contains(pc), "no sync point at \(pc)")
      }
      for header in chunk.loopHeaders { #expect(pcs.contains(header)) }
    }
  }

  @Test(arguments: methods) func variables(_ source: String) throws {
    var inlined: [UInt32: BytecodeChunk] = [:]
    var generic: [UInt32: BytecodeChunk] = [:]
    byID(try compile(source), &inlined)
    byID(try compile(source, .generic), &generic)
    for (id, chunk) in inlined {
      let other = try #require(generic[id])
      for (variable, location) in chunk.variables {
        let there = try #require(other.variables[variable])
        if case .environment(_, let index) = location {
          guard case .environment(_, index) = there else {
            Issue.record("captured variable \(variable) has moved")
            continue
          }
        }
      }
    }
  }

  /// What is entered in a generic variant is a send: the only instructions that stand for sends are in loops.
  @Test(arguments: methods) func genericVariantsSend(_ source: String) throws {
    func check(_ chunk: BytecodeChunk) {
      for instruction in chunk.instructions {
        let opcode = instruction.opcode!
        #expect(
          opcode.rawValue < Opcode.add.rawValue || opcode.rawValue > Opcode.notEqualImmediateBranch.rawValue)
        #expect(
          opcode != .guardInteger && opcode != .guardSmallInteger && opcode != .jumpIfNil && opcode != .jumpIfNotNil)
      }
      chunk.blocks.forEach(check)
    }
    let chunk = try compile(source, .generic)
    check(chunk)
    #expect(chunk.assumptions.isEmpty)
  }

  @Test func assumptions() throws {
    let chunk = try compile("[ a < 3 ifTrue: [ a and: [ f ] ] ] value. 1 to: 3 do: [ :i | i ]")
    #expect(
      Set(chunk.assumptions.map(\.selector)) == ["<", "ifTrue:", "and:", "to:do:", "<=", "+"])
  }

  /// Two sends to enter a loop are told apart: the one before it goes on at the jump, not at the header.
  @Test func enteringALoop() throws {
    let chunk = try compile("a foo. [ a bar ] whileTrue: [ a baz ]")
    let send = try #require(chunk.instructions.firstIndex { $0.opcode == .send })
    #expect(chunk.instructions[send + 1].opcode == .jump)
    #expect(chunk.loopHeaders == [send + 2])
  }

  @Test func genericListing() throws {
    #expect(
      listing(try compile("a foo ifTrue: [ ^a ]", .generic)) == [
        "newEnvironment r3, none, 2", "storeVariable r3, variable 1, arg1", "loadVariable r4, r3, variable 1",
        "send r4, r4, #foo", "newBlock r5, block 0, r3", "send r4, r4, #ifTrue:", "jump -> 10",
        "loadVariable r4, r3, variable 1", "closeHome r3", "return r4", "closeHome r3", "returnSelf",
        "/0:", "loadBlockEnvironment r3", "loadVariable r4, r3, variable 1", "returnNonLocal r4, r4, r3",
        "returnEscaped r4",
      ])
  }
}
