// Process and Semaphore, whose instances know their numbers.

extension Primitives {
  static let processes: [String: Primitive] = [
    "Process>>resume": Primitive { call throws(Unwinding) in
      if let process = call.process {
        call.machine.resume(process)
      } else if call.number("id") == 0 {
        let priority = call.number("priority").flatMap { (1...100).contains($0) ? $0 : nil }
        let process = try call.machine.start(call.receiver, priority: priority)
        call.set("id", process.id)
        call.set("priority", process.priority)
      } else {
        return try call.raise(.other("This process has ended; make a new one of its block"))
      }
      try call.machine.letMoreUrgentRun(from: call.sender)
      return call.receiver
    },
    "Process>>suspend": Primitive { call throws(Unwinding) in
      if let process = call.process { try call.machine.suspend(process, from: call.sender) }
      return call.receiver
    },
    "Process>>terminate": Primitive { call throws(Unwinding) in
      if let process = call.process {
        try call.machine.terminate(process, from: call.sender)
      } else if call.number("id") == 0 {
        call.set("id", -1)
      }
      return call.receiver
    },
    "Process>>interruptWith:": Primitive { call throws(Unwinding) in
      guard let block = call.arguments[0].object as? BlockObject else {
        throw .limit("a process that evaluates what is no block")
      }
      if let process = call.process { try call.machine.interrupt(process, with: block, from: call.sender) }
      return call.receiver
    },
    "Process>>waitForEnd": Primitive { call throws(Unwinding) in
      while let process = call.process {
        if process === call.machine.schedule.current {
          return try call.raise(.other("A process cannot wait for its own end"))
        }
        _ = try call.machine.wait(for: .end(of: process.id), milliseconds: nil, from: call.sender)
      }
      return call.receiver
    },
    "Process>>state": Primitive { call throws(Unwinding) in
      guard let process = call.process else {
        return call.machine.symbol(call.number("id") == 0 ? "new" : "terminated")
      }
      if process === call.machine.schedule.current { return call.machine.symbol("running") }
      if process.isSuspended { return call.machine.symbol("suspended") }
      return call.machine.symbol(process.wait == nil ? "ready" : "waiting")
    },
    "Process>>changePriority:": Primitive { call throws(Unwinding) in
      guard let priority = call.arguments[0].smallInteger, (1...100).contains(priority) else {
        return try call.wrongArgument(needs: "a priority from 1 to 100")
      }
      if let process = call.process { try call.machine.setPriority(priority, of: process, from: call.sender) }
      return call.receiver
    },
    "Process class>>active": Primitive { call throws(Unwinding) in
      call.machine.schedule.current.object ?? call.machine.nilValue
    },
    "Process class>>adopt:": Primitive { call throws(Unwinding) in
      let process = call.machine.schedule.current
      process.object = call.arguments[0]
      call.set("id", process.id, in: call.arguments[0])
      call.set("priority", process.priority, in: call.arguments[0])
      return call.arguments[0]
    },
    "Process class>>all": Primitive { call throws(Unwinding) in
      call.machine.array(call.machine.schedule.all.map { $0.object ?? call.machine.nilValue })
    },
    "Process class>>yield": Primitive { call throws(Unwinding) in
      try call.machine.yield(from: call.sender)
      return call.receiver
    },
    "Semaphore>>wait": Primitive { call throws(Unwinding) in
      _ = try take(call, within: nil)
      return call.receiver
    },
    "Semaphore>>waitFor:": Primitive { call throws(Unwinding) in
      call.machine.boolean(try take(call, within: try call.milliseconds()))
    },
    "Semaphore>>signal": Primitive { call throws(Unwinding) in
      if !call.machine.signal(semaphore: call.number("id") ?? 0) {
        call.set("signals", (call.number("signals") ?? 0) + 1)
      }
      try call.machine.letMoreUrgentRun(from: call.sender)
      return call.receiver
    },
    "System>>sleep:": Primitive { call throws(Unwinding) in
      _ = try call.machine.wait(for: .time, milliseconds: try call.milliseconds(), from: call.sender)
      return call.receiver
    },
  ]

  private static func takeSignal(_ call: PrimitiveCall) -> Bool {
    let signals = call.number("signals") ?? 0
    if signals > 0 { call.set("signals", signals - 1) }
    return signals > 0
  }

  private static func take(_ call: PrimitiveCall, within milliseconds: Int?) throws(Unwinding) -> Bool {
    if takeSignal(call) { return true }
    if (call.number("id") ?? 0) == 0 { call.set("id", call.machine.newSemaphore()) }
    if milliseconds.map({ $0 <= 0 }) ?? false { return false }
    while true {
      let id = call.number("id") ?? 0
      if try call.machine.wait(for: .semaphore(id), milliseconds: milliseconds, from: call.sender) { return true }
      // It has left the queue while it was interrupted.
      if takeSignal(call) { return true }
      if milliseconds != nil { return false }
    }
  }
}

extension PrimitiveCall {
  /// The process that the receiver stands for, if that has begun and not ended.
  fileprivate var process: Process? {
    guard let process = number("id").flatMap(machine.process), let object = process.object,
      object.isIdentical(to: receiver)
    else { return nil }
    return process
  }

  /// An integer in a field of the receiver; 0 if it is nil.
  fileprivate func number(_ field: String) -> Int? {
    guard let object = receiver.object, let field = object.class_.fields.first(where: { $0.name == field }) else {
      return nil
    }
    guard let value = object[field], !machine.isNil(value) else { return 0 }
    return value.smallInteger
  }

  fileprivate func set(_ field: String, _ number: Int, in value: Value? = nil) {
    guard let object = (value ?? receiver).object,
      let field = object.class_.fields.first(where: { $0.name == field })
    else { return }
    object[field] = Value(number)
  }

  fileprivate func milliseconds() throws(Unwinding) -> Int {
    if let integer = arguments[0].smallInteger { return max(0, integer) }
    if let double = arguments[0].double, double.isFinite, abs(double) < 1e12 { return max(0, Int(double.rounded(.up))) }
    throw .limit("a wrong number of milliseconds")
  }
}
