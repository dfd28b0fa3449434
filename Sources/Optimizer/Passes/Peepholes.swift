// What single instructions simplify to, given their operands.

import IR
import MachineLayout

enum Simplified {
  case unchanged
  /// The instruction's value is this one.
  case value(ValueID)
  case int(Int64)
  case bool(Bool)
  /// The instruction does nothing.
  case removed
}

func simplify(_ v: ValueID, _ graph: Graph) -> Simplified {
  let n = graph[v]
  func operand(_ i: Int) -> Node { graph[graph.operand(v, i)] }
  func inner(_ i: Int) -> ValueID { graph.operand(graph.operand(v, i), 0) }
  switch n.op {
  // tagInt(untagInt x) => x; a guarded integer is the word it was guarded on.
  case .tagInt:
    if [.untagInt, .guardInt].contains(operand(0).op) { return .value(inner(0)) }
  case .tagFloat:
    if [.untagFloat, .guardFloat].contains(operand(0).op) { return .value(inner(0)) }
  case .untagInt, .guardInt:
    if operand(0).op == .tagInt { return .value(inner(0)) }
    if operand(0).op == .constTagged, operand(0).immediate & 1 != 0 { return .int(operand(0).immediate >> 1) }
  case .untagFloat, .guardFloat:
    if operand(0).op == .tagFloat { return .value(inner(0)) }
  case .guardClass:
    // An object allocated here has the class it was allocated with.
    if [.allocate, .allocateArray].contains(operand(0).op), operand(0).immediate == n.immediate {
      return .value(graph.operand(v, 0))
    }
  case .isInt:
    if operand(0).op == .tagInt { return .bool(true) }
    if [.allocate, .allocateArray, .tagFloat].contains(operand(0).op) { return .bool(false) }
    if operand(0).op == .constTagged { return .bool(operand(0).immediate & 1 != 0) }
  case .hasClass:
    if [.allocate, .allocateArray].contains(operand(0).op) { return .bool(operand(0).immediate == n.immediate) }
    if [.tagInt, .tagBool, .constTagged].contains(operand(0).op) { return .bool(false) }
  case .isTrue:
    if operand(0).op == .tagBool { return .value(inner(0)) }
    if operand(0).op == .constTagged { return .bool(operand(0).immediate == Int64(Word.true)) }
  case .identical:
    let (a, b) = (graph.operand(v, 0), graph.operand(v, 1))
    if a == b { return .bool(true) }
    if operand(0).op == .constTagged && operand(1).op == .constTagged {
      return .bool(operand(0).immediate == operand(1).immediate)
    }
  case .not:
    if operand(0).op == .not { return .value(inner(0)) }
    if operand(0).op == .constBool { return .bool(operand(0).immediate == 0) }
  case .guardTrue:
    if operand(0).op == .constBool && operand(0).immediate != 0 { return .removed }
  case .compareInt:
    if operand(0).op == .constInt && operand(1).op == .constInt, let c = n.comparison {
      return .bool(c.holds(operand(0).immediate, operand(1).immediate))
    }
  case .isInBounds:
    if operand(0).op == .constInt && operand(1).op == .constInt {
      return .bool(operand(0).immediate >= 0 && operand(0).immediate < operand(1).immediate)
    }
  case .addInt, .subtractInt:
    if operand(1).op == .constInt && operand(1).immediate == 0 { return .value(graph.operand(v, 0)) }
    if operand(0).op == .constInt && operand(1).op == .constInt {
      let (x, y) = (operand(0).immediate, operand(1).immediate)
      // 63-bit operands: the sum fits 64 bits.
      let r = n.op == .addInt ? x + y : x - y
      if r >= -(1 << 62) && r < 1 << 62 { return .int(r) }
    }
  default: break
  }
  return .unchanged
}

extension Comparison {
  func holds(_ x: Int64, _ y: Int64) -> Bool {
    switch self {
    case .less: return x < y
    case .lessOrEqual: return x <= y
    case .greater: return x > y
    case .greaterOrEqual: return x >= y
    case .equal: return x == y
    case .notEqual: return x != y
    }
  }
}
