// Blocks and exception handlers: evaluation, and the ways in which it ends early.

extension Primitives {
  static let blocks: [String: Primitive] = [
    "Block>>value": evaluation, "Block1>>value": evaluation, "Block2>>value:": evaluation,
    "Block3>>value:with:": evaluation, "Block1>>valueHandling": evaluation, "Block1>>valueEnsuring": evaluation,
    "Block>>restart": Primitive { call throws(Unwinding) in throw .restarting(call.sender) },
    "Block>>numArgs": Primitive { call throws(Unwinding) in
      guard let block = call.receiver.object as? BlockObject else { return try call.wrongReceiver() }
      return Value(block.code.argumentCount)
    },
    "ExceptionHandler class>>next:outside:": Primitive { call throws(Unwinding) in
      let inner = call.arguments[1]
      guard let class_ = call.receiver.asClass else { return try call.wrongReceiver() }
      guard let count = call.arguments[0].smallInteger, count > 0 else {
        return try call.wrongArgument(needs: "a positive number of handlers")
      }
      guard call.machine.isNil(inner) || call.machine.isHandler(inner) else {
        return try call.wrongArgument(needs: "a handler or nil", not: inner)
      }
      let outside = call.machine.handled(by: inner, on: call.sender)
      // What a handler stands for that has ended is not on the stack: nothing is outside of it.
      if outside == nil, !call.machine.isNil(inner) { return call.machine.array([]) }
      let found = call.machine.handlers(around: call.sender, outside: outside, limit: count)
      return call.machine.array(found.map { call.machine.makeHandler(class_, $0) })
    },
    "ExceptionHandler class>>waitingFor:": Primitive { call throws(Unwinding) in
      guard let block = call.arguments[0].object as? BlockObject else {
        return try call.wrongArgument(needs: "a block")
      }
      return try call.machine.evaluate(block, [], from: call.sender)
    },
    "ExceptionHandler>>return:": Primitive { call throws(Unwinding) in
      throw .handled(by: try call.handledActivation(), call.arguments[0])
    },
    "ExceptionHandler>>retry:": Primitive { call throws(Unwinding) in
      let block = call.arguments[0]
      guard call.machine.isNil(block) || block.object is BlockObject else {
        return try call.wrongArgument(needs: "a block")
      }
      throw .again(try call.handledActivation(), block)
    },
    "System>>hasHandlers": Primitive { call throws(Unwinding) in
      call.machine.boolean(!call.machine.handlers(around: call.sender, outside: nil, limit: 1).isEmpty)
    },
    "System>>unhandled:": Primitive { call throws(Unwinding) in
      call.machine.printError((call.arguments[0].text ?? "Error") + "\n")
      throw .ending(status: 1, isError: true)
    },
    "System>>fail:": Primitive { call throws(Unwinding) in
      let text = call.arguments[0].text ?? ""
      if call.machine.refusals.contains(text) { throw .limit("the wording of why an edit is refused") }
      call.machine.printError("ERROR: \(text)\n")
      throw .ending(status: 1, isError: true)
    },
  ]

  private static let evaluation = Primitive { call throws(Unwinding) in
    guard let block = call.receiver.object as? BlockObject else { return try call.wrongReceiver() }
    return try call.machine.evaluate(block, call.arguments, from: call.sender)
  }
}

extension PrimitiveCall {
  fileprivate func handledActivation() throws(Unwinding) -> Activation {
    if let activation = machine.handled(by: receiver, on: sender) { return activation }
    _ = try raise(.other("The block that this handler protects has ended already"))
    throw .limit("a handler that has ended")
  }
}
