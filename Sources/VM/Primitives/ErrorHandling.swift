// Errors of the virtual machine as exceptions of the program: while something on the stack handles exceptions,
// raising an error sends `raise:message:details:` to `system`, which signals an instance of the error's class.

extension Universe {
  /// Requires: before `boot`. A debugger that wants the errors that nobody handles wraps the hook.
  func installErrorHandling() {
    hooks.handleError = { [unowned self] error, frame in self.signal(error, frame) }
  }

  /// The value with which a handler resumes, 0 if one unwinds, nil if there is none.
  private func signal(_ error: VMError, _ frame: Words) -> UInt64? {
    if error == .interrupted || isTerminating { return nil }
    guard let inUse = wordsInUse(frame), library.global("system") != .none, !handlers.find(from: frame).isEmpty,
      let exception = try? library.load(error.className)
    else { return nil }
    // The handler needs some stack to run on, also above its limit.
    if error == .stackOverflow {
      return withStackReserve { self.send(error, exception, frame, inUse) }
    }
    return send(error, exception, frame, inUse)
  }

  private func send(_ error: VMError, _ exception: ClassInfo, _ frame: Words, _ inUse: Int) -> UInt64 {
    let mark = handles.count
    defer { handles.pop(to: mark) }
    var details: [Value] = []
    switch error {
    case .divisionByZero: details = [handles[handles.push(Value(bits: frame[-2]))]]
    case .indexOutOfBounds(let i, let n):
      details = [Value(exactInteger: i) ?? .nil, Value(integer: n)]
    default: break
    }
    guard let text = makeString(error.message, frame) else { return 0 }
    let message = handles.push(text)
    guard let array = makeArray(details.count, frame) else { return 0 }
    if error == .divisionByZero { details = [handles[mark]] }
    let words = elements(array)
    for (i, value) in details.enumerated() { words[i] = value.bits }
    return send(
      library.global("system"), symbols.intern("raise:message:details:"),
      [classes.object(exception.index), handles[message], array], frame: frame, words: inUse)
  }

  /// Runs `body`, which has to happen however full the stacks are, with part of their reserves. Nil: they are in use.
  func withStackReserve<T>(_ body: () -> T) -> T? {
    let limit = thread[.stackLimit], nativeLimit = thread[.nativeLimit]
    guard limit == bits(stack.limit) else { return nil }
    setStackLimit(bits(stack.limit + VMStack.reserveBytes / 8 / 2))
    thread[.nativeLimit] = (nativeStack ?? NativeStack()).hardLimit
    defer {
      setStackLimit(limit)
      thread[.nativeLimit] = nativeLimit
    }
    return body()
  }

  /// Whether there is little room above frame `h`.
  func isStackNearlyFull(_ h: Words) -> Bool {
    var here: UInt8 = 0
    let position = withUnsafeMutablePointer(to: &here) { UInt64(UInt(bitPattern: $0)) }
    return bits(h) + 1 << 16 > thread[.stackLimit] || position < thread[.nativeLimit] + 1 << 22
  }

  private func setStackLimit(_ limit: UInt64) {
    thread[.stackLimit] = limit
    // 0 is a request to poll, which stays.
    if thread[.limit] != 0 { thread[.limit] = limit }
  }

  /// Words of the top frame that must not be overwritten; nil if it is unknown.
  public func wordsInUse(_ frame: Words) -> Int? {
    if Frame(frame).isCompiled { return hooks.wordsInUse?(frame) }
    let method = Method(words(frame[1]))
    return method.isLinked ? method.frameSize : Frame.headerWords
  }
}

extension VMError {
  /// The exception that a program sees.
  public var className: String {
    switch self {
    case .stackOverflow: "StackOverflow"
    case .outOfMemory: "OutOfMemory"
    case .divisionByZero: "ZeroDivide"
    case .indexOutOfBounds: "IndexOutOfRange"
    case .wrongArgument: "WrongArgument"
    case .wrongArgumentCount: "WrongArgumentCount"
    case .compileError, .load(.syntax): "CompileError"
    case .load: "LoadError"
    case .notPermitted: "NotPermitted"
    case .interrupted, .other: "Error"
    }
  }
}
