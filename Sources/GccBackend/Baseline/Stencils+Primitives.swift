// Stencils of sends that find primitives: of arrays, classes, strings and numbers. Each tests that the first entry of the
// site's inline cache leads to that primitive, and leaves to it what is not usual.

import CGccJit
import IR
import MachineLayout

extension Stencils.Writer {
  func writePrimitives() {
    writeArrays()
    writeMakers()
    writeStrings()
    writeIntegers()
  }

  private func findsKnown(_ s: StencilWriter, _ site: RValue) -> RValue {
    s.c.equal(s.word(s.word(site, layout.siteEntries + 1), layout.primitive), known(s))
  }

  /// Whether the first entry of the site's cache is of that class.
  private func isOf(_ s: StencilWriter, _ site: RValue, _ index: Int) -> RValue {
    s.c.equal(s.c.and(s.word(site, layout.siteEntries), s.constant(0xFFFF_FFFF)), s.constant(index))
  }

  private func all(_ s: StencilWriter, _ conditions: [RValue]) -> RValue {
    conditions.dropFirst().reduce(conditions[0]) { s.c.both($0, $1) }
  }

  private func finish(_ s: StencilWriter, _ site: RValue, _ value: RValue) {
    count(s, site)
    s.put(value)
    s.go(to: .next)
  }

  /// Small integers as unsigned numbers: what is below 1 is greater than all counts.
  private func isInBounds(_ s: StencilWriter, _ index: RValue, count: RValue) -> RValue {
    let limit = s.c.subtract(count, s.constant(1))
    return s.c.both(isInteger(s, index), s.c.unsignedGreater(limit, s.c.subtract(index, s.constant(3))))
  }

  // MARK: Arrays

  private func writeArrays() {
    stencil(.arrayAt) { s in
      let array = s.register(.b)
      let index = argument(s, 1)
      let site = requireArray(s, array, index: index)
      finish(s, site, s.word(element(s, array, index), layout.arrayElements))
    }
    stencil(.arrayAtPut) { s in
      let array = s.register(.b)
      let index = argument(s, 1), v = argument(s, 2)
      let site = requireArray(s, array, index: index)
      count(s, site)
      s.set(element(s, array, index), layout.arrayElements, to: v)
      s.put(array)
      goOn(s, remembering: array, v)
    }
    stencil(.arrayLength) { s in
      let array = s.register(.b)
      let site = requireArray(s, array, index: nil)
      finish(s, site, s.word(array, layout.arrayCount))
    }
  }

  /// That the send finds the primitive, for an Array, and that the index is one of its elements'. Anything else is sent.
  private func requireArray(_ s: StencilWriter, _ array: RValue, index: RValue?) -> RValue {
    let site = site(s)
    var conditions = [
      isPointer(s, array), s.c.classWordIs(array, UInt32(layout.arrayHeader >> UInt64(layout.classShift))),
      isOf(s, site, layout.arrayClass), findsKnown(s, site),
    ]
    if let index { conditions.append(isInBounds(s, index, count: s.word(array, layout.arrayCount))) }
    s.require(all(s, conditions)) { missed(s) }
    return site
  }

  /// So many bytes behind the array as its element with that index is behind the first one.
  private func element(_ s: StencilWriter, _ array: RValue, _ index: RValue) -> RValue {
    s.c.add(array, s.c.shiftLeft(s.c.subtract(index, s.constant(3)), s.constant(2)))
  }

  // MARK: New objects

