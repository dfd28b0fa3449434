// Where paths meet: joins and loop headers. Values that differ become block parameters; objects that are
// virtual on one path and allocated on another are allocated on both.

import IR
import MachineLayout

/// A loop header under construction: what its back edges must supply, parameter by parameter.
struct LoopHeader {
  var block: BlockID
  var pc: Int
  var pass: Int
  var parameters: [(variable: LoopVariable, value: ValueID, classIndex: Int?)]
  var virtuals: [VirtualID: VirtualState]
  /// Values from this number on were made in the loop.
  var firstNode: Int
  /// The registers that the loop keeps, as they are at its header.
  var kept: [(register: Int, ref: Ref)] = []
}

/// A loop as the place to put guards in front of.
struct ActiveLoop {
  let context: Context
  let pass: Int
  let pcs: ClosedRange<Int>
  let preheader: BlockID
  /// Values below this number were made before the loop.
  let firstNode: Int32
  /// To resume at the header, with the values of the entry.
  let entryState: FrameStateID
}

extension GraphBuilder {
  /// Runs `body` with the given edge as the current block and state, and gives back what became of it.
  private func on(_ edge: inout PendingEdge, _ body: () throws(BuildFailure) -> Void) throws(BuildFailure) {
    let saved = (block, state)
    (block, state) = (edge.block, edge.state)
    defer { (block, state) = saved }
    try body()
    edge = PendingEdge(block: block!, state: state)
  }

  /// Makes the current block and state the meeting point of `edges`, about to execute `at`.
  func merge(_ incoming: [PendingEdge], at: Int) throws(BuildFailure) {
    if incoming.count == 1 {
      (block, state) = (incoming[0].block, incoming[0].state)
      pruneVirtuals(liveAt: at)
      return
    }
    var edges = incoming
    for i in edges.indices {
      try on(&edges[i]) { () throws(BuildFailure) in pruneVirtuals(liveAt: at) }
    }
    let live = context.analysis.liveRegisters(at: at).filter { r in
      edges.allSatisfy { $0.state.registers[context.index(r)] != nil }
    }
    try agreeOnVirtuals(&edges, live)

    let join = graph.addBlock()
    var merged = edges[0].state
    merged.registers = Array(repeating: nil, count: merged.registers.count)
    merged.facts = merged.facts.filter { key, fact in edges.allSatisfy { $0.state.facts[key] == fact } }
    merged.memory = merged.memory.filter { key, ref in edges.allSatisfy { $0.state.memory[key] == ref } }
    var arguments: [[ValueID]] = Array(repeating: [], count: edges.count)

    func mergeRefs(_ refs: [Ref]) throws(BuildFailure) -> Ref {
      if refs.allSatisfy({ $0 == refs[0] }) { return refs[0] }
      let type = commonType(refs, edges)
      let classIndex = commonClass(refs, edges)
      let parameter = graph.addParameter(join, type)
      for i in edges.indices {
        var v: ValueID?
        try on(&edges[i]) { () throws(BuildFailure) in v = try convert(refs[i], to: type) }
        arguments[i].append(v!)
      }
      if type == .tagged, let classIndex { merged.facts[parameter, default: Fact()].classIndex = classIndex }
      return .value(parameter)
    }

    for r in live {
      let i = context.index(r)
      merged.registers[i] = try mergeRefs(edges.map { $0.state.resolve($0.state.registers[i]!) })
    }
    for id in edges[0].state.virtuals.keys.sorted(by: { $0.raw < $1.raw }) {
      let all = edges.map { $0.state.virtuals[id] }
      if all.contains(where: { $0 == nil }) {
        merged.virtuals[id] = nil
        continue
      }
      switch edges[0].state.virtuals[id]! {
      case .materialized:
        let refs: [Ref] = all.map { if case .materialized(let v)? = $0 { .value(v) } else { nilRef } }
        if case .value(let v) = try mergeRefs(refs) {
          merged.virtuals[id] = .materialized(v)
          if let owner = homes[.virtual(id)] { homes[.value(v)] = owner }
        }
      case .virtual(let word, let fields):
        var result: [Ref] = []
        for f in fields.indices {
          result.append(
            try mergeRefs(
              edges.map { edge in
                guard case .virtual(_, let fs)? = edge.state.virtuals[id] else { return nilRef }
                return edge.state.resolve(fs[f])
              }))
        }
        merged.virtuals[id] = .virtual(classWord: word, fields: result)
      }
    }
    for i in edges.indices {
      block = edges[i].block
      try jump(to: join, arguments[i])
    }
    block = join
    state = merged
  }

