// The graph as text. `Graph.parse` reads it back; `parse(text).text == text`.
//
//   graph "Foo>>bar:" arguments 1
//   table t0 = selector 12 1 "at:"
//   s0 = [m5 pc 7 origin 7: -1=v0 3=v4 4=@0] @0=0x3000005(v1 @0)
//   entry b0
//   b0:
//     v0 = argument<0>
//     v1 = constInt<1>
//     v2 = guardInt<notInteger> v0 ^s0
//     jump -> b1(v2)
//   b1(v3: int) loop s0 cold:
//     …
//
// Frame states that no node uses are left out. `;` starts a comment.

extension Graph {
  public var text: String {
    var out = "graph \(quote(name)) arguments \(argumentCount)"
    if let osrPC { out += " osr \(osrPC)" }
    out += "\n"
    for (i, t) in table.enumerated() { out += "table t\(i) = \(tableText(t))\n" }
    var used = Array(repeating: false, count: states.count)
    if let s = entryState { used[Int(s.index)] = true }
    for b in blocks {
      for v in b.instructions { if let s = self[v].state { used[Int(s.index)] = true } }
      if let s = b.loopEntry { used[Int(s.index)] = true }
    }
    for i in states.indices where used[i] { out += "s\(i) = \(stateText(states[i]))\n" }
    if let s = entryState { out += "entryState s\(s.index)\n" }
    if let h = homeEnvironment { out += "home v\(h.index)\n" }
    out += "entry b\(entry.index)\n"
    for b in blockIDs { printBlock(b, to: &out) }
    return out
  }

  private func printBlock(_ b: BlockID, to out: inout String) {
    let block = self[b]
    out += "b\(b.index)"
    if !block.parameters.isEmpty {
      out += "("
      out += block.parameters.map { "v\($0.index): \(self[$0].type)" }.joined(separator: ", ")
      out += ")"
    }
    if let s = block.loopEntry { out += " loop s\(s.index)" }
    out += block.isCold ? " cold:\n" : ":\n"
    for v in block.instructions { out += "  \(instructionText(v, in: b))\n" }
  }

  /// One line: `v3 = addInt v1 v2 ^s4`; terminators with their edges.
  public func instructionText(_ v: ValueID, in b: BlockID? = nil) -> String {
    let node = self[v]
    var out = ""
    if node.type != .none { out += "v\(v.index) = " }
    out += String(describing: node.op)
    let immediate = immediateText(node)
    if !immediate.isEmpty { out += "<\(immediate)>" }
    for o in operands(v) { out += " v\(o.index)" }
    if let s = node.state { out += " ^s\(s.index)" }
    if let b, self[b].instructions.last == v, !self[b].successors.isEmpty {
      out += " -> " + self[b].successors.map(edgeText).joined(separator: ", ")
    }
    if node.op == .constFloat {
      out += " ; \(Double(bitPattern: UInt64(bitPattern: node.immediate)))"
    }
    return out
  }

  private func edgeText(_ e: Edge) -> String {
    if e.arguments.isEmpty { return "b\(e.target.index)" }
    return "b\(e.target.index)(" + e.arguments.map { "v\($0.index)" }.joined(separator: " ") + ")"
  }

  private func immediateText(_ node: Node) -> String {
    let i = node.immediate
    switch node.op.info.immediate {
    case .none: return i == 0 ? "" : "\(i)"
    case .int, .argument, .register, .bodyWord: return "\(i)"
    case .float, .word, .classWord, .shortString: return "0x" + String(UInt64(bitPattern: i), radix: 16)
    case .truth: return i == 0 ? "false" : i == 1 ? "true" : "\(i)"
    case .comparison: return Comparison(rawValue: i).map { String(describing: $0) } ?? "\(i)"
    case .reason: return DeoptReason(rawValue: i).map { String(describing: $0) } ?? "\(i)"
    case .table: return "t\(i)"
    case .store: return i & Op.noBarrier == 0 ? "\(i)" : "\(i & ~Op.noBarrier) noBarrier"
    }
  }

  private func tableText(_ t: TableEntry) -> String {
    switch t {
    case .literal(let method, let index, let text): return "literal \(method) \(index) \(quote(text))"
    case .method(let id, let text): return "method \(id) \(quote(text))"
    case .methodValue(let id, let text): return "methodValue \(id) \(quote(text))"
    case .selector(let id, let count, let text): return "selector \(id) \(count) \(quote(text))"
    case .cell(let id, let text): return "cell \(id) \(quote(text))"
    }
  }

  private func stateText(_ s: FrameState) -> String {
    var parts: [String] = []
    for f in s.frames {
      let registers = f.registers.map { " \($0.register)=\(stateValueText($0.value))" }.joined()
      let protects = f.protects ? " protects" : ""
      parts.append("[m\(f.method) pc \(f.pc) origin \(f.originPC)\(protects):\(registers)]")
    }
    for (i, o) in s.virtuals.enumerated() {
      let fields = o.fields.map(stateValueText).joined(separator: " ")
      parts.append("@\(i)=0x\(String(o.classWord, radix: 16))(\(fields))")
    }
    return parts.joined(separator: " ")
  }

  private func stateValueText(_ v: StateValue) -> String {
    switch v {
    case .value(let v): return "v\(v.index)"
    case .virtual(let i): return "@\(i)"
    }
  }

  private func quote(_ s: String) -> String {
    var out = "\""
    for c in s.unicodeScalars {
      switch c {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      default: out.unicodeScalars.append(c)
      }
    }
    return out + "\""
  }
}
