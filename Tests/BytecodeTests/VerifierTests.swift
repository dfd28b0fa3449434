// Malformed bytecode does not pass, and limits are errors.

import Bytecode
import Foundation
import Syntax
import Testing

private func reason(
  _ change: (inout BytecodeChunk) -> Void, _ source: String = "^[ a foo: 1 ] value < (a bar: 2)"
) -> String? {
  guard var chunk = try? compile(source) else { return "does not compile" }
  change(&chunk)
  do throws(VerificationError) {
    try BytecodeVerifier.verify(chunk)
    return nil
  } catch { return error.reason }
}

private func errors(_ body: String, pattern: String = "m: a") -> [String] {
  do {
    _ = try compile(body, pattern: pattern)
    return []
  } catch let error as SyntaxErrors {
    return error.diagnostics.map(\.description)
  } catch { return ["\(error)"] }
}

@Suite struct VerifierTests {
  @Test func wellFormed() { #expect(reason { _ in } == nil) }

  @Test func malformed() {
    let send = 3
    #expect(reason { $0.instructions[send] = Instruction(bits: 0xFFFF) } == "no such opcode")
    #expect(reason { $0.instructions[send] = Instruction(.switchVariant) } != nil)
    #expect(reason { $0.instructions.removeLast() } != nil)
    #expect(reason { $0.depth[0] = 0 } == "depth 0")
    #expect(reason { $0.depth[0] = 500 } == "depth 500")
    #expect(reason { $0.frameSize = 3 } != nil)
    #expect(reason { $0.frameSize -= 3 } == "no room in the frame for the callee")
    #expect(reason { $0.sites.removeAll() } != nil)
    #expect(reason { $0.blocks.removeAll() } == "block 0")
    #expect(reason { $0.blocks[0].isBlock = false } == "block 0 is a method")
    #expect(reason { $0.blocks[0].depth[0] += 1 } != nil)
    #expect(reason { $0.homeRegister = 99 } != nil)
    #expect(reason { $0.loopHeaders = [99] } != nil)
    #expect(reason { $0.syncPoints.append($0.syncPoints[0]) } != nil)
    #expect(reason { $0.syncPoints[0] = SyncPoint(key: 0, pc: 99, operands: []) } != nil)
    #expect(reason { $0.syncPoints[0] = SyncPoint(key: 0, pc: 0, operands: [99]) } != nil)
    #expect(reason { $0.variables[7] = .register(99) } != nil)
    #expect(reason { $0.ranges[0] = SourceRange(3, 1) } == "source range")
    #expect(reason { $0.localCount += 1 } != nil)
    // A register read before it is written; one that is no register; the receiver written.
    #expect(reason { $0.instructions[1] = Instruction(.move, a: 4, b: 8) } == "source 8")
    #expect(reason { $0.instructions[0] = Instruction(.loadNil, a: 1) } == "destination 1")
    #expect(reason { $0.instructions[0] = Instruction(.loadNil, a: -2) } == "the receiver is written")
    #expect(reason { $0.instructions[0] = Instruction(.loadNil, a: -3) } == "destination -3")
    #expect(reason { $0.instructions[0] = Instruction(.loadSelf, a: 3) } == "not in a block")
    #expect(reason { $0.instructions[$0.instructions.count - 1] = Instruction(.loadNil, a: 4) } != nil)
    for pc in 0..<8 {
      #expect(
        reason { $0.siteAtPC[pc] = $0.siteAtPC[pc] == BytecodeChunk.noSite ? 0 : BytecodeChunk.noSite } != nil)
    }
  }

