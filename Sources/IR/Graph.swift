// The graph: blocks with parameters, instructions in dense arrays, frame states. One graph is one unit of
// compiled code: a method (or a loop of it, for on-stack replacement) with everything inlined into it.

public struct Node: Sendable {
  public var op: Op
  public var type: ValueType
  var firstOperand: Int32
  var operandCount: Int32
  public var immediate: Int64
  /// Index of the frame state, or -1.
  var stateIndex: Int32

  public var state: FrameStateID? {
    get { stateIndex < 0 ? nil : FrameStateID(Int(stateIndex)) }
    set { stateIndex = newValue.map { $0.index } ?? -1 }
  }

  /// Why it leaves compiled code; nil if nothing that it does itself is a reason.
  public var deoptReason: DeoptReason? {
    op.info.immediate == .reason ? DeoptReason(rawValue: immediate) : op.info.reason
  }
  public var comparison: Comparison? {
    op.info.immediate == .comparison ? Comparison(rawValue: immediate) : nil
  }
}

public struct Edge: Sendable {
  public var target: BlockID
  public var arguments: [ValueID]
  public init(_ target: BlockID, _ arguments: [ValueID] = []) {
    self.target = target
    self.arguments = arguments
  }
}

public struct Block: Sendable {
  public var parameters: [ValueID] = []
  /// Instructions in order; the last one is the terminator once the block is complete.
  public var instructions: [ValueID] = []
  public var successors: [Edge] = []
  /// Expected to run rarely: kept out of line.
  public var isCold = false
  /// Of a loop's header, if guards of the loop may be moved in front of it: to resume there, with the values of the
  /// entry. Until `invariantMotion`.
  public var loopEntry: FrameStateID?
  public init() {}
}

/// What a word of the code's data table stands for. The text names it; the address is filled in at load time.
public enum TableEntry: Sendable, Hashable {
  /// Heap constant: literal `index` of method `method`.
  case literal(method: Int, index: Int, text: String)
  /// Address of a Method, by method id.
  case method(id: Int, text: String)
  /// The same as a value: the address as a small integer, as block objects hold it (`BlockLayout.method`).
  case methodValue(id: Int, text: String)
  /// A selector for `send`: selector id << 16 | argument count.
  case selector(id: Int, argumentCount: Int, text: String)
  /// Address of a global's value cell.
  case cell(id: Int, text: String)

  /// What an operation wants of an entry.
  public enum Kind: Sendable, Hashable {
    /// A value.
    case literal
    case method, selector, cell
  }
  public var kind: Kind {
    switch self {
    case .literal, .methodValue: .literal
    case .method: .method
    case .selector: .selector
    case .cell: .cell
    }
  }
}

/// A value as a frame state sees it.
public enum StateValue: Sendable, Hashable {
  case value(ValueID)
  /// An object that was never allocated: index into `FrameState.virtuals`.
  case virtual(Int)
}

/// An object that exists only in a frame state and is built by the deoptimizer.
public struct VirtualObject: Sendable, Hashable {
  public var classWord: UInt32
  /// All body words.
  public var fields: [StateValue]
  public init(classWord: UInt32, fields: [StateValue]) {
    self.classWord = classWord
    self.fields = fields
  }
}

/// One interpreter frame to be rebuilt.
public struct VirtualFrame: Sendable, Hashable {
  /// Method id (`Method.id`).
  public var method: Int
  /// Where the interpreter resumes. In all but the innermost frame: the send whose callee is the next frame.
  public var pc: Int
  /// The instruction in whose name this state exists (tracebacks).
  public var originPC: Int
  public struct Register: Sendable, Hashable {
    public var register: Int
    public var value: StateValue
    public init(_ register: Int, _ value: StateValue) {
      self.register = register
      self.value = value
    }
  }
  /// Live registers; the others are nil. In an inlined frame, receiver and arguments (negative numbers) too.
  public var registers: [Register]
  /// It must not be left just like that: unwinding goes through the interpreter's frame.
  public var protects: Bool
  public init(method: Int, pc: Int, originPC: Int, registers: [Register], protects: Bool = false) {
    self.method = method
    self.pc = pc
    self.originPC = originPC
    self.registers = registers
    self.protects = protects
  }
}

