// The heap of a GraphMachine: a small world of objects of known classes, two spaces between which a collection moves
// them, and everything of it as text that does not mention an address.

import IR

/// The classes of that world.
enum GraphClass {
  static let array: UInt32 = 8 | 1 << 24
  /// Three tagged fields.
  static let point: UInt32 = 20
  /// A tagged field, a double, a tagged field.
  static let mixed: UInt32 = 21 | 4 << 24
  static let string: UInt32 = 6 | 3 << 24
  /// Its method, and two tagged fields; takes an argument.
  static let block: UInt32 = 11
}

struct GraphHeap {
  private static let words = 1 << 14
  private var spaces: [Words]
  private var current = 0
  /// What was there when the run began, by number.
  private(set) var objects: [UInt64] = []
  var top: UInt64 = 0
  var limit: UInt64 { UInt64(UInt(bitPattern: spaces[current] + Self.words)) }
  /// The cell with the one box of 0.0.
  let zeroCell = Words.allocate(capacity: 1)
  /// The cells of globals.
  private let cells = Words.allocate(capacity: GraphHeap.cellCount)
  static let cellCount = 2
  let statics = GraphStatics()
  var block: UInt64 { objects[objects.count - 1] }

  init() {
    spaces = (0..<2).map { _ in Words.allocate(capacity: Self.words) }
    zeroCell.initialize(to: 0)
    cells.initialize(repeating: GraphMachine.layout.nilWord, count: Self.cellCount)
  }

  func deallocate() {
    for space in spaces { space.deallocate() }
    zeroCell.deallocate()
    cells.deallocate()
  }

  // MARK: Making

  mutating func build(_ script: GraphScript) {
    var random = script.random(forSend: 0)
    top = UInt64(UInt(bitPattern: spaces[current]))
    objects = []
    zeroCell[0] = make(GraphMachine.layout.doubleClassWord, [3, 0])
    objects.append(zeroCell[0])
    let null = GraphMachine.layout.nilWord
    for i in 0..<8 {
      let old = random.chance(50) ? GraphMachine.layout.headerOld | GraphMachine.layout.headerRemembered : 0
      switch i % 3 {
      case 0: objects.append(make(GraphClass.point, [null, null, null], old))
      case 1:
        let bits = random.chance(10) ? GraphMachine.layout.unboxedNil : random.double().bitPattern
        objects.append(make(GraphClass.mixed, [null, bits, null], old))
      default:
        let count = random.chance(10) ? random.below(2) : 2 + random.below(4)
        objects.append(make(GraphClass.array, [UInt64(count) << 1 | 1] + Array(repeating: null, count: count), old))
      }
    }
    objects += statics.strings
    objects.append(make(GraphClass.block, [statics.method(1) | 1, null, null]))
    for i in 0..<Self.cellCount { cells[i] = word(GraphScript.value(&random)) }
    for _ in 0..<12 { disturb(&random) }
    for address in objects { clearRemembered(object(address)) }
  }

  /// Old objects that refer to no young one need not be remembered.
  private func clearRemembered(_ p: Words) {
    if !refersToYoung(p) { p[0] &= ~GraphMachine.layout.headerRemembered }
  }

  private func refersToYoung(_ p: Words) -> Bool {
    (0..<bodyWords(p)).contains { word in
      content(p, word) == .tagged && isPointer(p[1 + word])
        && object(p[1 + word])[0] & GraphMachine.layout.headerOld == 0
    }
  }

  private mutating func make(_ classWord: UInt32, _ body: [UInt64], _ bits: UInt64 = 0) -> UInt64 {
    let address = allocate(UInt64(classWord) << 32 | bits, body.count, &top)
    for (i, word) in body.enumerated() { object(address)[1 + i] = word }
    return address
  }

  func allocate(_ header: UInt64, _ bodyWords: Int, _ top: inout UInt64) -> UInt64 {
    let address = top
    top += UInt64(8 * (1 + bodyWords))
    precondition(top <= limit, "a graph allocates too much")
    object(address)[0] = header
    return address
  }

  func box(_ d: Double, _ top: inout UInt64) -> UInt64 {
    let address = allocate(UInt64(GraphMachine.layout.doubleClassWord) << 32, 2, &top)
    object(address)[1] = 3
    object(address)[2] = d.bitPattern
    return address
  }

  func cell(_ id: Int) -> UInt64 { UInt64(UInt(bitPattern: cells + id % Self.cellCount)) }

  /// What a call does to the objects, with the barrier, and to globals.
  mutating func disturb(_ random: inout GraphRandom) {
    if random.chance(10) { cells[random.below(Self.cellCount)] = word(GraphScript.value(&random)) }
    guard random.chance(60) else { return }
    let address = objects[random.below(objects.count)]
    let p = object(address)
    let n = bodyWords(p)
    let first = [GraphClass.array, GraphClass.block].contains(UInt32(p[0] >> 32)) ? 1 : 0
    guard n > first, content(p, n - 1) == .tagged, !statics.contains(address) else { return }
    let word = first + random.below(n - first)
    let value = GraphScript.value(&random)
    if content(p, word) == .double {
      p[1 + word] = random.chance(8) ? GraphMachine.layout.unboxedNil : random.double().bitPattern
    } else {
      p[1 + word] = self.word(value)
      if p[0] & GraphMachine.layout.headerOld != 0 { p[0] |= GraphMachine.layout.headerRemembered }
    }
  }

  /// The word of a value that needs no allocation.
  func word(_ value: GraphScript.Value) -> UInt64 {
    switch value {
    case .word(let word): word
    case .object(let i): objects[i % objects.count]
    }
  }

