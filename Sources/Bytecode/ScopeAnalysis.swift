// Resolves names, and decides where variables live. A *scope* is a method or a block; an inlined scope
// belongs to the chunk of the nearest scope around it that is not inlined. A variable that another chunk uses
// is *captured* and lives in an environment in both variants. One that only inlined scopes inside its own use
// is *shared*: a plain register, except in generic variants, where those scopes can become real blocks; there
// it lives in an *extra* environment.

import Syntax

enum Resolution {
  case unresolved, selfValue, superValue, nilValue, trueValue, falseValue, global
  case variable(Int)
  case field(Int)
}

struct ScopeInfo {
  let id: NodeID
  /// Index of the enclosing scope; -1 for the method.
  let parent: Int
  let isInlined: Bool
  /// True if the chunk can enter this inlined scope more than once.
  let inLoop: Bool
  /// The scope whose chunk this one is part of.
  let root: Int
  let argumentCount: Int
  var variables: Range<Int> = 0..<0
  var children: [Int] = []
  var usesSelf = false
  /// Has an environment; with so many variables.
  var hasEnvironment = false
  var environmentCount = 0
  /// As a block of its own, it must reach an environment (an extra environment) outside of it.
  var needsEnvironment = false
  var needsExtra = false
  /// Generic variants: has an extra environment; variable 0 is the link.
  var hasExtra = false
  var extraCount = 1
}

struct VariableInfo {
  let declaration: VariableDeclaration
  let scope: Int
  /// Position among the arguments of its scope, or nil.
  let argumentIndex: Int?
  var isCaptured = false
  var isShared = false
  /// Index in the environment, or the extra environment.
  var index = 0
  /// Where it is assigned (offsets, ascending).
  var assignments: [Int] = []
}

struct ScopeAnalysis {
  private(set) var scopes: [ScopeInfo] = []
  private(set) var variables: [VariableInfo] = []
  /// By node id of variable references.
  private(set) var resolutions: [Resolution]
  /// By node id of blocks.
  private var scopeOfBlock: [Int32]
  private(set) var constructs: [NodeID: Construct] = [:]
  /// A block that is real in both variants contains `^`.
  private(set) var hasNonLocalReturn = false
  /// Generic variants: the method needs a home; it is the extra environment if it has no other.
  private(set) var hasGenericNonLocalReturn = false

  private let classScope: ClassScope
  private let stackBase: UInt
  private var references: [(scope: Int, variable: Int)] = []
  private var returns: [Int] = []
  /// Errors that do not stop the analysis.
  private(set) var failures: [BytecodeFailure] = []
  /// Names that are assigned but declared nowhere, once each.
  private(set) var undeclared: [String] = []

  init(_ method: MethodDefinition, _ classScope: ClassScope, stackBase: UInt) throws(BytecodeFailure) {
    self.classScope = classScope
    self.stackBase = stackBase
    resolutions = Array(repeating: .unresolved, count: method.nodeCount)
    scopeOfBlock = Array(repeating: -1, count: method.nodeCount)
    let root = addScope(
      id: 0, parent: -1, inlined: false, inLoop: false, arguments: method.arguments, body: method.body)
    try statements(method.body, root)
    placeVariables()
  }

  func scope(of block: BlockLiteral) -> Int { Int(scopeOfBlock[Int(block.id)]) }
  func resolution(_ reference: VariableReference) -> Resolution { resolutions[Int(reference.id)] }

  /// True if the variable is assigned within the range.
  func isAssigned(_ variable: Int, in range: SourceRange) -> Bool {
    let places = variables[variable].assignments
    var low = 0, high = places.count
    while low < high {
      let middle = (low + high) / 2
      if places[middle] < range.start { low = middle + 1 } else { high = middle }
    }
    return low < places.count && places[low] < range.end
  }

  /// How many scopes with an environment (`extra`: with an extra one) are strictly between the chunk whose
  /// scope is `inner` and the scope `outer`.
  func hops(from inner: Int, to outer: Int, extra: Bool) -> Int {
    var count = 0
    var scope = scopes[inner].parent
    while scope != outer, scope >= 0 {
      if extra ? scopes[scope].hasExtra : scopes[scope].hasEnvironment { count += 1 }
      scope = scopes[scope].parent
    }
    return count
  }

