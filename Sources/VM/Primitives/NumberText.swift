// Numbers as text, both ways: what `asString` prints and what `fromString:` reads.

import BigInt

public enum NumberText {
  /// The shortest text that reads back as the same double, with at least one decimal.
  public static func print(_ d: Double) -> String {
    if d.isNaN { return "NaN" }
    if d.isInfinite { return d < 0 ? "-Infinity" : "Infinity" }
    // Swift writes 1e+18.
    return d.description.replacing("e+", with: "e")
  }

  /// An optional sign and decimal digits; nil for anything else.
  public static func parseInteger(_ text: some Sequence<UInt8>) -> BigInt? {
    var digits = Array(text)
    let isNegative = digits.first == UInt8(ascii: "-")
    if isNegative { digits.removeFirst() }
    guard !digits.isEmpty, digits.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return nil }
    if digits.count <= 18 {
      let magnitude = digits.reduce(0) { $0 * 10 + Int($1 - 48) }
      return BigInt(isNegative ? -magnitude : magnitude)
    }
    return BigInt((isNegative ? "-" : "") + String(decoding: digits, as: UTF8.self))
  }

  /// An optional sign, digits, and perhaps decimals and an exponent; NaN for anything else.
  public static func parseDouble(_ text: some Sequence<UInt8>) -> Double {
    let bytes = Array(text)
    let allowed = Set("+-.eE0123456789".utf8)
    guard let last = bytes.last, last >= 48 && last <= 57, bytes.allSatisfy(allowed.contains) else {
      return .nan
    }
    return Double(String(decoding: bytes, as: UTF8.self)) ?? .nan
  }
}
