// Conversions between representations, and what is known of values.

import IR
import MachineLayout

extension GraphBuilder {
  func type(_ v: ValueID) -> ValueType { graph[v].type }

  /// The class of the object, if it is known on this path. Truth values have none (they are of two classes).
  func knownClass(_ ref: Ref) -> Int? {
    switch state.resolve(ref) {
    case .virtual(let id):
      guard case .virtual(let word, _)? = state.virtuals[id] else { return nil }
      return Int(word & 0xFF_FFFF)
    case .value(let v):
      let n = graph[v]
      switch n.type {
      case .int: return WellKnownClass.integer.rawValue
      case .float: return WellKnownClass.double.rawValue
      case .bool, .none: return nil
      case .tagged: break
      }
      if let f = state.facts[v] {
        if f.int != nil { return WellKnownClass.integer.rawValue }
        if f.float != nil { return WellKnownClass.double.rawValue }
        if let c = f.classIndex { return c }
      }
      switch n.op {
      case .allocate: return Int(n.immediate & 0xFF_FFFF)
      case .tagInt: return WellKnownClass.integer.rawValue
      case .tagFloat: return WellKnownClass.double.rawValue
      case .constTagged:
        switch n.immediate {
        case Int64(Word.nil): return WellKnownClass.nil.rawValue
        case Int64(Word.true): return WellKnownClass.true.rawValue
        case Int64(Word.false): return WellKnownClass.false.rawValue
        default:
          return n.immediate & 1 != 0
            ? WellKnownClass.integer.rawValue : n.immediate & 3 == 2 ? WellKnownClass.double.rawValue : nil
        }
      default: return nil
      }
    }
  }

  /// The fact lasts as long as the class keeps its shape: then its instances move to a new class index.
  func setClass(_ v: ValueID, _ c: Int) {
    state.facts[v, default: Fact()].classIndex = c
    if c > WellKnownClass.environment.rawValue { dependencies.insert(.shape(classIndex: c)) }
  }

  /// The value as a small integer, if it is known to be one. Emits at most an untagging.
  func knownInt(_ ref: Ref) throws(BuildFailure) -> ValueID? {
    guard case .value(let v) = state.resolve(ref) else { return nil }
    let n = graph[v]
    if n.type == .int { return v }
    if n.type != .tagged { return nil }
    if let i = state.facts[v]?.int { return i }
    if n.op == .tagInt { return graph.operand(v, 0) }
    if n.op == .constTagged && n.immediate & 1 != 0 { return constant(.int(n.immediate >> 1)) }
    return nil
  }

  func knownFloat(_ ref: Ref) throws(BuildFailure) -> ValueID? {
    guard case .value(let v) = state.resolve(ref) else { return nil }
    let n = graph[v]
    if n.type == .float { return v }
    if n.type != .tagged { return nil }
    if let f = state.facts[v]?.float { return f }
    if n.op == .tagFloat { return graph.operand(v, 0) }
    return nil
  }

  /// The value as a small integer; deoptimizes if it is none.
  func guardInt(_ ref: Ref) throws(BuildFailure) -> ValueID {
    if let i = try knownInt(ref) { return i }
    let v = try tagged(ref)
    let i = try emitGuard(.guardInt, v, DeoptReason.notInteger.rawValue)
    state.facts[v, default: Fact()].int = i
    return i
  }

  /// Whether a store of this value may make an old object refer to a young one.
  func needsBarrier(_ v: ValueID) -> Bool {
    switch graph[v].op {
    case .tagInt, .tagBool, .constTagged, .processMark: return false
    // Literals and the strings of one character are old from the start.
    case .literal, .loadCharacter: return false
    default: return true
    }
  }

  /// The value as a double; a known integer is converted, anything else must be a double or deoptimizes.
  func guardFloat(_ ref: Ref) throws(BuildFailure) -> ValueID {
    if let f = try knownFloat(ref) { return f }
    if let i = try knownInt(ref) {
      if graph[i].op == .constInt { return constant(.float(Double(graph[i].immediate).bitPattern)) }
      return try emit(.intToFloat, [i])
    }
    let v = try tagged(ref)
    if let field = fieldLoads[v], program.mayUnbox(field) { doubleFields.insert(field) }
    return try guardFloat(tagged: v)
  }

