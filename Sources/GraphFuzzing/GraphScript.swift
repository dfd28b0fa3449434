// What is drawn by lot, and reading frame states.

import IR

/// SplitMix64 (G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number generators").
struct GraphRandom {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }
  mutating func below(_ n: Int) -> Int { Int(next() % UInt64(n)) }
  mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
  mutating func pick<T>(_ all: [T]) -> T { all[below(all.count)] }

  /// Small mostly, and at the ends of 63 bits.
  mutating func int() -> Int {
    switch below(10) {
    case 0: pick([-1 << 62, 1 << 62 - 1, -1 << 62 + 1, 1 << 61, 1 << 31, -1 << 31, 1 << 62 - 2])
    case 1: (Int(truncatingIfNeeded: next()) >> 1) >> below(60)
    default: below(24) - 6
    }
  }
  mutating func double() -> Double {
    switch below(10) {
    case 0: pick([0.0, -0.0, .infinity, -.infinity, .nan, 1e300, -1e-300, .leastNonzeroMagnitude])
    case 1: pick([0x1p62, -0x1p62, 0x1p61, 1e18, 4.5e15])
    default: Double(below(64) - 20) / 4
    }
  }
}

/// What may happen to a form of a graph without being seen in what it does.
struct GraphNoise {
  enum Kind: String, CaseIterable {
    case collections, invalidations, deoptimizations, entryPolls, slowAllocations, exhaustion
  }
  var random: GraphRandom
  /// What does not happen after all.
  var calm: Set<Kind>

  init(seed: UInt64, calm: Set<Kind> = []) {
    random = GraphRandom(seed: seed)
    self.calm = calm
  }

  mutating func happens(_ kind: Kind, _ percent: Int) -> Bool { random.chance(percent) && !calm.contains(kind) }
}

/// The world that a graph runs in.
struct GraphScript {
  let seed: UInt64
  /// Receiver and arguments that are something else than the seed says.
  var given: [Int: UInt64] = [:]

  init(seed: UInt64) { self.seed = seed }

  enum Value {
    case word(UInt64)
    case object(Int)
  }

  func random(forSend count: Int) -> GraphRandom { GraphRandom(seed: seed &+ UInt64(count) &* 0x1000_0001) }

  func random(forPoll count: Int) -> GraphRandom { GraphRandom(seed: seed &- UInt64(count) &* 0x1000_0003) }

  func value(_ random: inout GraphRandom) -> Value { Self.value(&random) }
  static func value(_ random: inout GraphRandom) -> Value {
    switch random.below(8) {
    case 0, 1: .word(UInt64(bitPattern: Int64(random.int() << 1)) | 1)
    case 2: .word(tagged(random.double()) ?? GraphMachine.layout.nilWord)
    case 3:
      .word(random.pick([GraphMachine.layout.nilWord, GraphMachine.layout.trueWord, GraphMachine.layout.falseWord]))
    default: .object(random.below(64))
    }
  }

  /// The word of an immediate double.
  static func tagged(_ d: Double) -> UInt64? {
    let exponent = d.bitPattern >> 60 & 7
    guard exponent == 3 || exponent == 4 else { return nil }
    let shifted = d.bitPattern &+ 1 << 60
    return shifted << 3 | shifted >> 61
  }

  static let argumentCount = 5
  /// Of the interpreter, that a loop is entered with.
  static let registerCount = 3

  /// Receiver and arguments; objects of the class that the generator expects there are likely.
  func arguments(_ heap: GraphHeap) -> [UInt64] {
    var random = GraphRandom(seed: seed ^ 0x5151)
    return (0...Self.argumentCount).map { i in
      let likely: UInt64 =
        switch i {
        case 4: heap.statics.strings[random.below(heap.statics.strings.count)]
        case 5: heap.block
        default: heap.objects[1 + i % 3 + 3 * random.below(2)]
        }
      let word = random.chance(93) ? likely : heap.word(Self.value(&random))
      return given[i] ?? word
    }
  }
}

/// The values of a frame state, where a frame has them.
struct StateReading {
  let frame: Words
  let table: Words
  /// What the state's virtual objects have become.
  var objects: [UInt64] = []

  enum Value {
    case word(UInt64)
    case int(Int)
    case double(Double)
    case bool(Bool)

    /// As the original keeps it; nil if it cannot be that.
    func word(as type: ValueType, _ heap: GraphHeap, _ top: inout UInt64) -> UInt64? {
      switch (type, self) {
      case (.tagged, .word(let word)): return word
      case (.tagged, .int(let i)): return UInt64(bitPattern: Int64(i << 1)) | 1
      case (.tagged, .double(let d)):
        if let word = GraphScript.tagged(d) { return word }
        return d.bitPattern == 0 ? heap.zeroCell[0] : heap.box(d, &top)
      case (.tagged, .bool(let b)): return b ? GraphMachine.layout.trueWord : GraphMachine.layout.falseWord
      case (.int, .int(let i)): return UInt64(bitPattern: Int64(i << 1))
      case (.int, .word(let word)): return word & 1 != 0 ? word & ~1 : nil
      case (.float, .double(let d)): return d.bitPattern
      case (.float, .word(let word)):
        if word & 3 == 2 { return (word >> 3 | word << 61) &- 1 << 60 }
        return heap.content(of: word, word: 1) == .raw ? heap.object(word)[2] : nil
      case (.bool, .bool(let b)): return b ? 1 : 0
      case (.bool, .word(GraphMachine.layout.trueWord)): return 1
      case (.bool, .word(GraphMachine.layout.falseWord)): return 0
      default: return nil
      }
    }
  }

  func read(_ location: Location) -> Value {
    switch location {
    case .tagged(let i): .word(frame[i])
    case .int(let i): .int(Int(Int64(bitPattern: frame[i]) >> 1))
    case .float(let i): .double(Double(bitPattern: frame[i]))
    case .bool(let i): .bool(frame[i] & 1 != 0)
    case .immediate(let bits): .word(bits)
    case .doubleConstant(let bits): .double(Double(bitPattern: bits))
    case .table(let i): .word(table[i])
    case .processMark: .word(GraphMachine.processMark)
    case .virtual(let i): .word(objects[i])
    }
  }
}
