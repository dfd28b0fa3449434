// Integer: arithmetic, comparison, conversion. With a double, both are doubles. Each operation is given for integers of
// 64 bits, if that does not overflow, for all integers, and for doubles.

import BigInt
import Foundation

extension Primitives {
  static let integers: [String: Primitive] = [
    "Integer>>+": arithmetic({ $0.addingReportingOverflow($1) }, { $0 + $1 }, { $0 + $1 }),
    "Integer>>-": arithmetic({ $0.subtractingReportingOverflow($1) }, { $0 - $1 }, { $0 - $1 }),
    "Integer>>*": arithmetic({ $0.multipliedReportingOverflow(by: $1) }, { $0 * $1 }, { $0 * $1 }),
    "Integer>>/": division(
      { $0.dividedReportingOverflow(by: $1) }, { $0.quotientAndRemainder(dividingBy: $1).quotient }, { $0 / $1 }),
    // The sign of the divisor.
    "Integer>>%": division(
      { signed(like: $1, $0.remainderReportingOverflow(dividingBy: $1)) },
      {
        let r = $0.quotientAndRemainder(dividingBy: $1).remainder
        return r != 0 && (r < 0) != ($1 < 0) ? r + $1 : r
      }, { fmod($0, $1) }),
    // The sign of the dividend.
    "Integer>>rem:": division(
      { $0.remainderReportingOverflow(dividingBy: $1) }, { $0.quotientAndRemainder(dividingBy: $1).remainder },
      { fmod($0, $1) }),
    "Integer>>//": Primitive { call throws(Unwinding) in
      if call.arguments[0].integer == 0 { return try call.raise(.divisionByZero) }
      guard let a = call.receiver.integer, let b = call.arguments[0].integer else {
        return try call.doubles { $0 / $1 }
      }
      // Quotients of integers too big for doubles: both are shifted into range.
      let shift = max(0, max(a.magnitude.bitWidth, b.magnitude.bitWidth) - 1000)
      return .double(nearestDouble(shifted(a, shift)) / nearestDouble(shifted(b, shift)))
    },
    "Integer>>=": equality(negated: false), "Double>>=": equality(negated: false),
    "Integer>>~=": equality(negated: true), "Double>>~=": equality(negated: true),
    "Integer>><>": equality(negated: true), "Double>><>": equality(negated: true),
    "Integer>>==": identity, "Double>>==": identity,
    "Integer>><": comparison({ $0 < $1 }, { $0 < $1 }, { $0 < $1 }),
    "Double>><": comparison({ $0 < $1 }, { $0 < $1 }, { $0 < $1 }),
    "Integer>>>": comparison({ $0 > $1 }, { $0 > $1 }, { $0 > $1 }),
    "Double>>>": comparison({ $0 > $1 }, { $0 > $1 }, { $0 > $1 }),
    "Integer>><=": comparison({ $0 <= $1 }, { $0 <= $1 }, { $0 <= $1 }),
    "Double>><=": comparison({ $0 <= $1 }, { $0 <= $1 }, { $0 <= $1 }),
    "Integer>>>=": comparison({ $0 >= $1 }, { $0 >= $1 }, { $0 >= $1 }),
    "Double>>>=": comparison({ $0 >= $1 }, { $0 >= $1 }, { $0 >= $1 }),
    "Integer>>sqrt": Primitive { call throws(Unwinding) in
      guard let n = call.receiver.integer else { return try call.wrongReceiver() }
      if n < 0 { return .double(.nan) }
      let root = n.squareRoot()
      if root * root == n { return .integer(root) }
      return .double(n.bitWidth > 1000 ? nearestDouble(root) : nearestDouble(n).squareRoot())
    },
    "Integer>>asString": Primitive { call throws(Unwinding) in
      guard let n = call.receiver.integer else { return try call.wrongReceiver() }
      return call.machine.string(n.description)
    },
    "Integer>>asDouble": Primitive { call throws(Unwinding) in
      guard let n = call.receiver.integer else { return try call.wrongReceiver() }
      return .double(nearestDouble(n))
    },
    "Integer>>hashcode": Primitive { call throws(Unwinding) in call.receiver },
    "Integer>>atRandom": Primitive { _ throws(Unwinding) in throw .limit("a random number") },
    "Integer class>>fromString:": Primitive { call throws(Unwinding) in
      guard let text = call.arguments[0].text else { return try call.wrongArgument(needs: "a string") }
      let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
      guard !digits.isEmpty, digits.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }), let n = BigInt(text) else {
        return try call.raise(.wrongArgument("'\(text)' cannot be converted to an Integer."))
      }
      return .integer(n)
    },
  ]

  static let identity = Primitive { call throws(Unwinding) in
    call.machine.boolean(call.receiver.isIdentical(to: call.arguments[0]))
  }

  private typealias SmallOperation = @Sendable (Int, Int) -> (partialValue: Int, overflow: Bool)

  /// Both are integers of 64 bits, and the result is one.
  private static func small(_ call: PrimitiveCall, _ operation: SmallOperation) -> Value? {
    guard let a = call.receiver.smallInteger, let b = call.arguments[0].smallInteger else { return nil }
    let result = operation(a, b)
    return result.overflow ? nil : .small(result.partialValue)
  }

  private static func signed(
    like divisor: Int, _ remainder: (partialValue: Int, overflow: Bool)
  ) -> (partialValue: Int, overflow: Bool) {
    let r = remainder.partialValue
    return (r != 0 && (r < 0) != (divisor < 0) ? r + divisor : r, remainder.overflow)
  }

  private static func arithmetic(
    _ smalls: @escaping SmallOperation,
    _ integers: @escaping @Sendable (BigInt, BigInt) -> BigInt,
    _ doubles: @escaping @Sendable (Double, Double) -> Double
  ) -> Primitive {
    Primitive { call throws(Unwinding) in
      if let result = small(call, smalls) { return result }
      guard let a = call.receiver.integer, let b = call.arguments[0].integer else { return try call.doubles(doubles) }
      if a.magnitude.bitWidth + b.magnitude.bitWidth > 100_000 { throw .limit("an integer of 100,000 bits") }
      return .integer(integers(a, b))
    }
  }

  private static func division(
    _ smalls: @escaping SmallOperation,
    _ integers: @escaping @Sendable (BigInt, BigInt) -> BigInt,
    _ doubles: @escaping @Sendable (Double, Double) -> Double
  ) -> Primitive {
    Primitive { call throws(Unwinding) in
      if call.arguments[0].smallInteger == 0 { return try call.raise(.divisionByZero) }
      if let result = small(call, smalls) { return result }
      guard let a = call.receiver.integer, let b = call.arguments[0].integer else { return try call.doubles(doubles) }
      return .integer(integers(a, b))
    }
  }

  private static func comparison(
    _ smalls: @escaping @Sendable (Int, Int) -> Bool, _ integers: @escaping @Sendable (BigInt, BigInt) -> Bool,
    _ doubles: @escaping @Sendable (Double, Double) -> Bool
  ) -> Primitive {
    Primitive { call throws(Unwinding) in
      if let a = call.receiver.smallInteger, let b = call.arguments[0].smallInteger {
        return call.machine.boolean(smalls(a, b))
      }
      if let a = call.receiver.integer, let b = call.arguments[0].integer {
        return call.machine.boolean(integers(a, b))
      }
      guard let a = asDouble(call.receiver), let b = asDouble(call.arguments[0]) else { return try call.noNumbers() }
      return call.machine.boolean(doubles(a, b))
    }
  }

  /// By value; nothing else equals a number.
  private static func equality(negated: Bool) -> Primitive {
    Primitive { call throws(Unwinding) in
      var equal = false
      if let a = call.receiver.smallInteger, let b = call.arguments[0].smallInteger {
        equal = a == b
      } else if let a = call.receiver.integer, let b = call.arguments[0].integer {
        equal = a == b
      } else if let a = asDouble(call.receiver), let b = asDouble(call.arguments[0]) {
        equal = a == b
      }
      return call.machine.boolean(equal != negated)
    }
  }

  static func asDouble(_ value: Value) -> Double? { value.double ?? value.integer.map(nearestDouble) }

  /// The even one of two that are as near; infinite beyond the range of doubles.
  static func nearestDouble(_ n: BigInt) -> Double { Double(n.description) ?? .nan }

  /// Towards zero.
  private static func shifted(_ n: BigInt, _ count: Int) -> BigInt {
    BigInt(sign: n.sign, magnitude: n.magnitude >> count)
  }
}

extension PrimitiveCall {
  /// Both operands as doubles.
  func doubles(_ operation: (Double, Double) -> Double) throws(Unwinding) -> Value {
    guard let a = Primitives.asDouble(receiver), let b = Primitives.asDouble(arguments[0]) else {
      return try noNumbers()
    }
    for (number, value) in [(a, receiver), (b, arguments[0])] where number.isInfinite && value.double == nil {
      return try raise(.other("Can't represent as double."))
    }
    return .double(operation(a, b))
  }

  func noNumbers() throws(Unwinding) -> Value {
    Primitives.asDouble(receiver) == nil ? try wrongReceiver() : try wrongArgument(needs: "a number")
  }
}
