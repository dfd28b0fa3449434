// An integer of 448 bits, as at school: what long integers are compared with. It shares nothing with the BigInt package.

struct WideInteger: Equatable, Comparable {
  private static let count = 7
  /// Two's complement, least significant first.
  private(set) var digits = [UInt64](repeating: 0, count: count)

  init(_ value: Int = 0) {
    if value < 0 { digits = [UInt64](repeating: .max, count: Self.count) }
    digits[0] = UInt64(bitPattern: Int64(value))
  }

  var isNegative: Bool { digits[Self.count - 1] >> 63 != 0 }
  var isZero: Bool { digits.allSatisfy { $0 == 0 } }
  var low64: UInt64 { digits[0] }
  var magnitude: WideInteger { isNegative ? -self : self }
  func bit(_ i: Int) -> Bool { digits[i / 64] >> UInt64(i % 64) & 1 != 0 }
  /// Bits of the magnitude.
  var width: Int {
    let m = magnitude
    guard let top = m.digits.lastIndex(where: { $0 != 0 }) else { return 0 }
    return 64 * top + 64 - m.digits[top].leadingZeroBitCount
  }

  static func + (a: WideInteger, b: WideInteger) -> WideInteger {
    var result = WideInteger()
    var carry: UInt64 = 0
    for i in 0..<count {
      let (sum, overflow) = a.digits[i].addingReportingOverflow(b.digits[i])
      let (total, again) = sum.addingReportingOverflow(carry)
      result.digits[i] = total
      carry = overflow || again ? 1 : 0
    }
    return result
  }

  static prefix func ~ (a: WideInteger) -> WideInteger { a.bitwise(a) { x, _ in ~x } }
  static prefix func - (a: WideInteger) -> WideInteger { ~a + WideInteger(1) }
  static func - (a: WideInteger, b: WideInteger) -> WideInteger { a + -b }

  static func * (a: WideInteger, b: WideInteger) -> WideInteger {
    var result = WideInteger()
    for i in 0..<count {
      var carry: UInt64 = 0
      for j in 0..<count - i {
        let (high, low) = a.digits[i].multipliedFullWidth(by: b.digits[j])
        let (sum, overflow) = low.addingReportingOverflow(result.digits[i + j])
        let (total, again) = sum.addingReportingOverflow(carry)
        result.digits[i + j] = total
        carry = high &+ (overflow ? 1 : 0) &+ (again ? 1 : 0)
      }
    }
    return result
  }

  static func < (a: WideInteger, b: WideInteger) -> Bool {
    if a.isNegative != b.isNegative { return a.isNegative }
    for i in (0..<count).reversed() where a.digits[i] != b.digits[i] { return a.digits[i] < b.digits[i] }
    return false
  }

  func bitwise(_ other: WideInteger, _ operation: (UInt64, UInt64) -> UInt64) -> WideInteger {
    var result = WideInteger()
    for i in 0..<Self.count { result.digits[i] = operation(digits[i], other.digits[i]) }
    return result
  }

  func shiftedLeft(_ n: Int) -> WideInteger {
    var result = WideInteger()
    for i in n / 64..<Self.count {
      let low = i - n / 64
      // A shift by 64 gives 0.
      result.digits[i] = digits[low] << UInt64(n % 64) | (low > 0 ? digits[low - 1] >> UInt64(64 - n % 64) : 0)
    }
    return result
  }

  /// Rounds down.
  func shiftedRight(_ n: Int) -> WideInteger {
    var result = WideInteger()
    let fill: UInt64 = isNegative ? .max : 0
    func digit(_ i: Int) -> UInt64 { i < Self.count ? digits[i] : fill }
    for i in 0..<Self.count {
      let low = i + n / 64
      result.digits[i] = digit(low) >> UInt64(n % 64) | digit(low + 1) << UInt64(64 - n % 64)
    }
    return result
  }

  /// Truncates, one bit at a time. Requires: divisor is not 0.
  func quotientAndRemainder(_ divisor: WideInteger) -> (WideInteger, WideInteger) {
    let a = magnitude, b = divisor.magnitude
    var quotient = WideInteger(), rest = WideInteger()
    for i in (0..<a.width).reversed() {
      rest = rest.shiftedLeft(1)
      if a.bit(i) { rest.digits[0] |= 1 }
      if rest >= b {
        rest = rest - b
        quotient.digits[i / 64] |= 1 << UInt64(i % 64)
      }
    }
    return (isNegative == divisor.isNegative ? quotient : -quotient, isNegative ? -rest : rest)
  }

  var text: String {
    let group: UInt64 = 1_000_000_000_000_000_000
    var rest = magnitude.digits, groups: [String] = []
    while rest.contains(where: { $0 != 0 }) {
      var carry: UInt64 = 0
      for i in rest.indices.reversed() { (rest[i], carry) = group.dividingFullWidth((carry, rest[i])) }
      groups.append(String(carry))
    }
    guard let first = groups.popLast() else { return "0" }
    let padded = groups.reversed().map { String(repeating: "0", count: 18 - $0.count) + $0 }
    return (isNegative ? "-" : "") + first + padded.joined()
  }
}
