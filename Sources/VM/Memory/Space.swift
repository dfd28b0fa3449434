// Memory from the operating system: chunks, of which a space is a list. It allocates by bumping a pointer through one area
// at a time: a hole that sweeping has left, or a fresh chunk. The copying collector copies out of one space into a new one.
//
// Invariant: what lies between the start and the top of a chunk can be walked by extents, but for the area that is being
// allocated in; `seal` ends that.

import Foundation
import MachineLayout

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
  /// Shorter holes are left until what is beside them dies, too.
  static let leastHole = 8
  static let wideHole = 256
  /// Objects with more words look for a wide hole, so that narrow ones are not given up for each of them.
  static let narrowObject = 32

  var chunks: [Chunk] = []
  var usedBytes = 0
  var spare: [Chunk] = []
  var spareLimit = Self.spareLimit
  /// Where there is room between objects: filler objects lie there. The wide ones apart.
  private var holes: [UnsafeMutableBufferPointer<UInt64>] = []
  private var wideHoles: [UnsafeMutableBufferPointer<UInt64>] = []
  /// The area that is being allocated in, none at first.
  private var cursor = words(8)
  private var limit = words(8)
  /// The chunk of the area, if that is the end of one.
  private var fresh: Int?

  /// The end of what has been allocated in a chunk.
  @inline(__always)
  func top(_ chunk: Int) -> Words { chunk == fresh ? cursor : chunks[chunk].top }

  /// Nil only if the operating system has no memory.
  @inline(__always)
  mutating func allocate(_ words: Int) -> Words? {
    if limit - cursor >= words {
      let p = cursor
      cursor = p + words
      usedBytes += words * 8
      return p
    }
    return allocateElsewhere(words)
  }

  @inline(never)
  private mutating func allocateElsewhere(_ count: Int) -> Words? {
    if count > Space.wideHole {
      while let hole = wideHoles.popLast() {
        guard hole.count >= count else {
          holes.append(hole)
          continue
        }
        let start = hole.baseAddress.unsafelyUnwrapped
        add(hole: start + count, hole.count - count)
        usedBytes += count * 8
        return start
      }
    } else {
      while let hole = count > Space.narrowObject ? wideHoles.popLast() : holes.popLast() ?? wideHoles.popLast() {
        if hole.count < count { continue }
        seal()
        cursor = hole.baseAddress.unsafelyUnwrapped
        limit = cursor + hole.count
        return allocate(count)
      }
    }
    guard
      var chunk = count * 8 <= Space.chunkBytes && !spare.isEmpty
        ? spare.removeLast()
        : Chunk.map(max(Space.chunkBytes, count * 8))
    else { return nil }
    seal()
    chunk.top = chunk.start
    cursor = chunk.start
    limit = chunk.end
    fresh = chunks.count
    chunks.append(chunk)
    return allocate(count)
  }

  /// Ends the area: all chunks can be walked then.
  mutating func seal() {
    if let fresh {
      chunks[fresh].top = cursor
    } else {
      fill(cursor, limit - cursor)
    }
    fresh = nil
    cursor = words(8)
    limit = cursor
  }

  /// Gives all chunks away, to be swept; what is allocated from now on lies elsewhere.
  mutating func takeChunks() -> [Chunk] {
    seal()
    defer { chunks = [] }
    holes = []
    wideHoles = []
    return chunks
  }

  /// Room for other objects.
  mutating func add(hole start: Words, _ count: Int) {
    fill(start, count)
    if count > Space.wideHole {
      wideHoles.append(UnsafeMutableBufferPointer(start: start, count: count))
    } else if count >= Space.leastHole {
      holes.append(UnsafeMutableBufferPointer(start: start, count: count))
    }
  }

  /// An object of no class, by which a walk passes over what is free.
  private func fill(_ start: Words, _ count: Int) {
    if count == 0 { return }
    if count == 1 {
      start[0] = UInt64(ClassWord(index: 0, format: .fields).bits) << HeaderBits.classShift
      return
    }
    start[0] = UInt64(ClassWord(index: 0, format: .words).bits) << HeaderBits.classShift
    start[1] = Word.integer(count - 2)
  }

  /// Takes a chunk of which nothing is in use any more. False: it is to be unmapped.
  mutating func keep(_ chunk: Chunk, atLeast count: Int) -> Bool {
    guard chunk.byteCount == Space.chunkBytes, spare.count < max(spareLimit, count) else { return false }
    spare.append(Chunk(start: chunk.start, byteCount: chunk.byteCount, top: chunk.start))
    return true
  }
}
