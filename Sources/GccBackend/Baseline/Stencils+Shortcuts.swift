// Stencils of sends of methods that only read or write a field, or answer a constant (`MethodShortcut`): nothing is
// activated. What the method does is read of its word, which is another one as soon as its instructions are.

import IR
import MachineLayout

extension Stencils.Writer {
  func writeShortcuts() {
    stencil(.sendGetter) { s in
      let (field, site) = field(s, .getter)
      let v = s.keep(s.word(field))
      count(s, site)
      s.put(v)
      s.go(to: .next)
    }
    stencil(.sendDoubleGetter) { s in
      let (field, site) = field(s, .doubleGetter)
      count(s, site)
      putUnboxed(s, s.keep(s.word(field))) { missed(s) }
    }
    stencil(.sendSetter) { s in
      let receiver = s.register(.b), v = argument(s, 1)
      let (field, site) = field(s, .setter)
      s.set(field, to: v)
      count(s, site)
      s.put(receiver)
      goOn(s, remembering: receiver, v)
    }
    stencil(.sendDoubleSetter) { s in
      let receiver = s.register(.b), v = argument(s, 1)
      s.require(s.c.isImmediateDouble(v)) { missed(s) }
      let (field, site) = field(s, .doubleSetter)
      s.set(field, to: s.c.bitcast(s.c.immediateDouble(v), s.c.word))
      count(s, site)
      s.put(receiver)
      s.go(to: .next)
    }
    stencil(.sendConstant) { s in
      let (_, site) = requireFirst(s, s.register(.b)) { site in
        let target = s.word(site, layout.siteEntries + 1)
        return s.c.equal(
          s.word(target, layout.shortcut), s.constant(bits: MethodShortcut.constant.rawValue))
      }
      count(s, site)
      s.put(s.word(s.word(site, layout.siteEntries + 1), layout.shortcutValue))
      s.go(to: .next)
    }
  }

  /// The address of the field of the receiver that the method works on.
  private func field(_ s: StencilWriter, _ shortcut: MethodShortcut) -> (address: RValue, site: RValue) {
    func place(_ site: RValue) -> RValue {
      let target = s.word(site, layout.siteEntries + 1)
      return s.c.subtract(s.word(target, layout.shortcut), s.constant(bits: shortcut.rawValue))
    }
    let (receiver, site) = requireFirst(s, s.register(.b)) { site in
      s.c.equal(s.c.and(place(site), s.constant(7)), s.constant(0))
    }
    return (s.keep(s.c.add(receiver, place(site))), site)
  }
}
