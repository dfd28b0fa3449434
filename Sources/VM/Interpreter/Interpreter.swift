// The interpreter: one function, one switch over raw words. Frames of interpreted methods are pushed and popped in
// the same native activation; everything rare is a call to `InterpreterSlow.swift`.
//
// Rules that keep it fast: locals are raw pointers and integers; no class instance, closure or existential is
// touched inside; what a slow path needs of the universe it finds through the thread words.

import Bytecode
import MachineLayout

@inline(__always)
private func classIndex(_ v: UInt64) -> UInt64 {
  if v & 7 == 0 { return (words(v)[0] &>> 32) & 0xFF_FFFF }
  if v & 1 != 0 { return 1 }
  if v & 3 == 2 { return 2 }
  return (0x453 &>> ((v &>> 3) &<< 2)) & 7
}
@inline(__always) private func opA(_ i: UInt64) -> Int { Int(Int16(truncatingIfNeeded: i &>> 16)) }
@inline(__always) private func opB(_ i: UInt64) -> Int { Int(Int16(truncatingIfNeeded: i &>> 32)) }
@inline(__always) private func opC(_ i: UInt64) -> Int { Int(Int64(bitPattern: i) &>> 48) }
@inline(__always) private func wide(_ i: UInt64) -> Int { Int(Int64(bitPattern: i) &>> 32) }
/// A small integer or an immediate double.
@inline(__always) private func isNumber(_ v: UInt64) -> Bool { v & 3 != 0 }
@inline(__always) private func toDouble(_ v: UInt64) -> Double {
  v & 1 != 0 ? Double(Int64(bitPattern: v) &>> 1) : Value(bits: v).immediateDouble
}
@inline(__always) private func truth(_ b: Bool) -> UInt64 { b ? Word.true : Word.false }
/// Where a fused comparison goes: to the target of the conditional jump that follows, or past it.
@inline(__always)
private func branch(_ result: Bool, _ code: Words, _ pc: Int) -> Int {
  let jump = code[pc &+ 1]
  let wanted = UInt8(truncatingIfNeeded: jump) == UInt8(Opcode.jumpIfTrue.rawValue)
  return result == wanted ? wide(jump) : pc &+ 2
}

private typealias M = Method.Slot

/// Remembers that the operator at `pc` has worked on doubles: the optimizer then expects them there.
@inline(__always)
private func noteDouble(_ method: Words, _ pc: Int) {
  let siteAtPC = UnsafePointer<UInt16>(bitPattern: UInt(method[M.siteAtPC.rawValue])).unsafelyUnwrapped
  let site = words(method[M.sites.rawValue]) + Int(siteAtPC[pc]) &* SendSiteLayout.words
  site[SendSiteLayout.flags] |= SiteFlags.sawDouble
}

