// Numbers as text, both ways: what `asString` prints and what `fromString:` reads.

import BigInt
import Foundation

public enum NumberText {
  /// The shortest text that reads back as the same double, with at least one decimal.
  public static func print(_ d: Double) -> String {
    if d.isNaN { return "NaN" }
    if d.isInfinite { return d < 0 ? "-inf" : "inf" }
    let text = d.description
    guard text.utf8.contains(UInt8(ascii: "e")) else { return text }
    // Swift writes 1e+18 and 1e-05.
    var scientific = text.replacing("e+", with: "e").replacing("e-0", with: "e-")
    if !text.contains("."), let e = scientific.firstIndex(of: "e") { scientific.insert(contentsOf: ".0", at: e) }
    return scientific
  }

  /// An optional sign and decimal digits; nil for anything else.
  static func parseInteger(
    _ text: some Collection<UInt8>, _ arithmetic: LongArithmetic
  ) throws(LongArithmetic.Stop) -> BigInt? {
    if let short = parseShortInteger(text) { return BigInt(short) }
    guard let (isNegative, digits) = signAndDigits(text) else { return nil }
    return BigInt(sign: isNegative ? .minus : .plus, magnitude: try arithmetic.parse(digits: Array(digits)[...]))
  }

  /// The same, if it has at most 18 digits.
  static func parseShortInteger(_ text: some Collection<UInt8>) -> Int? {
    guard text.count <= 19, let (isNegative, digits) = signAndDigits(text), digits.count <= 18 else { return nil }
    let magnitude = digits.reduce(0) { $0 * 10 + Int($1 - 48) }
    return isNegative ? -magnitude : magnitude
  }

  private static func signAndDigits<Text: Collection<UInt8>>(
    _ text: Text
  ) -> (isNegative: Bool, digits: Text.SubSequence)? {
    let isNegative = text.first == UInt8(ascii: "-")
    let digits = text.dropFirst(isNegative ? 1 : 0)
    return digits.isEmpty || !digits.allSatisfy(isDigit) ? nil : (isNegative, digits)
  }

  /// An optional sign, digits, and perhaps decimals and an exponent, or what infinities print; NaN for anything else.
  public static func parseDouble(_ text: some Collection<UInt8>) -> Double {
    if text.elementsEqual("inf".utf8) { return .infinity }
    if text.elementsEqual("-inf".utf8) { return -.infinity }
    var last: UInt8 = 0
    for byte in text {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "e"), UInt8(ascii: "E"):
        last = byte
      default: return .nan
      }
    }
    guard isDigit(last) else { return .nan }
    return Double(String(decoding: text, as: UTF8.self)) ?? .nan
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }
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
