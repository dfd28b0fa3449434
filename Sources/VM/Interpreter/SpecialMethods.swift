// Methods whose activation is more than a frame or a call: not compiled yet, superseded, not understood, `perform:` and
// its family.

import MachineLayout

extension Universe {
  /// What to activate in place of special method `m` in frame `callee` (its words 0 to 2 are set), which may move:
  /// the answered frame has receiver and arguments below it. Nil: `failure` is what to answer.
  func resolve(_ callee: Words, _ m: Method) -> (target: Method, callee: Words)? {
    switch m.kind {
    case .lazy:
      do {
        try variants.link(methods[m])
        return (m, callee)
      } catch { return fail(.compileError(error.report), callee) }
    case .superseded: return (variants.twin(of: m), callee)
    case .doesNotUnderstand: return resolveNotUnderstood(callee, m)
    case .perform: return resolvePerform(callee, m, above: nil, arguments: nil)
    case .performWithArguments:
      return resolvePerform(callee, m, above: nil, arguments: Value(bits: callee[-1]))
    case .performInSuperclass:
      return resolvePerform(callee, m, above: Value(bits: callee[-1]), arguments: nil)
    case .performWithArgumentsInSuperclass:
      return resolvePerform(callee, m, above: Value(bits: callee[-1]), arguments: Value(bits: callee[-2]))
    case .invokeOn: return resolveInvoke(callee)
    case .interpreted, .native, .blockValue, .restart: return (m, callee)
    }
  }

  /// Raises; what the handler answers, or 0, is left in `answer`.
  private func fail(
    _ error: VMError, _ frame: Words, upstream: String? = nil
  ) -> (target: Method, callee: Words)? {
    thread[.answer] = raise(error, frame, upstream: upstream)
    return nil
  }

  private func resolveNotUnderstood(_ callee: Words, _ m: Method) -> (target: Method, callee: Words)? {
    let n = m.argumentCount
    let receiver = Value(bits: callee[-(n + 1)])
    let handler = lookup.method(receiver.classIndex, selectors.doesNotUnderstand)
    guard let handler else {
      let name = classes[receiver.classIndex].name
      return fail(.other("Method \(symbols.name(m.selector)) not found in class \(name)"), callee)
    }
    guard let array = makeArray(n, callee) else {
      thread[.answer] = 0
      return nil
    }
    let elements = elements(array)
    // A fresh array is in the nursery, or large and remembered.
    for i in 0..<n { elements[i] = callee[i - n] }
    let base = callee - (n + 1)
    base[1] = symbol(m.selector).bits
    base[2] = array.bits
    return (handler, base + 3)
  }

  private func resolvePerform(
    _ callee: Words, _ m: Method, above: Value?, arguments: Value?
  ) -> (target: Method, callee: Words)? {
    let base = callee - (m.argumentCount + 1)
    let name = Value(bits: base[1])
    guard let selector = symbolID(name) else {
      let found = classes[name.classIndex].name
      return fail(.wrongArgument("Expected instance of 'Symbol' but got instance of '\(found)'."), callee)
    }
    var index = Value(bits: base[0]).classIndex
    if let above {
      guard let start = classIndex(ofClassObject: above) else {
        return fail(.wrongArgument("inSuperclass: needs a class"), callee)
      }
      guard classes.inherits(index, from: start) else {
        let message = "\(describe(Value(bits: base[0]))) is no instance of \(classes[start].name) or a subclass"
        return fail(.wrongArgument(message), callee)
      }
      index = start
    }
    if let arguments, !isArray(arguments) {
      return fail(.wrongArgument("perform:withArguments: needs an array"), callee)
    }
    let given = arguments.map { count($0) } ?? 0
    let wanted = symbols.argumentCount(selector)
    if given != wanted {
      return fail(
        .wrongArgumentCount("\(symbols.name(selector)) takes \(counted(wanted)), not \(given)"), callee,
        upstream: upstreamText(arguments: given, of: wanted))
    }
    let target = lookup.target(index, selector)
    guard spread(arguments, base, callee) else { return nil }
    return (target, base + given + 1)
  }

  private func resolveInvoke(_ callee: Words) -> (target: Method, callee: Words)? {
    let base = callee - 3
    let arguments = Value(bits: base[2])
    guard let target = method(Value(bits: base[0])), isArray(arguments) else {
      return fail(.wrongArgument("invokeOn:with: needs a method and an array"), callee)
    }
    if count(arguments) != target.argumentCount {
      let name = symbols.name(target.selector)
      return fail(
        .wrongArgumentCount("\(name) takes \(counted(target.argumentCount)), not \(count(arguments))"), callee)
    }
    // Its code may read fields that only instances of its class have.
    guard classes.inherits(Value(bits: base[1]).classIndex, from: target.holderIndex) else {
      let name = methods[target].name
      return fail(.wrongArgument("\(name) cannot run with \(describe(Value(bits: base[1]))) as its receiver"), callee)
    }
    base[0] = base[1]
    guard spread(arguments, base, callee) else { return nil }
    return (target, base + target.argumentCount + 1)
  }

  /// Copies an array's elements to the words after `base`. False: they do not fit on the stack.
  private func spread(_ arguments: Value?, _ base: Words, _ callee: Words) -> Bool {
    guard let arguments else { return true }
    let source = elements(arguments)
    if bits(base + source.count + 8) > thread[.stackLimit] {
      raiseStackOverflow(callee)
      thread[.answer] = 0
      return false
    }
    for i in 0..<source.count { base[1 + i] = source[i] }
    return true
  }
}

private func counted(_ n: Int) -> String { n == 1 ? "1 argument" : "\(n) arguments" }

/// For the interpreter: the target to activate in the frame in `nextFrame`; 1: the value is in `answer`; 0: unwind.
@inline(never)
func resolveSpecial(_ thread: Words, _ callee: Words, _ m: Words) -> UInt64 {
  guard let (target, frame) = Universe.of(thread).resolve(callee, Method(m)) else {
    return thread[Thread.Slot.answer.rawValue] == 0 ? 0 : 1
  }
  thread[Thread.Slot.nextFrame.rawValue] = bits(frame)
  return bits(target.words)
}

@inline(never)
func wrongBlockArguments(_ thread: Words, _ callee: Words, _ m: Words) -> UInt64 {
  let universe = Universe.of(thread)
  let given = Method(m).argumentCount
  let block = Value(bits: callee[-(given + 1)]).object
  let wanted = Method(block[BlockLayout.method].rawAddress).argumentCount
  return universe.raise(
    .wrongArgumentCount("A block with \(counted(wanted)) was given \(given)"), callee)
}
