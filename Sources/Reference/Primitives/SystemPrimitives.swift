// System: globals, class loading, output, the end of the program. Time and memory have no reference.

extension Primitives {
  static let system: [String: Primitive] = [
    "System>>global:": onSymbol { call, name throws(Unwinding) in
      call.machine.globals[Name(name)] ?? call.machine.nilValue
    },
    "System>>global:put:": onSymbol { call, name throws(Unwinding) in
      call.machine.globals[Name(name)] = call.arguments[1]
      return call.receiver
    },
    "System>>hasGlobal:": onSymbol { call, name throws(Unwinding) in
      call.machine.boolean(call.machine.globals[Name(name)] != nil)
    },
    "System>>load:": onSymbol { call, name throws(Unwinding) in
      guard call.machine.exists(name) else { return call.machine.nilValue }
      let result: Result<Class, ReferenceError>
      do throws(ReferenceError) { result = .success(try call.machine.load(name)) } catch { result = .failure(error) }
      switch result {
      case .success(let class_): return .object(class_)
      case .failure(let error): return try call.raise(.load(error.message))
      }
    },
    "System>>loadFile:": Primitive { call throws(Unwinding) in call.machine.nilValue },
    "System>>exit:": Primitive { call throws(Unwinding) in
      guard let status = call.arguments[0].smallInteger else { return try call.wrongArgument(needs: "an exit status") }
      // The core library's own error: ends the program as an error does.
      let isError = call.sender.method.name == "Object>>error:"
      throw .ending(status: status, isError: isError)
    },
    "System>>printString:": Primitive { call throws(Unwinding) in
      guard let text = call.arguments[0].text else { return try call.wrongArgument(needs: "a string") }
      try call.machine.print(text)
      return call.receiver
    },
    "System>>printNewline": Primitive { call throws(Unwinding) in
      try call.machine.print("\n")
      return call.receiver
    },
    "System>>errorPrint:": Primitive { call throws(Unwinding) in
      guard let text = call.arguments[0].text else { return try call.wrongArgument(needs: "a string") }
      call.machine.printError(text)
      return call.receiver
    },
    "System>>errorPrintln:": Primitive { call throws(Unwinding) in
      guard let text = call.arguments[0].text else { return try call.wrongArgument(needs: "a string") }
      call.machine.printError(text + "\n")
      return call.receiver
    },
    "System>>flush": Primitive { call throws(Unwinding) in call.receiver }, "System>>readLine": unknown,
    "System>>printStackTrace": Primitive { call throws(Unwinding) in call.receiver },
    "System>>fullGC": Primitive { call throws(Unwinding) in call.machine.trueValue },
    "System>>gcStats": unknown, "System>>time": unknown, "System>>ticks": unknown,
    "System>>microsecondClock": unknown, "System>>timeZoneOffsetAt:": unknown,
    "System>>totalCompilationTime": unknown, "System>>onChange:": unknown,
  ]

  static let unknown = Primitive { call throws(Unwinding) in
    throw .limit("\(call.method.name), which has no reference")
  }

  private static func onSymbol(_ body: @escaping @Sendable (PrimitiveCall, String) throws(Unwinding) -> Value)
    -> Primitive
  {
    Primitive { call throws(Unwinding) in
      guard let symbol = call.arguments[0].object as? StringObject, symbol.class_ === call.machine[.symbol] else {
        return try call.raise(.wrongArgument("Expected instance of 'Symbol'"))
      }
      return try body(call, symbol.text)
    }
  }
}
