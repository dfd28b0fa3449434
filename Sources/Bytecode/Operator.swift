// Selectors with instructions of their own: a fast path, and otherwise the send. Which instructions they are is in the
// rows of `Opcode.table`.

import Syntax

public enum Operator: String, CaseIterable, Sendable {
  case add = "+"
  case subtract = "-"
  case multiply = "*"
  case divide = "/"
  case modulo = "%"
  case bitAnd = "&"
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
  case equal = "="
  case notEqual = "~="
  case identical = "=="

  private struct Form: Hashable {
    let selector: Operator
    let hasImmediate: Bool
    let isFused: Bool
  }
  private static let opcodes: [Form: Opcode] = {
    var result: [Form: Opcode] = [:]
    for op in Opcode.allCases {
      guard let selector = op.info.operator else { continue }
      result[Form(selector: selector, hasImmediate: op.info.c == .immediate, isFused: op.info.isFused)] = op
    }
    return result
  }()

  /// The instruction for this form, if there is one. Fused: with the conditional jump that follows.
  public func opcode(immediate: Bool = false, fused: Bool = false) -> Opcode? {
    Self.opcodes[Form(selector: self, hasImmediate: immediate, isFused: fused)]
  }

  /// The right operand if it is an integer that need not be evaluated before the instruction itself: an immediate
  /// operand, or one that is loaded directly before.
  func immediate(_ right: Expression) -> Int? {
    guard case .literal(.integer(let value), _) = right, Int16(exactly: value) != nil else { return nil }
    return opcode(immediate: true) != nil || opcode(immediate: true, fused: true) != nil ? value : nil
  }
}
