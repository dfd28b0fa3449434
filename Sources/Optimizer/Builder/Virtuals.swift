// Objects that may never be allocated: environments, blocks, instances created by `new`.

import Bytecode
import IR
import MachineLayout

extension GraphBuilder {
  /// The identity of an object created by the current instruction.
  func creationSite() -> VirtualID {
    VirtualID(
      raw: decisions.path(
        PathKey(parent: context.path, pc: pc, method: -1 - context.walk, receiverClass: -1)))
  }

  /// A new object with these body words; virtual unless an earlier attempt showed that it escapes anyway.
  /// `home`: the activation that this environment is the home of.
  func create(classWord: UInt32, fields: [Ref], home: Context? = nil) throws(BuildFailure) -> Ref {
    let id = creationSite()
    homes[.virtual(id)] = home
    // A previous iteration's object of the same site that is still referenced has become a value by now
    // (loop headers see to it).
    state.virtuals[id] = .virtual(classWord: classWord, fields: fields)
    if decisions.taken.contains(.allocateEagerly(virtual: id.raw)) {
      return .value(try materialize(id))
    }
    return .virtual(id)
  }

  /// Allocates a virtual object here, and everything it refers to.
  ///
  /// Whatever can deoptimize comes first, when all of them are virtual still; then they are allocated, and last they get
  /// to know each other. So no state ever sees an object that lacks a part.
  @discardableResult
  func materialize(_ id: VirtualID) throws(BuildFailure) -> ValueID {
    if case .materialized(let v)? = state.virtuals[id] { return v }
    var made: [Materialization] = []
    try prepare(id, &made)
    var values: [ValueID] = []
    for object in made {
      values.append(try emit(.allocate, object.operands, Int64(object.classWord), state: frameState(at: pc)))
    }
    for (object, v) in zip(made, values) {
      state.virtuals[object.id] = .materialized(v)
      setClass(v, Int(object.classWord & 0xFF_FFFF))
      if let owner = homes[.virtual(object.id)] {
        homes[.value(v)] = owner
        graph.homeEnvironment = v
      }
    }
    for (object, v) in zip(made, values) {
      for (word, double) in object.doubles { try emit(.storeDouble, [v, double], Int64(word)) }
      for (word, other) in object.inner {
        guard case .value(let o) = state.resolve(.virtual(other)) else { continue }
        try emit(.storeSlot, [v, o], Int64(word))
      }
    }
    return values[0]
  }

  /// An object that is about to be allocated.
  private struct Materialization {
    let id: VirtualID
    let classWord: UInt32
    /// By body word; nil in the place of what is stored later: unboxed doubles, and objects allocated with this one.
    var operands: [ValueID] = []
    var doubles: [(word: Int, value: ValueID)] = []
    var inner: [(word: Int, object: VirtualID)] = []
  }

  private func prepare(_ id: VirtualID, _ made: inout [Materialization]) throws(BuildFailure) {
    if made.contains(where: { $0.id == id }) { return }
    guard case .virtual(let word, let fields)? = state.virtuals[id] else {
      throw .unsupported("an object is used before its creation")
    }
    let isEager = decisions.taken.contains(.allocateEagerly(virtual: id.raw))
    if let owner = homes[.virtual(id)] {
      // An environment that others can return through needs an activation of its own to return from.
      if owner !== root { throw .retry(.noInline(path: owner.path)) }
      if !isEager { throw .retry(.allocateEagerly(virtual: id.raw)) }
    }
    let place = made.count
    made.append(Materialization(id: id, classWord: word))
    let unboxed = isMixed(word) ? program.classFacts(Int(word & 0xFF_FFFF)).doubleFields : 0
    for (i, f) in fields.enumerated() {
      let value = state.resolve(f)
      if unboxed >> UInt64(i) & 1 != 0 {
        made[place].operands.append(constant(.tagged(Int64(bitPattern: Word.unboxedNil))))
        if value == nilRef { continue }
        // Where it was something else too often, the object is allocated before anything is stored into it.
        if try knownFloat(value) == nil, !isEager,
          program.failures(context.facts.id, pc: pc).contains(DeoptReason.notDouble.rawValue)
        {
          throw .retry(.allocateEagerly(virtual: id.raw))
        }
        made[place].doubles.append((i, try exactDouble(value)))
      } else if case .virtual(let other) = value {
        made[place].operands.append(try tagged(nilRef))
        made[place].inner.append((i, other))
        try prepare(other, &made)
      } else {
        made[place].operands.append(try tagged(value))
      }
    }
  }

  // MARK: Slots of objects

