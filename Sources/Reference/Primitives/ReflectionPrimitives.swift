// What programs ask about classes and methods beyond SOM's own reflection.

extension Primitives {
  static let reflection: [String: Primitive] = [
    "Class>>subclasses": Primitive { call throws(Unwinding) in
      guard let class_ = call.receiver.asClass else { return try call.wrongReceiver() }
      return call.machine.array(class_.subclasses.sorted { $0.name < $1.name }.map { .object($0) })
    },
    "Class>>methodAt:": Primitive { call throws(Unwinding) in
      guard let class_ = call.receiver.asClass else { return try call.wrongReceiver() }
      guard let selector = call.arguments[0].text else { return try call.wrongArgument(needs: "a symbol") }
      return class_.methods[Name(selector)].map { call.machine.methodObject($0) } ?? call.machine.nilValue
    },
    "Method>>source": source, "Primitive>>source": source,
    "Object>>textMethodBesides:": Primitive { call throws(Unwinding) in
      guard let own = call.arguments[0].text, let others = textSelectors[own] else {
        return try call.wrongArgument(needs: "#asString, #printString or #printOn:")
      }
      let method = call.textMethod(besides: own, others)
      return method.map { call.machine.methodObject($0) } ?? call.machine.nilValue
    },
    "Class>>allInstances": unknown,
  ]

  private static let source = Primitive { call throws(Unwinding) in
    guard let method = (call.receiver.object as? MethodObject)?.method else { return try call.wrongReceiver() }
    guard case .tree(let tree) = method.code else { throw .limit("the source of a primitive") }
    return call.machine.string(tree.text)
  }

  /// The selectors by which a class can say how its instances print, and which of the others each default follows first.
  private static let textSelectors = [
    "asString": ["printString", "printOn:"],
    "printString": ["printOn:", "asString"],
    "printOn:": ["printString", "asString"],
  ]
}

extension PrimitiveCall {
  /// The most specific method for one of the others below Object, but none that is running for the receiver; above the
  /// classes that define `own`.
  fileprivate func textMethod(besides own: String, _ others: [String]) -> Method? {
    var classes = Array(sequence(first: machine.classOf(receiver)) { $0.superclass })
    classes.removeLast()
    let start = classes.lastIndex { $0.methods[Name(own)] != nil }.map { $0 + 1 } ?? 0
    for class_ in classes[start...] {
      for selector in others {
        if let method = class_.methods[Name(selector)], !isRunning(method) { return method }
      }
    }
    return nil
  }

  private func isRunning(_ method: Method) -> Bool {
    sender.chain.contains { $0.block == nil && $0.method === method && $0.receiver.isIdentical(to: receiver) }
  }
}
