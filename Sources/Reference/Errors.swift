// Errors of the machine itself, which programs see as exceptions.

enum MachineError {
  case stackOverflow
  case divisionByZero
  /// 1-based index, length.
  case indexOutOfBounds(Value, Int)
  case wrongArgument(String)
  case wrongArgumentCount(String)
  case compile(String)
  case load(String)
  case other(String)

  var message: String {
    switch self {
    case .stackOverflow: "Stack overflow"
    case .divisionByZero: "Division by zero"
    case .indexOutOfBounds(let index, let length):
      "Index \(index.integer.map { "\($0)" } ?? "?") not valid for array of length \(length)."
    case .wrongArgument(let text), .wrongArgumentCount(let text), .compile(let text), .load(let text),
      .other(let text):
      text
    }
  }

  /// The exception that a program sees.
  var className: String {
    switch self {
    case .stackOverflow: "StackOverflow"
    case .divisionByZero: "ZeroDivide"
    case .indexOutOfBounds: "IndexOutOfRange"
    case .wrongArgument: "WrongArgument"
    case .wrongArgumentCount: "WrongArgumentCount"
    case .compile: "CompileError"
    case .load: "LoadError"
    case .other: "Error"
    }
  }
}

extension ReferenceMachine {
  /// Offers the error to the program's handlers; the answer is what one of them resumes with. Without any, the program
  /// ends.
  func raise(
    _ error: MachineError, from activation: Activation, receiver: Value? = nil
  ) throws(Unwinding) -> Value {
    guard !handlers(around: activation, outside: nil, limit: 1).isEmpty, let system = globals[Name("system")],
      let exception = try? load(error.className)
    else {
      printError(error.message + "\n")
      throw .ending(status: 1, isError: true)
    }
    var details: [Value] = []
    switch error {
    case .divisionByZero: details = receiver.map { [$0] } ?? []
    case .indexOutOfBounds(let index, let length): details = [index, Value(length)]
    default: break
    }
    return try send(
      Name("raise:message:details:"), to: system, [.object(exception), string(error.message), array(details)],
      from: activation)
  }

  /// There is no going on where the stack is full.
  func raiseStackOverflow(from activation: Activation) throws(Unwinding) -> Value {
    if isMachinery(activation) { throw .limit("a stack overflow of signals within signals") }
    if let recursion, !activation.chain.prefix(50).allSatisfy({ $0.method.selector == recursion }) {
      throw .limit("a stack overflow in which something happens on the way")
    }
    let process = schedule.current
    guard process.hasStackReserve else { throw .limit("the reserve of the stack") }
    process.hasStackReserve = false
    defer { process.hasStackReserve = true }
    _ = try raise(.stackOverflow, from: activation)
    throw .limit("a stack overflow that was resumed")
  }

  /// Whether signals signal for ever: which handlers are around the place where the stack ends, nobody can say then.
  private func isMachinery(_ activation: Activation) -> Bool {
    let exception = globals[.exception]?.asClass
    return activation.chain.lazy.filter { $0.method.holder === exception }.dropFirst(100).first { _ in true } != nil
  }

  // MARK: Handlers

  /// Activations that handle exceptions, innermost first, from an activation outwards; only outside of `outside`. While
  /// a handler runs, which is an activation of a method of ExceptionHandler, only those outside of what it stands for
  /// count.
  func handlers(around activation: Activation, outside: Activation?, limit: Int) -> [Activation] {
    let handlerClass = globals[.exceptionHandler]?.asClass
    var skipped = outside
    var found: [Activation] = []
    var place: Activation.Unretained? = .passUnretained(activation)
    while let this = place, found.count < limit {
      place = this._withUnsafeGuaranteedRef { each in
        if let inner = skipped {
          if each === inner { skipped = nil }
        } else if each.method.holder === handlerClass, handlerClass != nil {
          skipped = handled(by: each.receiver, on: activation)
        } else if each.protection == .handling {
          found.append(each)
        }
        return each.sender.map { .passUnretained($0) }
      }
    }
    return found
  }

  /// The activation that an instance of ExceptionHandler stands for, while it waits.
  func handled(by handler: Value, on activation: Activation) -> Activation? {
    guard let object = handler.object, let token = handlerField("activation", object).flatMap({ object[$0] }) else {
      return nil
    }
    return activation.chain.first { token.smallInteger == $0.serial && $0.protection == .handling }
  }

  func isHandler(_ value: Value) -> Bool {
    value.object.map { $0.class_ === globals[.exceptionHandler]?.asClass } ?? false
  }

  private func handlerField(_ name: String, _ handler: Object) -> Field? {
    guard isHandler(.object(handler)) else { return nil }
    return handler.class_.fields.first { $0.name == name }
  }

  func makeHandler(_ class_: Class, _ activation: Activation) -> Value {
    let handler = Object(class_)
    let arguments = activation.arguments
    let values = [
      "activation": Value(activation.serial), "exceptionClass": arguments[arguments.count - 2],
      "action": arguments[arguments.count - 1],
    ]
    for field in class_.fields { handler[field] = values[field.name] ?? nilValue }
    return .object(handler)
  }
}
