// Errors of the virtual machine as exceptions of the program: while a handler is installed (the core library's
// Block>>on:do: keeps them in the global ExceptionHandlers), raising an error sends `signalError:` to `system`.

extension Universe {
  /// Requires: before `boot`. A debugger that wants the errors that nobody handles wraps the hook.
  func installErrorHandling() {
    hooks.handleError = { [unowned self] error, frame in self.signal(error, frame) }
  }

  /// The value with which a handler resumes, 0 if one unwinds, nil if there is none.
  private func signal(_ error: VMError, _ frame: Words) -> UInt64? {
    if error == .interrupted || isTerminating { return nil }
    let handlers = global("ExceptionHandlers"), system = global("system")
    guard handlers != .none, handlers != .nil, system != .none, let inUse = wordsInUse(frame) else { return nil }
    let selector: String
    if case .compileError = error { selector = "signalCompileError:" } else { selector = "signalError:" }
    // The handler needs some stack to run on, also above its limit.
    if error == .stackOverflow {
      return withStackReserve { self.send(error, selector, frame, inUse) }
    }
    return send(error, selector, frame, inUse)
  }

  private func send(_ error: VMError, _ selector: String, _ frame: Words, _ inUse: Int) -> UInt64 {
    guard let message = makeString(error.message, frame) else { return 0 }
    return send(global("system"), symbols.intern(selector), [message], frame: frame, words: inUse)
  }

  /// Runs `body`, which has to happen however full the stacks are, with part of their reserves. Nil: they are in use.
  func withStackReserve<T>(_ body: () -> T) -> T? {
    let limit = thread[.stackLimit], nativeLimit = thread[.nativeLimit]
    guard limit == bits(stack.limit) else { return nil }
    setStackLimit(bits(stack.limit + VMStack.reserveBytes / 8 / 2))
    thread[.nativeLimit] = NativeStack().hardLimit
    defer {
      setStackLimit(limit)
      thread[.nativeLimit] = nativeLimit
    }
    return body()
  }

  private func setStackLimit(_ limit: UInt64) {
    thread[.stackLimit] = limit
    // 0 is a request to poll, which stays.
    if thread[.limit] != 0 { thread[.limit] = limit }
  }

  /// Words of the top frame that must not be overwritten; nil if it is unknown.
  private func wordsInUse(_ frame: Words) -> Int? {
    if Frame(frame).isCompiled { return hooks.wordsInUse?(frame) }
    let method = Method(words(frame[1]))
    return method.isLinked ? method.frameSize : Frame.headerWords
  }
}
