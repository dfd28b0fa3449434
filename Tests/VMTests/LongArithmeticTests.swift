// Long integers against BigInt's own slow algorithms, and against identities where those would take too long.

import BigInt
import Testing

@testable import VM

@Suite struct LongArithmeticTests {
  private let long = LongArithmetic.uninterrupted

  /// An integer of so many words that is the same in every run.
  private func integer(_ words: Int, _ seed: UInt) -> BigInt {
    var state = seed
    let all = (0..<words).map { _ -> UInt in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      // Long runs of zeros and ones are where carries go wrong.
      return state % 5 == 0 ? 0 : state % 7 == 0 ? .max : state ^ state >> 31
    }
    return BigInt(BigUInt(words: all + [1]))
  }

  @Test(arguments: [
    (1, 1), (97, 96), (200, 150), (193, 97), (1200, 1100), (1500, 900), (2500, 300), (1025, 1024), (4000, 5),
  ])
  func products(_ n: Int, _ m: Int) throws {
    let a = integer(n, 1), b = -integer(m, 2)
    #expect(try long.product(a, b) == a * b)
    #expect(try long.product(b, b) == b * b)
  }

  @Test(arguments: [(3, 2), (1200, 600), (900, 400), (800, 799), (2500, 40), (500, 500), (300, 600)])
  func quotients(_ n: Int, _ m: Int) throws {
    for (a, b) in [(integer(n, 3), integer(m, 4)), (-integer(n, 5), integer(m, 6)), (integer(n, 7), -integer(m, 8))] {
      let (q, r) = try long.quotientAndRemainder(a, b)
      let expected = a.quotientAndRemainder(dividingBy: b)
      #expect(q == expected.quotient && r == expected.remainder)
    }
  }

  @Test func quotientsOfExactMultiplesAndTheirNeighbours() throws {
    let a = integer(700, 9), b = (BigInt(1) << (64 * 500)) - 1
    let product = try long.product(a, b)
    for offset in [-1, 0, 1] {
      let (q, r) = try long.quotientAndRemainder(product + BigInt(offset), b)
      #expect(q * b + r == product + BigInt(offset) && r >= 0 && r < b)
    }
  }

  @Test(arguments: [1, 64, 65, 300, 700])
  func roots(_ n: Int) throws {
    let x = integer(n, 10)
    for square in [x * x - 1, x * x, x * x + 1, x] {
      let (root, rest) = try long.squareRoot(square)
      #expect(root * root + rest == square && rest >= 0 && rest <= 2 * root)
    }
  }

  @Test(arguments: [1, 255, 257, 300, 1000])
  func decimalTextBothWays(_ n: Int) throws {
    let x = integer(n, 11)
    let text = try long.decimalText(x)
    #expect(text == x.description)
    #expect(try long.decimalText(-x) == "-" + text)
    #expect(try NumberText.parseInteger(text.utf8, long) == x)
    #expect(try NumberText.parseInteger(("-000" + text).utf8, long) == -x)
  }

  @Test func zerosInsideTextAreKept() throws {
    let x = BigInt(10).power(20_000) + 7
    let text = try long.decimalText(x)
    #expect(text == "1" + String(repeating: "0", count: 19_999) + "7")
    #expect(try NumberText.parseInteger(text.utf8, long) == x)
  }

  @Test func aPollEndsIt() {
    final class Count { var polls = 0 }
    let count = Count()
    let impatient = LongArithmetic(wordLimit: 1 << 40) {
      count.polls += 1
      return count.polls < 3
    }
    let x = integer(2000, 12)
    #expect(throws: LongArithmetic.Stop.unwinding) { try impatient.product(x, x) }
    #expect(count.polls == 3)
    for operation: (LongArithmetic) throws -> Void in [
      { _ = try $0.quotientAndRemainder(x * x, x + 1) }, { _ = try $0.squareRoot(x * x) },
      { _ = try $0.decimalText(x) },
    ] {
      count.polls = 0
      #expect(throws: LongArithmetic.Stop.unwinding) { try operation(impatient) }
    }
  }

  @Test func whatIsTooLongIsNotBegun() {
    let small = LongArithmetic(wordLimit: 2000) { true }
    let x = integer(1500, 13)
    #expect(throws: LongArithmetic.Stop.tooLong) { try small.product(x, x) }
  }

  @Test(arguments: [
    "| x | x := 1 << 4000000. x * x",
    "| x | x := 1 << 4194300. [ true ] whileTrue: [ x := x + x ]",
  ])
  func integersThatOutgrowTheHeapAreAnErrorOfTheProgram(_ text: String) throws {
    var options = VMOptions()
    options.heapLimit = 4 << 20
    let (outcome, error) = try TestMachine.run(options: options) { machine in
      let outcome = try machine.eval(text)
      return (outcome, machine.error)
    }
    #expect(outcome == "exit 1")
    #expect(error.contains("Out of memory: an integer may have"))
  }
}
