// Arithmetic and comparison instructions: integers if that is all they have seen, doubles if they have seen
// those, otherwise the send they stand for.

import Bytecode
import IR
import MachineLayout

extension GraphBuilder {
  enum Arithmetic {
    case add, subtract, multiply, divide, modulo, bitAnd
    /// `//` on integers, `/` on doubles.
    case divideFloat
    case remainder
  }

  /// Requires the row of an operator.
  func operatorInstruction(_ info: OpcodeInfo, _ i: Instruction) throws(BuildFailure) {
    let left = register(i.b)
    let right = info.c == .immediate ? int(i.c) : register(i.c)
    func arithmetic(_ kind: Arithmetic) throws(BuildFailure) {
      try numeric(i, left, right) { () throws(BuildFailure) in try self.arithmetic(kind, left, right) }
    }
    func comparison(_ c: Comparison) throws(BuildFailure) {
      try numeric(i, left, right) { () throws(BuildFailure) in try compare(c, left, right) }
    }
    switch info.operator {
    case .add: try arithmetic(.add)
    case .subtract: try arithmetic(.subtract)
    case .multiply: try arithmetic(.multiply)
    case .divide: try arithmetic(.divide)
    case .modulo: try arithmetic(.modulo)
    case .bitAnd: try arithmetic(.bitAnd)
    case .less: try comparison(.less)
    case .lessOrEqual: try comparison(.lessOrEqual)
    case .greater: try comparison(.greater)
    case .greaterOrEqual: try comparison(.greaterOrEqual)
    case .equal: try comparison(.equal)
    case .notEqual: try comparison(.notEqual)
    case .identical: setRegister(i.a, try identical(left, right))
    case nil: try deopt(.unsupported)
    }
  }

  /// The fast path where the operands look like numbers, else the send.
  private func numeric(
    _ i: Instruction, _ left: Ref, _ right: Ref, _ fast: () throws(BuildFailure) -> Ref?
  ) throws(BuildFailure) {
    let site = Int(context.chunk.siteAtPC[pc])
    let feedback = program.feedback(context.facts.id, site: site)
    let isNumber: (Int) -> Bool = { $0 == WellKnownClass.integer.rawValue || $0 == WellKnownClass.double.rawValue }
    let known = knownClass(left)
    let others = feedback.megamorphic || feedback.entries.contains { !isNumber($0.classIndex) }
    if known.map(isNumber) ?? !others {
      if let result = try fast() {
        if block != nil { setRegister(i.a, result) }
        return
      }
    }
    var continuations: [PendingEdge] = []
    try dispatch(
      site: site, selector: context.facts.siteSelectors[site], [left, right], i.a, alsoInteger: true,
      &continuations)
    try join(continuations)
  }

  private func failed(_ reason: DeoptReason) -> Bool {
    program.failures(context.facts.id, pc: pc).contains(reason.rawValue)
  }

  /// True if the site should work on doubles.
  private func wantsFloat(_ left: Ref, _ right: Ref) throws(BuildFailure) -> Bool {
    if try knownFloat(left) != nil { return true }
    if try knownFloat(right) != nil { return true }
    if try knownInt(left) != nil, try knownInt(right) != nil { return false }
    if failed(.notInteger) && !failed(.notDouble) { return true }
    let site = context.chunk.siteAtPC[pc]
    if site == BytecodeChunk.noSite { return false }
    return program.feedback(context.facts.id, site: Int(site)).entries.contains {
      $0.classIndex == WellKnownClass.double.rawValue
    }
  }

  private func mayGuard(_ refs: [Ref], float: Bool) throws(BuildFailure) -> Bool {
    guard failed(float ? .notDouble : .notInteger) else { return true }
    for r in refs {
      let hasInt = try knownInt(r) != nil
      let hasFloat = try knownFloat(r) != nil
      if !(hasInt || (float && hasFloat)) { return false }
    }
    return true
  }

