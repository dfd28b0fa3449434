// Object: identity, looking into any object, and sends whose selector is computed.

extension Primitives {
  static let objects: [String: Primitive] = [
    "Object>>class": Primitive { call throws(Unwinding) in .object(call.machine.classOf(call.receiver)) },
    "Object>>hashcode": Primitive { call throws(Unwinding) in call.machine.identityHash(call.receiver) },
    "Object>>identityHash": Primitive { call throws(Unwinding) in call.machine.identityHash(call.receiver) },
    "Object>>objectSize": Primitive { _ throws(Unwinding) in Value(8) },
    "Object>>==": Primitive { call throws(Unwinding) in
      call.machine.boolean(call.receiver.isIdentical(to: call.arguments[0]))
    },
    "Object>>inspect": Primitive { call throws(Unwinding) in call.receiver },
    "Object>>halt": Primitive { call throws(Unwinding) in call.receiver },
    "Object>>instVarAt:": Primitive { call throws(Unwinding) in
      guard let (object, field) = call.field(at: call.arguments[0]) else { return try call.noField() }
      return object[field] ?? call.machine.nilValue
    },
    "Object>>instVarAt:put:": Primitive { call throws(Unwinding) in
      guard let (object, field) = call.field(at: call.arguments[0]) else { return try call.noField() }
      object[field] = call.arguments[1]
      return call.receiver
    },
    "Object>>instVarNamed:": Primitive { call throws(Unwinding) in
      guard let object = call.receiver.object, let name = call.arguments[0].text,
        let field = object.class_.fields.first(where: { $0.name == name })
      else { return try call.noField() }
      return object[field] ?? call.machine.nilValue
    },
    "Object>>perform:": Primitive { call throws(Unwinding) in
      try call.perform(call.arguments[0], with: nil, above: nil)
    },
    "Object>>perform:withArguments:": Primitive { call throws(Unwinding) in
      try call.perform(call.arguments[0], with: call.arguments[1], above: nil)
    },
    "Object>>perform:inSuperclass:": Primitive { call throws(Unwinding) in
      try call.perform(call.arguments[0], with: nil, above: call.arguments[1])
    },
    "Object>>perform:withArguments:inSuperclass:": Primitive { call throws(Unwinding) in
      try call.perform(call.arguments[0], with: call.arguments[1], above: call.arguments[2])
    },
  ]
}

extension ReferenceMachine {
  /// A number for each object, which programs cannot foretell.
  func identityHash(_ value: Value) -> Value {
    guard let object = value.object else { return value }
    if let known = hashes[ObjectIdentifier(object)] { return Value(known.hash) }
    let hash = hashes.count + 1
    hashes[ObjectIdentifier(object)] = (object, hash)
    return Value(hash)
  }
}

extension PrimitiveCall {
  fileprivate func field(at index: Value) -> (Object, Field)? {
    guard let object = receiver.object, let i = index.smallInteger else { return nil }
    let fields = object.class_.fields
    return i >= 1 && i <= fields.count ? (object, fields[i - 1]) : nil
  }

  fileprivate func noField() throws(Unwinding) -> Value {
    if arguments[0].integer != nil {
      return try raise(.indexOutOfBounds(arguments[0], machine.classOf(receiver).fields.count))
    }
    return try wrongArgument(needs: "a field")
  }

  fileprivate func perform(_ selector: Value, with list: Value?, above: Value?) throws(Unwinding) -> Value {
    guard let symbol = selector.object as? StringObject, symbol.class_ === machine[.symbol] else {
      return try raise(.wrongArgument("Expected instance of 'Symbol'"))
    }
    var start: Class?
    if let above {
      guard let class_ = above.asClass, machine.classOf(receiver).inherits(from: class_) else {
        return try raise(.wrongArgument("inSuperclass: needs a superclass of the receiver's class"))
      }
      start = class_
    }
    if let list, list.elements == nil { return try raise(.wrongArgument("perform:withArguments: needs an array")) }
    let given = list?.elements ?? []
    let wanted = Self.argumentCount(of: symbol.text)
    if given.count != wanted {
      let taken = wanted == 1 ? "1 argument" : "\(wanted) arguments"
      return try raise(.wrongArgumentCount("\(symbol.text) takes \(taken), not \(given.count)"))
    }
    return try machine.send(Name(symbol.text), to: receiver, given, from: sender, above: start)
  }

  static func argumentCount(of selector: String) -> Int {
    guard let first = selector.unicodeScalars.first else { return 0 }
    if !first.properties.isAlphabetic, first != "_" { return 1 }
    return selector.unicodeScalars.count { $0 == ":" }
  }
}
