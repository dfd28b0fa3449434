// Every operation of long integers against WideInteger: at powers of two and beside them, and random.

import Foundation
import Testing

@testable import VM

@Suite struct LongIntegerTests {
  /// Prints results, one a line. What is small must be so in whichever way it was made: `==` tells.
  private static let calculator = """
    Calculator = (
      pairs: a with: all = (
        all do: [ :b |
          self put: a + b.
          self put: a - b.
          self put: a * b.
          self put: (a & b).
          self put: (a | b).
          self put: (a bitXor: b).
          b = 0 ifFalse: [
            self put: a / b.
            self put: a % b.
            self put: (a rem: b) ].
          (a < b) print. (a <= b) print. (a = b) print. (a == b) print. (a > b) print. (a >= b) print. (a ~= b) println ]
      )
      shifts: a by: counts = (
        counts do: [ :n |
          self put: a << n.
          self put: a >>> n ]
      )
      conversions: a = (
        self put: a as32BitSignedValue.
        self put: a as32BitUnsignedValue.
        self put: a negated.
        self put: a abs.
        self put: a asDouble asInteger.
        a asDouble println.
        (a asDouble = a) println.
        a sign println.
        a even println.
        (a printString: 2) println.
        (a printString: 36) println
      )
      put: result = (
        | text |
        text := result asString.
        (text length > 20 or: [ (Integer fromString: text) == result ]) ifFalse: [ 'not the same: ' print ].
        text println
      )
    )
    """

  private static let powers = [31, 62, 63, 64, 127, 128, 192]
  private static let edges: [WideInteger] =
    (-2...2).map { WideInteger($0) }
    + powers.flatMap { k -> [WideInteger] in
      let power = WideInteger(1).shiftedLeft(k)
      return [power - WideInteger(1), power, power + WideInteger(1)].flatMap { [$0, -$0] }
    }

