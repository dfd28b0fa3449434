// The values and objects of the reference machine: plain Swift objects, with fields in a dictionary. Nothing moves, and
// nothing is shared with the virtual machine that this one checks.

import BigInt

enum Value {
  /// An integer of 64 bits.
  case small(Int)
  /// Any other.
  case large(LargeInteger)
  case double(Double)
  case object(Object)

  init(_ integer: Int) { self = .small(integer) }

  static func integer(_ n: BigInt) -> Value { Int(exactly: n).map { .small($0) } ?? .large(LargeInteger(n)) }

  var object: Object? { if case .object(let object) = self { object } else { nil } }
  var integer: BigInt? {
    switch self {
    case .small(let n): BigInt(n)
    case .large(let n): n.value
    case .double, .object: nil
    }
  }
  var double: Double? { if case .double(let double) = self { double } else { nil } }
  var smallInteger: Int? { if case .small(let n) = self { n } else { nil } }
  /// Of a string or symbol.
  var text: String? { (object as? StringObject)?.text }
  var elements: [Value]? { (object as? ArrayObject)?.elements }
  var asClass: Class? { object as? Class }

  /// `==`: numbers have no identity beside their value.
  func isIdentical(to other: Value) -> Bool {
    switch (self, other) {
    case (.small(let a), .small(let b)): a == b
    case (.large(let a), .large(let b)): a.value == b.value
    case (.double(let a), .double(let b)): a.bitPattern == b.bitPattern
    case (.object(let a), .object(let b)): a === b
    default: false
    }
  }
}

final class LargeInteger {
  let value: BigInt
  init(_ value: BigInt) { self.value = value }
}

/// A field that a class defines. Its name may be given again to another field later.
final class Field: Hashable {
  let name: String
  init(_ name: String) { self.name = name }
  static func == (a: Field, b: Field) -> Bool { a === b }
  func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

class Object {
  /// Set once the class is known; boot makes some objects before their classes. The machine keeps all classes.
  @exclusivity(unchecked) unowned(unsafe) var class_: Class!
  /// Of the fields that were ever set.
  @exclusivity(unchecked) private var values: [(field: Field, value: Value)] = []
  /// How many of its class's changes of shape this object has followed.
  private var followed: Int

  init(_ class_: Class?) {
    self.class_ = class_
    followed = class_?.reshapings.count ?? 0
  }

  /// The value of a field that the class has; nil stands for a field that was never set.
  subscript(field: Field) -> Value? {
    get {
      followReshapings()
      for i in values.indices where values[i].field === field { return values[i].value }
      return nil
    }
    set {
      followReshapings()
      for i in values.indices where values[i].field === field {
        if let newValue { values[i].value = newValue } else { values.remove(at: i) }
        return
      }
      if let newValue { values.append((field, newValue)) }
    }
  }

  private func followReshapings() {
    guard let class_, followed < class_.reshapings.count else { return }
    for moved in class_.reshapings[followed...] {
      values = values.compactMap { field, value in moved[field].map { ($0, value) } }
    }
    followed = class_.reshapings.count
  }
}

/// A string or a symbol: its class says which.
final class StringObject: Object {
  let text: String
  var scalars: [Unicode.Scalar] { Array(text.unicodeScalars) }
  init(_ class_: Class, _ text: String) {
    self.text = text
    super.init(class_)
  }
}

final class ArrayObject: Object {
  var elements: [Value]
  init(_ class_: Class, _ elements: [Value]) {
    self.elements = elements
    super.init(class_)
  }
}

final class BlockObject: Object {
  let code: Code
  /// Where the block was created: its variables, its code, `self`, and where its `^` returns to.
  let scope: Scope
  let creator: Activation
  init(_ class_: Class, _ code: Code, _ scope: Scope, _ creator: Activation) {
    self.code = code
    self.scope = scope
    self.creator = creator
    super.init(class_)
  }
}

final class MethodObject: Object {
  let method: Method
  init(_ class_: Class, _ method: Method) {
    self.method = method
    super.init(class_)
  }
}
