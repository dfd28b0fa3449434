// Texts for the front end: real sources changed at the level of bytes, tokens and subtrees, and random classes.

import Syntax

struct SourceMutator {
  private var random: SeededRandom
  /// Sources that parse, to start from.
  private let seeds: [[UInt8]]
  /// Expressions, statements and methods in them.
  private let parts: [[UInt8]]
  /// Words and marks of the language, and what is rare in real sources.
  private static let tokens: [[UInt8]] = [
    "(", ")", "[", "]", "|", "||", "|||", "^", ".", ";", ":=", ":", "#", "#(", "=", "-", "--", "----", "-----",
    "+", "->", "<", "a", "self", "super", "nil", "true", "primitive", "Object", "foo:", "ifTrue:", "whileTrue:",
    "to:", "do:", "value", "0", "1", "-1", "1.5", "-0.0", "4611686018427387904", "99999999999999999999", "1e5",
    "''", "'x'", "'\\n'", "'\\q'", "'", "\"c\"", "\"\n\"", "\"", "#foo", "#foo:bar:", "#+", "#'s'", "# x",
    "[ :x | x ]", "[ :x | | t | t := x ]", "| t |", "| |", "\n", "\r\n", "\t", " ", "\u{0}", "ä", "€", "𝄞",
    "\\", "~", "%", "@", ",", "{", "}", "!", "?", "$", "_", "x:=3", "ifNil:", "and:", "downTo:",
  ].map { Array($0.utf8) }

  init(seed: UInt64, sources: [[UInt8]]) {
    random = SeededRandom(seed: seed)
    seeds = sources
    parts = sources.flatMap(Self.parts)
  }

  mutating func next() -> [UInt8] {
    if pick(8) == 0 { return ClassGenerator.generate(&random) }
    var text = seeds.isEmpty || pick(10) == 0 ? ClassGenerator.generate(&random) : one(of: seeds)
    for _ in 0...pick(4) where !text.isEmpty {
      switch pick(3) {
      case 0: changeBytes(&text)
      case 1: changeTokens(&text)
      default: changeParts(&text)
      }
    }
    // A mutation of a mutation doubles texts; a limit keeps the rate up.
    return Array(text.prefix(60_000))
  }

  private mutating func pick(_ n: Int) -> Int { Int(random.next() % UInt64(max(1, n))) }
  private mutating func one(of list: [[UInt8]]) -> [UInt8] { list.isEmpty ? [] : list[pick(list.count)] }

  private mutating func changeBytes(_ text: inout [UInt8]) {
    let at = pick(text.count)
    switch pick(5) {
    case 0: text[at] = UInt8(truncatingIfNeeded: random.next())
    case 1: text.remove(at: at)
    case 2: text.insert(text[pick(text.count)], at: at)
    case 3: text.removeSubrange(at..<min(text.count, at + 1 + pick(40)))
    default: text[at] ^= 1 << UInt8(pick(8))
    }
    if pick(30) == 0, !text.isEmpty { text.removeSubrange(pick(text.count)...) }
  }

  private mutating func changeTokens(_ text: inout [UInt8]) {
    let ranges = Self.tokenRanges(text)
    guard !ranges.isEmpty else { return }
    let range = ranges[pick(ranges.count)]
    switch pick(6) {
    case 0: text.removeSubrange(range)
    case 1: text.replaceSubrange(range, with: one(of: Self.tokens))
    case 2: text.insert(contentsOf: one(of: Self.tokens) + [0x20], at: range.lowerBound)
    case 3: text.insert(contentsOf: text[range] + [0x20], at: range.lowerBound)
    case 4:
      let other = ranges[pick(ranges.count)]
      text.replaceSubrange(range, with: Array(text[other]))
    default:
      // Deep and long, to meet the limits.
      let repeated = one(of: Self.tokens) + [0x20]
      let count = [3, 20, 200, 2000][pick(4)]
      text.insert(contentsOf: (0..<count).flatMap { _ in repeated }, at: range.lowerBound)
    }
  }

  private mutating func changeParts(_ text: inout [UInt8]) {
    let own = Self.partRanges(text)
    let replacement = one(of: parts)
    guard !own.isEmpty else {
      text.insert(contentsOf: replacement, at: pick(text.count))
      return
    }
    let range = own[pick(own.count)]
    switch pick(4) {
    case 0: text.replaceSubrange(range, with: Array("(".utf8) + replacement + Array(")".utf8))
    case 1: text.replaceSubrange(range, with: replacement)
    case 2: text.replaceSubrange(range, with: Array("[ ".utf8) + text[range] + Array(" ]".utf8))
    default:
      let other = own[pick(own.count)]
      text.replaceSubrange(range, with: Array(text[other]))
    }
  }

  /// Roughly the tokens: words, numbers, marks; comments and strings come apart, which is as well.
  private static func tokenRanges(_ text: [UInt8]) -> [Range<Int>] {
    func kind(_ byte: UInt8) -> Int {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A, 0x80...: 0
      case 0x20, 0x0A, 0x09, 0x0D: 1
      default: 2
      }
    }
    var result: [Range<Int>] = []
    var i = 0
    while i < text.count {
      let start = i
      let first = kind(text[i])
      repeat { i += 1 } while i < text.count && first != 2 && kind(text[i]) == first
      if first != 1 { result.append(start..<i) }
    }
    return result
  }

  private static func parts(_ text: [UInt8]) -> [[UInt8]] { partRanges(text).map { Array(text[$0]) } }

  /// Expressions, statements and methods of a text; none if it does not parse.
  private static func partRanges(_ text: [UInt8]) -> [Range<Int>] {
    guard let definition = try? Parser.parseClass(SourceText(name: "", bytes: text)) else { return [] }
    var result: [Range<Int>] = []
    func add(_ range: SourceRange) { result.append(range.start..<range.end) }
    for method in definition.instanceMethods + definition.classMethods {
      add(method.range)
      for statement in method.body.statements { add(statement.range) }
      method.body.forEachSend { _, arguments in
        for argument in arguments { add(argument.range) }
      }
    }
    return result
  }
}
