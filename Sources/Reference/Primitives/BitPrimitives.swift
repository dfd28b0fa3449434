// Integer, bit by bit, from the definition of two's complement: nothing here relies on how big integers do it.

import BigInt

/// A two's complement number as words, least significant first; the last one has the sign.
private struct TwosComplement {
  let words: [UInt]

  /// Of at least `count` words.
  init(_ n: BigInt, count: Int) {
    let magnitude = Array(n.magnitude.words)
    var words = magnitude + Array(repeating: 0, count: max(count, magnitude.count + 1) - magnitude.count)
    if n < 0 {
      var carry = true
      for i in words.indices {
        let (sum, overflow) = (~words[i]).addingReportingOverflow(carry ? 1 : 0)
        words[i] = sum
        carry = overflow
      }
    }
    self.words = words
  }

  static func value(_ words: [UInt]) -> BigInt {
    var result = BigInt(0)
    for word in words.dropLast().reversed() { result = result * (BigInt(1) << 64) + BigInt(word) }
    let top = BigInt(Int(bitPattern: words[words.count - 1]))
    return top * power(64 * (words.count - 1)) + result
  }

  static func power(_ bits: Int) -> BigInt { BigInt(2).power(bits) }
}

extension Primitives {
  static let bits: [String: Primitive] = [
    "Integer>>&": operation { $0 & $1 },
    "Integer>>|": operation { $0 | $1 },
    "Integer>>bitXor:": operation { $0 ^ $1 },
    "Integer>><<": Primitive { call throws(Unwinding) in
      guard let n = call.receiver.integer else { return try call.wrongReceiver() }
      guard let count = try call.shiftCount() else { return try call.badShift() }
      if n == 0 { return Value(0) }
      if count > 100_000 { throw .limit("a shift by \(count)") }
      return .integer(n * BigInt(2).power(count))
    },
    // Logical on 64 bits; an integer that needs more keeps its sign.
    "Integer>>>>>": Primitive { call throws(Unwinding) in
      guard let n = call.receiver.integer else { return try call.wrongReceiver() }
      guard let count = try call.shiftCount() else { return try call.badShift() }
      if count == 0 { return call.receiver }
      if let small = Int64(exactly: n) {
        return .integer(BigInt(count > 63 ? 0 : UInt64(bitPattern: small) >> UInt64(count)))
      }
      if count > 200_000 { return Value(n < 0 ? -1 : 0) }
      let divisor = BigInt(2).power(count)
      let (q, r) = n.quotientAndRemainder(dividingBy: divisor)
      return .integer(r < 0 ? q - 1 : q)
    },
    "Integer>>as32BitSignedValue": Primitive { call throws(Unwinding) in
      guard let n = call.receiver.integer else { return try call.wrongReceiver() }
      return Value(Int(Int32(truncatingIfNeeded: TwosComplement(n, count: 1).words[0])))
    },
    "Integer>>as32BitUnsignedValue": Primitive { call throws(Unwinding) in
      guard let n = call.receiver.integer else { return try call.wrongReceiver() }
      return Value(Int(UInt32(truncatingIfNeeded: TwosComplement(n, count: 1).words[0])))
    },
  ]

  private static func operation(_ combine: @escaping @Sendable (UInt, UInt) -> UInt) -> Primitive {
    Primitive { call throws(Unwinding) in
      guard let a = call.receiver.integer else { return try call.wrongReceiver() }
      guard let b = call.arguments[0].integer else { return try call.wrongArgument(needs: "an integer") }
      let count = max(a.magnitude.words.count, b.magnitude.words.count) + 1
      let x = TwosComplement(a, count: count).words, y = TwosComplement(b, count: count).words
      return .integer(TwosComplement.value(zip(x, y).map(combine)))
    }
  }
}

extension PrimitiveCall {
  fileprivate func shiftCount() throws(Unwinding) -> Int? {
    guard let count = arguments[0].smallInteger, count >= 0, count <= 1 << 28 else { return nil }
    return count
  }
  fileprivate func badShift() throws(Unwinding) -> Value {
    guard let count = arguments[0].integer else { return try wrongArgument(needs: "a whole number") }
    return try raise(.wrongArgument(count < 0 ? "Negative shift." : "Shift too big."))
  }
}
