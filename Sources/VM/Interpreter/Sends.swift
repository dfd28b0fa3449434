// Sends: by the first entry of the site's inline cache, or by a lookup.

import Bytecode
import MachineLayout

extension Interpreter {
  @inline(__always)
  mutating func send(_ i: Instruction) -> Step {
    savePC()
    let base = frame + i.b
    let site = self.site(i)
    callee = base + (argumentCount(site) &+ 1)
    let index = Self.classIndex(base[0])
    let entry = site[SendSiteLayout.entries]
    if entry & 0xFFFF_FFFF == index {
      site[SendSiteLayout.entries] = entry &+ (1 &<< 32)
      target = site[SendSiteLayout.entries &+ 1]
    } else {
      target = siteLookup(thread, site, index)
    }
    return .call
  }

  @inline(__always)
  mutating func superSend(_ i: Instruction) -> Step {
    savePC()
    let site = self.site(i)
    let holder = method[MethodSlot.holder.rawValue]
    callee = frame + (i.b &+ argumentCount(site) &+ 1)
    if site[SendSiteLayout.entries] & 0xFFFF_FFFF == holder {
      site[SendSiteLayout.entries] &+= 1 &<< 32
      target = site[SendSiteLayout.entries &+ 1]
    } else {
      target = superLookup(thread, site, holder)
    }
    return .call
  }

  /// The send that an operator stands for.
  @inline(__always)
  mutating func callOperator(_ x: UInt64, _ y: UInt64) -> Step {
    callee = operatorCallee(frame, method, pc, x, y)
    target = operatorLookup(thread, frame, method, pc, x, y)
    return .call
  }

  @inline(__always)
  private func site(_ i: Instruction) -> Words {
    words(method[MethodSlot.sites.rawValue]) + i.uc &* SendSiteLayout.words
  }
  @inline(__always)
  private func argumentCount(_ site: Words) -> Int { Int(truncatingIfNeeded: site[0] & 0xFFFF) }

  @inline(__always)
  private static func classIndex(_ v: UInt64) -> UInt64 {
    if v & 7 == 0 { return (words(v)[0] &>> 32) & 0xFF_FFFF }
    if v & 1 != 0 { return UInt64(WellKnownClass.integer.rawValue) }
    if v & 3 == 2 { return UInt64(WellKnownClass.double.rawValue) }
    // nil, false and true, four bits for each.
    return (0x453 &>> ((v &>> 3) &<< 2)) & 7
  }
}
