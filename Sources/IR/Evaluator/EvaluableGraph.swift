// A graph made ready to be evaluated: every value has a word of the frame for itself, so that the collector and the
// deoptimizer find all of them at every safepoint, and nothing is ever stored or reloaded for their sake.

public struct EvaluableGraph: Sendable {
  public let graph: Graph
  public let metadata: CodeMetadata
  let layout: RuntimeLayout
  /// By value: its word, counted from H; arguments are below it. 0: a constant, or no value.
  let words: [Int]
  /// By instruction: the safepoint of its frame state.
  let safepoints: [Int]
  /// Words that hold tagged values.
  let taggedWords: [Int]
  /// Values that are read from the interpreter's registers (on-stack replacement).
  let registers: [ValueID]
  /// By value: it is asked whether it is in bounds, and is an index where it is, so it need not fit into 63 bits.
  let isOnlyIndex: [Bool]

  public init(_ graph: Graph, _ layout: RuntimeLayout) throws(IRVerificationError) {
    try graph.verify()
    self.graph = graph
    self.layout = layout
    let order = graph.reversePostOrder
    var words = [Int](repeating: 0, count: graph.nodes.count)
    var tagged: [Int] = []
    var registers: [ValueID] = []
    var frameSize = Self.headerWords
    for b in order {
      for v in graph[b].parameters + graph[b].instructions {
        if graph[v].op.info.isConstant { continue }
        switch graph[v].op {
        case .literal, .processMark: continue
        case .argument: words[Int(v.index)] = Int(graph[v].immediate) - graph.argumentCount - 1
        default:
          if graph[v].type == .none { continue }
          if graph[v].op == .register { registers.append(v) }
          words[Int(v.index)] = frameSize
          if graph[v].type == .tagged { tagged.append(frameSize) }
          frameSize += 1
        }
      }
    }
    self.words = words
    self.registers = registers
    taggedWords = tagged
    isOnlyIndex = Self.findIndices(graph)

    let places = StatePlaces(graph: graph, layout: layout, words: words)
    var safepoints = [Int](repeating: 0, count: graph.nodes.count)
    // Safepoint 0: the code was invalidated while this entry polled.
    let entryState = graph.entryState.map { graph[$0] } ?? FrameState(frames: [])
    var all = [places.describe(entryState, tagged, .invalidated)]
    for b in order {
      for v in graph[b].instructions {
        guard let state = graph[v].state else { continue }
        safepoints[Int(v.index)] = all.count
        all.append(places.describe(graph[state], tagged, graph[v].deoptReason ?? .invalidated))
      }
    }
    self.safepoints = safepoints
    metadata = CodeMetadata(
      symbol: graph.osrPC == nil ? Self.methodSymbol : Self.loopSymbol, tableSymbol: Self.tableSymbol,
      tableCount: graph.table.count, frameSize: frameSize, safepoints: all)
  }

  /// Where the frame has a value, counted from H. Requires: it is no constant.
  public func word(of v: ValueID) -> Int { words[Int(v.index)] }

  static let headerWords = 3
  public static let methodSymbol = "method", loopSymbol = "loop", tableSymbol = "table"

  /// Sums and differences that may wrap around: nobody sees them but `isInBounds`, which is false then, and accesses to
  /// elements, which demand that it is true.
  private static func findIndices(_ graph: Graph) -> [Bool] {
    var result = graph.nodes.map { $0.op == .addIntUnchecked || $0.op == .subtractIntUnchecked }
    func use(_ v: ValueID) { result[Int(v.index)] = false }
    for b in graph.blockIDs {
      for v in graph[b].instructions {
        for (i, operand) in graph.operands(v).enumerated() where !isIndex(graph[v].op, operand: i) { use(operand) }
        if let state = graph[v].state { graph[state].forEachValue(use) }
      }
      for edge in graph[b].successors { edge.arguments.forEach(use) }
    }
    return result
  }

  private static func isIndex(_ op: Op, operand i: Int) -> Bool {
    switch op {
    case .isInBounds: i == 0
    case .loadElement, .storeElement, .loadByte, .loadCharacter: i == 1
    default: false
    }
  }
}

/// Where the deoptimizer finds the values of a frame state.
private struct StatePlaces {
  let graph: Graph
  let layout: RuntimeLayout
  let words: [Int]

  func describe(_ state: FrameState, _ liveSlots: [Int], _ reason: DeoptReason) -> Safepoint {
    Safepoint(
      frames: state.frames.map { frame in
        FrameDescription(
          method: frame.method, pc: frame.pc, originPC: frame.originPC,
          registers: frame.registers.map { .init(register: $0.register, location: location($0.value)) })
      },
      virtuals: state.virtuals.map { VirtualDescription(classWord: $0.classWord, fields: $0.fields.map(location)) },
      liveSlots: liveSlots, reason: Int(reason.rawValue))
  }

  private func location(_ value: StateValue) -> Location {
    switch value {
    case .virtual(let i): return .virtual(i)
    case .value(let v):
      let node = graph[v]
      let bits = UInt64(bitPattern: node.immediate)
      switch node.op {
      case .constInt: return .immediate(bits << 1 | 1)
      case .constTagged: return .immediate(bits)
      case .constFloat: return .doubleConstant(bits)
      case .constBool: return .immediate(node.immediate != 0 ? layout.trueWord : layout.falseWord)
      case .literal: return .table(CodeMetadata.tableHeaderWords + Int(node.immediate))
      case .processMark: return .processMark
      default: break
      }
      let word = words[Int(v.index)]
      switch node.type {
      case .int: return .int(word)
      case .float: return .float(word)
      case .bool: return .bool(word)
      default: return .tagged(word)
      }
    }
  }
}