  // MARK: Reading

  func isPointer(_ x: UInt64) -> Bool { x & 7 == 0 && x != 0 }
  func object(_ x: UInt64) -> Words { Words(bitPattern: UInt(x))! }

  private func bodyWords(_ p: Words) -> Int {
    switch UInt32(p[0] >> 32) {
    case GraphClass.array: 1 + Int(p[1] >> 1)
    case GraphClass.string: 2 + (Int(p[1] >> 1) + 7) / 8
    case GraphMachine.layout.doubleClassWord: 2
    default: 3
    }
  }

  private func content(_ p: Words, _ word: Int) -> WordContent? {
    guard word >= 0 && word < bodyWords(p) else { return nil }
    switch UInt32(p[0] >> 32) {
    case GraphClass.mixed: return word == 1 ? .double : .tagged
    case GraphClass.string: return word < 2 ? .tagged : .raw
    case GraphMachine.layout.doubleClassWord: return word == 0 ? .tagged : .raw
    default: return .tagged
    }
  }

  private func isObject(_ address: UInt64) -> Bool {
    isPointer(address)
      && (address >= UInt64(UInt(bitPattern: spaces[current])) && address < limit || statics.contains(address))
  }
  /// Nothing that has moved away, or was never there.
  func isValue(_ x: UInt64) -> Bool {
    let constants = [GraphMachine.layout.nilWord, GraphMachine.layout.trueWord, GraphMachine.layout.falseWord]
    return x & 1 != 0 || x & 3 == 2 || constants.contains(x) || isObject(x)
  }
  func content(of address: UInt64, word: Int) -> WordContent? {
    isObject(address) ? content(object(address), word) : nil
  }
  func count(of address: UInt64) -> Int? {
    guard isObject(address), [GraphClass.array, GraphClass.string].contains(UInt32(object(address)[0] >> 32))
    else { return nil }
    return Int(object(address)[1] >> 1)
  }

  // MARK: Moving

  /// Copies what the roots and the world refer to, and makes the rest unusable.
  mutating func collect(_ roots: [Words]) {
    let from = spaces[current]
    current = 1 - current
    var free = UInt64(UInt(bitPattern: spaces[current]))
    let start = free
    func move(_ x: UInt64) -> UInt64 {
      guard isPointer(x), !statics.contains(x) else { return x }
      let p = object(x)
      if p[0] & 1 != 0 { return p[0] & ~1 }
      let size = 1 + bodyWords(p)
      let new = free
      for i in 0..<size { object(new)[i] = p[i] }
      p[0] = new | 1
      free += UInt64(8 * size)
      return new
    }
    objects = objects.map(move)
    zeroCell[0] = objects[0]
    for root in roots + (0..<Self.cellCount).map({ cells + $0 }) { root[0] = move(root[0]) }
    var scan = start
    while scan < free {
      let p = object(scan)
      let size = bodyWords(p)
      for word in 0..<size where content(p, word) == .tagged { p[1 + word] = move(p[1 + word]) }
      scan += UInt64(8 * (1 + size))
    }
    for i in 0..<Self.words { from[i] = 0xBAD0_BAD0_BAD0_BAD0 }
    top = free
  }

  // MARK: As text

  func text(_ x: UInt64) -> String { text(x, depth: 0) }

  func text(_ value: StateReading.Value) -> String {
    switch value {
    case .word(let word): text(word)
    case .int(let i): "\(i)"
    case .double(let d): text(d)
    case .bool(let b): "\(b)"
    }
  }

  private func text(_ d: Double) -> String { d.isNaN ? "NaN" : "\(d)" }

  private func text(_ x: UInt64, depth: Int) -> String {
    if x & 1 != 0 { return "\(Int64(bitPattern: x) >> 1)" }
    if x & 3 == 2 { return text(Double(bitPattern: (x >> 3 | x << 61) &- 1 << 60)) }
    switch x {
    case GraphMachine.layout.nilWord: return "nil"
    case GraphMachine.layout.trueWord: return "true"
    case GraphMachine.layout.falseWord: return "false"
    default: break
    }
    guard isPointer(x), isObject(x) else { return "no value \(String(x, radix: 16))" }
    let p = object(x)
    if UInt32(p[0] >> 32) == GraphMachine.layout.doubleClassWord { return text(Double(bitPattern: p[2])) }
    if statics.contains(x) { return "'\(statics.text(x))'" }
    if let i = objects.firstIndex(of: x) { return "#\(i)" }
    if depth > 4 { return "…" }
    return "new \(UInt32(p[0] >> 32))(\(body(p, depth)))"
  }

  private func body(_ p: Words, _ depth: Int) -> String {
    let first = UInt32(p[0] >> 32) == GraphClass.block ? 1 : 0
    return (first..<bodyWords(p)).map { word in
      if content(p, word) == .double {
        return p[1 + word] == GraphMachine.layout.unboxedNil ? "no double" : text(Double(bitPattern: p[1 + word]))
      }
      return text(p[1 + word], depth: depth + 1)
    }.joined(separator: " ")
  }

  /// The world at the end; and whether the barrier was kept.
  func contents() -> String {
    objects.enumerated().filter { !statics.contains($0.element) }.map { i, address in
      let p = object(address)
      let bits = p[0] & (GraphMachine.layout.headerOld | GraphMachine.layout.headerRemembered)
      let forgotten = bits == GraphMachine.layout.headerOld && refersToYoung(p)
      return "#\(i) \(body(p, 0))\(forgotten ? " is not remembered" : "")\n"
    }.joined() + "globals \((0..<Self.cellCount).map { text(cells[$0]) }.joined(separator: " "))\n"
  }
}
