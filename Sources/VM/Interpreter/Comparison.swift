// Comparisons: their result as a value, or fused with the conditional jump that follows.

import Bytecode
import MachineLayout

extension Interpreter {
  /// `doubles` is nil where two doubles are compared by the send.
  @inline(__always)
  mutating func compare(
    _ i: Instruction, _ integers: (Int64, Int64) -> Bool, _ doubles: ((Double, Double) -> Bool)?
  ) -> Step {
    let x = self[i.b]
    let y = self[i.c]
    if x & y & 1 != 0 { return put(truth(integers(Int64(bitPattern: x), Int64(bitPattern: y))), i) }
    if let doubles, isNumber(x) && isNumber(y) {
      noteDouble()
      return put(truth(doubles(toDouble(x), toDouble(y))), i)
    }
    return callOperator(x, y)
  }

  @inline(__always)
  mutating func branch(
    _ x: UInt64, _ y: UInt64, _ integers: (Int64, Int64) -> Bool, _ doubles: ((Double, Double) -> Bool)?
  ) -> Step {
    if x & y & 1 != 0 { return branch(integers(Int64(bitPattern: x), Int64(bitPattern: y))) }
    if let doubles, isNumber(x) && isNumber(y) {
      noteDouble()
      return branch(doubles(toDouble(x), toDouble(y)))
    }
    return callOperator(x, y)
  }

  @inline(__always)
  mutating func identical(_ i: Instruction) -> Step {
    let x = self[i.b]
    let y = self[i.c]
    let r = Self.identity(x, y)
    return r >= 0 ? put(truth(r != 0), i) : callOperator(x, y)
  }

  @inline(__always)
  mutating func branchIfIdentical(_ i: Instruction) -> Step {
    let x = self[i.b]
    let y = self[i.c]
    let r = Self.identity(x, y)
    return r >= 0 ? branch(r != 0) : callOperator(x, y)
  }

  /// To the target of the conditional jump that follows, or past it.
  @inline(__always)
  private mutating func branch(_ result: Bool) -> Step {
    let jump = Instruction(bits: code[pc &+ 1])
    let wanted = UInt8(truncatingIfNeeded: jump.bits) == UInt8(Opcode.jumpIfTrue.rawValue)
    pc = result == wanted ? jump.wide : pc &+ 2
    return .next
  }

  @inline(__always)
  private func truth(_ b: Bool) -> UInt64 { b ? Word.true : Word.false }

  /// 1 and 0: the same or not; -1: ask the method (big integers, numbers of different classes).
  @inline(__always)
  private static func identity(_ x: UInt64, _ y: UInt64) -> Int {
    if x == y { return 1 }
    if (x | y) & 7 == 0 { return (words(x)[0] &>> 32) & 0xFF_FFFF <= 2 ? -1 : 0 }
    return isNumber(x) && (x ^ y) & 1 != 0 ? -1 : 0
  }
}
