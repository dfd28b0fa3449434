// Text → graph; the inverse of `Graph.text`, and how tests write graphs by hand. Values and blocks may be
// mentioned before they are defined. It checks form only: `Graph.verify()` checks meaning.

public struct IRParseError: Error, CustomStringConvertible, Sendable {
  public var line: Int
  public var message: String
  public var description: String { "IR text, line \(line): \(message)" }
}

extension Graph {
  public static func parse(_ text: String) throws(IRParseError) -> Graph {
    var parser = Parser(text)
    return try parser.parse()
  }
}

private struct Parser {
  /// Larger numbers in names are refused: arrays are as long as the largest.
  static let maximumID = 1 << 22

  let bytes: [UInt8]
  var at = 0
  var line = 1
  var graph = Graph(name: "", argumentCount: 0)
  /// Nodes by explicit number; nodes without one come after them.
  var numbered: [ParsedNode?] = []
  var unnumbered: [ParsedNode] = []
  var definedBlocks = 0

  struct ParsedNode {
    var op: Op
    var type: ValueType
    var operands: [ValueID] = []
    var immediate: Int64 = 0
    var state: FrameStateID?
  }
  static let ops = Dictionary(uniqueKeysWithValues: Op.allCases.map { (String(describing: $0), $0) })
  static let comparisons = Dictionary(
    uniqueKeysWithValues: Comparison.allCases.map { (String(describing: $0), $0.rawValue) })
  static let reasons = Dictionary(
    uniqueKeysWithValues: DeoptReason.allCases.map { (String(describing: $0), $0.rawValue) })
  static let types = Dictionary(uniqueKeysWithValues: ValueType.allCases.map { (String(describing: $0), $0) })

  init(_ text: String) { bytes = Array(text.utf8) }

  mutating func parse() throws(IRParseError) -> Graph {
    try expectWord("graph")
    graph.name = try string()
    try expectWord("arguments")
    graph.argumentCount = try integer()
    if peekWord() == "osr" {
      _ = word()
      graph.osrPC = try integer()
    }
    while !atEnd() { try statement() }
    return try assemble()
  }

  /// Unnumbered nodes get numbers after the others; a block lists them as -1 - index until then.
  private mutating func assemble() throws(IRParseError) -> Graph {
    if definedBlocks != graph.blocks.count {
      throw error("b\(graph.blocks.count - 1) or another block is missing")
    }
    let filler = ParsedNode(op: .constInt, type: .int)
    for n in numbered.map({ $0 ?? filler }) + unnumbered {
      _ = graph.makeNode(n.op, type: n.type, n.operands, immediate: n.immediate, state: n.state)
    }
    for b in graph.blocks.indices {
      let all = graph.blocks[b].instructions
      graph.blocks[b].instructions = all.map {
        $0.index >= 0 ? $0 : ValueID(numbered.count - 1 - Int($0.index))
      }
    }
    return graph
  }

  // MARK: Statements

  private mutating func statement() throws(IRParseError) {
    let w = word()
    switch w {
    case "table":
      let i = try name("t")
      guard i == graph.table.count else { throw error("table entries must be in order") }
      try expect("=")
      graph.table.append(try tableEntry())
    case "entryState": graph.entryState = FrameStateID(try name("s"))
    case "home": graph.homeEnvironment = ValueID(try name("v"))
    case "entry": graph.entry = BlockID(try name("b"))
    default:
      if let i = Parser.number(w, "s") {
        try expect("=")
        while graph.states.count <= i { graph.states.append(FrameState(frames: [])) }
        graph.states[i] = try state()
      } else if let i = Parser.number(w, "b") {
        try block(i)
      } else {
        throw error("expected a statement, found '\(w)'")
      }
    }
  }

  private mutating func tableEntry() throws(IRParseError) -> TableEntry {
    let kind = word()
    switch kind {
    case "literal": return .literal(method: try integer(), index: try integer(), text: try string())
    case "method": return .method(id: try integer(), text: try string())
    case "methodValue": return .methodValue(id: try integer(), text: try string())
    case "selector": return .selector(id: try integer(), argumentCount: try integer(), text: try string())
    case "cell": return .cell(id: try integer(), text: try string())
    default: throw error("unknown table entry '\(kind)'")
    }
  }

