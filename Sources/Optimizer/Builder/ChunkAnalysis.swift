// Facts about one bytecode chunk that the builder needs before it starts: where blocks begin, which registers
// are live at each pc, which are written in each loop.

import Bytecode

final class ChunkAnalysis {
  let chunk: BytecodeChunk
  let count: Int
  /// register -> index: + argumentCount + 1.
  let bias: Int
  let registerCount: Int
  let isLeftByParts: Bool
  private(set) var isLeader: [Bool]
  /// Loop header pc -> last pc that jumps back to it.
  private(set) var loopEnd: [Int: Int] = [:]
  private var live: [[UInt64]]
  private let setWords: Int

  /// `keepingVariables`: all variables are live everywhere, for who looks at them.
  init(_ chunk: BytecodeChunk, keepingVariables: Bool = false) {
    self.chunk = chunk
    count = chunk.instructions.count
    bias = chunk.argumentCount + 1
    registerCount = bias + chunk.frameSize
    isLeftByParts = chunk.isLeftByParts
    isLeader = Array(repeating: false, count: count + 1)
    setWords = (registerCount + 63) / 64
    live = Array(repeating: Array(repeating: 0, count: setWords), count: count + 1)
    findLeaders()
    findLiveness(keepingVariables ? variableRegisters : [])
  }

  private var variableRegisters: [Int] {
    let all = chunk.variables.values.map { location in
      switch location {
      case .register(let r), .environment(let r, _): Int(r)
      }
    }
    return Array(-bias..<0) + Set(all).sorted()
  }

  static func jumpTarget(_ i: Instruction) -> Int? {
    guard let op = i.opcode, op.info.b == .targetLow else { return nil }
    return i.wide
  }

  private func findLeaders() {
    if count > 0 { isLeader[0] = true }
    for (pc, i) in chunk.instructions.enumerated() {
      if isRestart(i) { loopEnd[0] = pc }
      guard let target = Self.jumpTarget(i) else { continue }
      isLeader[target] = true
      isLeader[pc + 1] = true
      if i.opcode == .loopJump { loopEnd[target] = max(loopEnd[target] ?? 0, pc) }
    }
  }

  /// `Block>>restart`, if that is what it turns out to be, goes back to the start. (It makes the variables nil; the
  /// arguments are kept wherever something is sent.)
  private func isRestart(_ i: Instruction) -> Bool {
    i.opcode == .send && chunk.sites[i.uc].selector == "restart"
  }
  /// Registers read and the register written by an instruction.
  func uses(_ pc: Int, _ use: (Int) -> Void) {
    let i = chunk.instructions[pc]
    guard let info = i.opcode?.info else { return }
    for (kind, operand) in [(info.a, i.a), (info.b, i.b), (info.c, i.c)] {
      switch kind {
      case .source: use(operand)
      case .optionalSource: if operand != 0 { use(operand) }
      case .sendBase:
        let argc = chunk.sites[i.uc].argumentCount
        for k in 0...argc { use(operand + k) }
      default: break
      }
    }
    if info.readsReceiver { use(-bias) }
  }

  func destination(_ pc: Int) -> Int? {
    let i = chunk.instructions[pc]
    return i.opcode?.info.a == .destination ? i.a : nil
  }

  private func findLiveness(_ kept: [Int]) {
    // Whoever signals an exception or unwinds looks at the arguments. So does `Block>>restart`, for the activation that
    // sends it: whatever selector finds it, perhaps after an edit, or `perform:`, which may have another name as well.
    let keepsArguments = chunk.protects || chunk.instructions.contains { $0.opcode?.info.invokes == true }
    var changed = true
    while changed {
      changed = false
      for pc in stride(from: count - 1, through: 0, by: -1) {
        let i = chunk.instructions[pc]
        var set = [UInt64](repeating: 0, count: setWords)
        if i.opcode?.info.fallsThrough ?? true, pc + 1 <= count { set = live[pc + 1] }
        if let target = Self.jumpTarget(i) {
          for w in 0..<setWords { set[w] |= live[target][w] }
        }
        if let d = destination(pc) { set[(d + bias) / 64] &= ~(1 << UInt64((d + bias) % 64)) }
        uses(pc) { r in set[(r + bias) / 64] |= 1 << UInt64((r + bias) % 64) }
        // The receiver (or block) stays: tracebacks and `escapedBlock:` name it.
        set[0] |= 1
        if keepsArguments { for k in 1..<bias { set[k / 64] |= 1 << UInt64(k % 64) } }
        if let home = chunk.homeRegister, pc >= 1 {
          let h = Int(home) + bias
          set[h / 64] |= 1 << UInt64(h % 64)
        }
        for r in kept { set[(r + bias) / 64] |= 1 << UInt64((r + bias) % 64) }
        if set != live[pc] {
          live[pc] = set
          changed = true
        }
      }
    }
  }

  func isLive(_ register: Int, at pc: Int) -> Bool {
    let r = register + bias
    return live[pc][r / 64] & (1 << UInt64(r % 64)) != 0
  }

  func liveRegisters(at pc: Int) -> [Int] {
    (0..<registerCount).lazy.map { $0 - self.bias }.filter { self.isLive($0, at: pc) }
  }

  /// Registers that some instruction of the loop writes.
  func written(inLoop header: Int) -> Set<Int> {
    var result: Set<Int> = []
    for pc in header...(loopEnd[header] ?? header) {
      if let d = destination(pc) { result.insert(d) }
    }
    return result
  }
}
