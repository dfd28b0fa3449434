// Objects as somebody outside sees them: without sending a message, so without running code of the program.

import MachineLayout

/// What an object consists of.
public struct ObjectParts: Sendable {
  /// Of its class and the classes above, in the order of the fields.
  public var fieldNames: [String]
  /// Of an array.
  public var elementCount: Int
}

/// One of them.
public enum ObjectPart {
  case value(Value)
  /// Kept as a double in its object.
  case double(Double)
}

extension Universe {
  /// A few words about a value: numbers, strings and symbols as they are written, `a Point`, `an Array (3)`.
  public func briefText(_ value: Value, limit: Int = 80) -> String {
    if value == .none { return "nothing" }
    if let text = string(value) {
      let cut = text.count > limit ? text.prefix(limit) + "…" : text[...]
      return symbolID(value) == nil ? "'\(cut)'" : "#\(cut)"
    }
    if isLiteral(value) { return describe(value) }
    if let index = classIndex(ofClassObject: value) { return classes[index].name }
    let name = classes[value.classIndex].name
    let article = name.first.map { "AEIOUaeiou".contains($0) ? "an" : "a" } ?? "a"
    if BlockLayout.isClass(value.classIndex) {
      return "a block of \(methods[Method(value.object[BlockLayout.method].rawAddress)].name)"
    }
    let count = isArray(value) ? " (\(count(value)))" : ""
    return "\(article) \(name)\(count)"
  }

  /// Whether `briefText` says all there is of it.
  public func isLiteral(_ value: Value) -> Bool {
    value == .none || string(value) != nil || value == .nil || value == .true || value == .false || isInteger(value)
      || double(value) != nil
  }

  /// The name of the class of a value.
  public func className(of value: Value) -> String { classes[value.classIndex].name }

  public func parts(of value: Value) -> ObjectParts {
    guard value.isPointer, value != .none, symbolID(value) == nil, string(value) == nil, !isInteger(value),
      double(value) == nil, !BlockLayout.isClass(value.classIndex),
      [.fields, .mixed, .indexable].contains(classes[value.classIndex].format)
    else { return ObjectParts(fieldNames: [], elementCount: 0) }
    return ObjectParts(
      fieldNames: classes[value.classIndex].fieldNames, elementCount: isArray(value) ? count(value) : 0)
  }

  /// Field `index` from 0. Requires: there is such a field.
  public func field(_ index: Int, of value: Value) -> ObjectPart {
    let word = classes[value.classIndex].fieldBase + index
    guard isDoubleField(value.object, word) else { return .value(value.object[word]) }
    let bits = value.object.words[1 + word]
    return bits == Word.unboxedNil ? .value(.nil) : .double(Double(bitPattern: bits))
  }

  /// Stores into field `index`. `value` and `new` are handles. May collect.
  public func setField(_ index: Int, of value: Int, to new: Int, _ frame: Words) {
    setField(value, classes[handles[value].classIndex].fieldBase + index, to: new, frame)
  }

  /// Stores into field or element `index`, as they are counted: fields first. `value` and `new` are handles. False: there
  /// is no such part. May collect.
  public func setPart(_ index: Int, of value: Int, to new: Int, _ frame: Words) -> Bool {
    let parts = parts(of: handles[value])
    let fields = parts.fieldNames.count
    guard index >= 0, index < fields + parts.elementCount else { return false }
    if index < fields {
      setField(index, of: value, to: new, frame)
    } else {
      setElement(index - fields, of: handles[value], to: handles[new])
    }
    return true
  }

  /// Element `index` from 0. Requires: there is such an element.
  public func element(_ index: Int, of array: Value) -> Value { Value(bits: elements(array)[index]) }
  public func setElement(_ index: Int, of array: Value, to new: Value) {
    heap.store(array.object, elementBase(array) + index, new)
  }
}