  private mutating func state() throws(IRParseError) -> FrameState {
    var s = FrameState(frames: [])
    while accept("[") {
      let method = try name("m")
      try expectWord("pc")
      let pc = try integer()
      try expectWord("origin")
      let origin = try integer()
      let protects = accept("protects")
      try expect(":")
      var registers: [VirtualFrame.Register] = []
      while !accept("]") {
        let r = try integer()
        try expect("=")
        registers.append(.init(r, try stateValue()))
      }
      s.frames.append(VirtualFrame(method: method, pc: pc, originPC: origin, registers: registers, protects: protects))
    }
    while accept("@") {
      guard try integer() == s.virtuals.count else { throw error("virtual objects must be in order") }
      try expect("=")
      guard let classWord = UInt32(exactly: try integer()) else { throw error("class word out of range") }
      try expect("(")
      var fields: [StateValue] = []
      while !accept(")") { fields.append(try stateValue()) }
      s.virtuals.append(VirtualObject(classWord: classWord, fields: fields))
    }
    return s
  }

  private mutating func stateValue() throws(IRParseError) -> StateValue {
    if accept("@") { return .virtual(try integer()) }
    return .value(ValueID(try name("v")))
  }

  private mutating func block(_ index: Int) throws(IRParseError) {
    ensureBlock(index)
    let b = BlockID(index)
    guard graph[b].instructions.isEmpty && graph[b].parameters.isEmpty else {
      throw error("b\(index) is defined twice")
    }
    definedBlocks += 1
    if accept("(") {
      while !accept(")") {
        let v = try name("v")
        try expect(":")
        let t = word()
        guard let type = Parser.types[t] else { throw error("unknown type '\(t)'") }
        try define(v, ParsedNode(op: .blockParameter, type: type))
        graph[b].parameters.append(ValueID(v))
        _ = accept(",")
      }
    }
    if peekWord() == "loop" {
      _ = word()
      graph[b].loopEntry = FrameStateID(try name("s"))
    }
    if peekWord() == "cold" {
      _ = word()
      graph[b].isCold = true
    }
    try expect(":")
    while !atEnd() {
      let w = peekWord()
      if Parser.number(w, "b") != nil { break }
      try instruction(b)
    }
  }

  private mutating func instruction(_ b: BlockID) throws(IRParseError) {
    var opName = word()
    var number: Int?
    if let v = Parser.number(opName, "v") {
      number = v
      try expect("=")
      opName = word()
    }
    guard let op = Parser.ops[opName] else { throw error("unknown operation '\(opName)'") }
    var node = ParsedNode(op: op, type: op.info.result)
    if accept("<") {
      node.immediate = try immediate(op)
      try expect(">")
    }
    while Parser.number(peekWord(), "v") != nil {
      let saved = (at, line)
      let v = try name("v")
      if accept("=") {
        (at, line) = saved
        break
      }
      node.operands.append(ValueID(v))
      _ = accept(",")
    }
    if accept("^") { node.state = FrameStateID(try name("s")) }
    if accept("->") {
      repeat {
        let target = try name("b")
        ensureBlock(target)
        var edge = Edge(BlockID(target))
        if accept("(") {
          while !accept(")") {
            edge.arguments.append(ValueID(try name("v")))
            _ = accept(",")
          }
        }
        graph[b].successors.append(edge)
      } while accept(",")
    }
    if let number {
      try define(number, node)
      graph[b].instructions.append(ValueID(number))
    } else {
      unnumbered.append(node)
      graph[b].instructions.append(ValueID(-unnumbered.count))
    }
  }