  private func writeMakers() {
    stencil(.newObject) { s in
      let (receiver, site) = requireFirst(s, s.register(.b)) { findsKnown(s, $0) }
      makeObject(s, receiver, site) { missed(s) }
    }
    stencil(.superNew) { s in
      let receiver = s.register(.b), site = site(s)
      // Its cache knows the holder's class index. The receiver is anything, should somebody have asked for that.
      let isCached = s.c.equal(
        s.c.cast(s.word(site, layout.siteEntries), s.c.half), s.c.cast(s.hole(.value), s.c.half))
      let offset = s.c.shiftLeft(pointerClass(s, receiver), s.constant(3))
      let isClass = s.c.equal(
        s.word(s.c.add(s.word(s.thread, layout.templates), offset)), s.constant(bits: InstanceTemplate.classObject))
      s.require(all(s, [isCached, findsKnown(s, site), isPointer(s, receiver), isClass])) { sendSuper(s) }
      makeObject(s, receiver, site) { sendSuper(s) }
    }
    stencil(.newArray) { s in
      let n = argument(s, 1)
      let (_, site) = requireFirst(s, s.register(.b)) { site in
        // The class itself, which has no fields, and few elements.
        let isArray = s.c.equal(
          s.word(s.register(.b), layout.classObjectIndex), s.constant(layout.arrayClass << 1 | 1))
        let isSmall = s.c.not(s.c.unsignedGreater(n, s.constant(Self.elementLimit << 1 | 1)))
        return all(s, [findsKnown(s, site), isArray, isInteger(s, n), isSmall])
      }
      let count = s.keep(s.c.shiftRight(n, s.constant(1)))
      let p = allocate(s, s.c.shiftLeft(s.c.add(count, s.constant(2)), s.constant(3))) { missed(s) }
      s.set(p, to: s.constant(bits: layout.arrayHeader))
      s.set(p, layout.arrayCount, to: n)
      fill(s, p, layout.arrayElements, count)
      finish(s, site, p)
    }
  }
  /// The instance of a class object, if that is of nothing but fields.
  private func makeObject(_ s: StencilWriter, _ receiver: RValue, _ site: RValue, else otherwise: () -> Void) {
    // The class index is a small integer.
    let offset = s.c.shiftLeft(s.c.subtract(s.word(receiver, layout.classObjectIndex), s.constant(1)), s.constant(2))
    let template = s.keep(s.word(s.c.add(s.word(s.thread, layout.templates), offset)))
    s.require(s.c.unequal(s.c.logicalShiftRight(template, 32), s.constant(0))) { otherwise() }
    let count = s.keep(s.c.cast(s.c.cast(template, s.c.half), s.c.word))
    let p = allocate(s, s.c.shiftLeft(s.c.add(count, s.constant(1)), s.constant(3))) { otherwise() }
    s.set(p, to: s.c.xor(template, count))
    fill(s, p, 1, count)
    finish(s, site, p)
  }
  /// Larger arrays are made by the primitive.
  private static var elementLimit: Int { 64 }

  private func fill(_ s: StencilWriter, _ p: RValue, _ first: Int, _ count: RValue) {
    s.loop(below: count) { i in
      s.set(s.c.add(p, s.c.shiftLeft(i, s.constant(3))), first, to: nilWord(s))
    }
  }

  // MARK: Strings

  private func writeStrings() {
    // Of plain strings, which have nothing beside the count; the choice of the stencil has seen to that.
    stencil(.stringLength) { s in
      let (string, site) = requireFirst(s, s.register(.b)) { isOfString(s, $0) }
      finish(s, site, s.word(string, layout.stringExtra))
    }
    stencil(.stringAt) { s in
      let index = argument(s, 1)
      let (string, site) = requireFirst(s, s.register(.b)) { isOfString(s, $0) }
      // Where a character is a byte.
      let count = s.word(string, layout.stringByteCount)
      let isASCII = s.c.equal(count, s.word(string, layout.stringExtra))
      s.require(s.c.both(isASCII, isInBounds(s, index, count: count))) { missed(s) }
      let place = s.c.add(
        s.c.add(string, s.c.shiftRight(index, s.constant(1))), s.constant(8 * layout.stringFirstWord - 1))
      let character = s.c.cast(s.c.read(s.c.byteMemory(place)), s.c.word)
      let table = s.word(s.thread, layout.runtime.characters)
      finish(s, site, s.word(s.c.add(table, s.c.shiftLeft(character, s.constant(3)))))
    }
  }

  private func isOfString(_ s: StencilWriter, _ site: RValue) -> RValue {
    s.c.both(isOf(s, site, layout.stringClass), findsKnown(s, site))
  }

  // MARK: Integers

