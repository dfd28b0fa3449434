// Process, Processor, Semaphore: what must happen without another process in between. The rest is the library's.

import Foundation

let processRows: [PrimitiveRow] = [
  PrimitiveRow("Process", "resume") { native(processResume, $0, $1, $2) },
  PrimitiveRow("Process", "suspend") { native(processSuspend, $0, $1, $2) },
  PrimitiveRow("Process", "terminate") { native(processTerminate, $0, $1, $2) },
  PrimitiveRow("Process", "interruptWith:") { native(processInterrupt, $0, $1, $2) },
  PrimitiveRow("Process", "waitForEnd") { native(processWaitForEnd, $0, $1, $2) },
  PrimitiveRow("Process", "state") { native(processState, $0, $1, $2) },
  PrimitiveRow("Process", "changePriority:") { native(processChangePriority, $0, $1, $2) },
  PrimitiveRow("Process class", "active") { native(processActive, $0, $1, $2) },
  PrimitiveRow("Process class", "adopt:") { native(processAdopt, $0, $1, $2) },
  PrimitiveRow("Process class", "all") { native(processAll, $0, $1, $2) },
  PrimitiveRow("Process class", "yield") { native(processYield, $0, $1, $2) },
  PrimitiveRow("Semaphore", "wait") { native(semaphoreWait, $0, $1, $2) },
  PrimitiveRow("Semaphore", "waitFor:") { native(semaphoreWaitFor, $0, $1, $2) },
  PrimitiveRow("Semaphore", "signal") { native(semaphoreSignal, $0, $1, $2) },
]

extension Universe {
  /// The body word of a field of an instance, whatever its class is; nil if it has none of that name.
  private func word(of field: String, in value: Value) -> Int? {
    value.isPointer && value != .none ? classes[value.classIndex].bodyWord(ofField: field) : nil
  }
  /// An integer in a field; 0 if it is nil.
  fileprivate func number(_ field: String, of value: Value) -> Int? {
    guard let word = word(of: field, in: value) else { return nil }
    let found = value.object[word]
    return found == .nil ? 0 : found.isInteger ? found.integer : nil
  }
  fileprivate func setNumber(_ field: String, of value: Value, to number: Int) {
    if let word = word(of: field, in: value) { value.object[word] = Value(integer: number) }
  }

  /// The process that an instance of Process stands for, if that has begun and not ended.
  fileprivate func process(_ value: Value) -> ProgramProcess? {
    guard let id = number("id", of: value), let process = scheduler.process(id), process.object == value else {
      return nil
    }
    return process
  }
  /// Whether an instance of Process has never been resumed.
  fileprivate func isNew(_ value: Value) -> Bool { number("id", of: value) == 0 }

  fileprivate func isKind(_ value: Value, of name: String) -> Bool {
    guard let info = library.loaded(name) else { return false }
    return classes.inherits(value.classIndex, from: info.index)
  }
}

/// Of primitives that let others run: the receiver, unless this process is to unwind.
private func answer(_ value: () -> Value, _ goesOn: Bool) -> UInt64 { goesOn ? value().bits : 0 }

// MARK: Process

private func processResume(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard universe.isKind(receiver0(h), of: "Process") else { return universe.wrongReceiver(h, m, receiver0(h)) }
  if let process = universe.process(receiver0(h)) {
    universe.scheduler.resume(process)
  } else if universe.isNew(receiver0(h)) {
    guard universe.options.capabilities.processes else { return universe.notPermitted(h, m, "start processes") }
    let priority = universe.number("priority", of: receiver0(h)) ?? 0
    let process = universe.scheduler.start(
      receiver0(h),
      priority: ReadyQueue.priorities.contains(priority) ? priority : universe.scheduler.current.priority)
    universe.setNumber("id", of: receiver0(h), to: process.id)
    universe.setNumber("priority", of: receiver0(h), to: process.priority)
  } else {
    return universe.raise(.other("This process has ended; make a new one of its block"), h)
  }
  return answer({ receiver0(h) }, universe.scheduler.letMoreUrgentRun(h))
}

private func processSuspend(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard let process = universe.process(receiver0(h)) else { return receiver0(h).bits }
  return answer({ receiver0(h) }, universe.scheduler.suspend(process, h))
}

private func processTerminate(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let scheduler = universe.scheduler!
  guard let process = universe.process(receiver0(h)) else {
    // One that was never resumed must not be later.
    if universe.isKind(receiver0(h), of: "Process"), universe.isNew(receiver0(h)) {
      universe.setNumber("id", of: receiver0(h), to: -1)
    }
    return receiver0(h).bits
  }
  if process === scheduler.current { return universe.terminate(status: 0, because: .process) }
  if process.fiber == nil {
    scheduler.remove(process)
    return receiver0(h).bits
  }
  scheduler.demand(.terminate, of: process)
  return answer({ receiver0(h) }, scheduler.letMoreUrgentRun(early: true, h))
}

/// The process evaluates the block, and goes on with what it did; at once, if it is as urgent as the current one.
private func processInterrupt(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let scheduler = universe.scheduler!
  guard let process = universe.process(receiver1(h)) else { return receiver1(h).bits }
  scheduler.demand(.evaluate(root: process.addRoot(argument1(h))), of: process)
  return answer({ receiver1(h) }, scheduler.letMoreUrgentRun(early: true, h))
}

