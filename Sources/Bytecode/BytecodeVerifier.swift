// Checks that a unit is well formed: what the interpreter and the optimizer assume without checking.

public struct VerificationError: Error, Sendable, CustomStringConvertible {
  /// The selector, and the path of blocks in it.
  public let unit: String
  /// nil if the unit as a whole is wrong.
  public let pc: Int?
  public let reason: String
  public var description: String { pc.map { "\(unit) at \($0): \(reason)" } ?? "\(unit): \(reason)" }
}

public enum BytecodeVerifier {
  /// Verifies the unit and its blocks.
  public static func verify(_ unit: BytecodeUnit) throws(VerificationError) {
    try verify(unit, name: unit.selector)
  }

  private static func verify(_ unit: BytecodeUnit, name: String) throws(VerificationError) {
    let checker = UnitVerifier(unit: unit, name: name)
    try checker.checkTables()
    for pc in unit.instructions.indices { try checker.checkInstruction(pc) }
    try checker.checkFlow()
    for (i, block) in unit.blocks.enumerated() {
      if !block.isBlock { throw VerificationError(unit: name, pc: nil, reason: "block \(i) is a method") }
      try verify(block, name: "\(name)/\(i)")
    }
  }
}

private struct UnitVerifier {
  let unit: BytecodeUnit
  let name: String

  private func fail(_ pc: Int?, _ reason: String) -> VerificationError {
    VerificationError(unit: name, pc: pc, reason: reason)
  }

  private var firstOperand: Int { BytecodeUnit.headerWords + unit.localCount }

  // MARK: Tables

  func checkTables() throws(VerificationError) {
    let count = unit.instructions.count
    if count == 0 { throw fail(nil, "no instructions") }
    if unit.depth.count != count || unit.siteAtPC.count != count || unit.ranges.count != count {
      throw fail(nil, "tables by pc differ in length from the code")
    }
    if unit.argumentCount < 0 || unit.argumentCount > Int(Int16.max) - 1 { throw fail(nil, "argument count") }
    if unit.localCount < 0 || firstOperand > unit.frameSize || unit.frameSize > Int(Int16.max) {
      throw fail(nil, "frame size")
    }
    if unit.sites.count > Int(BytecodeUnit.noSite) { throw fail(nil, "too many sites") }
    for site in unit.sites where site.argumentCount < 0 {
      throw fail(nil, "site with \(site.argumentCount) arguments")
    }
    for header in unit.loopHeaders where !unit.instructions.indices.contains(header) {
      throw fail(nil, "loop header \(header) out of range")
    }
    if let home = unit.homeRegister, !isLocal(Int(home)) { throw fail(nil, "home is no local register") }
    for (id, location) in unit.variables {
      let register: Int
      switch location {
      case .register(let r): register = Int(r)
      case .environment(let r, let index):
        register = Int(r)
        if index < 0 || index > Int(UInt16.max) { throw fail(nil, "variable \(id): index") }
      }
      if !isLocal(register) && !isArgument(register) { throw fail(nil, "variable \(id) has no register") }
    }
    for environment in unit.environments {
      if !isLocal(Int(environment.register)) || environment.outer != 0 && !isLocal(Int(environment.outer))
        || environment.link != 0 && !isLocal(Int(environment.link)) || environment.variableCount < 0
      {
        throw fail(nil, "environment layout")
      }
    }
    var keys: Set<UInt32> = []
    for point in unit.syncPoints {
      if !unit.instructions.indices.contains(point.pc) {
        throw fail(nil, "sync point \(point.key) out of range")
      }
      if !keys.insert(point.key).inserted { throw fail(point.pc, "sync point \(point.key) twice") }
      for operand in point.operands where !isRegister(Int(operand)) {
        throw fail(point.pc, "sync point \(point.key): register \(operand)")
      }
    }
  }

  private func isArgument(_ register: Int) -> Bool { register < 0 && register >= -(unit.argumentCount + 1) }
  private func isLocal(_ register: Int) -> Bool {
    register >= BytecodeUnit.headerWords && register < firstOperand
  }
  private func isRegister(_ register: Int) -> Bool {
    isArgument(register) || register >= BytecodeUnit.headerWords && register < unit.frameSize
  }

  // MARK: Instructions

