// Primitives that have a better form in the graph than a call. The key is the primitive's name in the VM's
// table; a primitive without a row here is called.

import Bytecode
import IR
import MachineLayout

extension GraphBuilder {
  /// The value of the primitive; nil if it must be called. The receiver's class has been checked.
  func intrinsic(_ name: String, _ arguments: [Ref]) throws(BuildFailure) -> Ref? {
    let receiver = arguments[0]
    func other() -> Ref { arguments[1] }
    switch name {
    case "Integer>>+", "Double>>+": return try arithmetic(.add, receiver, other())
    case "Integer>>-", "Double>>-": return try arithmetic(.subtract, receiver, other())
    case "Integer>>*", "Double>>*": return try arithmetic(.multiply, receiver, other())
    case "Integer>>/", "Double>>/": return try arithmetic(.divide, receiver, other())
    case "Integer>>//", "Double>>//": return try arithmetic(.divideFloat, receiver, other())
    case "Integer>>%": return try arithmetic(.modulo, receiver, other())
    case "Integer>>rem:": return try arithmetic(.remainder, receiver, other())
    case "Integer>>&": return try arithmetic(.bitAnd, receiver, other())
    case "Integer>>|": return try bitwise(.orInt, receiver, other())
    case "Integer>>bitXor:": return try bitwise(.xorInt, receiver, other())
    case "Integer>><<": return try shiftLeft(receiver, other())
    case "Integer>><", "Double>><": return try compare(.less, receiver, other())
    case "Integer>><=", "Double>><=": return try compare(.lessOrEqual, receiver, other())
    case "Integer>>>", "Double>>>": return try compare(.greater, receiver, other())
    case "Integer>>>=", "Double>>>=": return try compare(.greaterOrEqual, receiver, other())
    case "Integer>>=", "Double>>=": return try compare(.equal, receiver, other())
    case "Integer>>~=", "Double>>~=", "Integer>><>", "Double>><>": return try compare(.notEqual, receiver, other())
    case "Integer>>asDouble":
      guard let i = try knownInt(receiver) else { return nil }
      return .value(try emit(.intToFloat, [i]))
    case "Double>>sqrt":
      guard let f = try knownFloat(receiver) else { return nil }
      return .value(try emit(.sqrtFloat, [f]))
    case "Object>>==": return try identical(receiver, other())
    case "Array>>at:": return try arrayAt(receiver, other())
    case "Array>>at:put:": return try arrayAtPut(receiver, other(), arguments[2])
    case "Array>>length":
      guard isPlainArray(receiver) else { return nil }
      return .value(try emit(.loadLength, [tagged(receiver)]))
    case "Array class>>new:": return try newArray(receiver, other())
    case "String>>length":
      guard isPlainString(receiver) else { return nil }
      return .value(try emit(.loadLength, [tagged(receiver)], Int64(StringLayout.extra)))
    case "String>>charAt:": return try characterAt(receiver, other())
    // Libraries that have no other primitive ask for a character as a part of one.
    case "String>>primSubstringFrom:to:" where state.resolve(other()) == state.resolve(arguments[2]):
      return try characterAt(receiver, other())
    case "String>>=": return try equalStrings(receiver, other())
    case "Class>>new": return try newInstance(receiver)
    default: return nil
    }
  }

  private func mayFail(_ reason: DeoptReason) -> Bool {
    !program.failures(context.facts.id, pc: pc).contains(reason.rawValue)
  }

  private func bitwise(_ op: Op, _ left: Ref, _ right: Ref) throws(BuildFailure) -> Ref? {
    guard let a = try knownInt(left) else { return nil }
    let known = try knownInt(right) != nil
    guard known || mayFail(.notInteger) else { return nil }
    return .value(try emit(op, [a, guardInt(right)]))
  }

  private func shiftLeft(_ left: Ref, _ right: Ref) throws(BuildFailure) -> Ref? {
    guard let a = try knownInt(left), let b = try knownInt(right), graph[b].op == .constInt,
      graph[b].immediate >= 0, graph[b].immediate < 62, mayFail(.overflow)
    else { return nil }
    return .value(try emit(.shiftLeftInt, [a, b], state: frameState(at: pc)))
  }

  /// Index from 0, checked against the count of elements, or of a string's bytes.
  private func checkedIndex(_ array: ValueID, _ index: Ref) throws(BuildFailure) -> ValueID {
    let zeroBased = try emit(.subtractIntUnchecked, [guardInt(index), constant(.int(1))])
    try guardBounds(zeroBased, below: emit(.loadLength, [array]))
    return zeroBased
  }