  private mutating func immediate(_ op: Op) throws(IRParseError) -> Int64 {
    let w = peekWord()
    switch op.info.immediate {
    case .none: throw error("'\(op)' has no immediate")
    case .truth where w == "true" || w == "false":
      _ = word()
      return w == "true" ? 1 : 0
    case .comparison:
      if let c = Parser.comparisons[w] {
        _ = word()
        return c
      }
    case .reason:
      if let r = Parser.reasons[w] {
        _ = word()
        return r
      }
    case .table: return Int64(try name("t"))
    case .store:
      let i = Int64(try integer())
      guard peekWord() == "noBarrier" else { return i }
      _ = word()
      return i | Op.noBarrier
    default: break
    }
    return Int64(try integer())
  }

  private mutating func define(_ v: Int, _ node: ParsedNode) throws(IRParseError) {
    while numbered.count <= v { numbered.append(nil) }
    guard numbered[v] == nil else { throw error("v\(v) is defined twice") }
    numbered[v] = node
  }

  private mutating func ensureBlock(_ i: Int) {
    while graph.blocks.count <= i { _ = graph.addBlock() }
  }

  // MARK: Characters

  private func error(_ message: String) -> IRParseError { IRParseError(line: line, message: message) }

  private mutating func skipSpace() {
    while at < bytes.count {
      switch bytes[at] {
      case UInt8(ascii: "\n"):
        line += 1
        at += 1
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): at += 1
      case UInt8(ascii: ";"): while at < bytes.count && bytes[at] != UInt8(ascii: "\n") { at += 1 }
      default: return
      }
    }
  }

  private mutating func atEnd() -> Bool {
    skipSpace()
    return at >= bytes.count
  }

  private mutating func accept(_ s: StaticString) -> Bool {
    skipSpace()
    let n = s.utf8CodeUnitCount
    guard at + n <= bytes.count else { return false }
    for i in 0..<n where bytes[at + i] != s.utf8Start[i] { return false }
    at += n
    return true
  }

  private mutating func expect(_ s: StaticString) throws(IRParseError) {
    if !accept(s) { throw error("expected '\(s)', found '\(peekWord())'") }
  }

  private mutating func expectWord(_ s: String) throws(IRParseError) {
    let w = word()
    if w != s { throw error("expected '\(s)', found '\(w)'") }
  }

  /// Letters and digits; one other character if there are none.
  private mutating func word() -> String {
    let w = peekWord()
    at += w.utf8.count
    return w
  }

  private mutating func peekWord() -> String {
    skipSpace()
    var end = at
    while end < bytes.count, Parser.isWordByte(bytes[end]) { end += 1 }
    if end == at && at < bytes.count { end += 1 }
    return String(decoding: bytes[at..<end], as: UTF8.self)
  }

  private static func isWordByte(_ c: UInt8) -> Bool {
    switch c {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
      return true
    default: return false
    }
  }

  /// The number of an entity's name (`v12`), or nil if `w` is no such name.
  private static func number(_ w: String, _ prefix: Character) -> Int? {
    guard w.first == prefix, let i = Int(w.dropFirst()), i >= 0, i < maximumID else { return nil }
    return i
  }

  private mutating func name(_ prefix: Character) throws(IRParseError) -> Int {
    let w = word()
    guard let i = Parser.number(w, prefix) else { throw error("expected \(prefix)<number>, found '\(w)'") }
    return i
  }

  /// Decimal with an optional minus, or hexadecimal bits.
  private mutating func integer() throws(IRParseError) -> Int {
    let negative = accept("-")
    let w = word()
    if w.hasPrefix("0x"), let bits = UInt(w.dropFirst(2), radix: 16) { return Int(bitPattern: bits) }
    guard let i = Int(negative ? "-" + w : w) else { throw error("expected a number, found '\(w)'") }
    return i
  }

  private mutating func string() throws(IRParseError) -> String {
    try expect("\"")
    var out: [UInt8] = []
    while at < bytes.count, bytes[at] != UInt8(ascii: "\"") {
      var c = bytes[at]
      at += 1
      if c == UInt8(ascii: "\\"), at < bytes.count {
        c = bytes[at] == UInt8(ascii: "n") ? UInt8(ascii: "\n") : bytes[at]
        at += 1
      }
      out.append(c)
    }
    guard at < bytes.count else { throw error("string without end") }
    at += 1
    return String(decoding: out, as: UTF8.self)
  }
}