/// How to continue in the interpreter from one place in compiled code.
public struct FrameState: Sendable, Hashable {
  /// Outermost (the compiled method itself) first.
  public var frames: [VirtualFrame]
  public var virtuals: [VirtualObject]
  public var protects: Bool { frames.contains { $0.protects } }
  /// Anything may happen to each of its activations while it waits for a call: so all values of it are in the frame.
  public var isDebuggable: Bool { frames.allSatisfy(\.protects) && !frames.isEmpty }
  public init(frames: [VirtualFrame], virtuals: [VirtualObject] = []) {
    self.frames = frames
    self.virtuals = virtuals
  }
}

public struct Graph: Sendable {
  /// For people: `Class>>selector`.
  public var name: String
  public var argumentCount: Int
  /// For on-stack replacement: the pc of the loop header; nil for a method entry.
  public var osrPC: Int?
  public internal(set) var nodes: [Node] = []
  var operandPool: [ValueID] = []
  public var blocks: [Block] = []
  public internal(set) var states: [FrameState] = []
  public var table: [TableEntry] = []
  public var entry = BlockID(0)
  /// The environment whose home is the compiled method's own activation, if it was allocated: unwinding that
  /// targets it ends here.
  public var homeEnvironment: ValueID?
  /// The state to resume in if the code is found invalidated right at its entry.
  public var entryState: FrameStateID?

  public init(name: String, argumentCount: Int, osrPC: Int? = nil) {
    self.name = name
    self.argumentCount = argumentCount
    self.osrPC = osrPC
  }

  // MARK: Reading

  public subscript(_ v: ValueID) -> Node {
    get { nodes[Int(v.index)] }
    set { nodes[Int(v.index)] = newValue }
  }
  public subscript(_ b: BlockID) -> Block {
    get { blocks[Int(b.index)] }
    _modify { yield &blocks[Int(b.index)] }
  }
  public subscript(_ s: FrameStateID) -> FrameState {
    get { states[Int(s.index)] }
    _modify { yield &states[Int(s.index)] }
  }
  public func operands(_ v: ValueID) -> ArraySlice<ValueID> {
    let n = self[v]
    return operandPool[Int(n.firstOperand)..<Int(n.firstOperand + n.operandCount)]
  }
  public func operand(_ v: ValueID, _ i: Int) -> ValueID { operandPool[Int(self[v].firstOperand) + i] }
  public var blockIDs: [BlockID] { blocks.indices.map { BlockID($0) } }
  public func terminator(_ b: BlockID) -> ValueID? {
    self[b].instructions.last.flatMap { self[$0].op.info.effect == .terminates ? $0 : nil }
  }

  // MARK: Building

  public mutating func addBlock() -> BlockID {
    blocks.append(Block())
    return BlockID(blocks.count - 1)
  }
  public mutating func addState(_ s: FrameState) -> FrameStateID {
    states.append(s)
    return FrameStateID(states.count - 1)
  }
  public mutating func addParameter(_ b: BlockID, _ type: ValueType) -> ValueID {
    let v = makeNode(.blockParameter, type: type, [], immediate: 0, state: nil)
    self[b].parameters.append(v)
    return v
  }
  /// A node that is not yet in a block.
  public mutating func makeNode(
    _ op: Op, type: ValueType? = nil, _ operands: [ValueID], immediate: Int64, state: FrameStateID?
  ) -> ValueID {
    nodes.append(
      Node(
        op: op, type: type ?? op.info.result, firstOperand: Int32(operandPool.count),
        operandCount: Int32(operands.count), immediate: immediate, stateIndex: state.map { $0.index } ?? -1))
    operandPool.append(contentsOf: operands)
    return ValueID(nodes.count - 1)
  }
  @discardableResult
  public mutating func append(
    _ op: Op, _ operands: [ValueID] = [], immediate: Int64 = 0, state: FrameStateID? = nil, to b: BlockID
  ) -> ValueID {
    let v = makeNode(op, operands, immediate: immediate, state: state)
    self[b].instructions.append(v)
    return v
  }
  public mutating func setOperand(_ v: ValueID, _ i: Int, _ to: ValueID) {
    operandPool[Int(self[v].firstOperand) + i] = to
  }
  /// Index of `entry` in the table, added if new.
  public mutating func tableIndex(_ entry: TableEntry) -> Int {
    if let i = table.firstIndex(of: entry) { return i }
    table.append(entry)
    return table.count - 1
  }
}

extension Graph {
  /// Instructions in all blocks: what compiling takes goes by it.
  public var nodeCount: Int { blocks.reduce(0) { $0 + $1.instructions.count } }
}