  // MARK: Walking

  private mutating func addScope(
    id: NodeID, parent: Int, inlined: Bool, inLoop: Bool, arguments: [VariableDeclaration], body: Body
  ) -> Int {
    let index = scopes.count
    scopes.append(
      ScopeInfo(
        id: id, parent: parent, isInlined: inlined, inLoop: inLoop,
        root: inlined ? scopes[parent].root : index,
        argumentCount: arguments.count))
    let first = variables.count
    for (i, declaration) in arguments.enumerated() {
      variables.append(VariableInfo(declaration: declaration, scope: index, argumentIndex: i))
    }
    for declaration in body.temporaries {
      variables.append(VariableInfo(declaration: declaration, scope: index, argumentIndex: nil))
    }
    scopes[index].variables = first..<variables.count
    if parent >= 0 { scopes[parent].children.append(index) }
    return index
  }

  private mutating func statements(_ body: Body, _ scope: Int) throws(BytecodeFailure) {
    for statement in body.statements {
      switch statement {
      case .expression(let value): try expression(value, scope)
      case .returning(let value, _, _):
        returns.append(scope)
        try expression(value, scope)
      }
    }
  }

  private mutating func block(
    _ block: BlockLiteral, _ scope: Int, inlined: Bool, repeats: Bool
  ) throws(BytecodeFailure) {
    let index = addScope(
      id: block.id, parent: scope, inlined: inlined, inLoop: inlined && (repeats || scopes[scope].inLoop),
      arguments: block.arguments, body: block.body)
    scopeOfBlock[Int(block.id)] = Int32(index)
    try statements(block.body, index)
  }

  private mutating func expression(_ expression: Expression, _ scope: Int) throws(BytecodeFailure) {
    if NativeStack.used(since: stackBase) > NativeStack.budget {
      throw BytecodeFailure(message: "too deeply nested", range: expression.range)
    }
    switch expression {
    case .literal: break
    case .variable(let reference): read(reference, scope)
    case .assignment(let assignment):
      write(assignment.target, scope)
      try self.expression(assignment.value, scope)
    case .block(let block): try self.block(block, scope, inlined: false, repeats: false)
    case .cascade(let cascade):
      try self.expression(cascade.receiver, scope)
      for message in cascade.messages {
        for argument in message.arguments { try self.expression(argument, scope) }
      }
    case .send(let send):
      // Down the chain of receivers without recursion.
      var chain = [send]
      while case .send(let inner) = chain.last!.receiver { chain.append(inner) }
      while let link = chain.popLast() { try self.send(link, scope) }
    }
  }

  /// A send, without its receiver if that is a send, too.
  private mutating func send(_ send: Send, _ scope: Int) throws(BytecodeFailure) {
    let construct = Construct(send)
    if let construct { constructs[send.id] = construct }
    let inlined = construct?.blocks ?? []
    func repeats(_ expression: Expression) -> Bool? {
      guard case .block(let block) = expression else { return nil }
      return inlined.first { $0.block === block }?.repeats
    }
    if case .send = send.receiver {
    } else if case .block(let block) = send.receiver, let repeats = repeats(send.receiver) {
      try self.block(block, scope, inlined: true, repeats: repeats)
    } else {
      try expression(send.receiver, scope)
    }
    for argument in send.arguments {
      if case .block(let block) = argument, let repeats = repeats(argument) {
        try self.block(block, scope, inlined: true, repeats: repeats)
      } else {
        try expression(argument, scope)
      }
    }
  }

  // MARK: Names

  private mutating func read(_ reference: VariableReference, _ scope: Int) {
    let result = resolve(reference.name, scope)
    resolutions[Int(reference.id)] = result
    if classScope.isWorkspace, case .superValue = result {
      failures.append(BytecodeFailure(message: "there is no super outside of a method", range: reference.range))
    }
    note(result, scope)
  }

