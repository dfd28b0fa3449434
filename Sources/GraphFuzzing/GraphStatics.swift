// What does not move in the world of a GraphMachine: strings, the strings of one character, and methods.

import IR

final class GraphStatics {
  private let words: Words
  private static let count = 1 << 10
  private var top = 0
  /// Addresses: old objects.
  private(set) var strings: [UInt64] = []
  /// Address of the table of one-character strings, by ASCII code.
  let characters: UInt64
  private let methods: Words
  /// Word 0 the entry, word 1 the number of the method, and of its arguments.
  private static let methodWords = 2, methodCount = 3

  /// Short and long, of the same length, the same in their first word, and with a character of two bytes.
  private static let texts = ["", "a", "ab", "abc", "abd", "abcdefgh", "abcdefghi", "abcdefghk", "h\u{E9}"]

  init() {
    words = Words.allocate(capacity: Self.count)
    words.initialize(repeating: 0, count: Self.count)
    methods = Words.allocate(capacity: Self.methodWords * Self.methodCount)
    for i in 0..<Self.methodCount {
      methods[Self.methodWords * i] = RuntimeThread.methodEntry
      methods[Self.methodWords * i + 1] = UInt64(i)
    }
    let table = words
    characters = UInt64(UInt(bitPattern: table))
    top = 128
    strings = Self.texts.map(string)
    for code in 0..<128 { table[code] = string(String(UnicodeScalar(UInt8(code)))) }
  }

  deinit {
    words.deallocate()
    methods.deallocate()
  }

  /// The address of a method that takes `id` arguments.
  func method(_ id: Int) -> UInt64 { UInt64(UInt(bitPattern: methods + Self.methodWords * (id % Self.methodCount))) }

  private func string(_ text: String) -> UInt64 {
    let p = words + top
    let bytes = Array(text.utf8)
    p[0] = UInt64(GraphClass.string) << 32 | GraphMachine.layout.headerOld
    p[1] = UInt64(bytes.count) << 1 | 1
    p[2] = UInt64(text.unicodeScalars.count) << 1 | 1
    for (i, byte) in bytes.enumerated() { p[3 + i / 8] |= UInt64(byte) << UInt64(8 * (i % 8)) }
    top += 3 + (bytes.count + 7) / 8
    return UInt64(UInt(bitPattern: p))
  }

  func contains(_ address: UInt64) -> Bool {
    let start = UInt64(UInt(bitPattern: words))
    return address >= start && address < start + UInt64(8 * Self.count)
  }

  func text(_ address: UInt64) -> String {
    let p = Words(bitPattern: UInt(address))!
    let bytes = (0..<Int(p[1] >> 1)).map { UInt8(truncatingIfNeeded: p[3 + $0 / 8] >> UInt64(8 * ($0 % 8))) }
    return String(decoding: bytes, as: UTF8.self)
  }
}