  func load(_ object: Ref, word: Int) throws(BuildFailure) -> Ref {
    switch state.resolve(object) {
    case .virtual(let id):
      guard case .virtual(_, let fields)? = state.virtuals[id], word < fields.count else {
        throw .unsupported("a slot that the object does not have")
      }
      return state.resolve(fields[word])
    case .value(let v):
      if let known = state.memory[MemoryKey(object: v, word: word)] { return state.resolve(known) }
      let loaded = try emit(.loadSlot, [v], Int64(word))
      state.memory[MemoryKey(object: v, word: word)] = .value(loaded)
      return .value(loaded)
    }
  }

  func store(_ object: Ref, word: Int, _ value: Ref) throws(BuildFailure) {
    switch state.resolve(object) {
    case .virtual(let id):
      guard case .virtual(let classWord, var fields)? = state.virtuals[id], word < fields.count else {
        throw .unsupported("a slot that the object does not have")
      }
      fields[word] = state.resolve(value)
      state.virtuals[id] = .virtual(classWord: classWord, fields: fields)
    case .value(let v):
      let t = try tagged(value)
      try emit(.storeSlot, [v, t], Int64(word) | (needsBarrier(t) ? 0 : Op.noBarrier))
      remember(v, word: word, state.resolve(value))
    }
  }

  /// The object has been stored to; another one's word of this number may have been the same, unless it is of another
  /// class.
  private func remember(_ object: ValueID, word: Int, _ value: Ref) {
    let stored = knownClass(.value(object))
    state.memory = state.memory.filter { key, _ in
      if key.word != word { return true }
      guard let stored, let other = knownClass(.value(key.object)) else { return false }
      return other != stored
    }
    state.memory[MemoryKey(object: object, word: word)] = value
  }

  // MARK: Unboxed fields

  private func isMixed(_ classWord: UInt32) -> Bool {
    ClassWord(bits: classWord).formatBits == ObjectFormat.mixed.rawValue
  }

  /// The field of an object that keeps doubles in it; deoptimizes if it is nil.
  func loadDouble(_ object: Ref, word: Int) throws(BuildFailure) -> Ref {
    guard case .value(let v) = state.resolve(object) else { return try load(object, word: word) }
    let key = MemoryKey(object: v, word: word)
    if let known = state.memory[key] { return state.resolve(known) }
    try leaveNoDoubles()
    let loaded = try emit(.loadDouble, [v], Int64(word))
    let double = try emit(.guardDouble, [loaded], DeoptReason.notDouble.rawValue, state: frameState(at: pc))
    state.memory[key] = .value(double)
    return .value(double)
  }

  /// Stores nil or a double; anything else changes the class's fields, which the interpreter does.
  func storeDouble(_ object: Ref, word: Int, _ value: Ref) throws(BuildFailure) {
    let value = state.resolve(value), isNil = value == nilRef
    if case .virtual = state.resolve(object), isNil { return try store(object, word: word, value) }
    if !isNil {
      guard case .value(let v) = value, [.float, .tagged].contains(type(v)), graph[v].op != .constTagged,
        try knownInt(value) == nil
      else { return try deopt(.notDouble) }
      if try knownFloat(value) == nil { try leaveNoDoubles() }
    }
    let bits = isNil ? constant(.float(Word.unboxedNil)) : try exactDouble(value)
    guard case .value(let o) = state.resolve(object) else { return try store(object, word: word, .value(bits)) }
    try emit(.storeDouble, [o, bits], Int64(word))
    remember(o, word: word, isNil ? nilRef : .value(bits))
  }

  /// Where too much of what was read or stored was no double, the class will box its fields again.
  private func leaveNoDoubles() throws(BuildFailure) {
    if program.failures(context.facts.id, pc: pc).contains(DeoptReason.notDouble.rawValue) {
      throw .unsupported("a field of doubles that is often nil")
    }
  }

  /// After something that can store anywhere.
  func forgetMemory() { state.memory.removeAll(keepingCapacity: true) }

  /// Drops virtual objects that nothing on this path refers to any more.
  func pruneVirtuals(liveAt at: Int) {
    var reached: Set<VirtualID> = []
    var work: [Ref] = []
    for r in context.analysis.liveRegisters(at: at) {
      if let ref = state.registers[context.index(r)] { work.append(ref) }
    }
    var c = context
    while let parent = c.parent {
      work.append(contentsOf: c.saved.compactMap { $0 })
      c = parent
    }
    while let ref = work.popLast() {
      guard case .virtual(let id) = ref, reached.insert(id).inserted else { continue }
      if case .virtual(_, let fields)? = state.virtuals[id] { work.append(contentsOf: fields) }
    }
    for (key, ref) in state.memory {
      guard case .virtual(let id) = ref else { continue }
      if !reached.contains(id) { state.memory[key] = nil }
    }
    state.virtuals = state.virtuals.filter { reached.contains($0.key) }
  }
}