/// Runs the frame `h0` of linked method `m0` from `startPC` until it returns to its native caller. Answers its value,
/// or 0 while unwinding past it.
@inline(never)
func interpret(_ thread: Words, _ h0: Words, _ m0: Words, _ startPC: Int) -> UInt64 {
  var h = h0
  var method = m0
  var code = words(method[M.code.rawValue])
  var pc = startPC

  while true {
    // What the send at the end of this loop body calls: set by every case that leaves the switch.
    var callee: Words
    var target: UInt64
    let i = code[pc]

    switch unsafeBitCast(UInt8(truncatingIfNeeded: i), to: Opcode.self) {

    // MARK: Moves, constants, variables
    case .move:
      h[opA(i)] = h[opB(i)]
      pc &+= 1
      continue
    case .loadLiteral:
      h[opA(i)] = words(method[M.literals.rawValue])[opB(i) & 0xFFFF]
      pc &+= 1
      continue
    case .loadInteger:
      h[opA(i)] = UInt64(bitPattern: Int64(wide(i)) &<< 1) | 1
      pc &+= 1
      continue
    case .loadNil:
      h[opA(i)] = Word.nil
      pc &+= 1
      continue
    case .loadTrue:
      h[opA(i)] = Word.true
      pc &+= 1
      continue
    case .loadFalse:
      h[opA(i)] = Word.false
      pc &+= 1
      continue
    case .loadSelf:
      let block = words(h[-(Int(truncatingIfNeeded: method[M.argumentCount.rawValue]) &+ 1)])
      h[opA(i)] = block[1 &+ BlockLayout.receiver]
      pc &+= 1
      continue
    case .loadField:
      h[opA(i)] = words(h[opB(i)])[1 &+ opC(i)]
      pc &+= 1
      continue
    case .storeField:
      let object = words(h[opA(i)])
      let v = h[opC(i)]
      object[1 &+ opB(i)] = v
      if object[0] & 0xC == HeaderBits.old && v & 7 == 0 { rememberSlow(thread, object) }
      pc &+= 1
      continue
    case .loadDoubleField:
      let raw = words(h[opB(i)])[1 &+ opC(i)]
      if let immediate = Value(immediateDouble: Double(bitPattern: raw)) {
        h[opA(i)] = immediate.bits
        pc &+= 1
        continue
      }
      h[2] = UInt64(UInt(bitPattern: pc))
      let boxed = boxFieldSlow(thread, h, raw)
      if boxed != 0 {
        h[opA(i)] = boxed
        pc &+= 1
        continue
      }
      callee = h
      target = 0
    case .storeDoubleField:
      let v = Value(bits: h[opC(i)])
      if v.isImmediateDouble {
        words(h[opA(i)])[1 &+ opB(i)] = v.immediateDouble.bitPattern
        pc &+= 1
        continue
      }
      h[2] = UInt64(UInt(bitPattern: pc))
      if storeDoubleFieldSlow(thread, h, opA(i), opB(i), v) == 1 { pc &+= 1 }
      continue
    case .loadGlobal:
      let v = words(words(method[M.globals.rawValue])[opB(i) & 0xFFFF])[0]
      if v != 0 {
        h[opA(i)] = v
        pc &+= 1
        continue
      }
      h[2] = UInt64(UInt(bitPattern: pc))
      if loadLibraryGlobal(thread, method, opB(i) & 0xFFFF) { continue }
      callee = unknownGlobal(thread, h, method, opB(i) & 0xFFFF)
      target = callee[1]
    case .newEnvironment:
      let count = UInt64(opC(i) & 0xFFFF)
      let bytes = (count &+ 4) &* 8
      let top = thread[Thread.Slot.allocationTop.rawValue]
      let outer = opB(i)
      if top &+ bytes <= thread[Thread.Slot.allocationLimit.rawValue] {
        thread[Thread.Slot.allocationTop.rawValue] = top &+ bytes
        let p = words(top)
        p[0] = environmentHeader
        p[1] = (count &+ 2) &<< 1 | 1
        p[2] = outer == 0 ? Word.nil : h[outer]
        p[3] = Word.true
        var k = 0
        while k < Int(count) {
          p[4 &+ k] = Word.nil
          k &+= 1
        }
        h[opA(i)] = top
        pc &+= 1
        continue
      }
      h[2] = UInt64(UInt(bitPattern: pc))
      let made = newEnvironmentSlow(thread, h, outer, Int(count))
      if made != 0 {
        h[opA(i)] = made
        pc &+= 1
        continue
      }
      callee = h
      target = 0
    case .loadBlockEnvironment:
      let block = words(h[-(Int(truncatingIfNeeded: method[M.argumentCount.rawValue]) &+ 1)])
      h[opA(i)] = block[1 &+ BlockLayout.environment]
      pc &+= 1
      continue
    case .loadOuter:
      h[opA(i)] = words(h[opB(i)])[1 &+ EnvironmentLayout.outer]
      pc &+= 1
      continue
    case .loadVariable:
      h[opA(i)] = words(h[opB(i)])[1 &+ EnvironmentLayout.firstVariable &+ opC(i)]
      pc &+= 1
      continue
    case .storeVariable:
      let object = words(h[opA(i)])
      let v = h[opC(i)]
      object[1 &+ EnvironmentLayout.firstVariable &+ opB(i)] = v
      if object[0] & 0xC == HeaderBits.old && v & 7 == 0 { rememberSlow(thread, object) }
      pc &+= 1
      continue
    case .closeHome:
      words(h[opA(i)])[1 &+ EnvironmentLayout.home] = Word.nil
      pc &+= 1
      continue
    case .newBlock:
      let block = words(words(method[M.blocks.rawValue])[opB(i) & 0xFFFF])
      let receiver = h[-(Int(truncatingIfNeeded: method[M.argumentCount.rawValue]) &+ 1)]
      let top = thread[Thread.Slot.allocationTop.rawValue]
      let environment = opC(i)
      if top &+ 32 <= thread[Thread.Slot.allocationLimit.rawValue] {
        thread[Thread.Slot.allocationTop.rawValue] = top &+ 32
        let p = words(top)
        p[0] = blockHeader(block[M.argumentCount.rawValue])
        p[1 &+ BlockLayout.method] = bits(block) | 1
        p[1 &+ BlockLayout.receiver] =
          method[M.isBlock.rawValue] == 0 ? receiver : words(receiver)[1 &+ BlockLayout.receiver]
        p[1 &+ BlockLayout.environment] = environment == 0 ? Word.nil : h[environment]
        h[opA(i)] = top
        pc &+= 1
        continue
      }
      h[2] = UInt64(UInt(bitPattern: pc))
      let made = newBlockSlow(thread, h, method, block, environment)
      if made != 0 {
        h[opA(i)] = made
        pc &+= 1
        continue
      }
      callee = h
      target = 0

    // MARK: Sends
    case .send:
      h[2] = UInt64(UInt(bitPattern: pc))
      let base = h + opB(i)
      let site = words(method[M.sites.rawValue]) + (opC(i) & 0xFFFF) &* SendSiteLayout.words
      callee = base + (Int(truncatingIfNeeded: site[0] & 0xFFFF) &+ 1)
      let index = classIndex(base[0])
      let entry = site[2]
      if entry & 0xFFFF_FFFF == index {
        site[2] = entry &+ (1 &<< 32)
        target = site[3]
      } else {
        target = siteLookup(thread, site, index)
      }
    case .superSend:
      h[2] = UInt64(UInt(bitPattern: pc))
      let site = words(method[M.sites.rawValue]) + (opC(i) & 0xFFFF) &* SendSiteLayout.words
      callee = h + (opB(i) &+ Int(truncatingIfNeeded: site[0] & 0xFFFF) &+ 1)
      if site[2] & 0xFFFF_FFFF == method[M.holder.rawValue] {
        site[2] &+= 1 &<< 32
        target = site[3]
      } else {
        target = superLookup(thread, site, method[M.holder.rawValue])
      }

    // MARK: Arithmetic
    case .add:
      let x = h[opB(i)]
      let y = h[opC(i)]
      if x & y & 1 != 0 {
        let (r, overflow) = Int64(bitPattern: x).addingReportingOverflow(Int64(bitPattern: y &- 1))
        if !overflow {
          h[opA(i)] = UInt64(bitPattern: r)
          pc &+= 1
          continue
        }
      } else if isNumber(x) && isNumber(y), let r = Value(immediateDouble: toDouble(x) + toDouble(y)) {
        noteDouble(method, pc)
        h[opA(i)] = r.bits
        pc &+= 1
        continue
      }
      callee = operatorCallee(h, method, pc, x, y)
      target = operatorLookup(thread, h, method, pc, x, y)
    case .subtract:
      let x = h[opB(i)]
      let y = h[opC(i)]
      if x & y & 1 != 0 {
        let (r, overflow) = Int64(bitPattern: x).subtractingReportingOverflow(Int64(bitPattern: y &- 1))
        if !overflow {
          h[opA(i)] = UInt64(bitPattern: r)
          pc &+= 1
          continue
        }
      } else if isNumber(x) && isNumber(y), let r = Value(immediateDouble: toDouble(x) - toDouble(y)) {
        noteDouble(method, pc)
        h[opA(i)] = r.bits
        pc &+= 1
        continue
      }
      callee = operatorCallee(h, method, pc, x, y)
      target = operatorLookup(thread, h, method, pc, x, y)
    case .multiply:
      let x = h[opB(i)]
      let y = h[opC(i)]
      if x & y & 1 != 0 {
        let (r, overflow) = (Int64(bitPattern: x) &>> 1).multipliedReportingOverflow(by: Int64(bitPattern: y &- 1))
        if !overflow {
          h[opA(i)] = UInt64(bitPattern: r) | 1
          pc &+= 1
          continue
        }
      } else if isNumber(x) && isNumber(y), let r = Value(immediateDouble: toDouble(x) * toDouble(y)) {
        noteDouble(method, pc)
        h[opA(i)] = r.bits
        pc &+= 1
        continue
      }
      callee = operatorCallee(h, method, pc, x, y)
      target = operatorLookup(thread, h, method, pc, x, y)
    case .divide:
      let x = h[opB(i)]
      let y = h[opC(i)]
      if x & y & 1 != 0 {
        let d = Int64(bitPattern: y) &>> 1
        if d != 0 && d != -1 {
          h[opA(i)] = UInt64(bitPattern: ((Int64(bitPattern: x) &>> 1) / d) &<< 1) | 1
          pc &+= 1
          continue
        }
      } else if isNumber(x) && isNumber(y), let r = Value(immediateDouble: toDouble(x) / toDouble(y)) {
        noteDouble(method, pc)
        h[opA(i)] = r.bits
        pc &+= 1
        continue
      }
      callee = operatorCallee(h, method, pc, x, y)
      target = operatorLookup(thread, h, method, pc, x, y)
    case .modulo:
      let x = h[opB(i)]
      let y = h[opC(i)]
      let d = Int64(bitPattern: y) &>> 1
      if x & y & 1 != 0 && d != 0 && d != -1 {
        var r = (Int64(bitPattern: x) &>> 1) % d
        if r != 0 && (r ^ d) < 0 { r &+= d }
        h[opA(i)] = UInt64(bitPattern: r &<< 1) | 1
        pc &+= 1
        continue
      }
      callee = operatorCallee(h, method, pc, x, y)
      target = operatorLookup(thread, h, method, pc, x, y)
    case .bitAnd:
      let x = h[opB(i)]
      let y = h[opC(i)]
      if x & y & 1 != 0 {
        h[opA(i)] = x & y
        pc &+= 1
        continue
      }
      callee = operatorCallee(h, method, pc, x, y)
      target = operatorLookup(thread, h, method, pc, x, y)
    case .addImmediate:
      let x = h[opB(i)]
      let c = opC(i)
      if x & 1 != 0 {
        let (r, overflow) = Int64(bitPattern: x).addingReportingOverflow(Int64(c &<< 1))
        if !overflow {
          h[opA(i)] = UInt64(bitPattern: r)
          pc &+= 1
          continue
        }
      } else if isNumber(x), let r = Value(immediateDouble: toDouble(x) + Double(c)) {
        noteDouble(method, pc)
        h[opA(i)] = r.bits
        pc &+= 1
        continue
      }
      let y = Value(integer: c).bits
      callee = operatorCallee(h, method, pc, x, y)
      target = operatorLookup(thread, h, method, pc, x, y)
    case .subtractImmediate:
      let x = h[opB(i)]
      let c = opC(i)
      if x & 1 != 0 {
        let (r, overflow) = Int64(bitPattern: x).subtractingReportingOverflow(Int64(c &<< 1))
        if !overflow {
          h[opA(i)] = UInt64(bitPattern: r)
          pc &+= 1
          continue
        }
      } else if isNumber(x), let r = Value(immediateDouble: toDouble(x) - Double(c)) {
        noteDouble(method, pc)
        h[opA(i)] = r.bits
        pc &+= 1
        continue
      }
      let y = Value(integer: c).bits
      callee = operatorCallee(h, method, pc, x, y)
      target = operatorLookup(thread, h, method, pc, x, y)

    // MARK: Comparison
    case .less:
      let x = h[opB(i)]
      let y = h[opC(i)]
      if x & y & 1 != 0 {
        h[opA(i)] = truth(Int64(bitPattern: x) < Int64(bitPattern: y))
        pc &+= 1
        continue
      }
      if isNumber(x) && isNumber(y) {
        noteDouble(method, pc)
        h[opA(i)] = truth(toDouble(x) < toDouble(y))
        pc &+= 1
        continue
      }
      callee = operatorCallee(h, method, pc, x, y)
      target = operatorLookup(thread, h, method, pc, x, y)
    case .lessOrEqual:
      let x = h[opB(i)]
      let y = h[opC(i)]
      if x & y & 1 != 0 {
        h[opA(i)] = truth(Int64(bitPattern: x) <= Int64(bitPattern: y))
        pc &+= 1
        continue
      }
      if isNumber(x) && isNumber(y) {
        noteDouble(method, pc)
        h[opA(i)] = truth(toDouble(x) <= toDouble(y))
        pc &+= 1
        continue
      }
      callee = operatorCallee(h, method, pc, x, y)
      target = operatorLookup(thread, h, method, pc, x, y)
    case .greater:
      let x = h[opB(i)]
      let y = h[opC(i)]
      if x & y & 1 != 0 {
        h[opA(i)] = truth(Int64(bitPattern: x) > Int64(bitPattern: y))
        pc &+= 1
        continue
      }
      if isNumber(x) && isNumber(y) {
        noteDouble(method, pc)
        h[opA(i)] = truth(toDouble(x) > toDouble(y))
        pc &+= 1
        continue
      }
      callee = operatorCallee(h, method, pc, x, y)
      target = operatorLookup(thread, h, method, pc, x, y)
    case .greaterOrEqual:
      let x = h[opB(i)]
      let y = h[opC(i)]
      if x & y & 1 != 0 {
        h[opA(i)] = truth(Int64(bitPattern: x) >= Int64(bitPattern: y))
        pc &+= 1
        continue
      }
      if isNumber(x) && isNumber(y) {
        noteDouble(method, pc)
        h[opA(i)] = truth(toDouble(x) >= toDouble(y))
        pc &+= 1
        continue
      }
      callee = operatorCallee(h, method, pc, x, y)
      target = operatorLookup(thread, h, method, pc, x, y)
    case .equal:
      let x = h[opB(i)]
      let y = h[opC(i)]
      if x & y & 1 != 0 {
        h[opA(i)] = truth(Int64(bitPattern: x) == Int64(bitPattern: y))
        pc &+= 1
        continue
      }
      if isNumber(x) && isNumber(y) {
        noteDouble(method, pc)
        h[opA(i)] = truth(toDouble(x) == toDouble(y))
        pc &+= 1
        continue
      }
      callee = operatorCallee(h, method, pc, x, y)
      target = operatorLookup(thread, h, method, pc, x, y)
    case .notEqual:
      let x = h[opB(i)]
      let y = h[opC(i)]
      if x & y & 1 != 0 {
        h[opA(i)] = truth(Int64(bitPattern: x) != Int64(bitPattern: y))
        pc &+= 1
        continue
      }
      callee = operatorCallee(h, method, pc, x, y)
      target = operatorLookup(thread, h, method, pc, x, y)
    case .lessBranch:
      let x = h[opB(i)]
      let y = h[opC(i)]
      if x & y & 1 != 0 {
        pc = branch(Int64(bitPattern: x) < Int64(bitPattern: y), code, pc)
        continue
      }
      if isNumber(x) && isNumber(y) {
        noteDouble(method, pc)
        pc = branch(toDouble(x) < toDouble(y), code, pc)
        continue
      }
      callee = operatorCallee(h, method, pc, x, y)
      target = operatorLookup(thread, h, method, pc, x, y)
    case .lessOrEqualBranch:
      let x = h[opB(i)]
      let y = h[opC(i)]
      if x & y & 1 != 0 {
        pc = branch(Int64(bitPattern: x) <= Int64(bitPattern: y), code, pc)
        continue
      }
      if isNumber(x) && isNumber(y) {
        noteDouble(method, pc)
        pc = branch(toDouble(x) <= toDouble(y), code, pc)
        continue
      }
      callee = operatorCallee(h, method, pc, x, y)
      target = operatorLookup(thread, h, method, pc, x, y)
    case .greaterBranch:
      let x = h[opB(i)]
      let y = h[opC(i)]
      if x & y & 1 != 0 {
        pc = branch(Int64(bitPattern: x) > Int64(bitPattern: y), code, pc)
        continue
      }
      if isNumber(x) && isNumber(y) {
        noteDouble(method, pc)
        pc = branch(toDouble(x) > toDouble(y), code, pc)
        continue
      }
      callee = operatorCallee(h, method, pc, x, y)
      target = operatorLookup(thread, h, method, pc, x, y)
    case .greaterOrEqualBranch:
      let x = h[opB(i)]
      let y = h[opC(i)]
      if x & y & 1 != 0 {
        pc = branch(Int64(bitPattern: x) >= Int64(bitPattern: y), code, pc)
        continue
      }
      if isNumber(x) && isNumber(y) {
        noteDouble(method, pc)
        pc = branch(toDouble(x) >= toDouble(y), code, pc)
        continue
      }
      callee = operatorCallee(h, method, pc, x, y)
      target = operatorLookup(thread, h, method, pc, x, y)
    case .equalBranch:
      let x = h[opB(i)]
      let y = h[opC(i)]
      if x & y & 1 != 0 {
        pc = branch(Int64(bitPattern: x) == Int64(bitPattern: y), code, pc)
        continue
      }
      if isNumber(x) && isNumber(y) {
        noteDouble(method, pc)
        pc = branch(toDouble(x) == toDouble(y), code, pc)
        continue
      }
      callee = operatorCallee(h, method, pc, x, y)
      target = operatorLookup(thread, h, method, pc, x, y)
    case .notEqualBranch:
      let x = h[opB(i)]
      let y = h[opC(i)]
      if x & y & 1 != 0 {
        pc = branch(Int64(bitPattern: x) != Int64(bitPattern: y), code, pc)
        continue
      }
      callee = operatorCallee(h, method, pc, x, y)
      target = operatorLookup(thread, h, method, pc, x, y)
    case .lessImmediateBranch:
      let x = h[opB(i)]
      let y = Value(integer: opC(i)).bits
      if x & 1 != 0 {
        pc = branch(Int64(bitPattern: x) < Int64(bitPattern: y), code, pc)
        continue
      }
      if isNumber(x) && isNumber(y) {
        noteDouble(method, pc)
        pc = branch(toDouble(x) < toDouble(y), code, pc)
        continue
      }
      callee = operatorCallee(h, method, pc, x, y)
      target = operatorLookup(thread, h, method, pc, x, y)
    case .lessOrEqualImmediateBranch:
      let x = h[opB(i)]
      let y = Value(integer: opC(i)).bits
      if x & 1 != 0 {
        pc = branch(Int64(bitPattern: x) <= Int64(bitPattern: y), code, pc)
        continue
      }
      if isNumber(x) && isNumber(y) {
        noteDouble(method, pc)
        pc = branch(toDouble(x) <= toDouble(y), code, pc)
        continue
      }
      callee = operatorCallee(h, method, pc, x, y)
      target = operatorLookup(thread, h, method, pc, x, y)
    case .greaterImmediateBranch:
      let x = h[opB(i)]
      let y = Value(integer: opC(i)).bits
      if x & 1 != 0 {
        pc = branch(Int64(bitPattern: x) > Int64(bitPattern: y), code, pc)
        continue
      }
      if isNumber(x) && isNumber(y) {
        noteDouble(method, pc)
        pc = branch(toDouble(x) > toDouble(y), code, pc)
        continue
      }
      callee = operatorCallee(h, method, pc, x, y)
      target = operatorLookup(thread, h, method, pc, x, y)
    case .greaterOrEqualImmediateBranch:
      let x = h[opB(i)]
      let y = Value(integer: opC(i)).bits
      if x & 1 != 0 {
        pc = branch(Int64(bitPattern: x) >= Int64(bitPattern: y), code, pc)
        continue
      }
      if isNumber(x) && isNumber(y) {
        noteDouble(method, pc)
        pc = branch(toDouble(x) >= toDouble(y), code, pc)
        continue
      }
      callee = operatorCallee(h, method, pc, x, y)
      target = operatorLookup(thread, h, method, pc, x, y)
    case .equalImmediateBranch:
      let x = h[opB(i)]
      let y = Value(integer: opC(i)).bits
      if x & 1 != 0 {
        pc = branch(Int64(bitPattern: x) == Int64(bitPattern: y), code, pc)
        continue
      }
      if isNumber(x) && isNumber(y) {
        noteDouble(method, pc)
        pc = branch(toDouble(x) == toDouble(y), code, pc)
        continue
      }
      callee = operatorCallee(h, method, pc, x, y)
      target = operatorLookup(thread, h, method, pc, x, y)
    case .notEqualImmediateBranch:
      let x = h[opB(i)]
      let y = Value(integer: opC(i)).bits
      if x & 1 != 0 {
        pc = branch(Int64(bitPattern: x) != Int64(bitPattern: y), code, pc)
        continue
      }
      callee = operatorCallee(h, method, pc, x, y)
      target = operatorLookup(thread, h, method, pc, x, y)
    case .identical:
      let x = h[opB(i)]
      let y = h[opC(i)]
      let r = identity(x, y)
      if r >= 0 {
        h[opA(i)] = truth(r != 0)
        pc &+= 1
        continue
      }
      callee = operatorCallee(h, method, pc, x, y)
      target = operatorLookup(thread, h, method, pc, x, y)
    case .identicalBranch:
      let x = h[opB(i)]
      let y = h[opC(i)]
      let r = identity(x, y)
      if r >= 0 {
        pc = branch(r != 0, code, pc)
        continue
      }
      callee = operatorCallee(h, method, pc, x, y)
      target = operatorLookup(thread, h, method, pc, x, y)

    // MARK: Control
    case .jump:
      pc = wide(i)
      continue
    case .loopJump:
      let counter = method[M.counter.rawValue] &- 1
      method[M.counter.rawValue] = counter
      let header = wide(i)
      if counter != 0 && thread[Thread.Slot.poll.rawValue] == 0 {
        pc = header
        continue
      }
      h[2] = UInt64(UInt(bitPattern: header))
      var status: UInt64 = 1
      if thread[Thread.Slot.poll.rawValue] != 0 { status = loopPollSlow(thread, h) }
      if status != 0 && counter == 0 {
        // Compiled code may take this frame over; it returns what the frame returns.
        let compiled = hotLoopSlow(thread, h, method, header)
        if compiled != 0 {
          let back = h[0]
          h[0] = back | 1
          let entry = unsafeBitCast(UInt(compiled), to: NativeEntry.self)
          let v = entry(thread, h, UnsafeMutableRawPointer(method))
          if v == Word.resumeInPlace {
            h[0] = back
            h = words(thread[Thread.Slot.resumeFrame.rawValue])
            method = words(h[1])
            code = words(method[M.code.rawValue])
            pc = Int(truncatingIfNeeded: h[2])
            continue
          }
          if back & 1 != 0 { return v }
          h = words(back)
          method = words(h[1])
          code = words(method[M.code.rawValue])
          pc = Int(truncatingIfNeeded: h[2])
          if v != 0 {
            h[opA(code[pc])] = v
            pc &+= 1
            continue
          }
          callee = h
          target = 0
          break
        }
      }
      if status != 0 {
        code = words(method[M.code.rawValue])
        pc = header
        continue
      }
      callee = h
      target = 0
    case .jumpIfTrue:
      let v = h[opA(i)]
      if v == Word.true {
        pc = wide(i)
        continue
      }
      if v == Word.false {
        pc &+= 1
        continue
      }
      h[2] = UInt64(UInt(bitPattern: pc))
      target = switchVariantSlow(thread, h)
      callee = h
      if target != 0 {
        method = words(h[1])
        code = words(method[M.code.rawValue])
        pc = Int(truncatingIfNeeded: h[2])
        continue
      }
    case .jumpIfFalse:
      let v = h[opA(i)]
      if v == Word.false {
        pc = wide(i)
        continue
      }
      if v == Word.true {
        pc &+= 1
        continue
      }
      h[2] = UInt64(UInt(bitPattern: pc))
      target = switchVariantSlow(thread, h)
      callee = h
      if target != 0 {
        method = words(h[1])
        code = words(method[M.code.rawValue])
        pc = Int(truncatingIfNeeded: h[2])
        continue
      }
    case .jumpIfNil:
      pc = h[opA(i)] == Word.nil ? wide(i) : pc &+ 1
      continue
    case .jumpIfNotNil:
      pc = h[opA(i)] != Word.nil ? wide(i) : pc &+ 1
      continue
    case .guardInteger:
      if isNumber(h[opA(i)]) {
        pc &+= 1
        continue
      }
      h[2] = UInt64(UInt(bitPattern: pc))
      target = switchVariantSlow(thread, h)
      callee = h
      if target != 0 {
        method = words(h[1])
        code = words(method[M.code.rawValue])
        pc = Int(truncatingIfNeeded: h[2])
        continue
      }
    case .guardSmallInteger:
      if h[opA(i)] & 1 != 0 {
        pc &+= 1
        continue
      }
      h[2] = UInt64(UInt(bitPattern: pc))
      target = switchVariantSlow(thread, h)
      callee = h
      if target != 0 {
        method = words(h[1])
        code = words(method[M.code.rawValue])
        pc = Int(truncatingIfNeeded: h[2])
        continue
      }
    case .switchVariant:
      h[2] = UInt64(UInt(bitPattern: pc))
      target = switchVariantSlow(thread, h)
      callee = h
      if target != 0 {
        method = words(h[1])
        code = words(method[M.code.rawValue])
        pc = Int(truncatingIfNeeded: h[2])
        continue
      }
    case .return:
      let v = h[opA(i)]
      let back = h[0]
      if back & 1 != 0 { return v }
      h = words(back)
      method = words(h[1])
      code = words(method[M.code.rawValue])
      pc = Int(truncatingIfNeeded: h[2])
      h[opA(code[pc])] = v
      pc &+= 1
      continue
    case .returnSelf:
      let v = h[-(Int(truncatingIfNeeded: method[M.argumentCount.rawValue]) &+ 1)]
      let back = h[0]
      if back & 1 != 0 { return v }
      h = words(back)
      method = words(h[1])
      code = words(method[M.code.rawValue])
      pc = Int(truncatingIfNeeded: h[2])
      h[opA(code[pc])] = v
      pc &+= 1
      continue
    case .returnNonLocal:
      h[2] = UInt64(UInt(bitPattern: pc))
      let environment = h[opC(i)]
      if words(environment)[1 &+ EnvironmentLayout.home] == Word.true {
        thread[Thread.Slot.unwindTarget.rawValue] = environment
        thread[Thread.Slot.unwindValue.rawValue] = h[opB(i)]
        callee = h
        target = 0
      } else {
        callee = escapedBlock(thread, h, method)
        target = callee[1]
      }
    }

    // MARK: Activation
    // `callee` is the header of the frame to activate, its receiver and arguments below it; `target` the Method.
    // 0 means that something failed and unwinds.
    activation: while target != 0 {
      let m = words(target)
      switch m[M.kind.rawValue] {
      case 0:
        callee[0] = bits(h)
        callee[1] = target
        let counter = m[M.counter.rawValue] &- 1
        m[M.counter.rawValue] = counter
        if bits(callee) &+ m[M.frameBytes.rawValue] > thread[Thread.Slot.limit.rawValue] || counter == 0 {
          // -1: no registers yet.
          callee[2] = UInt64.max
          let status = enterSlow(thread, callee, m)
          if status == 0 {
            target = 0
            break activation
          }
          if status == 2 { continue activation }
        }
        var k = Int(truncatingIfNeeded: m[M.localCount.rawValue])
        while k > 0 {
          callee[k &+ 2] = Word.nil
          k &-= 1
        }
        h = callee
        method = m
        code = words(m[M.code.rawValue])
        pc = 0
      case 1:
        callee[0] = bits(h) | 1
        callee[1] = target
        let entry = unsafeBitCast(UInt(m[0]), to: NativeEntry.self)
        let v = entry(thread, callee, UnsafeMutableRawPointer(m))
        if v == 0 {
          target = 0
          break activation
        }
        h[opA(code[pc])] = v
        pc &+= 1
      case 2:
        let block = callee[-(Int(truncatingIfNeeded: m[M.argumentCount.rawValue]) &+ 1)]
        let body = words(block)[1 &+ BlockLayout.method] & ~1
        if words(body)[M.argumentCount.rawValue] == m[M.argumentCount.rawValue] {
          target = body
          continue activation
        }
        callee[0] = bits(h)
        callee[1] = target
        callee[2] = UInt64.max
        let v = wrongBlockArguments(thread, callee, m)
        if v == 0 {
          target = 0
          break activation
        }
        h[opA(code[pc])] = v
        pc &+= 1
      case 3:
        // Block>>restart: this activation, which sent it, starts again.
        restartFrame(thread, h, method)
        pc = 0
        let counter = method[M.counter.rawValue] &- 1
        method[M.counter.rawValue] = counter
        if counter == 0 {
          // A loop like any other: compiled code may take this frame over.
          h[2] = 0
          let compiled = hotLoopSlow(thread, h, method, 0)
          if compiled != 0 {
            let back = h[0]
            h[0] = back | 1
            let entry = unsafeBitCast(UInt(compiled), to: NativeEntry.self)
            let v = entry(thread, h, UnsafeMutableRawPointer(method))
            if v == Word.resumeInPlace {
              h[0] = back
              h = words(thread[Thread.Slot.resumeFrame.rawValue])
              method = words(h[1])
              code = words(method[M.code.rawValue])
              pc = Int(truncatingIfNeeded: h[2])
              break activation
            }
            if back & 1 != 0 { return v }
            h = words(back)
            method = words(h[1])
            code = words(method[M.code.rawValue])
            pc = Int(truncatingIfNeeded: h[2])
            if v == 0 {
              target = 0
              break activation
            }
            h[opA(code[pc])] = v
            pc &+= 1
          }
        }
      default:
        callee[0] = bits(h)
        callee[1] = target
        callee[2] = UInt64.max
        target = resolveSpecial(thread, callee, m)
        if target == 1 {
          // It raised an error that was answered with a value.
          h[opA(code[pc])] = thread[Thread.Slot.answer.rawValue]
          pc &+= 1
          break activation
        }
        if target != 0 {
          callee = words(thread[Thread.Slot.nextFrame.rawValue])
          continue activation
        }
        break activation
      }
      break activation
    }
    if target != 0 { continue }

    // MARK: Unwinding
    switch unwindFrames(thread, h) {
    case .leaves: return 0
    case .answers: return thread[Thread.Slot.answer.rawValue]
    case .continues:
      h = words(thread[Thread.Slot.nextFrame.rawValue])
      method = words(h[1])
      code = words(method[M.code.rawValue])
      pc = Int(truncatingIfNeeded: h[2])
    }
  }
}

@inline(__always)
private var environmentHeader: UInt64 {
  (UInt64(WellKnownClass.environment.rawValue) | UInt64(ObjectFormat.indexable.rawValue) &<< 24) &<< 32
}
/// Block1 takes no arguments.
@inline(__always)
private func blockHeader(_ argumentCount: UInt64) -> UInt64 {
  (UInt64(WellKnownClass.block1.rawValue) &+ argumentCount) &<< 32
}
/// 1 and 0: the same or not; -1: ask the method (big integers, numbers of different classes).
@inline(__always)
private func identity(_ x: UInt64, _ y: UInt64) -> Int {
  if x == y { return 1 }
  if (x | y) & 7 == 0 { return (words(x)[0] &>> 32) & 0xFF_FFFF <= 2 ? -1 : 0 }
  return isNumber(x) && (x ^ y) & 1 != 0 ? -1 : 0
}
