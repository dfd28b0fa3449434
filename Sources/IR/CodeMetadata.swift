// What the backend hands to the runtime beside the object file: how to read a compiled frame at each safepoint.
// Plain data, so that it can cross a process boundary or be kept in the code cache.

/// Where the deoptimizer finds a value.
public enum Location: Sendable, Hashable {
  /// Frame word H[index]: a tagged value, a raw shifted integer, a raw double, a 0/1 truth value.
  case tagged(Int)
  case int(Int)
  case float(Int)
  case bool(Int)
  /// An immediate word (nil, true, false, small integer, immediate double).
  case immediate(UInt64)
  case doubleConstant(UInt64)
  /// A heap constant: word of the code's table, its header words counted (table entry i is word 2 + i).
  case table(Int)
  /// The mark of the process that runs the frame (`Op.processMark`).
  case processMark
  case virtual(Int)
}

public struct FrameDescription: Sendable, Hashable, Codable {
  public struct Register: Sendable, Hashable {
    public var register: Int
    public var location: Location
    public init(register: Int, location: Location) {
      self.register = register
      self.location = location
    }
  }
  public var method: Int
  public var pc: Int
  public var originPC: Int
  public var registers: [Register]
  public init(method: Int, pc: Int, originPC: Int, registers: [Register]) {
    self.method = method
    self.pc = pc
    self.originPC = originPC
    self.registers = registers
  }
}

public struct VirtualDescription: Sendable, Hashable, Codable {
  public var classWord: UInt32
  public var fields: [Location]
  public init(classWord: UInt32, fields: [Location]) {
    self.classWord = classWord
    self.fields = fields
  }
}

public struct Safepoint: Sendable, Hashable, Codable {
  public var frames: [FrameDescription]
  public var virtuals: [VirtualDescription]
  /// Frame words (>= 3) that hold tagged values while control is away at this safepoint. The receiver and
  /// argument words are always tagged. (At a guard: what its cold block has put there. At a call: the homes; its
  /// cold block adds values that only `frames` and `virtuals` mention. The deoptimizer reads everything before it
  /// writes or allocates.)
  public var liveSlots: [Int]
  /// The raw value of a DeoptReason.
  public var reason: Int
  public init(frames: [FrameDescription], virtuals: [VirtualDescription], liveSlots: [Int], reason: Int) {
    self.frames = frames
    self.virtuals = virtuals
    self.liveSlots = liveSlots
    self.reason = reason
  }
}

public struct CodeMetadata: Sendable, Hashable, Codable {
  /// The exported function of the object file: NativeEntry.
  public var symbol: String
  /// The exported data table of the code:
  /// word 0 `invalidated`, word 1 the value for H[1], words 2… the graph's table.
  public var tableSymbol: String
  public var tableCount: Int
  /// Words from H to the start of the outgoing area.
  public var frameSize: Int
  public var safepoints: [Safepoint]
  public init(symbol: String, tableSymbol: String, tableCount: Int, frameSize: Int, safepoints: [Safepoint]) {
    self.symbol = symbol
    self.tableSymbol = tableSymbol
    self.tableCount = tableCount
    self.frameSize = frameSize
    self.safepoints = safepoints
  }

  public static let tableHeaderWords = 2
  /// Added to a safepoint's number when the deoptimizer is called to unwind through its frames, not to resume them.
  public static let unwinding = 1 << 32
  /// The safepoint of a frame whose method is being entered.
  public static let noRegisters = -1
}

// MARK: As numbers

// A unit has thousands of locations. As objects with names they take a tenth of GCC's time to be written and read.

extension Location {
  private enum Kind: Int { case tagged, int, float, bool, immediate, doubleConstant, table, virtual, processMark }

  private var numbers: (kind: Kind, value: Int) {
    switch self {
    case .tagged(let i): (.tagged, i)
    case .int(let i): (.int, i)
    case .float(let i): (.float, i)
    case .bool(let i): (.bool, i)
    case .immediate(let bits): (.immediate, Int(bitPattern: UInt(bits)))
    case .doubleConstant(let bits): (.doubleConstant, Int(bitPattern: UInt(bits)))
    case .table(let i): (.table, i)
    case .virtual(let i): (.virtual, i)
    case .processMark: (.processMark, 0)
    }
  }

  fileprivate func encode(to container: inout any UnkeyedEncodingContainer) throws {
    try container.encode(numbers.kind.rawValue)
    try container.encode(numbers.value)
  }

  fileprivate init(from container: inout any UnkeyedDecodingContainer) throws {
    let kind = Kind(rawValue: try container.decode(Int.self))
    let value = try container.decode(Int.self)
    switch kind {
    case .tagged: self = .tagged(value)
    case .int: self = .int(value)
    case .float: self = .float(value)
    case .bool: self = .bool(value)
    case .immediate: self = .immediate(UInt64(UInt(bitPattern: value)))
    case .doubleConstant: self = .doubleConstant(UInt64(UInt(bitPattern: value)))
    case .table: self = .table(value)
    case .virtual: self = .virtual(value)
    case .processMark: self = .processMark
    case nil: throw DecodingError.dataCorruptedError(in: container, debugDescription: "no kind of location")
    }
  }
}

extension FrameDescription {
  public func encode(to encoder: any Encoder) throws {
    var container: any UnkeyedEncodingContainer = encoder.unkeyedContainer()
    for number in [method, pc, originPC] { try container.encode(number) }
    for register in registers {
      try container.encode(register.register)
      try register.location.encode(to: &container)
    }
  }

  public init(from decoder: any Decoder) throws {
    var container = try decoder.unkeyedContainer()
    method = try container.decode(Int.self)
    pc = try container.decode(Int.self)
    originPC = try container.decode(Int.self)
    registers = []
    while !container.isAtEnd {
      let register = try container.decode(Int.self)
      registers.append(Register(register: register, location: try Location(from: &container)))
    }
  }
}

extension VirtualDescription {
  public func encode(to encoder: any Encoder) throws {
    var container: any UnkeyedEncodingContainer = encoder.unkeyedContainer()
    try container.encode(classWord)
    for field in fields { try field.encode(to: &container) }
  }

  public init(from decoder: any Decoder) throws {
    var container = try decoder.unkeyedContainer()
    classWord = try container.decode(UInt32.self)
    fields = []
    while !container.isAtEnd { fields.append(try Location(from: &container)) }
  }
}
