// The variables that an activation knows by name, and where they are.

import Bytecode
import MachineLayout
import Syntax
import VM

/// A variable of an activation, of the block's outer ones too.
struct ScopedVariable {
  enum Storage {
    /// Of the activation's own.
    case register(Int)
    /// Variable `index` of an environment.
    case environment(StateWord, index: Int)
  }
  let name: String
  let kind: VariableReport.Kind
  /// Nil: it cannot be told.
  let value: StateWord?
  let storage: Storage?
}

struct Scopes {
  let universe: Universe
  let entry: StackEntry

  /// Those that a statement at its place can name, the innermost first.
  func variables() -> [ScopedVariable] {
    guard let definition = entry.info.definition, let chunk = entry.info.chunk else { return [] }
    let here = entry.pc < chunk.ranges.count ? chunk.ranges[entry.pc] : definition.range
    let outer = outerVariables()
    let scopes = definition.scopes
    let own = scopes.first { $0.block == chunk.nodeID }
    var known: Set<String> = []
    var result: [ScopedVariable] = []
    // Where a block is made, nobody is in it.
    func isAround(_ scope: StatementScope) -> Bool { scope.range.contains(here) && scope.range != here }
    // Scopes come before those in them.
    for scope in scopes.reversed() where scope.block == 0 || scope.block == own?.block || isAround(scope) {
      let isOwn = own.map { $0.range.contains(scope.range) } ?? true
      let count = scope.arguments.count
      for (declaration, argument) in scope.body.temporaries.map({ ($0, nil) })
        + scope.arguments.enumerated().map({ ($1, $0 - count) })
      where known.insert(declaration.name).inserted {
        var storage = isOwn ? storage(chunk.variables[declaration.id]) : outer[declaration.id]
        let isArgument = argument != nil
        // Before the activation has begun an argument is in no environment yet.
        if storage == nil, let argument, scope.block == chunk.nodeID { storage = .register(argument) }
        result.append(
          ScopedVariable(
            name: declaration.name, kind: isOwn ? isArgument ? .argument : .temporary : .outer,
            value: storage.flatMap(read), storage: storage))
      }
    }
    return result
  }

  private func storage(_ location: VariableLocation?) -> ScopedVariable.Storage? {
    switch location {
    case .register(let r): return .register(Int(r))
    case .environment(let r, let index):
      guard let environment = entry.word(Int(r)), isEnvironment(environment) else { return nil }
      return .environment(environment, index: index)
    case nil: return nil
    }
  }

  private func read(_ storage: ScopedVariable.Storage) -> StateWord? {
    switch storage {
    case .register(let r): entry.word(r)
    case .environment(let environment, let index): entry.body(environment, EnvironmentLayout.firstVariable + index)
    }
  }

  private func isEnvironment(_ word: StateWord) -> Bool {
    switch word {
    case .value(let value):
      value.isPointer && value != .none && value.classIndex == WellKnownClass.environment.rawValue
    case .virtual: true
    case .double: false
    }
  }

  // MARK: Through the block

  /// The block that an activation of a block runs.
  private var block: StateWord? { entry.word(-(entry.info.method.argumentCount + 1)) }

  /// By declaration: where the variables of the methods and blocks around this block are, as far as it has closed over them.
  private func outerVariables() -> [UInt32: ScopedVariable.Storage] {
    var result: [UInt32: ScopedVariable.Storage] = [:]
    var inner = entry.info
    var closedOver = block.flatMap { entry.body($0, BlockLayout.environment) }
    while let outer = inner.outer.flatMap(universe.methods.find), let chunk = outer.chunk, let environment = closedOver,
      isEnvironment(environment), let register = Self.closingRegister(of: inner, in: chunk)
    {
      let held = environments(chunk, from: register, environment)
      for (id, location) in chunk.variables {
        guard id < BytecodeChunk.firstHiddenID, case .environment(let r, let index) = location, let found = held[Int(r)]
        else { continue }
        result[id] = .environment(found, index: index)
      }
      let closing = chunk.instructions.first { $0.opcode == .loadBlockEnvironment }
      closedOver = closing.flatMap { held[$0.a] }
      inner = outer
    }
    return result
  }

  /// The register whose environment the instruction that makes the block gives to it; nil: none.
  private static func closingRegister(of block: MethodInfo, in chunk: BytecodeChunk) -> Int? {
    let instruction = chunk.instructions.first {
      $0.opcode == .newBlock && chunk.blocks[$0.ub].nodeID == block.chunk?.nodeID
    }
    return instruction.flatMap { $0.c == 0 ? nil : $0.c }
  }

  /// From one environment of an activation to those around it, by the registers that held them there.
  private func environments(_ chunk: BytecodeChunk, from register: Int, _ first: StateWord) -> [Int: StateWord] {
    var result = [register: first]
    for layout in chunk.environments.reversed() {
      guard let environment = result[Int(layout.register)] else { continue }
      if layout.outer != 0, result[Int(layout.outer)] == nil {
        result[Int(layout.outer)] = entry.body(environment, EnvironmentLayout.outer)
      }
      if layout.link != 0, result[Int(layout.link)] == nil {
        result[Int(layout.link)] = entry.body(environment, EnvironmentLayout.firstVariable)
      }
    }
    return result
  }
}