  /// Allocates, on the edges where it is virtual, what is not virtual in the same way on all of them.
  private func agreeOnVirtuals(_ edges: inout [PendingEdge], _ live: [Int]) throws(BuildFailure) {
    func settle(_ refs: [Ref]) throws(BuildFailure) -> Bool {
      if refs.allSatisfy({ $0 == refs[0] }) { return false }
      var changed = false
      for i in edges.indices {
        guard case .virtual(let id) = refs[i] else { continue }
        try on(&edges[i]) { () throws(BuildFailure) in try materialize(id) }
        changed = true
      }
      return changed
    }
    var changed = true
    while changed {
      changed = false
      for r in live {
        let i = context.index(r)
        if try settle(edges.map { $0.state.resolve($0.state.registers[i]!) }) { changed = true }
      }
      for id in edges[0].state.virtuals.keys.sorted(by: { $0.raw < $1.raw }) {
        let states = edges.map { $0.state.virtuals[id] }
        if states.contains(where: { $0 == nil }) { continue }
        let flags = states.map { if case .virtual? = $0 { true } else { false } }
        // One place that creates objects may make them of several classes.
        let words = Set(states.compactMap { if case .virtual(let word, _)? = $0 { word } else { nil } })
        if flags.contains(true) && (flags.contains(false) || words.count > 1) {
          for i in edges.indices where flags[i] {
            try on(&edges[i]) { () throws(BuildFailure) in try materialize(id) }
          }
          changed = true
        } else if flags[0], case .virtual(_, let fields)? = states[0] {
          for f in fields.indices {
            let refs: [Ref] = edges.map { edge in
              guard case .virtual(_, let fs)? = edge.state.virtuals[id] else { return nilRef }
              return edge.state.resolve(fs[f])
            }
            if try settle(refs) { changed = true }
          }
        }
      }
    }
  }

  private func commonType(_ refs: [Ref], _ edges: [PendingEdge]) -> ValueType {
    var result: ValueType?
    for (i, ref) in refs.enumerated() {
      guard case .value(let v) = ref else { return .tagged }
      var t = type(v)
      if t == .tagged {
        let n = graph[v]
        if edges[i].state.facts[v]?.int != nil || n.op == .tagInt || (n.op == .constTagged && n.immediate & 1 != 0) {
          t = .int
        } else if edges[i].state.facts[v]?.float != nil {
          t = .float
        } else if n.op == .constTagged && (n.immediate == Int64(Word.true) || n.immediate == Int64(Word.false)) {
          t = .bool
        }
      }
      if result == nil { result = t } else if result != t { return .tagged }
    }
    return result ?? .tagged
  }

  private func commonClass(_ refs: [Ref], _ edges: [PendingEdge]) -> Int? {
    var result: Int?
    let saved = state
    defer { state = saved }
    for (i, ref) in refs.enumerated() {
      state = edges[i].state
      guard let c = knownClass(ref), result == nil || result == c else { return nil }
      result = c
    }
    // "Integer" and "Double" would claim a representation that the parameter does not have.
    return result == WellKnownClass.integer.rawValue || result == WellKnownClass.double.rawValue ? nil : result
  }

  /// Requires that the value is known to be of the type (see `commonType`).
  private func convert(_ ref: Ref, to type: ValueType) throws(BuildFailure) -> ValueID {
    switch type {
    case .int:
      if let i = try knownInt(ref) { return i }
    case .float:
      if let f = try knownFloat(ref) { return f }
    case .bool:
      if case .value(let v) = ref {
        if self.type(v) == .bool { return v }
        return constant(.bool(graph[v].immediate == Int64(Word.true)))
      }
    case .tagged, .none: return try tagged(ref)
    }
    throw .unsupported("a value without the type of its parameter")
  }