  private mutating func write(_ reference: VariableReference, _ scope: Int) {
    let result = resolve(reference.name, scope)
    resolutions[Int(reference.id)] = result
    switch result {
    case .variable(let variable):
      variables[variable].assignments.append(reference.range.start)
    case .field: break
    case .selfValue, .superValue:
      failures.append(BytecodeFailure(message: "\(reference.name) cannot be assigned", range: reference.range))
    default:
      if case .global = result, !undeclared.contains(reference.name) { undeclared.append(reference.name) }
      failures.append(
        BytecodeFailure(
          message: "\(reference.name) is not a variable or field in scope, and a global cannot be assigned "
            + "(use system global:put:)\nNo such field '\(reference.name)' in class", range: reference.range))
    }
    note(result, scope)
  }

  private mutating func note(_ resolution: Resolution, _ scope: Int) {
    switch resolution {
    case .variable(let variable): references.append((scope, variable))
    case .field, .selfValue, .superValue: noteSelf(scope)
    default: break
    }
  }

  private mutating func noteSelf(_ scope: Int) {
    var scope = scope
    while true {
      scopes[scope].usesSelf = true
      if !scopes[scope].isInlined { return }
      scope = scopes[scope].parent
    }
  }

  private func resolve(_ name: String, _ scope: Int) -> Resolution {
    if name == "self" { return classScope.isWorkspace ? .nilValue : .selfValue }
    if name == "super" { return .superValue }
    var scope = scope
    while scope >= 0 {
      for variable in scopes[scope].variables.reversed() where variables[variable].declaration.name == name {
        return .variable(variable)
      }
      scope = scopes[scope].parent
    }
    if let field = classScope.instanceFields.lastIndex(of: name) { return .field(field) }
    if classScope.removedFields.contains(name) { return .field(ClassScope.removedField) }
    switch name {
    case "nil": return .nilValue
    case "true": return .trueValue
    case "false": return .falseValue
    default: return .global
    }
  }

  // MARK: Placement

  private mutating func placeVariables() {
    for (scope, variable) in references {
      let target = variables[variable].scope
      if scopes[scope].root != scopes[target].root {
        variables[variable].isCaptured = true
      } else if scope != target {
        variables[variable].isShared = true
      }
    }
    for i in variables.indices {
      let scope = variables[i].scope
      if variables[i].isCaptured {
        variables[i].isShared = false
        variables[i].index = scopes[scope].environmentCount
        scopes[scope].environmentCount += 1
        scopes[scope].hasEnvironment = true
      } else if variables[i].isShared {
        variables[i].index = scopes[scope].extraCount
        scopes[scope].extraCount += 1
        scopes[scope].hasExtra = true
      }
    }
    hasNonLocalReturn = returns.contains { scopes[$0].root != 0 }
    hasGenericNonLocalReturn = returns.contains { $0 != 0 }
    if hasNonLocalReturn { scopes[0].hasEnvironment = true }
    let homeIsExtra = hasGenericNonLocalReturn && !scopes[0].hasEnvironment
    if homeIsExtra { scopes[0].hasExtra = true }

    for (scope, variable) in references {
      let extra = !variables[variable].isCaptured
      mark(from: scope, to: variables[variable].scope, extra: extra)
    }
    for scope in returns { mark(from: scope, to: 0, extra: homeIsExtra) }
    // A block that reaches an extra environment finds the nearest environment through it: so there must be an
    // extra one wherever there is another inside the outermost extra one.
    for i in scopes.indices where scopes[i].isInlined && scopes[i].hasEnvironment && !scopes[i].hasExtra {
      var outer = i
      while scopes[outer].isInlined {
        outer = scopes[outer].parent
        if scopes[outer].hasExtra {
          scopes[i].hasExtra = true
          break
        }
      }
    }
  }

  private mutating func mark(from inner: Int, to outer: Int, extra: Bool) {
    var scope = inner
    while scope != outer {
      if extra { scopes[scope].needsExtra = true } else { scopes[scope].needsEnvironment = true }
      scope = scopes[scope].parent
    }
  }
}
