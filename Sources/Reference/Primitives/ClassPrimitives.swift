// Class, Method and the view of a class's methods: allocation, reflection, and changing classes.

extension Primitives {
  static let classes: [String: Primitive] = [
    "Class>>new": Primitive { call throws(Unwinding) in
      guard let class_ = call.receiver.asClass else { return try call.wrongReceiver() }
      return try call.instantiate(class_)
    },
    "Class>>name": classPrimitive { call, class_ throws(Unwinding) in call.machine.symbol(class_.name) },
    "Class>>superclass": classPrimitive { call, class_ throws(Unwinding) in
      class_.superclass.map { .object($0) } ?? call.machine.nilValue
    },
    "Class>>fields": classPrimitive { call, class_ throws(Unwinding) in
      call.machine.array(class_.fields.map { call.machine.symbol($0.name) })
    },
    "Class>>methods": classPrimitive { call, class_ throws(Unwinding) in
      try call.edit { () throws(ReferenceError) in try call.machine.methodArray(class_) }
    },
    "Class>>hasMethod:": classPrimitive { call, class_ throws(Unwinding) in
      guard let selector = call.arguments[0].text else { return try call.wrongArgument(needs: "a symbol") }
      return call.machine.boolean(class_.methods[Name(selector)] != nil)
    },
    "Class>>compile:": classEdit { machine, class_, text throws(ReferenceError) in
      machine.methodObject(try machine.compile(text, in: class_))
    },
    // What becomes of activations is the virtual machine's: programs to be compared do not depend on it.
    "Class>>compile:policy:": classEdit { machine, class_, text throws(ReferenceError) in
      machine.methodObject(try machine.compile(text, in: class_))
    },
    "Class>>remove:": classEdit { machine, class_, text throws(ReferenceError) in
      try machine.remove(text, from: class_)
      return .object(class_)
    },
    "Class>>addField:": classEdit { machine, class_, text throws(ReferenceError) in
      try machine.addField(text, to: class_)
      return .object(class_)
    },
    "Class>>removeField:": classEdit { machine, class_, text throws(ReferenceError) in
      try machine.removeField(text, from: class_)
      return .object(class_)
    },
    "Class>>subclass:": classEdit { machine, class_, text throws(ReferenceError) in
      .object(try machine.makeSubclass(text, of: class_))
    },
    "Class>>rename:": classEdit { machine, class_, text throws(ReferenceError) in
      try machine.rename(class_, to: text)
      return .object(class_)
    },
    "Class>>removeFromSystem": classPrimitive { call, class_ throws(Unwinding) in
      try call.edit { () throws(ReferenceError) in
        try class_.checkIsThere()
        try call.machine.removeClass(class_)
        return .object(class_)
      }
    },
    "Method>>signature": signature, "Primitive>>signature": signature,
    "Method>>holder": holder, "Primitive>>holder": holder,
    "Method>>invokeOn:with:": invoke, "Primitive>>invokeOn:with:": invoke,
    "MethodArray>>at:put:": Primitive { call throws(Unwinding) in
      guard let view = call.receiver.object as? ArrayObject, let class_ = call.machine.holder(of: view) else {
        return try call.wrongReceiver()
      }
      guard let method = (call.arguments[1].object as? MethodObject)?.method else {
        return try call.wrongArgument(needs: "a method", not: call.arguments[1])
      }
      guard let i = call.arguments[0].smallInteger else { return try call.wrongArgument(needs: "an integer index") }
      guard i >= 1, i <= class_.selectors.count else {
        return try call.raise(.indexOutOfBounds(call.arguments[0], class_.selectors.count))
      }
      let selector = class_.selectors[i - 1]
      guard class_.methods[Name(selector)]?.argumentCount == method.argumentCount else {
        return try call.raise(.wrongArgument("\(method.name) cannot stand for #\(selector)"))
      }
      do throws(ReferenceError) { try call.machine.replace(selector, of: class_, by: method) } catch {
        return try call.raise(.compile(error.message))
      }
      if let new = class_.methods[Name(selector)], i <= view.elements.count {
        view.elements[i - 1] = call.machine.methodObject(new)
      }
      return call.receiver
    },
  ]

