// Loads, stores and strings. Every access is checked: the object is one, and has the word, of that kind.

/// Body words of a string: bytes and scalars are counted before the bytes.
private let stringFirstWord = 2

extension Evaluation {
  func isPointer(_ x: UInt64) -> Bool { x & 7 == 0 && x != 0 }

  /// Word 0 is the header. Requires: a pointer.
  func object(_ x: UInt64) -> Words { Words(bitPattern: UInt(x))! }

  /// nil for what is no heap object.
  func classWord(_ x: UInt64) -> UInt32? { isPointer(x) ? UInt32(object(x)[0] >> 32) : nil }

  func requireContent(_ x: UInt64, word: Int, _ content: WordContent, _ v: ValueID) throws(Exit) {
    try require(isPointer(x), v, "\(String(x, radix: 16)) is no object")
    let found = host.content(of: x, word: word)
    try require(
      found == content, v,
      "word \(word) of an object of class \(classWord(x) ?? 0) is \(found.map { "\($0)" } ?? "none")")
  }

  func accessMemory(_ v: ValueID) throws(Exit) {
    let node = graph[v]
    let bodyWord = Int(node.immediate & 0xFFFF_FFFF)
    switch node.op {
    case .loadCell: set(v, object(tableWord(v))[0])
    case .loadSlot:
      try requireContent(word(v, 0), word: bodyWord, .tagged, v)
      set(v, object(word(v, 0))[1 + bodyWord])
    case .storeSlot: try store(v, bodyWord, word(v, 1))
    case .loadDouble:
      try requireContent(word(v, 0), word: bodyWord, .double, v)
      set(v, object(word(v, 0))[1 + bodyWord])
    case .storeDouble:
      try requireContent(word(v, 0), word: bodyWord, .double, v)
      object(word(v, 0))[1 + bodyWord] = word(v, 1)
    case .loadLength:
      try require(isPointer(word(v, 0)) && host.content(of: word(v, 0), word: bodyWord) != nil, v, "no such object")
      let length = object(word(v, 0))[1 + bodyWord]
      try require(length & 1 != 0 && Int64(bitPattern: length) > 0, v, "word \(bodyWord) is no count")
      set(v, length & ~1)
    case .loadElement:
      let index = try elementIndex(v)
      set(v, object(word(v, 0))[1 + bodyWord + index])
    case .storeElement: try store(v, bodyWord + elementIndex(v), word(v, 2))
    case .loadByte: set(v, Int(try byte(v, bodyWord)))
    case .loadCharacter:
      let code = try byte(v, stringFirstWord)
      try require(code < 128, v, "character \(code) is not in the table")
      set(v, object(thread[layout.characters])[Int(code)])
    case .equalStrings: set(v, try bytes(word(v, 0), v) == bytes(word(v, 1), v))
    default:
      let short = UInt64(bitPattern: ShortString.bytes(node.immediate))
      let count = ShortString.byteCount(node.immediate)
      set(v, try bytes(word(v, 0), v) == (0..<count).map { UInt8(truncatingIfNeeded: short >> UInt64(8 * $0)) })
    }
  }

  /// Of an indexable object; in bounds.
  private func elementIndex(_ v: ValueID) throws(Exit) -> Int {
    let index = int(v, 1)
    let count = isPointer(word(v, 0)) ? host.count(of: word(v, 0)) ?? 0 : 0
    try require(index >= 0 && index < count, v, "index \(index) is not below \(count)")
    try requireContent(word(v, 0), word: Int(graph[v].immediate & 0xFFFF_FFFF) + index, .tagged, v)
    return index
  }

  private func byte(_ v: ValueID, _ bodyWord: Int) throws(Exit) -> UInt8 {
    let index = int(v, 1)
    let count = isPointer(word(v, 0)) ? host.count(of: word(v, 0)) ?? 0 : 0
    try require(index >= 0 && index < count, v, "index \(index) is not below \(count)")
    try requireContent(word(v, 0), word: bodyWord + index / 8, .raw, v)
    return UInt8(truncatingIfNeeded: object(word(v, 0))[1 + bodyWord + index / 8] >> UInt64(8 * (index % 8)))
  }

  private func bytes(_ string: UInt64, _ v: ValueID) throws(Exit) -> [UInt8] {
    try require(isPointer(string), v, "no string")
    let count = host.count(of: string) ?? 0
    if count > 0 { try requireContent(string, word: stringFirstWord + (count - 1) / 8, .raw, v) }
    let words = object(string) + 1 + stringFirstWord
    return (0..<count).map { UInt8(truncatingIfNeeded: words[$0 / 8] >> UInt64(8 * ($0 % 8))) }
  }

  /// With the write barrier, unless the operation says that there is no need.
  private func store(_ v: ValueID, _ bodyWord: Int, _ value: UInt64) throws(Exit) {
    typealias Remember = @convention(c) (Words, UInt64) -> UInt64
    let target = word(v, 0)
    try requireContent(target, word: bodyWord, .tagged, v)
    object(target)[1 + bodyWord] = value
    let mask = layout.headerOld | layout.headerRemembered
    let isOld = object(target)[0] & mask == layout.headerOld
    if graph[v].immediate & Op.noBarrier != 0 {
      // Literals are old from the start.
      let isYoung = isPointer(value) && object(value)[0] & layout.headerOld == 0
      try require(!isOld || !isYoung, v, "an old object needs the barrier")
    } else if isOld {
      _ = function(layout.remember, Remember.self)(thread, target)
    }
  }
}
