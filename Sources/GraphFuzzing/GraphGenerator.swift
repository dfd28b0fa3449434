// Random graphs: typed, with branches, loops and block arguments, guards, arithmetic of both kinds, objects, strings,
// globals, calls, and a home to unwind through. Each is a program of its own: its frame states (`GraphStates`) say how to
// go on in this very graph, at an instruction, with the values that live there. So a transformed graph that leaves
// through any of its states goes on in the original, and what they compute together must be what the original computes.

import IR

struct GraphGenerator {
  var random: GraphRandom
  var graph: Graph
  var block: BlockID
  /// What may be used here.
  var scope = Scope()
  /// Instructions that may still be made.
  var budget: Int
  private var loopDepth = 0

  struct Scope {
    var ints: [ValueID] = []
    var floats: [ValueID] = []
    var bools: [ValueID] = []
    var values: [ValueID] = []
    /// Objects whose class is known.
    var points: [ValueID] = []
    var mixed: [ValueID] = []
    var arrays: [ValueID] = []
    var strings: [ValueID] = []
  }

  static func make(seed: UInt64) -> Graph {
    var generator = GraphGenerator(seed: seed)
    generator.generate()
    return GraphStates.added(to: generator.graph)
  }

  /// Whether graphs may contain the operation. The others are made by passes only.
  static func makes(_ op: Op) -> Bool {
    switch op {
    case .blockParameter, .addIntUnchecked, .subtractIntUnchecked, .remainderIntUnsigned: false
    default: true
    }
  }

  private init(seed: UInt64) {
    random = GraphRandom(seed: seed)
    let isLoop = random.chance(10)
    graph = Graph(name: "random \(seed)", argumentCount: GraphScript.argumentCount, osrPC: isLoop ? 0 : nil)
    block = graph.addBlock()
    budget = 10 + random.below(90)
  }

  mutating func generate() {
    for i in 0...GraphScript.argumentCount { scope.values.append(emit(.argument, immediate: Int64(i))) }
    scope.ints.append(emit(.constInt, immediate: Int64(random.int())))
    scope.floats.append(constant(random.double()))
    scope.bools.append(emit(.constBool, immediate: Int64(random.below(2))))
    if graph.osrPC != nil {
      for i in 0..<GraphScript.registerCount { emit(.register, immediate: Int64(3 + i)) }
    }
    if random.chance(20) {
      let home = emit(.allocate, [anyValue(), anyValue(), anyValue()], immediate: Int64(GraphClass.point))
      scope.points.append(home)
      graph.homeEnvironment = home
    }
    statements(3 + random.below(12))
    for _ in 0..<3 { observe() }
    emit(.return, [anyValue()])
  }

  mutating func statements(_ count: Int) {
    for _ in 0..<count where budget > 0 { statement() }
  }

  mutating func statement() {
    switch random.below(31) {
    case 0...4:
      integer()
      if random.chance(40) { observe(scope.ints.last) }
    case 5, 6:
      float()
      if random.chance(40) { observe() }
    case 7...9: conversion()
    case 10, 11: test()
    case 12...16: memory()
    case 17, 18: newObject()
    case 19: call()
    case 20: string()
    case 21...23: conditional()
    case 24: call()
    case 26, 27: observe()
    case 25, 28, 29: if loopDepth < 2 { loop() }
    default: if loopDepth < 2 { arrayLoop() }
    }
  }

  // MARK: Values

  @discardableResult
  mutating func emit(_ op: Op, _ operands: [ValueID] = [], immediate: Int64 = 0) -> ValueID {
    budget -= 1
    let v = graph.append(op, operands, immediate: immediate, to: block)
    switch graph[v].type {
    case .int: scope.ints.append(v)
    case .float: scope.floats.append(v)
    case .bool: scope.bools.append(v)
    case .tagged: scope.values.append(v)
    case .none: break
    }
    return v
  }

  mutating func constant(_ d: Double) -> ValueID { emit(.constFloat, immediate: Int64(bitPattern: d.bitPattern)) }
  mutating func constant(_ i: Int) -> ValueID { emit(.constInt, immediate: Int64(i)) }

  /// Later ones rather than earlier ones.
  mutating func recent(_ all: [ValueID]) -> ValueID {
    random.chance(60) ? all[all.count - 1 - random.below(min(4, all.count))] : random.pick(all)
  }
  mutating func anyInt() -> ValueID { random.chance(15) ? constant(random.int()) : recent(scope.ints) }
  mutating func anyFloat() -> ValueID { random.chance(15) ? constant(random.double()) : recent(scope.floats) }
  mutating func anyBool() -> ValueID { recent(scope.bools) }
  mutating func anyValue() -> ValueID { recent(scope.values) }
  /// Mostly a result of this operation, if there is one.
  mutating func anyValue(likely op: Op) -> ValueID {
    if random.chance(6) { return anyValue() }
    let likely = scope.values.filter { graph[$0].op == op }
    if likely.isEmpty { return emit(op, [op == .tagInt ? anyInt() : anyFloat()]) }
    return random.pick(likely)
  }
  mutating func comparison() -> Int64 { Int64(random.below(Comparison.allCases.count)) }

