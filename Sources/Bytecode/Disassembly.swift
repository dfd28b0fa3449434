// Bytecode as text: one line an instruction, derived from the instruction table.

extension Instruction {
  /// Name and operands, with what the chunk's tables say about them.
  public func text(in chunk: BytecodeChunk) -> String {
    guard let opcode else { return "invalid \(opcodeBits)" }
    let info = opcode.info
    var operands: [String] = []
    for (kind, field) in [(info.a, 0), (info.b, 1), (info.c, 2)] {
      let signed = field == 0 ? a : field == 1 ? b : c
      let unsigned = field == 0 ? ua : field == 1 ? ub : uc
      switch kind {
      case .unused, .targetHigh, .immediateHigh: break
      case .destination, .source, .sendBase: operands.append(chunk.registerName(signed))
      case .optionalSource: operands.append(signed == 0 ? "none" : chunk.registerName(signed))
      case .site:
        operands.append(
          unsigned < chunk.sites.count ? "#\(chunk.sites[unsigned].selector)" : "site?\(unsigned)")
      case .literal:
        operands.append(
          unsigned < chunk.literals.count ? "\(chunk.literals[unsigned].text)" : "literal?\(unsigned)")
      case .global:
        operands.append(unsigned < chunk.globals.count ? chunk.globals[unsigned] : "global?\(unsigned)")
      case .block: operands.append("block \(unsigned)")
      case .field: operands.append("field \(unsigned)")
      case .variable: operands.append("variable \(unsigned)")
      case .count: operands.append("\(unsigned)")
      case .immediate: operands.append("\(signed)")
      case .targetLow: operands.append("-> \(wide)")
      case .immediateLow: operands.append("\(wide)")
      }
    }
    return operands.isEmpty ? info.name : info.name + " " + operands.joined(separator: ", ")
  }
}

extension Literal {
  public var text: String {
    switch self {
    case .integer(let value): "\(value)"
    case .bigInteger(let digits): digits
    case .double(let value): "\(value)"
    case .string(let text): "'\(text)'"
    case .symbol(let name): "#\(name)"
    case .array(let elements): "#(" + elements.map(\.text).joined(separator: " ") + ")"
    }
  }
}

extension BytecodeChunk {
  /// `self`/`block` and `arg1` … below the header, `r3` … above it.
  public func registerName(_ register: Int) -> String {
    if register >= 0 { return "r\(register)" }
    if register == -(argumentCount + 1) { return isBlock ? "block" : "self" }
    return "arg\(register + argumentCount + 1)"
  }

  /// The chunk and its blocks as text.
  public var disassembly: String {
    var lines: [String] = []
    disassemble(into: &lines, name: selector)
    return lines.joined(separator: "\n") + "\n"
  }

  /// One line an instruction, without addresses.
  public var instructionTexts: [String] { instructions.map { $0.text(in: self) } }

  private func disassemble(into lines: inout [String], name: String) {
    lines.append("\(name): \(argumentCount) arguments, \(localCount) locals, frame of \(frameSize)")
    for (pc, instruction) in instructions.enumerated() {
      var line = "  \(pc): \(instruction.text(in: self))"
      let padding = max(1, 44 - line.count)
      line += String(repeating: " ", count: padding) + "; depth \(depth[pc])"
      let site = siteAtPC[pc]
      if site != BytecodeChunk.noSite, Int(site) < sites.count { line += ", #\(sites[Int(site)].selector)" }
      if loopHeaders.contains(pc) { line += ", loop header" }
      lines.append(line)
    }
    for (i, block) in blocks.enumerated() { block.disassemble(into: &lines, name: "\(name)/\(i)") }
  }
}