  @Test func malformedJumps() {
    let source = "[ a < 3 ] whileTrue: [ a := a foo ]"
    #expect(reason({ _ in }, source) == nil)
    #expect(reason({ $0.instructions[0] = Instruction(.jump, wide: 99) }, source) == "jump to 99")
    #expect(
      reason({ $0.instructions[0] = Instruction(.jump, wide: 0) }, source)
        == "a jump back must be a loop jump")
    #expect(
      reason({ $0.instructions[2] = Instruction(.jump, wide: 3) }, source)
        == "fused comparison without its jump")
    #expect(reason({ $0.instructions[5] = Instruction(.loopJump, a: 0, wide: 2) }, source) != nil)
    #expect(reason({ $0.instructions[5] = Instruction(.loopJump, a: 1, wide: 1) }, source) != nil)
  }

  @Test(arguments: [
    ("Foo := 1", "t:1:10: Foo is not a variable or field in scope"),
    ("nil := 1", "t:1:10: nil is not a variable"), ("self := 1", "t:1:10: self cannot be assigned"),
    ("super := 1", "t:1:10: super cannot be assigned"), ("^[ x := 1 ]", "t:1:13: x is not a variable"),
  ])
  func assignments(_ body: String, _ message: String) {
    #expect(errors(body).first?.hasPrefix(message) == true)
  }

  @Test func severalErrors() { #expect(errors("x := 1. y := 2").count == 2) }

  @Test func bigMethods() throws {
    let literals = (0..<400).map { "a foo: #s\($0)." }.joined(separator: " ")
    #expect(try compile(literals).literals.count == 400)
    let keywords = (0..<300).map { "k\($0): p\($0)" }.joined(separator: " ")
    let sum = (0..<300).map { "k\($0): p\($0)" }.joined(separator: " ")
    #expect(try compile("^self \(sum)", pattern: keywords).argumentCount == 300)
    let long = String(repeating: "f := f + g foo. ", count: 10_000)
    #expect(try compile(long).instructions.count > 40_000)
    let variables = (0..<1000).map { "v\($0)" }.joined(separator: " ")
    #expect(try compile("| \(variables) | v1 := [ v999 ]").localCount == 1000)
    #expect(errors(String(repeating: "a foo. ", count: 70_000)).first?.contains("too many sends") == true)
  }

  @Test func deepMethodsOnASmallStack() {
    let bodies = ["[", "a ifTrue: [", "a foo: (", "1 + (", "a and: ["].map { opening in
      let closing = opening.hasSuffix("[") ? "]" : ")"
      return String(repeating: opening, count: 300) + "1" + String(repeating: closing, count: 300)
    }
    for body in bodies + [
      "1" + String(repeating: " + 1", count: 999), "a" + String(repeating: " b", count: 999),
    ] {
      for variant in [BytecodeVariant.inlined, .generic] {
        let done = DispatchSemaphore(value: 0)
        let thread = Thread {
          // An answer, or a typed error: both are fine.
          _ = try? compile(body, variant)
          done.signal()
        }
        thread.stackSize = 512 << 10
        thread.start()
        done.wait()
      }
    }
    #expect(errors("1" + String(repeating: " + 1", count: 900)).isEmpty)
  }

  @Test func everyOpcodeHasARow() {
    for opcode in Opcode.allCases { #expect(opcode.info.name == "\(opcode)") }
  }

  @Test func everyOperatorHasItsForms() {
    let comparisons: Set<Operator> = [.less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .notEqual, .identical]
    for selector in Operator.allCases {
      #expect(selector.opcode().map { "\($0)" } == "\(selector)")
      #expect(
        selector.opcode(fused: true).map { "\($0)" } == (comparisons.contains(selector) ? "\(selector)Branch" : nil))
    }
    #expect(Operator.add.opcode(immediate: true) == .addImmediate)
    #expect(Operator.subtract.opcode(immediate: true) == .subtractImmediate)
    #expect(Operator.multiply.opcode(immediate: true) == nil && Operator.less.opcode(immediate: true) == nil)
    #expect(Operator.notEqual.opcode(immediate: true, fused: true) == .notEqualImmediateBranch)
    #expect(Operator.identical.opcode(immediate: true, fused: true) == nil)
  }

  @Test func rowsAgreeWithThemselves() {
    for info in Opcode.allCases.map(\.info) {
      #expect((info.field != nil) == [info.a, info.b, info.c].contains { if case .field = $0 { true } else { false } })
      if info.sends { #expect(info.invokes) }
      if info.isFused { #expect(info.operator != nil) }
      if info.operator != nil { #expect(info.sends) }
    }
  }

  @Test func fieldInstructionsArePatched() {
    let load = Instruction(.loadField, a: 3, b: -1, c: 2), store = Instruction(.storeField, a: -1, b: 2, c: 3)
    #expect(
      load.fieldPlace == 2 && store.fieldPlace == 2 && Instruction(.loadVariable, a: 3, b: 4, c: 2).fieldPlace == nil)
    #expect(load.withFieldPlace(65535) == Instruction(.loadField, a: 3, b: -1, c: 65535))
    #expect(store.withFieldPlace(5) == Instruction(.storeField, a: -1, b: 5, c: 3))
    #expect(load.accessing(double: true) == Instruction(.loadDoubleField, a: 3, b: -1, c: 2))
    #expect(store.accessing(double: true).accessing(double: false) == store)
    let move = Instruction(.move, a: 3, b: 4)
    #expect(move.accessing(double: true) == move)
    #expect(load.with(.switchVariant) == Instruction(.switchVariant, a: 3, b: -1, c: 2))
  }

  @Test func sourceRanges() throws {
    let source = SourceText(name: "t", "m: a = ( ^a foo: 3 + a bar )")
    let chunk = try BytecodeCompiler.compile(
      try Parser.parseMethod(source), source: source, scope: ClassScope(className: "T", instanceFields: []))
    let texts = Dictionary(
      zip(chunk.instructions.map { $0.opcode! }, chunk.ranges.map { source[$0] }), uniquingKeysWith: { $1 })
    #expect(texts[.send] == "foo: 3 + a bar")
    #expect(texts[.add] == "+ a bar")
    #expect(texts[.return] == "^a foo: 3 + a bar")
  }
}
