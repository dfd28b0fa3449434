// What is expensive about long integers: products, quotients, roots, and decimal text, both ways. Built of pieces
// that BigInt does in one go, with a poll between them, so that a program that computes with millions of digits
// can still be edited and ended; and with the algorithms that make such sizes bearable (BigInt itself divides and
// prints as at school).

import BigInt
import Foundation

struct LongArithmetic {
  /// Why there is no result.
  enum Stop: Error {
    /// The poll said so: answer 0.
    case unwinding
    /// The result would be longer than `wordLimit`.
    case tooLong
  }

  /// Words that a result may have.
  let wordLimit: Int
  /// False: unwind. Called every few milliseconds.
  let poll: () -> Bool

  /// For where nobody waits: nothing interrupts it.
  static var uninterrupted: LongArithmetic { LongArithmetic(wordLimit: .max / 128) { true } }

  /// Products and quotients of lengths whose product is at most this are left to BigInt.
  private static let directWork = 1 << 14
  /// Words of the shorter factor up to which a product is done as at school.
  private static let schoolWords = 96

  private func breathe() throws(Stop) { if !poll() { throw .unwinding } }

  // MARK: Products

  func product(_ a: BigInt, _ b: BigInt) throws(Stop) -> BigInt {
    let n = a.magnitude.words.count, m = b.magnitude.words.count
    if n * m <= Self.directWork { return a * b }
    if n + m > wordLimit { throw .tooLong }
    return BigInt(sign: a.sign == b.sign ? .plus : .minus, magnitude: try product(a.magnitude, b.magnitude))
  }

  /// Karatsuba's product: three of half the length instead of four.
  private func product(_ x: BigUInt, _ y: BigUInt) throws(Stop) -> BigUInt {
    let (long, short) = x.words.count >= y.words.count ? (x, y) : (y, x)
    let n = long.words.count, m = short.words.count
    if m <= Self.schoolWords {
      if n * m > Self.directWork { try breathe() }
      return Self.schoolProduct(Array(long.words), Array(short.words))
    }
    let half = (n + 1) / 2
    let (a, b) = split(long, half)
    if m <= half { return (try product(a, short) << (64 * half)) + (try product(b, short)) }
    if n >= 2 * Self.schoolWords { try breathe() }
    let (c, d) = split(short, half)
    let high = try product(a, c)
    let low = try product(b, d)
    let middle = try product(a + b, c + d) - high - low
    return (high << (128 * half)) + (middle << (64 * half)) + low
  }

  private static func schoolProduct(_ x: [UInt], _ y: [UInt]) -> BigUInt {
    let n = x.count, m = y.count
    let words = [UInt](unsafeUninitializedCapacity: n + m) { result, count in
      result.initialize(repeating: 0)
      x.withUnsafeBufferPointer { x in
        y.withUnsafeBufferPointer { y in
          for i in 0..<n {
            var carry: UInt = 0
            for j in 0..<m {
              let (high, low) = x[i].multipliedFullWidth(by: y[j])
              let (sum, overflow) = low.addingReportingOverflow(result[i &+ j])
              let (total, again) = sum.addingReportingOverflow(carry)
              result[i &+ j] = total
              carry = high &+ (overflow ? 1 : 0) &+ (again ? 1 : 0)
            }
            result[i &+ m] = carry
          }
        }
      }
      count = n + m
    }
    return BigUInt(words: words)
  }

  /// The words from `k` on, and those below.
  private func split(_ x: BigUInt, _ k: Int) -> (high: BigUInt, low: BigUInt) {
    let words = x.words
    if words.count <= k { return (0, x) }
    return (BigUInt(words: words.dropFirst(k)), BigUInt(words: words.prefix(k)))
  }

  // MARK: Quotients

  /// Truncates; the remainder has the sign of the dividend. Requires: divisor is not 0.
  func quotientAndRemainder(_ a: BigInt, _ b: BigInt) throws(Stop) -> (quotient: BigInt, remainder: BigInt) {
    let (q, r) = try quotientAndRemainder(a.magnitude, b.magnitude)
    return (BigInt(sign: a.sign == b.sign ? .plus : .minus, magnitude: q), BigInt(sign: a.sign, magnitude: r))
  }

