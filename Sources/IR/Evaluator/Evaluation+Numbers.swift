// Tests, conversions and arithmetic.

extension Evaluation {
  // MARK: Tests

  func test(_ v: ValueID) throws(Exit) {
    let x = word(v, 0)
    switch graph[v].op {
    case .isInt: set(v, x & 1 != 0)
    case .isFloat: set(v, double(x) != nil)
    case .hasClass: set(v, classWord(x) == UInt32(truncatingIfNeeded: graph[v].immediate))
    case .identical: set(v, x == word(v, 1))
    case .isTrue: set(v, x == layout.trueWord)
    case .not: set(v, x & 1 == 0)
    default:
      try require(int(v, 1) >= 0, v, "the count \(int(v, 1)) is negative")
      set(v, int(v, 0) >= 0 && int(v, 0) < int(v, 1))
    }
  }

  private func compare<T: Comparable>(_ a: T, _ b: T, _ v: ValueID) -> Bool {
    switch graph[v].comparison ?? .equal {
    case .less: a < b
    case .lessOrEqual: a <= b
    case .greater: a > b
    case .greaterOrEqual: a >= b
    case .equal: a == b
    case .notEqual: a != b
    }
  }

  // MARK: Arithmetic

  func compute(_ v: ValueID) throws(Exit) {
    switch graph[v].op {
    case .tagInt: set(v, word(v, 0) | 1)
    case .untagInt: set(v, word(v, 0) & 1 != 0 ? word(v, 0) & ~1 : Poison.int)
    case .untagFloat:
      let d = double(word(v, 0))
      try require(d != nil, v, "no double")
      set(v, d ?? 0)
    case .tagBool: set(v, word(v, 0) & 1 != 0 ? layout.trueWord : layout.falseWord)
    case .intToFloat: set(v, Double(int(v, 0)))
    case .floatToInt:
      let d = float(v, 0)
      let fits = d >= -0x1p62 && d < 0x1p62
      try check(fits, v)
      set(v, Int(d))
    case .compareInt: set(v, compare(int(v, 0), int(v, 1), v))
    case .compareFloat: set(v, compare(float(v, 0), float(v, 1), v))
    case .addFloat: set(v, float(v, 0) + float(v, 1))
    case .subtractFloat: set(v, float(v, 0) - float(v, 1))
    case .multiplyFloat: set(v, float(v, 0) * float(v, 1))
    case .divideFloat: set(v, float(v, 0) / float(v, 1))
    case .sqrtFloat: set(v, float(v, 0).squareRoot())
    default: try computeInt(v, int(v, 0), int(v, 1))
    }
  }

  private func computeInt(_ v: ValueID, _ a: Int, _ b: Int) throws(Exit) {
    switch graph[v].op {
    case .addInt: try setIfItFits(v, a + b)
    case .subtractInt: try setIfItFits(v, a - b)
    case .multiplyInt:
      let (product, overflow) = a.multipliedReportingOverflow(by: b)
      try check(!overflow && fits(product), v)
      set(v, product)
    case .divideInt:
      try require(b != 0, v, "division by zero")
      try setIfItFits(v, a / b)
    case .remainderInt:
      try require(b != 0, v, "division by zero")
      set(v, a % b)
    case .remainderIntUnsigned:
      try require(a >= 0 && b > 0, v, "\(a) by \(b): a sign")
      set(v, a % b)
    case .moduloInt:
      try require(b != 0, v, "division by zero")
      let remainder = a % b
      set(v, remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder)
    case .addIntUnchecked: try setModulo(v, a + b)
    case .subtractIntUnchecked: try setModulo(v, a - b)
    case .andInt: set(v, a & b)
    case .orInt: set(v, a | b)
    case .xorInt: set(v, a ^ b)
    default:
      try require(b >= 0 && b < 63, v, "a shift by \(b)")
      if graph[v].op == .shiftRightInt { return set(v, a >> b) }
      try check((a << b) >> b == a && fits(a << b), v)
      set(v, a << b)
    }
  }

  private func fits(_ i: Int) -> Bool { i >= -1 << 62 && i < 1 << 62 }

  private func setIfItFits(_ v: ValueID, _ i: Int) throws(Exit) {
    try check(fits(i), v)
    set(v, i)
  }

  private func setModulo(_ v: ValueID, _ i: Int) throws(Exit) {
    try require(fits(i) || code.isOnlyIndex[Int(v.index)], v, "\(i) does not fit, and is used")
    set(v, i)
  }

  // MARK: Doubles as values

  /// The word of an immediate double: where the two upper exponent bits after the first differ, the first three are
  /// put last, as a tag (`VM/Objects/Value.swift`).
  static func immediate(_ d: Double) -> UInt64? {
    let exponent = d.bitPattern >> 60 & 7
    guard exponent == 3 || exponent == 4 else { return nil }
    let shifted = d.bitPattern &+ 1 << 60
    return shifted << 3 | shifted >> 61
  }

  /// The double that this word is, or refers to.
  func double(_ x: UInt64) -> Double? {
    if x & 3 == 2 { return Double(bitPattern: (x >> 3 | x << 61) &- 1 << 60) }
    guard classWord(x) == layout.doubleClassWord else { return nil }
    return Double(bitPattern: object(x)[2])
  }
}
