// Random graphs: objects, arrays, strings, globals and calls.

import IR

extension GraphGenerator {
  mutating func memory() {
    switch random.below(15) {
    case 0...2: point()
    case 3:
      mixed()
      unboxedField()
    case 4: array()
    case 5:
      let cell = graph.tableIndex(.cell(id: random.below(GraphHeap.cellCount), text: "global"))
      emit(.loadCell, immediate: Int64(cell))
    case 6:
      let three = constant(random.below(4))
      scope.arrays.append(emit(.allocateArray, [three], immediate: Int64(GraphClass.array)))
      // Arrays of the same size are not the same.
      if random.chance(50) { element(scope.arrays[scope.arrays.count - 1], masked(1)) }
    case 7...8 where !scope.points.isEmpty:
      emit(.loadSlot, [recent(scope.points)], immediate: Int64(random.below(3)))
    case 9...10 where !scope.points.isEmpty:
      emit(.storeSlot, [recent(scope.points), anyValue()], immediate: Int64(random.below(3)))
    case 11 where !scope.mixed.isEmpty: unboxedField()
    case 13 where !scope.points.isEmpty: reload()
    case 12 where !scope.mixed.isEmpty:
      let slot = Int64(2 * random.below(2))
      if random.chance(50) {
        emit(.loadSlot, [recent(scope.mixed)], immediate: slot)
      } else {
        emit(.storeSlot, [recent(scope.mixed), anyValue()], immediate: slot)
      }
    default: if !scope.arrays.isEmpty { element(recent(scope.arrays), random.chance(88) ? masked(1) : anyInt()) }
    }
  }

  mutating func unboxedField() { unboxedField(of: recent(scope.mixed)) }
  mutating func unboxedField(of object: ValueID) {
    if random.chance(40) {
      // Not what stands for nil, which no arithmetic makes.
      emit(.storeDouble, [object, anyFloat()], immediate: 1)
    } else {
      let d = emit(.loadDouble, [object], immediate: 1)
      // Not to be computed with before it is known to be a double.
      scope.floats.removeLast()
      emit(.guardDouble, [d], immediate: DeoptReason.notDouble.rawValue)
    }
  }

  /// A load before and after a store, to the same object perhaps.
  mutating func reload() {
    let object = recent(scope.points), slot = Int64(random.below(3))
    emit(.loadSlot, [object], immediate: slot)
    emit(.storeSlot, [recent(scope.points), anyValue()], immediate: slot)
    let loaded = emit(.loadSlot, [object], immediate: slot)
    emit(.storeSlot, [object, loaded], immediate: (slot + 1) % 3)
  }

  mutating func point() { scope.points.append(guardClass(GraphClass.point, argument: 3 * random.below(2))) }
  mutating func mixed() { scope.mixed.append(guardClass(GraphClass.mixed, argument: 1)) }
  mutating func array() { scope.arrays.append(guardClass(GraphClass.array, argument: 2)) }
  /// `GraphScript.arguments` makes it likely that an argument is of the class.
  mutating func guardClass(_ word: UInt32, argument: Int) -> ValueID {
    emit(.guardClass, [random.chance(95) ? scope.values[argument] : anyValue()], immediate: Int64(word))
  }

  mutating func element(_ array: ValueID, _ index: ValueID) {
    let length = emit(.loadLength, [array])
    let isInBounds = emit(.isInBounds, [index, length])
    emit(.guardTrue, [isInBounds], immediate: DeoptReason.outOfBounds.rawValue)
    if random.chance(60) {
      emit(.loadElement, [array, index], immediate: 1)
    } else {
      emit(.storeElement, [array, index, anyValue()], immediate: 1)
    }
  }

  /// One that may never be needed: its fields are stored to and read before it is given away, if it is.
  mutating func newObject() {
    let isMixed = random.chance(40)
    let object: ValueID
    if isMixed {
      let unboxedNil = emit(.constTagged, immediate: Int64(bitPattern: GraphMachine.layout.unboxedNil))
      // Bits, and no value that could be used.
      scope.values.removeLast()
      object = emit(.allocate, [anyValue(), unboxedNil, anyValue()], immediate: Int64(GraphClass.mixed))
      scope.mixed.append(object)
    } else {
      object = emit(.allocate, [anyValue(), anyValue(), anyValue()], immediate: Int64(GraphClass.point))
      scope.points.append(object)
    }
    // Known, but hardly ever given away: then it would have to exist.
    if random.chance(60) { scope.values.removeAll { $0 == object } }
    for _ in 0..<random.below(4) {
      switch random.below(isMixed ? 4 : 3) {
      case 0:
        emit(
          .storeSlot, [object, anyValue()], immediate: isMixed ? Int64(2 * random.below(2)) : Int64(random.below(3)))
      case 1: emit(.loadSlot, [object], immediate: isMixed ? Int64(2 * random.below(2)) : Int64(random.below(3)))
      case 2: statement()
      default: unboxedField(of: object)
      }
    }
  }

  // MARK: Strings

  mutating func string() {
    if scope.strings.isEmpty || random.chance(30) { addString() }
    let text = recent(scope.strings)
    switch random.below(6) {
    case 0:
      addString()
      emit(.equalStrings, [text, random.pick(scope.strings)])
    case 1:
      emit(
        .equalsShortString, [text],
        immediate: ShortString.word(random.pick(["", "a", "ab", "abc", "abd", "h\u{E9}"])) ?? 0)
    case 2, 3:
      let index = masked(random.pick([0, 1, 1, 7]))
      let bytes = emit(.loadLength, [text], immediate: 0)
      let isInBounds = emit(.isInBounds, [index, bytes])
      emit(.guardTrue, [isInBounds], immediate: DeoptReason.outOfBounds.rawValue)
      if random.chance(50) {
        emit(.loadByte, [text, index], immediate: 2)
      } else {
        let scalars = emit(.loadLength, [text], immediate: 1)
        let isASCII = emit(.compareInt, [bytes, scalars], immediate: Comparison.equal.rawValue)
        emit(.guardTrue, [isASCII], immediate: DeoptReason.unsupported.rawValue)
        emit(.loadCharacter, [text, index])
      }
    default: emit(.loadLength, [text], immediate: Int64(random.below(2)))
    }
  }

  mutating func addString() {
    if random.chance(50) {
      let index = graph.tableIndex(.literal(method: 0, index: random.below(9), text: "text"))
      scope.strings.append(emit(.literal, immediate: Int64(index)))
    } else {
      scope.strings.append(guardClass(GraphClass.string, argument: 4))
    }
  }

  // MARK: Calls

  mutating func call() {
    let count = random.below(3)
    switch random.below(4) {
    case 0:
      let method = graph.tableIndex(.method(id: count, text: "method"))
      emit(.callMethod, (0...count).map { _ in anyValue() }, immediate: Int64(method))
      return
    case 1:
      let block = guardClass(GraphClass.block, argument: 5)
      emit(.callBlock, [block, anyValue()])
      return
    default: break
    }
    let selector = graph.tableIndex(.selector(id: random.below(4), argumentCount: count, text: "send"))
    emit(.send, (0...count).map { _ in anyValue() }, immediate: Int64(selector))
  }
}
