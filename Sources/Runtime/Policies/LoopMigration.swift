// From the bytecode of one version of a method to that of another, at the head of a loop that both have.

import Bytecode
import Syntax
import VM

/// Why an activation cannot go on in another version.
struct MigrationObstacle: Error {
  let message: String
  init(_ message: String) { self.message = message }
}

/// How activations of one chunk go on in another.
struct LoopMigration {
  /// By the pc of a loop's head in the old code, that in the new.
  private(set) var heads: [Int: Int] = [:]
  /// The old register for each new one that is carried over.
  private var registers: [(new: Int, old: Int)] = []
  private let old, new: BytecodeChunk

  init(
    from old: BytecodeChunk, _ oldDefinition: MethodDefinition, to new: BytecodeChunk,
    _ newDefinition: MethodDefinition
  ) throws(MigrationObstacle) {
    self.old = old
    self.new = new
    try matchLoops()
    try matchEnvironments(oldDefinition, newDefinition)
    try matchVariables(oldDefinition, newDefinition)
  }

  // MARK: Loops

  private struct Loop {
    let head: Int
    let end: Int
    /// How many loops it is in.
    var depth = 0
  }

  /// In the order of their heads.
  private static func loops(_ chunk: BytecodeChunk) -> [Loop] {
    var ends: [Int: Int] = [:]
    for (pc, i) in chunk.instructions.enumerated() where i.opcode == .loopJump { ends[i.wide] = pc }
    var loops = ends.map { Loop(head: $0.key, end: $0.value) }.sorted { $0.head < $1.head }
    for i in loops.indices { loops[i].depth = loops.count { $0.head < loops[i].head && loops[i].end < $0.end } }
    return loops
  }

  /// The head of the innermost loop around a place; nil: it is in none.
  static func head(around pc: Int, in chunk: BytecodeChunk) -> Int? {
    loops(chunk).last { $0.head <= pc && pc <= $0.end }?.head
  }

  private mutating func matchLoops() throws(MigrationObstacle) {
    let before = Self.loops(old), after = Self.loops(new)
    guard before.map(\.depth) == after.map(\.depth) else {
      throw MigrationObstacle("the loops are others: \(Self.text(before)) before, \(Self.text(after)) now")
    }
    for (a, b) in zip(before, after) { heads[a.head] = b.head }
  }

  private static func text(_ loops: [Loop]) -> String {
    let inner = loops.count { $0.depth > 0 }
    return "\(loops.count)" + (inner > 0 ? ", \(inner) of them in others" : "")
  }

  // MARK: Variables

  private struct Name: Hashable {
    let name: String
    /// Of those with this name, in the order of the text.
    let occurrence: Int
  }
  private struct Declared {
    let location: VariableLocation
    let isArgument: Bool
  }

  private static func variables(_ chunk: BytecodeChunk, _ definition: MethodDefinition) -> [Name: Declared] {
    var counts: [String: Int] = [:]
    var result: [Name: Declared] = [:]
    for scope in definition.scopes {
      for (declaration, isArgument) in scope.arguments.map({ ($0, true) }) + scope.body.temporaries.map({ ($0, false) })
      {
        guard let location = chunk.variables[declaration.id] else { continue }
        counts[declaration.name, default: 0] += 1
        result[Name(name: declaration.name, occurrence: counts[declaration.name]!)] = Declared(
          location: location, isArgument: isArgument && scope.block != 0)
      }
    }
    return result
  }

  private mutating func matchVariables(
    _ oldDefinition: MethodDefinition, _ newDefinition: MethodDefinition
  ) throws(MigrationObstacle) {
    let before = Self.variables(old, oldDefinition)
    for (name, declared) in Self.variables(new, newDefinition) {
      guard let source = before[name] else {
        if declared.isArgument { throw MigrationObstacle("the loop's variable \(name.name) was not there before") }
        continue
      }
      switch (source.location, declared.location) {
      case (.register(let from), .register(let to)): if to >= 0 { registers.append((Int(to), Int(from))) }
      case (.environment, .environment): break
      default:
        throw MigrationObstacle("blocks share the variable \(name.name) in one of the versions only")
      }
    }
  }

  /// What blocks share stays where it is: so both versions must keep the same there.
  private mutating func matchEnvironments(
    _ oldDefinition: MethodDefinition, _ newDefinition: MethodDefinition
  ) throws(MigrationObstacle) {
    func shape(_ chunk: BytecodeChunk, _ definition: MethodDefinition) -> [[String]] {
      chunk.environments.map { environment in
        var names = Array(repeating: "", count: environment.variableCount)
        for scope in definition.scopes {
          for declaration in scope.arguments + scope.body.temporaries {
            guard case .environment(let register, let index) = chunk.variables[declaration.id],
              register == environment.register, names.indices.contains(index)
            else { continue }
            names[index] = declaration.name
          }
        }
        return names
      }
    }
    guard shape(old, oldDefinition) == shape(new, newDefinition), (old.homeRegister == nil) == (new.homeRegister == nil)
    else { throw MigrationObstacle("its blocks share other variables, or return from it in one of the versions only") }
    for (a, b) in zip(old.environments, new.environments) { registers.append((Int(b.register), Int(a.register))) }
  }

  /// Whether what a loop keeps beside variables (a limit that is computed, say) is the same at both heads.
  func obstacle(at head: Int) -> MigrationObstacle? {
    guard let to = heads[head] else { return MigrationObstacle("it is in no loop") }
    return Self.operands(old, head) == Self.operands(new, to)
      ? nil : MigrationObstacle("the loop keeps its limit in another way")
  }

  private static func operands(_ chunk: BytecodeChunk, _ pc: Int) -> Int {
    Int(chunk.depth[pc]) - BytecodeChunk.headerWords - chunk.localCount
  }

  // MARK: Going over

  /// Makes frame `h`, an activation of the old bytecode at the head of a loop, one of `method`, whose bytecode is the new.
  /// Nothing is allocated. False: there is no room on the stack.
  func perform(_ h: Words, at head: Int, to method: Method, limit: UInt64) -> Bool {
    guard let pc = heads[head], UInt64(UInt(bitPattern: h + new.frameSize)) <= limit else { return false }
    let carried = registers.map { ($0.new, h[$0.old]) }
    let from = BytecodeChunk.headerWords + old.localCount, to = BytecodeChunk.headerWords + new.localCount
    let operands = (0..<max(0, Self.operands(old, head))).map { h[from + $0] }
    for i in BytecodeChunk.headerWords..<to { h[i] = Value.nil.bits }
    for (register, value) in carried { h[register] = value }
    for (i, value) in operands.enumerated() { h[to + i] = value }
    h[1] = UInt64(UInt(bitPattern: method.words))
    h[2] = UInt64(pc)
    return true
  }
}
