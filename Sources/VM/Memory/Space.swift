// Memory from the operating system: chunks with bump allocation. A space is a list of chunks; the collector
// copies out of one space into a new one.

import Foundation

struct Chunk {
  let start: Words
  let byteCount: Int
  /// First free word.
  var top: Words
  var end: Words { start + byteCount / 8 }
  var usedBytes: Int { (top - start) * 8 }

  /// A part of it as a chunk of its own, which is not to be unmapped.
  func part(from offset: Int, _ bytes: Int) -> Chunk {
    let first = start + offset / 8
    return Chunk(start: first, byteCount: bytes, top: first)
  }

  static func map(_ bytes: Int) -> Chunk? {
    let size = (bytes + 4095) & ~4095
    let p = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | Int32(MAP_ANONYMOUS), -1, 0)
    guard let p, p != MAP_FAILED else { return nil }
    let start = p.assumingMemoryBound(to: UInt64.self)
    return Chunk(start: start, byteCount: size, top: start)
  }
  func unmap() { munmap(start, byteCount) }
  /// Makes every later access a fault.
  func protect() { mprotect(start, byteCount, PROT_NONE) }
  func poison(from first: Words) { memset(first, 0xDB, (end - first) * 8) }
}

struct Space {
  static let chunkBytes = 1 << 20
  /// How many dead chunks are kept for the next survivors: new pages cost more than what is copied there.
  static let spareLimit = 8

  var chunks: [Chunk] = []
  var usedBytes = 0
  var spare: [Chunk] = []
  var spareLimit = Self.spareLimit

  /// Nil only if the operating system has no memory.
  mutating func allocate(_ words: Int) -> Words? {
    if let last = chunks.indices.last, chunks[last].end - chunks[last].top >= words {
      let p = chunks[last].top
      chunks[last].top = p + words
      usedBytes += words * 8
      return p
    }
    guard
      var chunk = words * 8 <= Space.chunkBytes && !spare.isEmpty
        ? spare.removeLast()
        : Chunk.map(max(Space.chunkBytes, words * 8))
    else { return nil }
    let p = chunk.top
    chunk.top = p + words
    chunks.append(chunk)
    usedBytes += words * 8
    return p
  }

  /// Takes a chunk of which nothing is in use any more. False: it is to be unmapped.
  mutating func keep(_ chunk: Chunk) -> Bool {
    guard chunk.byteCount == Space.chunkBytes, spare.count < spareLimit else { return false }
    spare.append(Chunk(start: chunk.start, byteCount: chunk.byteCount, top: chunk.start))
    return true
  }
}
