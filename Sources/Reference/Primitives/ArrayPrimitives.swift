// Array: indexed elements from 1.

extension Primitives {
  static let arrays: [String: Primitive] = [
    "Array>>at:": Primitive { call throws(Unwinding) in
      guard let array = call.receiver.object as? ArrayObject else { return try call.wrongReceiver() }
      guard let i = try call.place(in: array) else { return try call.badIndex(array) }
      return array.elements[i]
    },
    "Array>>at:put:": Primitive { call throws(Unwinding) in
      guard let array = call.receiver.object as? ArrayObject else { return try call.wrongReceiver() }
      guard let i = try call.place(in: array) else { return try call.badIndex(array) }
      array.elements[i] = call.arguments[1]
      return call.receiver
    },
    "Array>>length": Primitive { call throws(Unwinding) in
      guard let array = call.receiver.object as? ArrayObject else { return try call.wrongReceiver() }
      return Value(array.elements.count)
    },
    "Array class>>new:": Primitive { call throws(Unwinding) in
      guard let class_ = call.receiver.asClass, class_.inherits(from: call.machine[.array]) else {
        return try call.wrongReceiver()
      }
      guard let length = call.arguments[0].smallInteger, length >= 0 else {
        return try call.wrongArgument(needs: "a length")
      }
      if length > 1 << 20 { throw .limit("an array of \(length) elements") }
      return .object(ArrayObject(class_, Array(repeating: call.machine.nilValue, count: length)))
    },
  ]
}

extension PrimitiveCall {
  fileprivate func place(in array: ArrayObject) throws(Unwinding) -> Int? {
    guard let i = arguments[0].smallInteger, i >= 1, i <= array.elements.count else { return nil }
    return i - 1
  }
  fileprivate func badIndex(_ array: ArrayObject) throws(Unwinding) -> Value {
    guard arguments[0].integer != nil else { return try wrongArgument(needs: "an integer index") }
    return try raise(.indexOutOfBounds(arguments[0], array.elements.count))
  }
}
