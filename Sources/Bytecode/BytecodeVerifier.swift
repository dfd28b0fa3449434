// Checks that a chunk is well formed: what the interpreter and the optimizer assume without checking.

public struct VerificationError: Error, Sendable, CustomStringConvertible {
  /// The selector, and the path of blocks in it.
  public let chunk: String
  /// nil if the chunk as a whole is wrong.
  public let pc: Int?
  public let reason: String
  public var description: String { pc.map { "\(chunk) at \($0): \(reason)" } ?? "\(chunk): \(reason)" }
}

public enum BytecodeVerifier {
  /// Verifies the chunk and its blocks.
  public static func verify(_ chunk: BytecodeChunk) throws(VerificationError) {
    try verify(chunk, name: chunk.selector)
  }

  private static func verify(_ chunk: BytecodeChunk, name: String) throws(VerificationError) {
    let checker = ChunkVerifier(chunk: chunk, name: name)
    try checker.checkTables()
    for pc in chunk.instructions.indices { try checker.checkInstruction(pc) }
    try checker.checkFlow()
    for (i, block) in chunk.blocks.enumerated() {
      if !block.isBlock { throw VerificationError(chunk: name, pc: nil, reason: "block \(i) is a method") }
      try verify(block, name: "\(name)/\(i)")
    }
  }
}

private struct ChunkVerifier {
  let chunk: BytecodeChunk
  let name: String

  private func fail(_ pc: Int?, _ reason: String) -> VerificationError {
    VerificationError(chunk: name, pc: pc, reason: reason)
  }

  private var firstOperand: Int { BytecodeChunk.headerWords + chunk.localCount }

  // MARK: Tables

  func checkTables() throws(VerificationError) {
    let count = chunk.instructions.count
    if count == 0 { throw fail(nil, "no instructions") }
    if chunk.depth.count != count || chunk.siteAtPC.count != count || chunk.ranges.count != count {
      throw fail(nil, "tables by pc differ in length from the code")
    }
    if chunk.argumentCount < 0 || chunk.argumentCount > Int(Int16.max) - 1 { throw fail(nil, "argument count") }
    if chunk.localCount < 0 || firstOperand > chunk.frameSize || chunk.frameSize > Int(Int16.max) {
      throw fail(nil, "frame size")
    }
    if chunk.sites.count > Int(BytecodeChunk.noSite) { throw fail(nil, "too many sites") }
    for site in chunk.sites where site.argumentCount < 0 {
      throw fail(nil, "site with \(site.argumentCount) arguments")
    }
    for header in chunk.loopHeaders where !chunk.instructions.indices.contains(header) {
      throw fail(nil, "loop header \(header) out of range")
    }
    if let home = chunk.homeRegister, !isLocal(Int(home)) { throw fail(nil, "home is no local register") }
    for (id, location) in chunk.variables {
      let register: Int
      switch location {
      case .register(let r): register = Int(r)
      case .environment(let r, let index):
        register = Int(r)
        if index < 0 || index > Int(UInt16.max) { throw fail(nil, "variable \(id): index") }
      }
      if !isLocal(register) && !isArgument(register) { throw fail(nil, "variable \(id) has no register") }
    }
    for environment in chunk.environments {
      if !isLocal(Int(environment.register)) || environment.outer != 0 && !isLocal(Int(environment.outer))
        || environment.link != 0 && !isLocal(Int(environment.link)) || environment.variableCount < 0
      {
        throw fail(nil, "environment layout")
      }
    }
    var keys: Set<UInt32> = []
    for point in chunk.syncPoints {
      if !chunk.instructions.indices.contains(point.pc) {
        throw fail(nil, "sync point \(point.key) out of range")
      }
      if !keys.insert(point.key).inserted { throw fail(point.pc, "sync point \(point.key) twice") }
      for operand in point.operands where !isRegister(Int(operand)) {
        throw fail(point.pc, "sync point \(point.key): register \(operand)")
      }
    }
  }

  private func isArgument(_ register: Int) -> Bool { register < 0 && register >= -(chunk.argumentCount + 1) }
  private func isLocal(_ register: Int) -> Bool {
    register >= BytecodeChunk.headerWords && register < firstOperand
  }
  private func isRegister(_ register: Int) -> Bool {
    isArgument(register) || register >= BytecodeChunk.headerWords && register < chunk.frameSize
  }

  // MARK: Instructions

  func checkInstruction(_ pc: Int) throws(VerificationError) {
    let instruction = chunk.instructions[pc]
    guard let opcode = instruction.opcode else { throw fail(pc, "no such opcode") }
    if opcode == .switchVariant || opcode == .breakpoint { throw fail(pc, "\(opcode) is only patched in") }
    let info = opcode.info
    if info.only == .blocks, !chunk.isBlock { throw fail(pc, "not in a block") }
    if info.only == .methods, chunk.isBlock { throw fail(pc, "not in a method") }
    let depth = Int(chunk.depth[pc])
    if depth < firstOperand || depth > chunk.frameSize { throw fail(pc, "depth \(depth)") }
    let range = chunk.ranges[pc]
    if range.start < 0 || range.end < range.start { throw fail(pc, "source range") }
    for (kind, field) in [(info.a, 0), (info.b, 1), (info.c, 2)] {
      try checkOperand(pc, kind, field, instruction, depth)
    }
    try checkSite(pc, opcode, instruction, depth)
    if opcode == .loopJump {
      guard instruction.ua < chunk.loopHeaders.count, chunk.loopHeaders[instruction.ua] == instruction.wide,
        instruction.wide <= pc
      else { throw fail(pc, "loop jump to something else than its header") }
    }
    if opcode == .jump, instruction.wide <= pc { throw fail(pc, "a jump back must be a loop jump") }
    if info.isFused {
      guard pc + 1 < chunk.instructions.count, let next = chunk.instructions[pc + 1].opcode,
        next == .jumpIfTrue || next == .jumpIfFalse, chunk.instructions[pc + 1].a == instruction.a
      else { throw fail(pc, "fused comparison without its jump") }
    }
  }