  private func writeIntegers() {
    binary(.bitOr) { s, x, y in s.c.or(x, y) }
    binary(.bitXor) { s, x, y in s.c.or(s.c.xor(x, y), s.constant(1)) }
    binary(.shiftLeft) { s, x, y in
      s.require(s.c.not(s.c.unsignedGreater(y, s.constant(61 << 1 | 1)))) { missed(s) }
      // One more bit than the shift: the result has to be a small integer itself.
      let value = s.keep(s.c.shiftRight(x, s.constant(1)))
      let bits = s.keep(s.c.add(s.c.shiftRight(y, s.constant(1)), s.constant(1)))
      let shifted = s.keep(s.c.shiftLeft(value, bits))
      s.require(s.c.equal(s.c.shiftRight(shifted, bits), value)) { missed(s) }
      return s.c.or(shifted, s.constant(1))
    }
    binary(.shiftRight) { s, x, y in
      let isUsual = s.c.both(
        s.c.not(s.c.unsignedGreater(y, s.constant(62 << 1 | 1))), s.c.compare(OVID_JIT_COMPARISON_GE, x, s.constant(0)))
      s.require(isUsual) { missed(s) }
      return s.c.or(s.c.shiftRight(x, s.c.shiftRight(y, s.constant(1))), s.constant(1))
    }
    binary(.remainder) { s, x, y in
      let d = s.keep(s.c.shiftRight(y, s.constant(1)))
      s.require(s.c.both(s.c.unequal(d, s.constant(0)), s.c.unequal(d, s.constant(-1)))) { missed(s) }
      let r = s.c.binary(OVID_JIT_BINARY_MODULO, s.c.shiftRight(x, s.constant(1)), d)
      return s.c.or(s.c.shiftLeft(r, s.constant(1)), s.constant(1))
    }
    binary(.differ) { s, x, y in
      s.choose(
        s.c.equal(x, y), s.c.word, { s.constant(bits: layout.runtime.falseWord) },
        { s.constant(bits: layout.runtime.trueWord) })
    }
    // Quotients are doubles.
    stencil(.divideIntegers) { s in
      let (x, y, site) = requireIntegers(s)
      s.require(s.c.unequal(y, s.constant(1))) { missed(s) }
      divide(s, site, double(s, x), double(s, y))
    }
    stencil(.divideDouble) { s in
      let x = s.register(.b), y = argument(s, 1)
      let site = site(s)
      let isDouble = s.c.both(isOf(s, site, layout.doubleClass), s.c.isImmediateDouble(x))
      let isNumber = s.c.both(s.c.unequal(s.c.and(y, s.constant(3)), s.constant(0)), s.c.unequal(y, s.constant(1)))
      s.require(all(s, [isDouble, isNumber, findsKnown(s, site)])) { missed(s) }
      let divisor = s.choose(
        isInteger(s, y), s.c.double, { double(s, y) }, { s.c.immediateDouble(y) })
      divide(s, site, s.c.immediateDouble(x), divisor)
    }
  }

  private func double(_ s: StencilWriter, _ integer: RValue) -> RValue {
    s.c.cast(s.c.shiftRight(integer, s.constant(1)), s.c.double)
  }

  private func divide(_ s: StencilWriter, _ site: RValue, _ x: RValue, _ y: RValue) {
    let quotient = s.keep(s.c.binary(OVID_JIT_BINARY_DIVIDE, x, y, s.c.double), s.c.double)
    let v = s.keep(s.c.immediateWord(s.keep(s.c.shiftedBits(quotient))))
    s.require(s.c.isImmediateDouble(v)) { missed(s) }
    count(s, site)
    s.put(v)
    s.goOn(with: quotient)
  }

  private func requireIntegers(_ s: StencilWriter) -> (x: RValue, y: RValue, site: RValue) {
    let x = s.register(.b), y = argument(s, 1)
    let site = site(s)
    s.require(all(s, [isInteger(s, s.c.and(x, y)), isOf(s, site, layout.integerClass), findsKnown(s, site)])) {
      missed(s)
    }
    return (x, y, site)
  }

  private func binary(_ name: StencilName, _ value: @escaping (StencilWriter, RValue, RValue) -> RValue) {
    stencil(name) { s in
      let (x, y, site) = requireIntegers(s)
      let result = s.keep(value(s, x, y))
      finish(s, site, result)
    }
  }
}
