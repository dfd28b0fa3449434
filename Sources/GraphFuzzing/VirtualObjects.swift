// What the builder does to objects that need not exist, done to a finished graph: they are not allocated until they
// escape, in the block that makes them, or never; frame states say what they would be. The graph that results is a form
// of the first one, and what the optimizer's passes begin with.

import IR

struct VirtualObjects {
  private let program: Graph
  private let states: GraphStates
  private var graph: Graph
  /// What objects would be, by the value that they were.
  private var objects: [ValueID: Object] = [:]
  /// What stands for a value now.
  private var replaced: [ValueID: ValueID] = [:]
  private var constants: [Int64: ValueID] = [:]
  private let usesElsewhere: Set<ValueID>

  private struct Object {
    let classWord: Int64
    /// By body word: a value, which may be another such object.
    var fields: [ValueID]
  }

  static func made(in program: Graph) -> Graph {
    var virtuals = VirtualObjects(program)
    virtuals.run()
    return virtuals.graph
  }

  private init(_ program: Graph) {
    self.program = program
    states = GraphStates(program)
    graph = program
    // What another block uses, its own states excepted, exists at the end of its block.
    var block: [ValueID: BlockID] = [:]
    for b in program.blockIDs { for v in program[b].instructions { block[v] = b } }
    var used: Set<ValueID> = []
    for b in program.blockIDs {
      for v in program[b].instructions {
        for o in program.operands(v) where block[o] != b { used.insert(o) }
      }
      for e in program[b].successors { used.formUnion(e.arguments) }
    }
    usesElsewhere = used
  }

  private mutating func run() {
    for b in program.reversePostOrder {
      if let s = program[b].loopEntry { graph[b].loopEntry = graph.addState(rewritten(program[s])) }
      graph[b].instructions = []
      for v in program[b].instructions { translate(v, b) }
      for e in graph[b].successors.indices {
        graph[b].successors[e].arguments = graph[b].successors[e].arguments.map(resolve)
      }
    }
    graph[graph.entry].instructions.insert(contentsOf: constants.values.sorted(), at: 0)
  }

  private func resolve(_ v: ValueID) -> ValueID {
    var v = v
    while let next = replaced[v] { v = next }
    return v
  }

  // MARK: Instructions

  private mutating func translate(_ v: ValueID, _ b: BlockID) {
    let node = program[v]
    let operands = program.operands(v).map(resolve)
    let word = Int(node.immediate & 0xFFFF_FFFF)
    if node.op == .allocate, v != program.homeEnvironment, v.index % 4 != 0 {
      objects[v] = Object(classWord: node.immediate, fields: operands)
      return
    }
    if let first = operands.first, let object = objects[first] {
      switch node.op {
      case .storeSlot, .storeDouble:
        objects[first]?.fields[word] = operands[1]
        return
      case .loadSlot:
        replaced[v] = object.fields[word]
        return
      case .loadDouble:
        let field = object.fields[word]
        replaced[v] = graph[field].type == .float ? field : nilDouble()
        return
      case .guardClass where node.immediate == object.classWord:
        replaced[v] = first
        return
      default: break
      }
    }
    var escaping = operands.filter { objects[$0] != nil }
    if node.op.info.effect == .terminates {
      // In the order of the values, as everything here.
      escaping += usesElsewhere.map(resolve).filter { objects[$0] != nil }.sorted()
    }
    for o in escaping { materialize(o, before: v, b) }
    for (i, o) in program.operands(v).enumerated() { graph.setOperand(v, i, resolve(o)) }
    if let s = node.state { graph[v].state = graph.addState(rewritten(program[s])) }
    graph[b].instructions.append(v)
  }

  private mutating func nilDouble() -> ValueID {
    let bits = Int64(bitPattern: GraphMachine.layout.unboxedNil)
    if let v = constants[bits] { return v }
    let v = graph.makeNode(.constFloat, [], immediate: bits, state: nil)
    constants[bits] = v
    return v
  }

  private mutating func nilWord() -> ValueID {
    let bits = Int64(GraphMachine.layout.nilWord)
    if let v = constants[bits] { return v }
    let v = graph.makeNode(.constTagged, [], immediate: bits, state: nil)
    constants[bits] = v
    return v
  }

  // MARK: Objects

  /// Allocates it and what it refers to: first all of them, with states in which none exists, then they get to know each
  /// other.
  private mutating func materialize(_ v: ValueID, before next: ValueID, _ b: BlockID) {
    var made: [ValueID] = []
    func visit(_ o: ValueID) {
      guard let object = objects[o], !made.contains(o) else { return }
      made.append(o)
      for f in object.fields { visit(resolve(f)) }
    }
    visit(v)
    if made.isEmpty { return }
    let state = rewritten(states.before(next, in: b))
    var values: [ValueID: ValueID] = [:]
    var stores: [(object: ValueID, word: Int, value: ValueID)] = []
    for o in made {
      guard let object = objects[o] else { continue }
      var operands: [ValueID] = []
      for (word, f) in object.fields.enumerated() {
        let field = resolve(f)
        if graph[field].type == .float {
          // Stored when it exists.
          operands.append(unboxedNil())
          stores.append((o, word, field))
        } else if objects[field] != nil {
          operands.append(nilWord())
          stores.append((o, word, field))
        } else {
          operands.append(field)
        }
      }
      let id = graph.addState(state)
      values[o] = graph.append(.allocate, operands, immediate: object.classWord, state: id, to: b)
    }
    for (o, value) in values {
      objects[o] = nil
      replaced[o] = value
    }
    for (o, word, value) in stores {
      let isDouble = graph[value].type == .float
      graph.append(
        isDouble ? .storeDouble : .storeSlot, [resolve(o), resolve(value)], immediate: Int64(word), to: b)
    }
  }

  /// What the field of an allocated object holds before a double is stored there.
  private mutating func unboxedNil() -> ValueID {
    let bits = Int64(bitPattern: GraphMachine.layout.unboxedNil)
    // Apart from the double of the same bits.
    if let v = constants[~bits] { return v }
    let v = graph.makeNode(.constTagged, [], immediate: bits, state: nil)
    constants[~bits] = v
    return v
  }

  // MARK: States

  private func rewritten(_ state: FrameState) -> FrameState {
    var result = state
    var numbers: [ValueID: Int] = [:]
    var found: [ValueID] = []
    func value(_ v: ValueID) -> StateValue {
      let now = resolve(v)
      guard objects[now] != nil else { return .value(now) }
      if let n = numbers[now] { return .virtual(n) }
      numbers[now] = found.count
      found.append(now)
      return .virtual(found.count - 1)
    }
    for f in result.frames.indices {
      for r in result.frames[f].registers.indices {
        if case .value(let v) = result.frames[f].registers[r].value { result.frames[f].registers[r].value = value(v) }
      }
    }
    var next = 0
    while next < found.count, let object = objects[found[next]] {
      result.virtuals.append(
        VirtualObject(classWord: UInt32(truncatingIfNeeded: object.classWord), fields: object.fields.map(value)))
      next += 1
    }
    return result
  }
}
