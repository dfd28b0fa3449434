// What the backend hands to the runtime beside the object file: how to read a compiled frame at each safepoint.
// Plain data, so that it can cross a process boundary or be kept in the code cache.

/// Where the deoptimizer finds a value.
public enum Location: Sendable, Hashable, Codable {
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
  case virtual(Int)
}

public struct FrameDescription: Sendable, Hashable, Codable {
  public struct Register: Sendable, Hashable, Codable {
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
}