  private static func random(_ count: Int) -> [WideInteger] {
    var state: UInt64 = 42
    func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 24
    }
    return (0..<count).map { _ in
      var value = WideInteger()
      for _ in 0..<5 { value = value.shiftedLeft(40) + WideInteger(Int(next())) }
      let short = value.shiftedRight(Int(next() % 200))
      return next() % 2 == 0 ? short : -short
    }
  }

  /// Two's complement at any length: what needs more than 64 bits keeps its sign.
  private func logicalRight(_ a: WideInteger, _ n: Int) -> WideInteger {
    guard a.isNegative, a >= -WideInteger(1).shiftedLeft(63), n > 0 else { return a.shiftedRight(n) }
    return (a + WideInteger(1).shiftedLeft(64)).shiftedRight(n)
  }

  private func pairs(_ a: WideInteger, _ all: [WideInteger]) -> String {
    var words: [String] = []
    for b in all {
      words += [a + b, a - b, a * b, a.bitwise(b, &), a.bitwise(b, |), a.bitwise(b, ^)].map(\.text)
      if !b.isZero {
        let (q, r) = a.quotientAndRemainder(b)
        let modulo = !r.isZero && r.isNegative != b.isNegative ? r + b : r
        words += [q, modulo, r].map(\.text)
      }
      words.append([a < b, a <= b, a == b, a == b, a > b, a >= b, a != b].map { "\($0)" }.joined())
    }
    return words.map { $0 + "\n" }.joined()
  }

  private func digits(_ a: WideInteger, base: Int) -> String {
    var rest = a.magnitude, text = ""
    while !rest.isZero {
      let (q, r) = rest.quotientAndRemainder(WideInteger(base))
      text = String(r.low64, radix: base, uppercase: true) + text
      rest = q
    }
    return text.isEmpty ? "0" : (a.isNegative ? "-" : "") + text
  }

  private func conversions(_ a: WideInteger) throws -> String {
    let double = try #require(Double(a.text))
    let exponent = a.isZero ? 0 : Int(double.exponent)
    let significand = WideInteger(Int(double.magnitude.significand * 0x1p52))
    let magnitude = exponent < 52 ? significand.shiftedRight(52 - exponent) : significand.shiftedLeft(exponent - 52)
    let whole = a.isZero ? a : a.isNegative ? -magnitude : magnitude
    let low = a.low64
    let sign = a.isZero ? 0 : a.isNegative ? -1 : 1
    return [
      "\(Int32(truncatingIfNeeded: low))", "\(UInt32(truncatingIfNeeded: low))", (-a).text, a.magnitude.text,
      whole.text,
      NumberText.print(double), "true", "\(sign)", "\(low % 2 == 0)", digits(a, base: 2), digits(a, base: 36),
    ].map { $0 + "\n" }.joined()
  }

  private func literal(_ all: [WideInteger]) -> String { "#(" + all.map(\.text).joined(separator: " ") + ")" }

  /// Compares what the machine prints for each integer with what it should.
  private func check(
    _ all: [WideInteger], _ text: @escaping (WideInteger) -> String, _ expected: (WideInteger) throws -> String
  ) throws {
    let printed = try TestMachine.run([Self.calculator]) { machine in
      try all.map { a -> String in
        let before = machine.out.utf8.count
        _ = try machine.eval("Calculator new " + text(a))
        return String(machine.out.utf8.dropFirst(before)) ?? ""
      }
    }
    for (a, actual) in zip(all, printed) {
      let right = try expected(a)
      if actual == right { continue }
      let both = zip(actual.split(separator: "\n"), right.split(separator: "\n"))
      let (i, (got, wanted)) = both.enumerated().first { $0.element.0 != $0.element.1 } ?? (-1, ("", ""))
      Issue.record("\(a.text): result \(i) is \(got), not \(wanted)")
    }
  }

  @Test func pairsOfEdges() throws {
    // Each third: in a debug build one result takes a millisecond.
    let all = Self.edges.indices.filter { $0 % 3 == 0 }.map { Self.edges[$0] }, list = literal(all)
    try check(all, { "pairs: \($0.text) with: \(list)" }) { pairs($0, all) }
  }

  @Test func pairsOfRandomIntegers() throws {
    let all = Self.random(8), list = literal(all)
    try check(all, { "pairs: \($0.text) with: \(list)" }) { pairs($0, all) }
  }

  @Test func shifts() throws {
    let counts = [0, 1, 2, 32, 61, 65, 126, 193, 200] + Self.powers
    let list = counts.map(String.init).joined(separator: " ")
    try check(Self.edges + Self.random(10), { "shifts: \($0.text) by: #(\(list))" }) { a in
      counts.map { "\(a.shiftedLeft($0).text)\n\(logicalRight(a, $0).text)\n" }.joined()
    }
  }

  @Test func conversionsOfOne() throws {
    try check(Self.edges + Self.random(30), { "conversions: \($0.text)" }) { try conversions($0) }
  }

  /// Quotients of integers of which at least one has no double.
  @Test(arguments: [
    ("(3 << 2000) // (1 << 2000)", "3.0"), ("(1 << 2000) // (3 << 1999)", "0.6666666666666666"),
    ("-1 // (1 << 2000)", "-0.0"), ("1 // (1 << 1074)", "5.0e-324"),
    ("(3 << 60) // (1 << 1074)", "1.7088567233335307e-305"), ("(1 << 2000) // 3", "inf"),
    ("0 - (1 << 2000) // (1 << 1900)", "-1.2676506002282294e30"),
    ("(1 << 1023) // 7", "1.2840665249016541e307"), ("((1 << 1100) + (1 << 1047)) // (1 << 1100)", "1.0"),
    ("((1 << 1100) + (1 << 1047) + 1) // (1 << 1100)", "1.0000000000000002"),
  ])
  func quotientsBeyondDoubles(_ text: String, _ value: String) throws {
    #expect(try TestMachine.run { try $0.eval(text) } == value)
  }
}