  // MARK: Statements without control flow

  /// Makes a value part of what the graph does: numbers that nobody looks at may be anything.
  private mutating func observe(_ given: ValueID? = nil) {
    let v = given ?? argument(random.pick([.int, .float, .bool, .tagged]))
    let value: ValueID
    switch graph[v].type {
    case .int: value = emit(.tagInt, [v])
    case .float: value = emit(.tagFloat, [v])
    case .bool: value = emit(.tagBool, [v])
    default: value = v
    }
    if let object = scope.points.last, random.chance(loopDepth > 0 ? 90 : 50) {
      emit(.storeSlot, [object, value], immediate: Int64(random.below(3)))
    } else if loopDepth == 0 || random.chance(20) {
      let selector = graph.tableIndex(.selector(id: 4, argumentCount: 0, text: "observe"))
      emit(.send, [value], immediate: Int64(selector))
    }
  }

  mutating func integer() {
    let a = anyInt()
    switch random.below(12) {
    case 0...2: emit(.addInt, [a, anyInt()])
    case 3, 4: emit(.subtractInt, [a, anyInt()])
    case 5: emit(.multiplyInt, [a, anyInt()])
    case 6:
      let op = random.pick([Op.divideInt, .moduloInt, .remainderInt])
      let divisor: ValueID
      if random.chance(70) {
        divisor = constant(random.pick([1, 2, 3, 8, 10, 64, -1, -3]))
      } else {
        divisor = anyInt()
        let zero = constant(0)
        let isThere = emit(.compareInt, [divisor, zero], immediate: Comparison.notEqual.rawValue)
        emit(.guardTrue, [isThere], immediate: DeoptReason.divisionByZero.rawValue)
      }
      emit(op, [a, divisor])
    case 7: emit(random.pick([.andInt, .orInt, .xorInt]), [a, anyInt()])
    case 8:
      let count = constant(random.pick([0, 1, 3, 31, 61, 62]))
      emit(random.pick([.shiftLeftInt, .shiftRightInt]), [a, count])
    case 9:
      let mask = constant(random.pick([1, 7, 31]))
      let count = emit(.andInt, [anyInt(), mask])
      emit(random.pick([.shiftLeftInt, .shiftRightInt]), [a, count])
    default:
      // The same again, for value numbering.
      let b = anyInt()
      emit(.addInt, [a, b])
      emit(.addInt, [a, b])
    }
  }

  mutating func float() {
    let a = anyFloat()
    switch random.below(7) {
    case 0: emit(.sqrtFloat, [a])
    case 1: emit(.floatToInt, [a])
    case 2: emit(.intToFloat, [anyInt()])
    default: emit(random.pick([.addFloat, .subtractFloat, .multiplyFloat, .divideFloat]), [a, anyFloat()])
    }
  }

  mutating func conversion() {
    switch random.below(7) {
    case 0: emit(.tagInt, [anyInt()])
    case 1: emit(.tagFloat, [anyFloat()])
    case 2: emit(.tagBool, [anyBool()])
    case 3, 4: emit(.guardInt, [anyValue(likely: .tagInt)], immediate: DeoptReason.notInteger.rawValue)
    case 5: emit(.guardFloat, [anyValue(likely: .tagFloat)], immediate: DeoptReason.notDouble.rawValue)
    default:
      if let word = random.pick([0x04, 0x0C, 0x14, 7, nil]) {
        emit(.constTagged, immediate: Int64(word))
      } else {
        emit(.processMark)
      }
    }
  }

  mutating func test() {
    switch random.below(9) {
    case 0...2:
      let (a, b) = (anyInt(), anyInt())
      emit(.compareInt, [a, b], immediate: comparison())
      // The same operands compared differently are not the same.
      if random.chance(40) { observe(emit(.compareInt, [a, b], immediate: comparison())) }
    case 3: emit(.compareFloat, [anyFloat(), anyFloat()], immediate: comparison())
    case 4: emit(.not, [anyBool()])
    case 5: emit(random.pick([.isInt, .isFloat, .isTrue]), [anyValue()])
    case 6: emit(.identical, [anyValue(), anyValue()])
    case 7: emit(.hasClass, [anyValue()], immediate: Int64(random.pick([GraphClass.point, GraphClass.array])))
    case 8 where random.chance(12): emit(.guardTrue, [anyBool()], immediate: DeoptReason.wrongBlock.rawValue)
    default: emit(.compareInt, [anyInt(), constant(random.below(8))], immediate: comparison())
    }
  }

  // MARK: Control flow