  /// The double nearest to a / b (a subnormal one may be its neighbour). Requires: b is not 0.
  func doubleQuotient(_ a: BigInt, _ b: BigInt) throws(Stop) -> Double {
    let isNegative = (a.sign == .minus) != (b.sign == .minus)
    // A quotient of 66 bits or one more, whose last one says whether there is anything below it.
    let shift = 66 + b.magnitude.bitWidth - a.magnitude.bitWidth
    let (q, r) = try quotientAndRemainder(
      shift > 0 ? a.magnitude << shift : a.magnitude, shift < 0 ? b.magnitude << -shift : b.magnitude)
    let odd = q | (r.isZero ? 0 : 1)
    return scalbn(Double(nearest: BigInt(sign: isNegative ? .minus : .plus, magnitude: odd)), -shift)
  }

  private func quotientAndRemainder(_ a: BigUInt, _ b: BigUInt) throws(Stop) -> (BigUInt, BigUInt) {
    let n = b.words.count, count = a.words.count
    if n <= 2 || max(0, count - n + 1) * n <= Self.directWork { return a.quotientAndRemainder(dividingBy: b) }
    // The divisor's highest bit set; then blocks of its length, from the top.
    let shift = b.leadingZeroBitCount
    let divisor = b << shift
    let words = Array((a << shift).words)
    var quotient = [UInt](repeating: 0, count: (words.count + n - 1) / n * n)
    var remainder: BigUInt = 0
    for start in stride(from: quotient.count - n, through: 0, by: -n) {
      let block = BigUInt(words: words[start..<min(start + n, words.count)])
      let (q, r) = try divide((remainder << (64 * n)) + block, divisor)
      remainder = r
      for (i, word) in q.words.enumerated() where word != 0 { quotient[start + i] = word }
    }
    return (BigUInt(words: quotient), remainder >> shift)
  }

  /// Recursive division (Brent and Zimmermann, Modern Computer Arithmetic, algorithm 1.8): both halves of the
  /// quotient by the upper part of the divisor, each then corrected for the lower part. Requires: the highest bit of
  /// the divisor is set, and the quotient is no longer than the divisor.
  private func divide(_ a: BigUInt, _ b: BigUInt) throws(Stop) -> (BigUInt, BigUInt) {
    if a < b { return (0, a) }
    let n = b.words.count, m = a.words.count - n
    if m <= 32 || n * m <= Self.directWork {
      try breathe()
      return a.quotientAndRemainder(dividingBy: b)
    }
    let k = m / 2
    let (b1, b0) = split(b, k)
    let (top, low) = split(a, 2 * k)
    var (q1, r1) = try divide(top, b1)
    var rest = BigInt((r1 << (128 * k)) + low) - BigInt(try product(q1, b0) << (64 * k))
    while rest.sign == .minus {
      q1 -= 1
      rest += BigInt(b << (64 * k))
    }
    let (upper, lower) = split(rest.magnitude, k)
    var (q0, r0) = try divide(upper, b1)
    rest = BigInt((r0 << (64 * k)) + lower) - BigInt(try product(q0, b0))
    while rest.sign == .minus {
      q0 -= 1
      rest += BigInt(b)
    }
    return ((q1 << (64 * k)) + q0, rest.magnitude)
  }

  // MARK: Roots

  /// The whole part of the square root, and what is left over. (Zimmermann's recursion.) Requires: not negative.
  func squareRoot(_ x: BigInt) throws(Stop) -> (root: BigInt, rest: BigInt) {
    if x.magnitude.words.count <= 64 {
      let root = x.squareRoot()
      return (root, x - root * root)
    }
    let l = (x.magnitude.bitWidth - 1) / 4
    let mask = (BigInt(1) << l) - 1
    let (upperRoot, upperRest) = try squareRoot(x >> (2 * l))
    let (q, u) = try quotientAndRemainder((upperRest << l) + ((x >> l) & mask), upperRoot << 1)
    var root = (upperRoot << l) + q
    var rest = (u << l) + (x & mask) - (try product(q, q))
    if rest.sign == .minus {
      rest += (root << 1) - 1
      root -= 1
    }
    return (root, rest)
  }