  /// The same of a value of which nothing is known.
  private func guardFloat(tagged v: ValueID) throws(BuildFailure) -> ValueID {
    let f = try emitGuard(.guardFloat, v, DeoptReason.notDouble.rawValue)
    state.facts[v, default: Fact()].float = f
    return f
  }

  /// The value as a double, which it must be, or deoptimizes: an integer is not converted.
  func exactDouble(_ ref: Ref) throws(BuildFailure) -> ValueID {
    if let f = try knownFloat(ref) { return f }
    return try guardFloat(tagged: tagged(ref))
  }

  /// The value as a tagged word. Allocates the object if it was virtual.
  func tagged(_ ref: Ref) throws(BuildFailure) -> ValueID {
    switch state.resolve(ref) {
    case .virtual(let id): return try materialize(id)
    case .value(let v):
      let n = graph[v]
      switch n.type {
      case .tagged, .none: return v
      case .int:
        if n.op == .constInt { return constant(.tagged(n.immediate << 1 | 1)) }
        let t = try emit(.tagInt, [v])
        state.facts[t, default: Fact()].int = v
        return t
      case .float:
        let t = try emit(.tagFloat, [v], state: frameState(at: pc))
        state.facts[t, default: Fact()].float = v
        return t
      case .bool:
        if n.op == .constBool { return constant(.tagged(n.immediate != 0 ? Int64(Word.true) : Int64(Word.false))) }
        return try emit(.tagBool, [v])
      }
    }
  }

  /// Deoptimizes unless the value is of this class; afterwards it is known to be.
  func guardClass(_ ref: Ref, _ classIndex: Int) throws(BuildFailure) {
    if knownClass(ref) == classIndex { return }
    switch classIndex {
    case WellKnownClass.integer.rawValue: _ = try guardInt(ref)
    case WellKnownClass.double.rawValue: _ = try guardFloat(ref)
    default:
      let c = try classTest(ref, classIndex, branching: false)
      if let c {
        try emit(.guardTrue, [c], DeoptReason.wrongClass.rawValue, state: frameState(at: pc))
      } else {
        let v = try tagged(ref)
        _ = try emitGuard(.guardClass, v, Int64(program.classFacts(classIndex).classWord))
      }
      try learnClass(ref, classIndex)
    }
  }

  /// A truth value that says if the value is of this class; nil (unless `branching`) where `guardClass` is
  /// the better instruction.
  func classTest(_ ref: Ref, _ classIndex: Int, branching: Bool) throws(BuildFailure) -> ValueID? {
    if case .value(let v) = state.resolve(ref), type(v) == .bool {
      switch classIndex {
      case WellKnownClass.true.rawValue: return v
      case WellKnownClass.false.rawValue: return try emit(.not, [v])
      default: return constant(.bool(false))
      }
    }
    if let known = knownClass(ref) { return constant(.bool(known == classIndex)) }
    let v = try tagged(ref)
    switch classIndex {
    case WellKnownClass.integer.rawValue: return try emit(.isInt, [v])
    case WellKnownClass.double.rawValue: return try emit(.isFloat, [v])
    case WellKnownClass.nil.rawValue: return try emit(.identical, [v, constant(.tagged(Int64(Word.nil)))])
    case WellKnownClass.true.rawValue: return try emit(.identical, [v, constant(.tagged(Int64(Word.true)))])
    case WellKnownClass.false.rawValue: return try emit(.identical, [v, constant(.tagged(Int64(Word.false)))])
    default:
      return branching ? try emit(.hasClass, [v], Int64(program.classFacts(classIndex).classWord)) : nil
    }
  }

  /// Records that a test for this class succeeded on this path.
  func learnClass(_ ref: Ref, _ classIndex: Int) throws(BuildFailure) {
    guard case .value(let v) = state.resolve(ref), type(v) == .tagged, knownClass(ref) == nil else { return }
    switch classIndex {
    case WellKnownClass.integer.rawValue: state.facts[v, default: Fact()].int = try emit(.untagInt, [v])
    case WellKnownClass.double.rawValue: state.facts[v, default: Fact()].float = try emit(.untagFloat, [v])
    default: setClass(v, classIndex)
    }
  }
}