  // MARK: Loops

  /// False once the loop was entered with values that its code had not expected.
  private func mayTrustEntry(_ header: Int) -> Bool {
    let failures = program.failures(context.facts.id, pc: header)
    return !failures.contains(DeoptReason.loopEntry.rawValue) && !failures.contains(DeoptReason.wrongClass.rawValue)
  }

  /// Makes the current state that of the loop header at `at`; what the loop can change becomes a parameter.
  func enterLoop(_ at: Int) throws(BuildFailure) -> LoopHeader {
    let key = at + context.pass << 24
    for id in state.virtuals.keys.sorted(by: { $0.raw < $1.raw })
    where decisions.taken.contains(.materializeBefore(path: context.path, pc: key, virtual: id.raw)) {
      try materialize(id)
    }
    let written = context.analysis.written(inLoop: at)
    let live = Set(context.analysis.liveRegisters(at: at))
    for r in live.sorted() where written.contains(r) {
      if case .virtual(let id)? = state.registers[context.index(r)] { try materialize(id) }
    }
    let header = graph.addBlock()
    let entryState = frameState(at: at)
    let firstNode = Int32(graph.nodes.count)
    var loop = LoopHeader(block: header, pc: at, pass: context.pass, parameters: [], virtuals: [:], firstNode: 0)
    var arguments: [ValueID] = []

    func guardEntry(_ op: Op, _ ref: Ref) throws(BuildFailure) -> ValueID {
      try emit(op, [tagged(ref)], DeoptReason.loopEntry.rawValue, state: entryState)
    }
    func parameter(_ ref: Ref, _ variable: LoopVariable) throws(BuildFailure) -> Ref {
      let general = decisions.taken.contains(.generalize(path: context.path, pc: key, variable))
      var type = ValueType.tagged
      var argument: ValueID?
      if !general {
        if let i = try knownInt(ref) {
          (type, argument) = (.int, i)
        } else if let f = try knownFloat(ref) {
          (type, argument) = (.float, f)
        } else if decisions.taken.contains(.speculateInt(path: context.path, pc: key, variable)) {
          (type, argument) = (.int, try guardEntry(.guardInt, ref))
        } else if decisions.taken.contains(.speculateFloat(path: context.path, pc: key, variable)) {
          (type, argument) = (.float, try guardEntry(.guardFloat, ref))
        }
      }
      let classIndex = general || type != .tagged ? nil : knownClass(ref)
      if argument == nil { argument = try tagged(ref) }
      arguments.append(argument!)
      let p = graph.addParameter(header, type)
      if let classIndex, classIndex != WellKnownClass.integer.rawValue, classIndex != WellKnownClass.double.rawValue {
        setClass(p, classIndex)
        loop.parameters.append((variable, p, classIndex))
      } else {
        loop.parameters.append((variable, p, nil))
      }
      return .value(p)
    }

    for r in live.sorted() where written.contains(r) {
      let i = context.index(r)
      guard let ref = state.registers[i] else { continue }
      state.registers[i] = try parameter(state.resolve(ref), .register(r))
    }
    for i in state.registers.indices where !live.contains(i - context.analysis.bias) { state.registers[i] = nil }
    for id in state.virtuals.keys.sorted(by: { $0.raw < $1.raw }) {
      guard case .virtual(let word, var fields)? = state.virtuals[id] else { continue }
      for f in fields.indices where f >= firstMutableField(word, count: fields.count) {
        let field = LoopVariable.field(virtual: id.raw, index: f)
        guard case .value = state.resolve(fields[f]),
          decisions.taken.contains(.vary(path: context.path, pc: key, field))
        else { continue }
        fields[f] = try parameter(state.resolve(fields[f]), .field(virtual: id.raw, index: f))
      }
      state.virtuals[id] = .virtual(classWord: word, fields: fields)
    }
    loop.virtuals = state.virtuals
    for r in live.sorted() where !written.contains(r) {
      if let ref = state.registers[context.index(r)] { loop.kept.append((r, state.resolve(ref))) }
    }
    forgetMemory()
    if mayTrustEntry(at) {
      graph[header].loopEntry = entryState
      loops.append(
        ActiveLoop(
          context: context, pass: context.pass, pcs: at...(context.analysis.loopEnd[at] ?? at),
          preheader: block!, firstNode: firstNode, entryState: entryState))
    }
    try jump(to: header, arguments)
    block = header
    loop.firstNode = graph.nodes.count
    return loop
  }