  private static func classPrimitive(
    _ body: @escaping @Sendable (PrimitiveCall, Class) throws(Unwinding) -> Value
  ) -> Primitive {
    Primitive { call throws(Unwinding) in
      guard let class_ = call.receiver.asClass else { return try call.wrongReceiver() }
      return try body(call, class_)
    }
  }

  private static func classEdit(
    _ body: @escaping @Sendable (ReferenceMachine, Class, String) throws(ReferenceError) -> Value
  ) -> Primitive {
    Primitive { call throws(Unwinding) in
      guard let class_ = call.receiver.asClass else { return try call.wrongReceiver() }
      guard let text = call.arguments[0].text else { return try call.wrongArgument(needs: "a string") }
      return try call.edit { () throws(ReferenceError) in
        try class_.checkIsThere()
        return try body(call.machine, class_, text)
      }
    }
  }

  private static let signature = Primitive { call throws(Unwinding) in
    guard let method = (call.receiver.object as? MethodObject)?.method else { return try call.wrongReceiver() }
    return call.machine.symbol(method.selector)
  }
  private static let holder = Primitive { call throws(Unwinding) in
    guard let method = (call.receiver.object as? MethodObject)?.method else { return try call.wrongReceiver() }
    return .object(method.holder)
  }
  private static let invoke = Primitive { call throws(Unwinding) in
    guard let method = (call.receiver.object as? MethodObject)?.method, let given = call.arguments[1].elements else {
      return try call.raise(.wrongArgument("invokeOn:with: needs a method and an array"))
    }
    if given.count != method.argumentCount {
      return try call.raise(
        .wrongArgumentCount(
          "\(method.selector) takes \(method.argumentCount == 1 ? "1 argument" : "\(method.argumentCount) arguments"), not \(given.count)"
        ))
    }
    guard call.machine.classOf(call.arguments[0]).inherits(from: method.holder) else {
      return try call.raise(.wrongArgument("\(method.name) cannot run with such a receiver"))
    }
    return try call.machine.activate(method, call.arguments[0], given, from: call.sender)
  }
}

extension Class {
  fileprivate func checkIsThere() throws(ReferenceError) {
    if isRemoved { throw ReferenceError("\(name) was removed") }
  }
}

extension PrimitiveCall {
  fileprivate func instantiate(_ class_: Class) throws(Unwinding) -> Value {
    let fixed: [ReferenceMachine.WellKnown] = [
      .block, .class_, .method, .primitive, .boolean, .nil_, .symbol, .system, .integer, .double,
    ]
    if fixed.contains(where: { class_.inherits(from: machine[$0]) }) {
      return try raise(.other("Class \(class_.name) cannot be instantiated"))
    }
    if class_.inherits(from: machine[.string]) { return .object(StringObject(class_, "")) }
    if class_.inherits(from: machine[.array]) { return .object(ArrayObject(class_, [])) }
    return .object(Object(class_))
  }
}

extension ReferenceMachine {
  /// The one view of a class's methods, brought up to date; a new one if their number has changed.
  fileprivate func methodArray(_ class_: Class) throws(ReferenceError) -> Value {
    let methods = class_.selectors.compactMap { class_.methods[Name($0)] }.map(methodObject)
    let shape = try load("MethodArray")
    if let view = class_.methodArray, view.elements.count == methods.count {
      view.elements = methods
      return .object(view)
    }
    let view = ArrayObject(shape, methods)
    if let field = shape.fields.first(where: { $0.name == "holder" }) { view[field] = .object(class_) }
    class_.methodArray = view
    return .object(view)
  }

  fileprivate func holder(of view: ArrayObject) -> Class? {
    guard view.class_.name == "MethodArray", let field = view.class_.fields.first else { return nil }
    return view[field]?.asClass
  }
}
