// Stencils of sends: by the first entry of the site's inline cache, or by shared code.

import IR

extension Stencils.Writer {
  func writeSends() {
    stencil(.send) { s in missed(s) }
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
    stencil(.superSend) { s in sendSuper(s) }
    stencil(.sendToBlock) { s in
      let known = requireFirst(s, s.register(.b)) { site in
        s.c.equal(s.word(s.word(site, layout.siteEntries + 1), layout.baselineEntry), self.known(s))
      }
      let body = s.keep(s.c.and(s.word(known.receiver, layout.blockMethod), s.constant(-2)))
      s.require(s.c.equal(s.word(body, layout.argumentCount), s.hole(.count))) { missed(s) }
      count(s, known.site)
      let (callee, _) = beginSend(s)
      activate(s, callee, body)
    }
  }

  // MARK: What sends have in common

  /// A send to `super`: its cache knows the holder's class index.
  func sendSuper(_ s: StencilWriter) {
    let site = site(s)
    let entry = s.keep(s.word(site, layout.siteEntries))
    s.require(s.c.equal(s.c.cast(entry, s.c.half), s.c.cast(s.hole(.value), s.c.half))) { s.leave() }
    let (callee, _) = beginSend(s)
    s.set(site, layout.siteEntries, to: s.c.add(entry, s.constant(1 << 32)))
    activate(s, callee, s.keep(s.word(site, layout.siteEntries + 1)))
  }

  func argument(_ s: StencilWriter, _ number: Int) -> RValue {
    s.keep(s.word(s.c.add(s.frame, s.hole(.b)), number))
  }

  func site(_ s: StencilWriter) -> RValue { s.keep(s.c.add(s.word(s.method, layout.sites), s.hole(.entry))) }

  /// What the code's table has for this stencil.
  func known(_ s: StencilWriter) -> RValue { s.word(s.c.add(s.word(s.method, layout.baseline), s.hole(.known))) }

  /// Whatever the receiver is.
  func missed(_ s: StencilWriter) {
    let (callee, site) = beginSend(s)
    s.go(to: .sendMissed, callee, site)
  }

  /// That the receiver is an object of the class in the first entry of the cache, and something else. Otherwise it is sent.
  func requireFirst(
    _ s: StencilWriter, _ receiver: RValue, and condition: (_ site: RValue) -> RValue
  ) -> (receiver: RValue, site: RValue) {
    let site = site(s)
    let isFirst = s.c.equal(
      s.c.cast(pointerClass(s, receiver), s.c.half), s.c.cast(s.word(site, layout.siteEntries), s.c.half))
    s.require(s.c.both(s.c.both(isPointer(s, receiver), isFirst), condition(site))) { missed(s) }
    return (receiver, site)
  }

  /// In the first entry of the cache.
  func count(_ s: StencilWriter, _ site: RValue) {
    s.set(site, layout.siteEntries, to: s.c.add(s.word(site, layout.siteEntries), s.constant(1 << 32)))
  }

  private func beginSend(_ s: StencilWriter) -> (callee: RValue, site: RValue) {
    s.savePC()
    let callee = s.keep(s.c.add(s.frame, s.hole(.callee)))
    s.set(callee, to: s.frame)
    return (callee, site(s))
  }

  private func sendIfFirst(_ s: StencilWriter, _ callee: RValue, _ site: RValue, _ index: RValue) {
    let entry = s.keep(s.word(site, layout.siteEntries))
    s.require(s.c.equal(s.c.cast(entry, s.c.half), s.c.cast(index, s.c.half))) { s.go(to: .sendMissed, callee, site) }
    s.set(site, layout.siteEntries, to: s.c.add(entry, s.constant(1 << 32)))
    activate(s, callee, s.keep(s.word(site, layout.siteEntries + 1)))
  }
}
