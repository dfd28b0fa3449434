// The heap verifier: every reference leads to an object, with a class, that is not forwarded; old objects that
// refer to young ones are remembered. For tests; slow.

import MachineLayout

extension Heap {
  /// Descriptions of what is wrong; empty if nothing is.
  public func verify(frame: Words) -> [String] {
    var problems: [String] = []
    let sizes = universe.classes.sizes
    var starts: Set<UInt64> = []
    old.seal()
    /// Without marks there are no dead objects, but in chunks that are still to be swept.
    func walk(_ from: Words, _ to: Words, _ place: String, isSwept: Bool = true) {
      var p = from
      let wrong = HeaderBits.forwarded | (isSwept && !isMarking ? HeaderBits.marked : 0)
      while p < to {
        let index = Int((p[0] >> 32) & 0xFF_FFFF)
        if p[0] & wrong != 0 || index >= universe.classes.count || index > 0 && universe.classes.infos[index] == nil {
          problems.append("bad header \(String(p[0], radix: 16)) at \(p) in \(place)")
          return
        }
        if index > 0 && (isSwept || p[0] & HeaderBits.marked != 0) { starts.insert(bits(p)) }
        p += ObjectExtent(p, header: p[0], sizes: sizes).words
      }
      if p != to { problems.append("an object passes the end of \(place)") }
    }
    for chunk in old.chunks { walk(chunk.start, chunk.top, "old space") }
    for chunk in marking.unswept { walk(chunk.start, chunk.top, "old space that is not swept", isSwept: false) }
    for chunk in large { walk(chunk.start, chunk.top, "large objects") }
    walk(survivors.start, survivors.top, "the survivors")
    walk(nursery.start, words(thread[.allocationTop]), "the nursery")

    func check(_ slot: Words, _ what: () -> String) {
      let v = slot[0]
      if v & 7 != 0 || v == 0 || starts.contains(v) { return }
      problems.append("\(what()) refers to no object: \(String(v, radix: 16))")
    }
    forEachRoot(frame: frame, minor: false) { slot in check(slot) { "root" } }
    let inRemembered = Set(remembered.map(bits))
    for start in starts {
      let p = words(start)
      let isOld = p[0] & HeaderBits.old != 0
      if isOld == isYoung(p) { problems.append("wrong generation bit at \(p)") }
      if (p[0] & HeaderBits.remembered != 0) != inRemembered.contains(start) {
        problems.append("remembered bit and set disagree at \(p)")
      }
      forEachTaggedWord(p, ObjectExtent(p, header: p[0], sizes: sizes)) { slot in
        check(slot) { "body word \(slot - p - 1) of a \(universe.classes[ObjectPointer(p).classIndex].name)" }
        let v = slot[0]
        if isOld, refersToYoung(v), p[0] & HeaderBits.remembered == 0 {
          problems.append("unremembered \(universe.classes[ObjectPointer(p).classIndex].name) refers to a young object")
        }
      }
    }
    return problems
  }
}