  private func firstMutableField(_ classWord: UInt32, count: Int) -> Int {
    let index = Int(classWord & 0xFF_FFFF)
    let isBlock = index >= WellKnownClass.block1.rawValue && index < WellKnownClass.block1.rawValue + 3
    return isBlock ? count : index == WellKnownClass.environment.rawValue ? EnvironmentLayout.firstVariable : 0
  }

  /// Ends the current block with the back edge to `loop`, or finds out what has to be built differently.
  func closeLoop(_ loop: LoopHeader) throws(BuildFailure) {
    let key = loop.pc + loop.pass << 24
    var arguments: [ValueID] = []
    let mayGuard = mayTrustEntry(loop.pc)
    for (variable, parameter, classIndex) in loop.parameters {
      let general = Decision.generalize(path: context.path, pc: key, variable)
      let ref: Ref
      switch variable {
      case .register(let r): ref = register(r)
      case .field(let id, let f):
        guard case .virtual(_, let fields)? = state.virtuals[VirtualID(raw: id)] else {
          // Not referred to any more: any value will do.
          arguments.append(parameter)
          continue
        }
        guard f < fields.count else {
          throw .retry(.materializeBefore(path: context.path, pc: key, virtual: id))
        }
        ref = state.resolve(fields[f])
      }
      switch type(parameter) {
      case .int:
        guard let i = try knownInt(ref) else { throw .retry(general) }
        arguments.append(i)
      case .float:
        guard let f = try knownFloat(ref) else { throw .retry(general) }
        arguments.append(f)
      default:
        if let classIndex, knownClass(ref) != classIndex { throw .retry(general) }
        if classIndex == nil, !decisions.taken.contains(general), ref != .value(parameter) {
          let hasInt = try knownInt(ref) != nil
          let hasFloat = try knownFloat(ref) != nil
          if hasInt, mayGuard {
            throw .retry(.speculateInt(path: context.path, pc: key, variable))
          }
          if hasFloat, mayGuard {
            throw .retry(.speculateFloat(path: context.path, pc: key, variable))
          }
        }
        arguments.append(try tagged(ref))
      }
    }
    // Converting the arguments may have allocated something: check that last.
    for (r, ref) in loop.kept where register(r) != ref {
      // The object was allocated in the loop, and the register refers to it by its value now.
      guard case .virtual(let id) = ref else { throw .unsupported("a register that the loop does not keep") }
      throw .retry(.materializeBefore(path: context.path, pc: key, virtual: id.raw))
    }
    var varying: [Decision] = []
    for (id, entry) in loop.virtuals {
      guard case .virtual(let entryWord, let entryFields) = entry else { continue }
      guard case .virtual(let word, let fields)? = state.virtuals[id], word == entryWord else {
        if state.virtuals[id] == nil { continue }
        throw .retry(.materializeBefore(path: context.path, pc: key, virtual: id.raw))
      }
      let parameters = Set(
        loop.parameters.compactMap { p -> Int? in
          if case .field(id.raw, let f) = p.variable { return f }
          return nil
        })
      for f in fields.indices where !parameters.contains(f) && state.resolve(fields[f]) != state.resolve(entryFields[f])
      {
        if case .value = state.resolve(entryFields[f]), f >= firstMutableField(word, count: fields.count) {
          varying.append(.vary(path: context.path, pc: key, .field(virtual: id.raw, index: f)))
        } else {
          throw .retry(.materializeBefore(path: context.path, pc: key, virtual: id.raw))
        }
      }
    }
    if let last = varying.popLast() {
      decisions.taken.formUnion(varying)
      throw .retry(last)
    }
    try jump(to: loop.block, arguments)
  }
}