  func checkInstruction(_ pc: Int) throws(VerificationError) {
    let instruction = unit.instructions[pc]
    guard let opcode = instruction.opcode else { throw fail(pc, "no such opcode") }
    if opcode == .switchVariant { throw fail(pc, "switchVariant is only patched in") }
    let info = opcode.info
    if info.only == .blocks, !unit.isBlock { throw fail(pc, "not in a block") }
    if info.only == .methods, unit.isBlock { throw fail(pc, "not in a method") }
    let depth = Int(unit.depth[pc])
    if depth < firstOperand || depth > unit.frameSize { throw fail(pc, "depth \(depth)") }
    let range = unit.ranges[pc]
    if range.start < 0 || range.end < range.start { throw fail(pc, "source range") }
    for (kind, field) in [(info.a, 0), (info.b, 1), (info.c, 2)] {
      try checkOperand(pc, kind, field, instruction, depth)
    }
    try checkSite(pc, opcode, instruction, depth)
    if opcode == .loopJump {
      guard instruction.ua < unit.loopHeaders.count, unit.loopHeaders[instruction.ua] == instruction.wide,
        instruction.wide <= pc
      else { throw fail(pc, "loop jump to something else than its header") }
    }
    if opcode == .jump, instruction.wide <= pc { throw fail(pc, "a jump back must be a loop jump") }
    if info.isFused {
      guard pc + 1 < unit.instructions.count, let next = unit.instructions[pc + 1].opcode,
        next == .jumpIfTrue || next == .jumpIfFalse, unit.instructions[pc + 1].a == instruction.a
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
      if signed == -(unit.argumentCount + 1) { throw fail(pc, "the receiver is written") }
    case .source:
      if !isRegister(signed) || signed >= depth { throw fail(pc, "source \(signed)") }
    case .optionalSource:
      if signed != 0, !isLocal(signed) { throw fail(pc, "source \(signed)") }
    case .sendBase:
      if signed != depth { throw fail(pc, "a send's operands begin at its depth") }
    case .site:
      if index >= unit.sites.count || index != Int(unit.siteAtPC[pc]) { throw fail(pc, "site \(index)") }
    case .literal:
      if index >= unit.literals.count { throw fail(pc, "literal \(index)") }
    case .global:
      if index >= unit.globals.count { throw fail(pc, "global \(index)") }
    case .block:
      if index >= unit.blocks.count { throw fail(pc, "block \(index)") }
    case .targetLow:
      if !unit.instructions.indices.contains(instruction.wide) {
        throw fail(pc, "jump to \(instruction.wide)")
      }
    case .field, .variable, .count, .immediate, .targetHigh, .immediateLow, .immediateHigh: break
    }
  }

  /// Sends have a site that fits, and room for the callee; others have none.
  private func checkSite(
    _ pc: Int, _ opcode: Opcode, _ instruction: Instruction, _ depth: Int
  ) throws(VerificationError) {
    let site = unit.siteAtPC[pc]
    if !opcode.info.sends {
      if site != BytecodeUnit.noSite { throw fail(pc, "site on an instruction that does not send") }
      return
    }
    guard Int(site) < unit.sites.count else { throw fail(pc, "no site") }
    let arguments = unit.sites[Int(site)].argumentCount
    if opcode.info.b != .sendBase, arguments != 1 {
      throw fail(pc, "site has \(arguments) arguments")
    }
    if depth + arguments + 1 + BytecodeUnit.headerWords > unit.frameSize {
      throw fail(pc, "no room in the frame for the callee")
    }
  }

  // MARK: Flow

  /// Follows control from the entry and from all sync points: every register below the depth of a reachable
  /// instruction, and every operand of a send, must have been written on every path to it.
  func checkFlow() throws(VerificationError) {
    var work: [Int] = []
    // For each pc: registers below this are written on all paths found so far; -1 if there are none.
    var written = Array(repeating: -1, count: unit.instructions.count)
    func reach(_ target: Int, _ limit: Int, from pc: Int) throws(VerificationError) {
      guard target < unit.instructions.count else { throw fail(pc, "control runs off the end") }
      if limit < needed(target) { throw fail(pc, "undefined operands at \(target)") }
      if written[target] < 0 { work.append(target) }
      written[target] = written[target] < 0 ? limit : min(written[target], limit)
    }
    try reach(0, firstOperand, from: 0)
    for point in unit.syncPoints {
      // Entered by a switch of variants: the pending operands must be all there is.
      if unit.variant == .generic {
        let operands = Set(point.operands.map { Int($0) })
        for register in firstOperand..<max(needed(point.pc), firstOperand) where !operands.contains(register) {
          throw fail(point.pc, "sync point \(point.key) leaves register \(register) undefined")
        }
      }
      try reach(point.pc, Int.max, from: point.pc)
    }
    while let pc = work.popLast() {
      let instruction = unit.instructions[pc]
      guard let opcode = instruction.opcode else { continue }
      let depth = Int(unit.depth[pc])
      var limit = depth
      if opcode.info.a == .destination, instruction.a == depth { limit += 1 }
      if opcode == .jumpIfTrue || opcode == .jumpIfFalse, pc > 0,
        let previous = unit.instructions[pc - 1].opcode, previous.info.isFused
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
    let depth = Int(unit.depth[pc])
    let instruction = unit.instructions[pc]
    guard instruction.opcode?.info.b == .sendBase else { return depth }
    return depth + unit.sites[instruction.uc].argumentCount + 1
  }
}