  /// nil: the send must be made.
  func arithmetic(_ kind: Arithmetic, _ left: Ref, _ right: Ref) throws(BuildFailure) -> Ref? {
    if try wantsFloat(left, right) {
      let op: Op
      switch kind {
      case .add: op = .addFloat
      case .subtract: op = .subtractFloat
      case .multiply: op = .multiplyFloat
      case .divide, .divideFloat: op = .divideFloat
      default: return nil
      }
      guard try mayGuard([left, right], float: true) else { return nil }
      if op == .divideFloat, try knownFloat(right) == nil, let b = try knownInt(right), try !guardNonzero(b) {
        return nil
      }
      return .value(try emit(op, [guardFloat(left), guardFloat(right)]))
    }
    guard try mayGuard([left, right], float: false), !failed(.overflow) else { return nil }
    let a = try guardInt(left)
    let b = try guardInt(right)
    switch kind {
    case .add, .subtract, .multiply:
      let op: Op = kind == .add ? .addInt : kind == .subtract ? .subtractInt : .multiplyInt
      return .value(try emit(op, [a, b], state: frameState(at: pc)))
    case .bitAnd: return .value(try emit(.andInt, [a, b]))
    case .divideFloat:
      guard try guardNonzero(b) else { return nil }
      return .value(try emit(.divideFloat, [emit(.intToFloat, [a]), emit(.intToFloat, [b])]))
    case .divide, .modulo, .remainder:
      guard try guardNonzero(b) else { return nil }
      let op: Op = kind == .divide ? .divideInt : kind == .modulo ? .moduloInt : .remainderInt
      return .value(try emit(op, [a, b], state: frameState(at: pc)))
    }
  }

  /// An integer divisor must not be 0, which is an error, also of a double. False: it has been 0 here before.
  private func guardNonzero(_ divisor: ValueID) throws(BuildFailure) -> Bool {
    if graph[divisor].op == .constInt, graph[divisor].immediate != 0 { return true }
    if failed(.divisionByZero) { return false }
    let nonzero = try emit(.compareInt, [divisor, constant(.int(0))], Comparison.notEqual.rawValue)
    try emit(.guardTrue, [nonzero], DeoptReason.divisionByZero.rawValue, state: frameState(at: pc))
    return true
  }

  /// nil: the send must be made.
  func compare(_ c: Comparison, _ left: Ref, _ right: Ref) throws(BuildFailure) -> Ref? {
    if c == .equal || c == .notEqual {
      // A number is never equal to nil, true, false or an object of another class.
      if let r = knownClass(right), r != WellKnownClass.integer.rawValue, r != WellKnownClass.double.rawValue {
        return nil
      }
    }
    if try wantsFloat(left, right) {
      guard try mayGuard([left, right], float: true) else { return nil }
      return .value(try emit(.compareFloat, [guardFloat(left), guardFloat(right)], c.rawValue))
    }
    guard try mayGuard([left, right], float: false) else { return nil }
    let a = try guardInt(left)
    let b = try guardInt(right)
    if graph[a].op == .constInt, graph[b].op == .constInt {
      return .value(constant(.bool(c.holds(graph[a].immediate, graph[b].immediate))))
    }
    return .value(try emit(.compareInt, [a, b], c.rawValue))
  }

  /// `==`. Integers compare by value, so two large ones need more than a compare of words.
  func identical(_ left: Ref, _ right: Ref) throws(BuildFailure) -> Ref {
    let (l, r) = (state.resolve(left), state.resolve(right))
    if l == r, knownClass(l) != WellKnownClass.double.rawValue { return .value(constant(.bool(true))) }
    // An object that nobody else has seen is identical only to itself.
    switch (l, r) {
    case (.virtual, _), (_, .virtual): return .value(constant(.bool(false)))
    default: break
    }
    if let a = try knownInt(l), let b = try knownInt(r) {
      return .value(try emit(.compareInt, [a, b], Comparison.equal.rawValue))
    }
    func comparesByWord(_ ref: Ref) throws(BuildFailure) -> Bool {
      if case .value(let v) = ref, type(v) == .bool { return true }
      if try knownInt(ref) != nil { return true }
      guard let c = knownClass(ref) else { return false }
      return c != WellKnownClass.integer.rawValue && c != WellKnownClass.double.rawValue
    }
    let a = try tagged(l)
    let b = try tagged(r)
    let safeLeft = try comparesByWord(l)
    let safeRight = try comparesByWord(r)
    if !safeLeft && !safeRight {
      for c in [WellKnownClass.integer.rawValue, WellKnownClass.double.rawValue] {
        let word = Int64(ClassWord(index: c, format: .words).bits)
        let boxed = try emit(.hasClass, [a], word)
        try emit(
          .guardTrue, [emit(.not, [boxed])], DeoptReason.unsupported.rawValue, state: frameState(at: pc))
      }
    }
    return .value(try emit(.identical, [a, b]))
  }
}