  private func checkOperand(
    _ pc: Int, _ kind: OperandKind, _ field: Int, _ instruction: Instruction, _ depth: Int
  ) throws(VerificationError) {
    let signed = field == 0 ? instruction.a : field == 1 ? instruction.b : instruction.c
    let index = field == 0 ? instruction.ua : field == 1 ? instruction.ub : instruction.uc
    switch kind {
    case .unused:
      if index != 0 { throw fail(pc, "an unused operand is not 0") }
    case .destination:
      if !isRegister(signed) || signed > depth { throw fail(pc, "destination \(signed)") }
      if signed == -(chunk.argumentCount + 1) { throw fail(pc, "the receiver is written") }
    case .source:
      if !isRegister(signed) || signed >= depth { throw fail(pc, "source \(signed)") }
    case .optionalSource:
      if signed != 0, !isLocal(signed) { throw fail(pc, "source \(signed)") }
    case .sendBase:
      if signed != depth { throw fail(pc, "a send's operands begin at its depth") }
    case .site:
      if index >= chunk.sites.count || index != Int(chunk.siteAtPC[pc]) { throw fail(pc, "site \(index)") }
    case .literal:
      if index >= chunk.literals.count { throw fail(pc, "literal \(index)") }
    case .global:
      if index >= chunk.globals.count { throw fail(pc, "global \(index)") }
    case .block:
      if index >= chunk.blocks.count { throw fail(pc, "block \(index)") }
    case .targetLow:
      if !chunk.instructions.indices.contains(instruction.wide) {
        throw fail(pc, "jump to \(instruction.wide)")
      }
    case .field, .variable, .count, .immediate, .targetHigh, .immediateLow, .immediateHigh: break
    }
  }

  /// Sends have a site that fits, and room for the callee; others have none.
  private func checkSite(
    _ pc: Int, _ opcode: Opcode, _ instruction: Instruction, _ depth: Int
  ) throws(VerificationError) {
    let site = chunk.siteAtPC[pc]
    if !opcode.info.sends {
      if site != BytecodeChunk.noSite { throw fail(pc, "site on an instruction that does not send") }
      return
    }
    guard Int(site) < chunk.sites.count else { throw fail(pc, "no site") }
    let arguments = chunk.sites[Int(site)].argumentCount
    if opcode.info.b != .sendBase, arguments != 1 {
      throw fail(pc, "site has \(arguments) arguments")
    }
    if depth + arguments + 1 + BytecodeChunk.headerWords > chunk.frameSize {
      throw fail(pc, "no room in the frame for the callee")
    }
  }

  // MARK: Flow

  /// Follows control from the entry and from all sync points: every register below the depth of a reachable
  /// instruction, and every operand of a send, must have been written on every path to it.
  func checkFlow() throws(VerificationError) {
    var work: [Int] = []
    // For each pc: registers below this are written on all paths found so far; -1 if there are none.
    var written = Array(repeating: -1, count: chunk.instructions.count)
    func reach(_ target: Int, _ limit: Int, from pc: Int) throws(VerificationError) {
      guard target < chunk.instructions.count else { throw fail(pc, "control runs off the end") }
      if limit < needed(target) { throw fail(pc, "undefined operands at \(target)") }
      if written[target] < 0 { work.append(target) }
      written[target] = written[target] < 0 ? limit : min(written[target], limit)
    }
    try reach(0, firstOperand, from: 0)
    for point in chunk.syncPoints {
      // Entered by a switch of variants: the pending operands must be all there is.
      if chunk.variant == .generic {
        let operands = Set(point.operands.map { Int($0) })
        for register in firstOperand..<max(needed(point.pc), firstOperand) where !operands.contains(register) {
          throw fail(point.pc, "sync point \(point.key) leaves register \(register) undefined")
        }
      }
      try reach(point.pc, Int.max, from: point.pc)
    }
    while let pc = work.popLast() {
      let instruction = chunk.instructions[pc]
      guard let opcode = instruction.opcode else { continue }
      let depth = Int(chunk.depth[pc])
      var limit = depth
      if opcode.info.a == .destination, instruction.a == depth { limit += 1 }
      if opcode == .jumpIfTrue || opcode == .jumpIfFalse, pc > 0,
        let previous = chunk.instructions[pc - 1].opcode, previous.info.isFused
      {
        // The result of a fused comparison is not there if the comparison has jumped itself.
        limit = min(depth, instruction.a)
      }
      if opcode.info.b == .targetLow { try reach(instruction.wide, limit, from: pc) }
      if opcode.info.isFused { limit = max(limit, instruction.a + 1) }
      if opcode.info.fallsThrough { try reach(pc + 1, limit, from: pc) }
    }
  }

  /// Registers below this must be written before the instruction runs.
  private func needed(_ pc: Int) -> Int {
    let depth = Int(chunk.depth[pc])
    let instruction = chunk.instructions[pc]
    guard instruction.opcode?.info.b == .sendBase else { return depth }
    return depth + chunk.sites[instruction.uc].argumentCount + 1
  }
}
