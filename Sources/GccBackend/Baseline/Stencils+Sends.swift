// Stencils of sends: by the first entry of the site's inline cache, or by shared code. And primitives of arrays.

import IR

extension Stencils.Writer {
  func writeSends() {
    stencil(.send) { s in
      let (callee, site) = beginSend(s)
      s.go(to: .sendMissed, callee, site)
    }
    stencil(.sendToObject) { s in
      let receiver = s.register(.b)
      let (callee, site) = beginSend(s)
      s.require(isPointer(s, receiver)) { s.go(to: .sendMissed, callee, site) }
      sendIfFirst(s, callee, site, pointerClass(s, receiver))
    }
    stencil(.sendToInteger) { s in
      let receiver = s.register(.b)
      let (callee, site) = beginSend(s)
      s.require(isInteger(s, receiver)) { s.go(to: .sendMissed, callee, site) }
      sendIfFirst(s, callee, site, s.constant(layout.integerClass))
    }
    stencil(.superSend) { s in
      // Its cache knows the holder's class index.
      let site = s.keep(s.c.add(s.word(s.method, layout.sites), s.hole(.entry)))
      let entry = s.keep(s.word(site, layout.siteEntries))
      s.require(s.c.equal(s.c.cast(entry, s.c.half), s.c.cast(s.hole(.value), s.c.half))) { s.leave() }
      let (callee, _) = beginSend(s)
      s.set(site, layout.siteEntries, to: s.c.add(entry, s.constant(1 << 32)))
      activate(s, callee, s.keep(s.word(site, layout.siteEntries + 1)))
    }
  }

  func writeArrays() {
    stencil(.arrayAt) { s in
      let array = s.register(.b)
      let index = s.keep(argument(s, 1))
      let site = requireArray(s, array, index: index)
      count(s, site)
      s.put(s.word(element(s, array, index), layout.arrayElements))
      s.go(to: .next)
    }
    stencil(.arrayAtPut) { s in
      let array = s.register(.b)
      let index = s.keep(argument(s, 1)), v = s.keep(argument(s, 2))
      let site = requireArray(s, array, index: index)
      requireNoBarrier(s, array, v)
      count(s, site)
      s.set(element(s, array, index), layout.arrayElements, to: v)
      s.put(array)
      s.go(to: .next)
    }
    stencil(.arrayLength) { s in
      let array = s.register(.b)
      let site = requireArray(s, array, index: nil)
      count(s, site)
      s.put(s.word(array, layout.arrayCount))
      s.go(to: .next)
    }
  }

  private func argument(_ s: StencilWriter, _ number: Int) -> RValue {
    s.word(s.c.add(s.frame, s.hole(.b)), number)
  }

  /// That the send finds the primitive, for an Array, and that the index is one of its elements'. Anything else is sent.
  private func requireArray(_ s: StencilWriter, _ array: RValue, index: RValue?) -> RValue {
    let site = s.keep(s.c.add(s.word(s.method, layout.sites), s.hole(.entry)))
    let mask = layout.arrayClassWord & UInt32(layout.classIndexMask)
    let known = s.word(s.c.add(s.word(s.method, layout.baseline), s.hole(.known)))
    var conditions = [
      isPointer(s, array), s.c.classWordIs(array, layout.arrayClassWord),
      s.c.equal(s.c.and(s.word(site, layout.siteEntries), s.constant(0xFFFF_FFFF)), s.constant(Int(mask))),
      s.c.equal(s.word(s.word(site, layout.siteEntries + 1), layout.primitive), known),
    ]
    if let index {
      // Both are shifted by one, with bit 0 set; as unsigned numbers, what is below 1 is greater than all counts.
      let limit = s.c.subtract(s.word(array, layout.arrayCount), s.constant(1))
      conditions += [isInteger(s, index), s.c.unsignedGreater(limit, s.c.subtract(index, s.constant(3)))]
    }
    let all = conditions.dropFirst().reduce(conditions[0]) { s.c.both($0, $1) }
    s.require(all) {
      let (callee, site) = beginSend(s)
      s.go(to: .sendMissed, callee, site)
    }
    return site
  }

  /// In the first entry of the cache.
  private func count(_ s: StencilWriter, _ site: RValue) {
    s.set(site, layout.siteEntries, to: s.c.add(s.word(site, layout.siteEntries), s.constant(1 << 32)))
  }

  /// So many bytes behind the array as its element with that index is behind the first one.
  private func element(_ s: StencilWriter, _ array: RValue, _ index: RValue) -> RValue {
    s.c.add(array, s.c.shiftLeft(s.c.subtract(index, s.constant(3)), s.constant(2)))
  }

  private func beginSend(_ s: StencilWriter) -> (callee: RValue, site: RValue) {
    s.savePC()
    let callee = s.keep(s.c.add(s.frame, s.hole(.callee)))
    s.set(callee, to: s.frame)
    return (callee, s.keep(s.c.add(s.word(s.method, layout.sites), s.hole(.entry))))
  }

  private func sendIfFirst(_ s: StencilWriter, _ callee: RValue, _ site: RValue, _ index: RValue) {
    let entry = s.keep(s.word(site, layout.siteEntries))
    s.require(s.c.equal(s.c.cast(entry, s.c.half), s.c.cast(index, s.c.half))) { s.go(to: .sendMissed, callee, site) }
    s.set(site, layout.siteEntries, to: s.c.add(entry, s.constant(1 << 32)))
    activate(s, callee, s.keep(s.word(site, layout.siteEntries + 1)))
  }
}
