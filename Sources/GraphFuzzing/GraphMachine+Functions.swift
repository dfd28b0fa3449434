// What graphs call, and how they leave.

import IR

extension GraphMachine: RuntimeFunctions {
  // MARK: Calls

  func send(_ callee: Words, _ word: UInt64) -> UInt64 {
    called("send \(word >> 16)", argumentCount: Int(word & 0xFFFF), callee)
  }

  func enter(_ method: UnsafeMutableRawPointer, _ frame: Words) -> UInt64 {
    let words = method.assumingMemoryBound(to: UInt64.self)
    let isSaid = frame[1] == UInt64(UInt(bitPattern: method))
    return called("call \(words[1])\(isSaid ? "" : " without its method")", argumentCount: Int(words[1]), frame)
  }

  private func called(_ what: String, argumentCount count: Int, _ callee: Words) -> UInt64 {
    let given = (0...count).map { heap.text(callee[$0 - count - 1]) }
    events.append("\(what) \(given.joined(separator: " "))")
    let sender = Words(bitPattern: UInt(callee[0] & ~1))!
    requireValid(sender)
    sends += 1
    var random = script.random(forSend: sends)
    heap.disturb(&random)
    let answer = script.value(&random)
    let unwinds = random.chance(protects(place(sender)) ? 30 : 2)
    if noise.happens(.collections, 30) { collect(sender) }
    if noise.happens(.invalidations, 5) { running?.table[0] = 1 }
    return unwinds ? 0 : heap.word(answer)
  }

  func loopPoll(_ frame: Words) -> UInt64 {
    requireValid(frame)
    polls += 1
    if polls > 20_000 {
      events.append("does not end")
      return 0
    }
    // Passes make and remove none, so what they change is in the script. Code that survived it might go on with what it
    // has read before; the original reads everything when it is there.
    var random = script.random(forPoll: polls)
    let changes = random.chance(15)
    if changes { for _ in 0..<8 { heap.disturb(&random) } }
    if noise.happens(.collections, 10) { collect(frame) }
    if noise.happens(.invalidations, 2) { running?.table[0] = 1 }
    return changes && frame[1] == Self.formMark ? 2 : 1
  }

  /// It should have been left after the call in which it became invalid.
  private func requireValid(_ frame: Words) {
    if frame[1] == Self.formMark, running?.table[0] == 1 { events.append("goes on though it is invalid") }
  }

  func entryPoll(_ frame: Words) -> UInt64 {
    thread[Self.layout.limit] = .max
    if noise.happens(.invalidations, 30) { running?.table[0] = 1 }
    return 1
  }

  /// The method's own activation may be what is unwound to.
  func unwindThroughHome(_ frame: Words, _ environment: UInt64) -> UInt64 {
    events.append("unwinds through \(heap.text(environment))")
    var random = script.random(forSend: sends)
    let value = heap.word(script.value(&random))
    return random.chance(50) ? value : 0
  }

  // MARK: Memory

  /// Where the state protects there may be no memory: the original tries again.
  func allocate(_ header: UInt64, _ bodyWords: Int, _ frame: Words) -> UInt64 {
    collect(frame)
    if isExhausted(frame) { return 0 }
    return heap.allocate(header, bodyWords, &thread[Self.layout.allocationTop])
  }

  func box(_ d: Double, _ frame: Words) -> UInt64 {
    if noise.happens(.collections, 20) { collect(frame) }
    if isExhausted(frame) { return 0 }
    return heap.box(d, &thread[Self.layout.allocationTop])
  }

  private func isExhausted(_ frame: Words) -> Bool {
    noise.happens(.exhaustion, 20) && frame[1] == Self.formMark && protects(place(frame))
  }

  func remember(_ object: UInt64) { heap.object(object)[0] |= Self.layout.headerRemembered }

  // MARK: Leaving

  /// Goes on in the original, or, from there, ends: then the program has left what is compiled. Unwinding goes on in the
  /// original, too: after the call that was unwound, with what its handler answers.
  func deoptimize(_ frame: Words, _ number: Int) -> UInt64 {
    let isUnwinding = number & CodeMetadata.unwinding != 0
    let index = number & ~CodeMetadata.unwinding
    guard let code = code(frame), let original, code.metadata.safepoints.indices.contains(index),
      let pc = code.metadata.safepoints[index].frames.last?.pc, let place = places[pc],
      case .evaluated(let program) = original.form
    else {
      events.append("no state \(index)")
      return Self.layout.nilWord
    }
    var values = read(code.metadata.safepoints[index], frame, code.table)
    if isUnwinding {
      guard protects(place) else {
        events.append("unwinds through \(pc), which protects nothing")
        return 0
      }
      if place.isAfter, let v = place.instruction {
        values.removeAll { $0.register == GraphStates.register(v) }
        values.append((GraphStates.register(v), .word(handled())))
      }
    } else if frame[1] == Self.originalMark {
      leftAt = pc
      let registers = values.map { "\($0.register)=\(heap.text($0.value))" }.sorted().joined(separator: " ")
      events.append("leaves at \(pc): \(registers)")
      return Self.layout.nilWord
    }
    for word in 3..<program.metadata.frameSize { frame[word] = Self.layout.nilWord }
    for (register, value) in values {
      let v = GraphStates.value(ofRegister: register)
      let type = program.graph[v].type
      guard let word = value.word(as: type, heap, &thread[Self.layout.allocationTop]) else {
        events.append("register \(register) is no \(type) at \(pc)")
        return Self.layout.nilWord
      }
      if type == .tagged, !heap.isValue(word) { events.append("register \(register) is no value at \(pc)") }
      frame[program.word(of: v)] = word
    }
    thread[Self.layout.deoptCountdown] = 0
    frame[1] = Self.originalMark
    frame[2] = UInt64(program.metadata.safepoints.count)
    return Evaluation(program, thread: thread, frame: frame, table: original.table, host: self)
      .resume(in: place.block, at: place.position)
  }

  private func handled() -> UInt64 {
    var random = script.random(forSend: sends)
    _ = random.next()
    let answer = script.value(&random)
    events.append("is handled")
    return heap.word(answer)
  }

  /// The values of all frames, with the objects that they have in common.
  private func read(
    _ safepoint: Safepoint, _ frame: Words, _ table: Words
  ) -> [(register: Int, value: StateReading.Value)] {
    var reading = StateReading(frame: frame, table: table)
    for object in safepoint.virtuals {
      reading.objects.append(
        heap.allocate(UInt64(object.classWord) << 32, object.fields.count, &thread[Self.layout.allocationTop]))
    }
    // All are there before one refers to another. Boxes that are made meanwhile do not move them.
    for (object, address) in zip(safepoint.virtuals, reading.objects) {
      for (word, location) in object.fields.enumerated() {
        let isDouble = heap.content(of: address, word: word) == .double
        let value = reading.read(location).word(
          as: isDouble ? .float : .tagged, heap, &thread[Self.layout.allocationTop])
        heap.object(address)[1 + word] = value ?? (isDouble ? Self.layout.unboxedNil : Self.layout.nilWord)
      }
    }
    return safepoint.frames.flatMap(\.registers).map { ($0.register, reading.read($0.location)) }
  }
}