private func processWaitForEnd(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let scheduler = universe.scheduler!
  while let process = universe.process(receiver0(h)) {
    if process === scheduler.current {
      return universe.raise(.other("A process cannot wait for its own end"), h)
    }
    if !scheduler.wait(for: .end(of: process.id), h) { return 0 }
  }
  return receiver0(h).bits
}

private func processState(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard universe.isKind(receiver0(h), of: "Process") else { return universe.wrongReceiver(h, m, receiver0(h)) }
  guard let process = universe.process(receiver0(h)) else {
    return universe.symbol(universe.isNew(receiver0(h)) ? "new" : "terminated").bits
  }
  if process === universe.scheduler.current { return universe.symbol("running").bits }
  if process.isSuspended { return universe.symbol("suspended").bits }
  return universe.symbol(process.state == .ready ? "ready" : "waiting").bits
}

private func processChangePriority(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let priority = argument1(h)
  guard priority.isInteger, ReadyQueue.priorities.contains(priority.integer) else {
    return universe.wrongArgument(h, m, needs: "a priority from 1 to 100", not: priority)
  }
  guard let process = universe.process(receiver1(h)) else { return receiver1(h).bits }
  universe.scheduler.setPriority(priority.integer, of: process)
  return answer({ receiver1(h) }, universe.scheduler.letMoreUrgentRun(h))
}

// MARK: Processor

/// The instance of Process that runs, or nil if nobody has asked for it before (the main one's).
private func processActive(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  universe.scheduler.current.object.bits
}

/// The argument is the instance for the process that runs.
private func processAdopt(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let process = universe.scheduler.current
  guard universe.isKind(argument1(h), of: "Process"), universe.isNew(argument1(h)), process.object == .nil else {
    return universe.wrongArgument(h, m, needs: "a new process", not: argument1(h))
  }
  process.object = argument1(h)
  universe.setNumber("id", of: argument1(h), to: process.id)
  universe.setNumber("priority", of: argument1(h), to: process.priority)
  return argument1(h).bits
}

private func processAll(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  let processes = universe.scheduler.all
  return universe.answer(
    universe.makeArray(processes.count, h) { words in
      for (i, process) in processes.enumerated() { words[i] = process.object.bits }
    })
}

private func processYield(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  answer({ receiver0(h) }, universe.scheduler.yield(h))
}

// MARK: Semaphore

extension Universe {
  /// Takes a signal, or waits for one until the deadline. Nil: unwind.
  fileprivate func take(_ h: Words, semaphore: () -> Value, until deadline: ContinuousClock.Instant?) -> Bool? {
    if takeSignal(semaphore()) { return true }
    var id = number("id", of: semaphore()) ?? 0
    if id <= 0 {
      id = scheduler.newSemaphoreID()
      setNumber("id", of: semaphore(), to: id)
    }
    while true {
      if let deadline, deadline <= .now { return false }
      let goesOn = scheduler.wait(for: .semaphore(id), until: deadline, h)
      let isGranted = scheduler.current.isGranted
      if !goesOn {
        // It ends without what it was given: the next one's.
        if isGranted { release(semaphore()) }
        return nil
      }
      // Who was interrupted has left the queue for that: what came meanwhile has been counted.
      if isGranted || takeSignal(semaphore()) { return true }
    }
  }

  private func takeSignal(_ semaphore: Value) -> Bool {
    let signals = number("signals", of: semaphore) ?? 0
    guard signals > 0 else { return false }
    setNumber("signals", of: semaphore, to: signals - 1)
    return true
  }

  fileprivate func release(_ semaphore: Value) {
    if let id = number("id", of: semaphore), id > 0, scheduler.signal(semaphore: id) { return }
    setNumber("signals", of: semaphore, to: (number("signals", of: semaphore) ?? 0) + 1)
  }
}

private func semaphoreWait(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard universe.isKind(receiver0(h), of: "Semaphore") else { return universe.wrongReceiver(h, m, receiver0(h)) }
  return universe.take(h, semaphore: { receiver0(h) }, until: nil) == nil ? 0 : receiver0(h).bits
}

/// Answers whether the signal has come in time.
private func semaphoreWaitFor(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard universe.isKind(receiver1(h), of: "Semaphore") else { return universe.wrongReceiver(h, m, receiver1(h)) }
  guard let end = deadline(argument1(h)) else { return notMilliseconds(universe, h, m) }
  guard let isTaken = universe.take(h, semaphore: { receiver1(h) }, until: end) else { return 0 }
  return Value(isTaken).bits
}

private func semaphoreSignal(_ universe: Universe, _ h: Words, _ m: UnsafeMutableRawPointer) -> UInt64 {
  guard universe.isKind(receiver0(h), of: "Semaphore") else { return universe.wrongReceiver(h, m, receiver0(h)) }
  universe.release(receiver0(h))
  return answer({ receiver0(h) }, universe.scheduler.letMoreUrgentRun(h))
}