  private func guardBounds(_ i: ValueID, below limit: ValueID) throws(BuildFailure) {
    try emit(
      .guardTrue, [emit(.isInBounds, [i, limit])], DeoptReason.outOfBounds.rawValue, state: frameState(at: pc))
  }

  private func isPlainArray(_ ref: Ref) -> Bool {
    if case .value = state.resolve(ref) { return knownClass(ref) == WellKnownClass.array.rawValue }
    return false
  }

  private func mayIndex(_ index: Ref) throws(BuildFailure) -> Bool {
    let known = try knownInt(index) != nil
    return mayFail(.outOfBounds) && (known || mayFail(.notInteger))
  }

  private func arrayAt(_ array: Ref, _ index: Ref) throws(BuildFailure) -> Ref? {
    guard isPlainArray(array), try mayIndex(index) else { return nil }
    let a = try tagged(array)
    return .value(try emit(.loadElement, [a, checkedIndex(a, index)], 1))
  }

  private func arrayAtPut(_ array: Ref, _ index: Ref, _ value: Ref) throws(BuildFailure) -> Ref? {
    guard isPlainArray(array), try mayIndex(index) else { return nil }
    let a = try tagged(array)
    let v = try tagged(value)
    let i = try checkedIndex(a, index)
    try emit(.storeElement, [a, i, v], 1 | (needsBarrier(v) ? 0 : Op.noBarrier))
    return state.resolve(array)
  }

  /// `new:` sent to Array itself. Subclasses may have fields.
  private func newArray(_ receiver: Ref, _ count: Ref) throws(BuildFailure) -> Ref? {
    guard let metaclass = knownClass(receiver),
      program.classFacts(metaclass).instanceClassIndex == WellKnownClass.array.rawValue, try mayIndex(count)
    else { return nil }
    let n = try guardInt(count)
    try guardBounds(n, below: constant(.int(1 << 28)))
    let array = try emit(.allocateArray, [n], Int64(ClassWord.array.bits), state: frameState(at: pc))
    setClass(array, WellKnownClass.array.rawValue)
    return .value(array)
  }

  // MARK: Strings

  private func isPlainString(_ ref: Ref) -> Bool { knownClass(ref) == WellKnownClass.string.rawValue }

  /// Of a text of ASCII alone: there a character is a byte.
  private func characterAt(_ string: Ref, _ index: Ref) throws(BuildFailure) -> Ref? {
    guard isPlainString(string), try mayIndex(index) else { return nil }
    let s = try tagged(string)
    let zeroBased = try checkedIndex(s, index)
    let byteCount = try emit(.loadLength, [s], Int64(StringLayout.byteCount))
    let isASCII = try emit(
      .compareInt, [byteCount, emit(.loadLength, [s], Int64(StringLayout.extra))], Comparison.equal.rawValue)
    try emit(.guardTrue, [isASCII], DeoptReason.outOfBounds.rawValue, state: frameState(at: pc))
    let character = try emit(.loadCharacter, [s, zeroBased])
    setClass(character, WellKnownClass.string.rawValue)
    return .value(character)
  }

  /// Strings and symbols are equal if their texts are; there is only one symbol of each text.
  private func equalStrings(_ left: Ref, _ right: Ref) throws(BuildFailure) -> Ref? {
    let classes = (knownClass(left), knownClass(right))
    if classes == (WellKnownClass.symbol.rawValue, WellKnownClass.symbol.rawValue) { return try identical(left, right) }
    let texts = [WellKnownClass.string.rawValue, WellKnownClass.symbol.rawValue]
    guard let l = classes.0, let r = classes.1, texts.contains(l), texts.contains(r) else { return nil }
    if let text = literalStrings[state.resolve(right)], let word = ShortString.word(text) {
      return .value(try emit(.equalsShortString, [tagged(left)], word))
    }
    return .value(try emit(.equalStrings, [tagged(left), tagged(right)]))
  }

  /// `new` sent to a class that is known: its instance may never have to be allocated.
  private func newInstance(_ receiver: Ref) throws(BuildFailure) -> Ref? {
    guard let metaclass = knownClass(receiver),
      let instance = program.classFacts(metaclass).instanceClassIndex
    else { return nil }
    let facts = program.classFacts(instance)
    let hasFieldsOnly = [ObjectFormat.fields, .mixed].contains { UInt32($0.rawValue) == facts.format }
    guard hasFieldsOnly, facts.fieldCount <= 64, instance > 20 else { return nil }
    dependencies.insert(.shape(classIndex: instance))
    return try create(
      classWord: facts.classWord, fields: Array(repeating: nilRef, count: facts.fieldCount))
  }
}