  // MARK: Text

  /// Digits of the pieces that BigInt converts.
  private static let pieceDigits = 1 << 12

  /// 10^pieceDigits and its repeated squares, as long as `needsMore` says of the last one.
  private func powers(while needsMore: (BigUInt, _ digits: Int) -> Bool) throws(Stop) -> [BigUInt] {
    var result = [BigUInt(10).power(Self.pieceDigits)]
    while needsMore(result[result.count - 1], Self.pieceDigits << (result.count - 1)) {
      result.append(try product(result[result.count - 1], result[result.count - 1]))
    }
    return result
  }

  func decimalText(_ x: BigInt) throws(Stop) -> String {
    let length = x.magnitude.words.count
    if length <= 256 { return x.description }
    let scales = try powers { power, _ in 2 * power.words.count <= length }
    var text: [UInt8] = x.sign == .minus ? [UInt8(ascii: "-")] : []
    try write(x.magnitude, scales[...], padded: false, &text)
    return String(decoding: text, as: UTF8.self)
  }

  /// Requires: x is less than the square of the last of `powers`.
  private func write(
    _ x: BigUInt, _ powers: ArraySlice<BigUInt>, padded: Bool, _ text: inout [UInt8]
  ) throws(Stop) {
    guard let power = powers.last else {
      try breathe()
      let digits = String(x).utf8
      if padded { text += repeatElement(UInt8(ascii: "0"), count: Self.pieceDigits - digits.count) }
      text += digits
      return
    }
    let (q, r) = try quotientAndRemainder(x, power)
    if padded || !q.isZero { try write(q, powers.dropLast(), padded: padded, &text) }
    try write(r, powers.dropLast(), padded: padded || !q.isZero, &text)
  }

  /// Requires: digits, at least one.
  func parse(digits: ArraySlice<UInt8>) throws(Stop) -> BigUInt {
    if digits.count / 19 > wordLimit { throw .tooLong }
    if digits.count <= Self.pieceDigits { return try parse(digits, []) }
    let scales = try powers { _, count in 2 * count < digits.count }
    return try parse(digits, scales[...])
  }

  private func parse(_ digits: ArraySlice<UInt8>, _ powers: ArraySlice<BigUInt>) throws(Stop) -> BigUInt {
    guard digits.count > Self.pieceDigits, let power = powers.last else {
      try breathe()
      return BigUInt(String(decoding: digits, as: UTF8.self)) ?? 0
    }
    let low = Self.pieceDigits << (powers.count - 1)
    if digits.count <= low { return try parse(digits, powers.dropLast()) }
    let upper = try parse(digits.dropLast(low), powers.dropLast())
    return (try product(upper, power)) + (try parse(digits.suffix(low), powers.dropLast()))
  }
}

extension Universe {
  /// Computing with an integer needs several times its size; and a product of the longest takes ten seconds.
  private var integerWordLimit: Int { min(heap.limit / 64, 1 << 20) }

  func isTooLong(_ big: BigInt) -> Bool { big.magnitude.bitWidth / 64 > integerWordLimit }

  /// Runs `body`, in a primitive whose frame is `frame`. Nil: answer 0.
  func long<T>(
    _ frame: Words, _ body: (LongArithmetic) throws(LongArithmetic.Stop) -> T
  ) -> T? {
    let arithmetic = LongArithmetic(wordLimit: integerWordLimit) { [unowned self] in
      thread[.poll] == 0 || handlePoll(frame)
    }
    do throws(LongArithmetic.Stop) { return try body(arithmetic) } catch {
      if error == .tooLong { raiseIntegerTooLong(frame) }
      return nil
    }
  }

  func raiseIntegerTooLong(_ frame: Words) {
    let text = "Out of memory: an integer may have \(64 * integerWordLimit) bits at most."
    if raise(.other(text), frame) != 0 { _ = terminate(status: 1, because: .error) }
  }
}