  /// Ends the block with a branch; answers the two blocks.
  mutating func branch(_ condition: ValueID) -> (BlockID, BlockID) {
    let (then, other) = (graph.addBlock(), graph.addBlock())
    emit(.branch, [condition])
    graph[block].successors = [Edge(then), Edge(other)]
    return (then, other)
  }

  mutating func jump(_ target: BlockID, _ arguments: [ValueID]) {
    emit(.jump)
    graph[block].successors = [Edge(target, arguments)]
  }

  mutating func conditional() {
    // What is known on one way only.
    let tested = random.chance(30) ? anyValue() : nil
    let isInteger = random.chance(70)
    let condition = tested.map { emit(isInteger ? .isInt : .isFloat, [$0]) } ?? anyBool()
    let (then, other) = branch(condition)
    let outside = scope
    let end = graph.addBlock()
    let types: [ValueType] = (0..<random.below(3)).map { _ in random.pick([.int, .float, .bool, .tagged]) }
    let way = random.below(100)
    for b in [then, other] {
      block = b
      scope = outside
      if b == other && way < 18 {
        graph[b].isCold = true
        if way < 15 {
          emit(.deopt, immediate: DeoptReason.neverExecuted.rawValue)
        } else {
          emit(.unwind, [anyValue(), anyValue()])
        }
        continue
      }
      if b == then, let tested { emit(isInteger ? .untagInt : .untagFloat, [tested]) }
      statements(random.below(5))
      jump(end, types.map { argument($0) })
    }
    block = end
    scope = outside
    addParameters(types, to: end)
  }

  mutating func argument(_ type: ValueType) -> ValueID {
    switch type {
    case .int: anyInt()
    case .float: anyFloat()
    case .bool: anyBool()
    default: anyValue()
    }
  }

  @discardableResult
  mutating func addParameters(_ types: [ValueType], to b: BlockID) -> [ValueID] {
    types.map { type in
      let p = graph.addParameter(b, type)
      switch type {
      case .int: scope.ints.append(p)
      case .float: scope.floats.append(p)
      case .bool: scope.bools.append(p)
      default: scope.values.append(p)
      }
      return p
    }
  }

  /// Counts from a start to a limit; other values go round with it.
  mutating func loop() {
    // Few times round, and sometimes where integers end.
    let isAtEnd = random.chance(10)
    let start = isAtEnd ? constant(1 << 62 - 4) : random.chance(70) ? constant(random.below(3)) : masked()
    let limit = isAtEnd ? constant(1 << 62 - 1) : random.chance(50) ? constant(random.below(12)) : masked()
    loop(from: start, limit, isInclusive: random.chance(50)) { generator, _ in
      generator.statements(1 + generator.random.below(7))
    }
  }

  /// What might as well be read in front of the loop.
  private mutating func readOutside() {
    guard let object = scope.points.last else { return point() }
    let value = emit(.loadSlot, [object], immediate: Int64(random.below(3)))
    if random.chance(40) { emit(.isInt, [value]) }
  }

  mutating func masked(_ bits: Int = 7) -> ValueID {
    let mask = constant(bits)
    return emit(.andInt, [anyInt(), mask])
  }

  /// `1 to: array length do:`, or nearly.
  mutating func arrayLoop() {
    array()
    let array = scope.arrays[scope.arrays.count - 1]
    let length = emit(.loadLength, [array])
    let start = constant(random.pick([0, 1, 1, -1]))
    loop(from: start, length, isInclusive: random.chance(70)) { generator, counter in
      let one = generator.constant(generator.random.pick([1, 1, 1, 0, 2]))
      let index = generator.emit(.subtractInt, [counter, one])
      generator.element(array, index)
      generator.statements(generator.random.below(4))
    }
  }

  mutating func loop(
    from start: ValueID, _ limit: ValueID, isInclusive: Bool, _ body: (inout GraphGenerator, ValueID) -> Void
  ) {
    let header = graph.addBlock()
    let some: [ValueType] = random.chance(30) ? [random.pick([.int, .tagged])] : [.int, .float, .tagged, .bool]
    let types: [ValueType] = [.int] + (0..<random.below(4)).map { _ in random.pick(some) }
    let entry = [start] + types.dropFirst().map { argument($0) }
    jump(header, entry)
    block = header
    let parameters = addParameters(types, to: header)
    let condition = emit(
      .compareInt, [parameters[0], limit],
      immediate: (isInclusive ? Comparison.lessOrEqual : .less).rawValue)
    let (inside, end) = branch(condition)
    let outside = scope
    block = inside
    loopDepth += 1
    if random.chance(40) { readOutside() }
    body(&self, parameters[0])
    loopDepth -= 1
    let step = constant(random.pick([1, 1, 1, 2, 3]))
    let next = emit(.addInt, [parameters[0], step])
    emit(.poll)
    // Some change places.
    let arguments = types.dropFirst().map { type in
      random.chance(40) ? random.pick(parameters.filter { graph[$0].type == type }) : argument(type)
    }
    jump(header, [next] + arguments)
    block = end
    scope = outside
  }
}
