// Numbers as text, both ways: what `asString` prints and what `fromString:` reads.

import BigInt
import Foundation

public enum NumberText {
  /// The shortest text that reads back as the same double, with at least one decimal.
  public static func print(_ d: Double) -> String {
    if d.isNaN { return "NaN" }
    if d.isInfinite { return d < 0 ? "-inf" : "inf" }
    // Swift writes 1e+18 and 1e-05.
    var text = d.description.replacing("e+", with: "e").replacing("e-0", with: "e-")
    if !text.contains("."), let e = text.firstIndex(of: "e") { text.insert(contentsOf: ".0", at: e) }
    return text
  }

  /// An optional sign and decimal digits; nil for anything else.
  static func parseInteger(
    _ text: some Sequence<UInt8>, _ arithmetic: LongArithmetic
  ) throws(LongArithmetic.Stop) -> BigInt? {
    var digits = Array(text)[...]
    let isNegative = digits.first == UInt8(ascii: "-")
    if isNegative { digits.removeFirst() }
    guard !digits.isEmpty, digits.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return nil }
    if digits.count <= 18 {
      let magnitude = digits.reduce(0) { $0 * 10 + Int($1 - 48) }
      return BigInt(isNegative ? -magnitude : magnitude)
    }
    return BigInt(sign: isNegative ? .minus : .plus, magnitude: try arithmetic.parse(digits: digits))
  }

  /// An optional sign, digits, and perhaps decimals and an exponent, or what infinities print; NaN for anything else.
  public static func parseDouble(_ text: some Sequence<UInt8>) -> Double {
    let bytes = Array(text)
    if bytes == Array("inf".utf8) { return .infinity }
    if bytes == Array("-inf".utf8) { return -.infinity }
    let allowed = Set("+-.eE0123456789".utf8)
    guard let last = bytes.last, last >= 48 && last <= 57, bytes.allSatisfy(allowed.contains) else {
      return .nan
    }
    return Double(String(decoding: bytes, as: UTF8.self)) ?? .nan
  }
}

extension Double {
  /// The nearest double, the even one of two; infinite beyond the range of doubles.
  init(nearest big: BigInt) {
    let magnitude = big.magnitude
    let excess = magnitude.bitWidth - 64
    if excess <= 0 {
      self = Double(UInt64(magnitude))
    } else {
      // 64 bits are more than a double has; whether there is anything below them decides where they are in the middle.
      let top = magnitude >> excess
      let isExact = top << excess == magnitude
      self = scalbn(Double(UInt64(top) | (isExact ? 0 : 1)), excess)
    }
    if big.sign == .minus { negate() }
  }
}
