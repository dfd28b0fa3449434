// Collecting a large old space in steps, beside the program: marking first, then sweeping, a part of it after each minor
// collection. Nothing moves, so no pages are asked for; what is free is allocated in again.
//
// Marking is by incremental update. What it has seen and the program changed since is in the remembered set, since every
// store of a reference into an old object that is not there puts it there: such an object is visited again when it leaves
// the set. What becomes old meanwhile is visited at once. Roots, what is young and what is in the set are looked at once
// more at the end; what has no mark then is unreachable.
//
// Invariants: outside of marking and sweeping no object has a mark; while marking, a marked object that is neither in the
// remembered set nor waiting in `stack` or `slices` refers to no old object without a mark.

import Foundation
import MachineLayout

/// What is under way of such a collection.
struct Marking {
  enum Phase { case idle, marking, sweeping }
  var phase = Phase.idle
  /// Marked objects whose words are still to be visited; with bit 0 if they were before.
  var stack = WordStack()
  /// The rest of long ones: the object and its next word.
  var slices: [(object: Words, next: Int)] = []
  /// Bytes of marked objects that are not large.
  var bytes = 0
  /// The time that steps have taken for them.
  var nanoseconds: UInt64 = 0
  /// Chunks with objects that have no marks, which are dead, and objects with marks.
  var unswept: [Chunk] = []
  /// Large ones that are dead.
  var deadLarge: [Chunk] = []

  /// Words of an object that are visited at a time.
  static let sliceWords = 4096
  /// How many objects are visited between two looks at the clock.
  static let objectsBetweenLooks = 256
  static let objectsUnderStress = 200
  /// Old bytes from which it pays: below, copying takes as long as a step.
  static let leastBytes = 4 << 20
  /// A step takes at least this time, and at most `limit`.
  static let leastNanoseconds: UInt64 = 500_000
  static func limit(oldBytes: Int) -> UInt64 { 2_000_000 + UInt64(oldBytes >> 27) * 1_000_000 }
  /// How many bytes are marked for each that becomes old: so old space grows by a part of itself meanwhile.
  static let bytesForEach = 4
  /// How much is swept in one step, however much became old.
  static let sweptAtOnce = 32 << 20
}

extension Heap {
  var isMarking: Bool { marking.phase == .marking }
  /// The bit of objects that are born or become old.
  var birthMark: UInt64 { marking.phase == .marking ? HeaderBits.marked : 0 }

  /// After a minor collection in which so many bytes became old. Under stress a step does as little as it can.
  func collectStep(frame: Words, grown: Int) {
    let start = monotonicNanoseconds()
    let limit = Marking.limit(oldBytes: old.usedBytes + largeBytes)
    let time = min(limit, max(Marking.leastNanoseconds, nanoseconds(forGrowth: grown)))
    let deadline = start + (gcSteps > 0 ? 0 : time)
    switch marking.phase {
    case .idle:
      beginMarking(frame)
      _ = drain(until: deadline)
      marking.nanoseconds += monotonicNanoseconds() - start
    case .marking:
      if drain(until: deadline) && finishMarking(frame, limit) {
        sweep(until: deadline, atLeast: 0)
      } else {
        marking.nanoseconds += monotonicNanoseconds() - start
      }
    case .sweeping: sweep(until: deadline, atLeast: min(grown * Marking.bytesForEach, Marking.sweptAtOnce))
    }
    statistics.nanoseconds += monotonicNanoseconds() - start
    if universe.options.traceGC { report("step", start) }
  }

  private func nanoseconds(forGrowth grown: Int) -> UInt64 {
    // Before there is experience, a byte in two nanoseconds.
    let rate = marking.bytes == 0 ? 2 : Double(marking.nanoseconds) / Double(marking.bytes)
    return UInt64(Double(grown * Marking.bytesForEach) * min(rate, 8))
  }

  func beginMarking(_ frame: Words) {
    marking.phase = .marking
    marking.bytes = 0
    marking.nanoseconds = 0
    forEachRoot(frame: frame, minor: false) { shade($0[0]) }
  }

  /// Marks what a word refers to, unless it is young.
  @inline(__always)
  func shade(_ word: UInt64) {
    if word & 7 != 0 || word == 0 || refersToYoung(word) { return }
    let p = words(word)
    let header = p[0]
    if header & HeaderBits.marked != 0 { return }
    p[0] = header | HeaderBits.marked
    marking.stack.push(word)
  }

  /// The words of a marked object are to be visited again.
  func revisit(_ object: Words) { marking.stack.push(bits(object) | 1) }

  /// Answers whether everything has been visited.
  func drain(until deadline: UInt64) -> Bool {
    let sizes = universe.classes.sizes
    let objects = gcSteps > 0 ? Marking.objectsUnderStress : Marking.objectsBetweenLooks
    var untilLook = objects
    while true {
      if let slice = marking.slices.popLast() {
        visit(slice.object, from: slice.next)
        untilLook = 0
      } else if marking.stack.isEmpty {
        return true
      } else {
        let entry = marking.stack.pop()
        let object = words(entry & ~1)
        let extent = ObjectExtent(object, header: object[0], sizes: sizes)
        if entry & 1 == 0 && object[0] & HeaderBits.large == 0 { marking.bytes += extent.words * 8 }
        if extent.taggedWords > Marking.sliceWords {
          visit(object, from: 1)
        } else {
          forEachTaggedWord(object, extent) { shade($0[0]) }
        }
        untilLook -= 1
      }
      if untilLook > 0 { continue }
      if monotonicNanoseconds() >= deadline { return false }
      untilLook = objects
    }
  }

  /// Some words of a long object, all of which are tagged.
  private func visit(_ object: Words, from first: Int) {
    let last = ObjectExtent(object, header: object[0], sizes: universe.classes.sizes).taggedWords
    let end = min(last + 1, first + Marking.sliceWords)
    if end <= last { marking.slices.append((object, end)) }
    for i in first..<end { shade(object[i]) }
  }

  /// After a minor collection, with nothing left to be visited. False: time is up, and there was more.
  private func finishMarking(_ frame: Words, _ limit: UInt64) -> Bool {
    let sizes = universe.classes.sizes
    forEachRoot(frame: frame, minor: false) { shade($0[0]) }
    var survivor = survivors.start
    while survivor < survivors.top {
      let extent = ObjectExtent(survivor, header: survivor[0], sizes: sizes)
      forEachTaggedWord(survivor, extent) { shade($0[0]) }
      survivor += extent.words
    }
    for object in remembered where object[0] & HeaderBits.marked != 0 { revisit(object) }
    // From here on, so that each attempt gets on.
    if !drain(until: monotonicNanoseconds() + limit) { return false }

    remembered.removeAll { $0[0] & HeaderBits.marked == 0 }
    universe.hostObjects.sweep { p in isYoung(p) || p[0] & HeaderBits.marked != 0 ? bits(p) : nil }
    marking.unswept = old.takeChunks()
    var kept: [Chunk] = []
    for chunk in large {
      if chunk.start[0] & HeaderBits.marked != 0 {
        chunk.start[0] &= ~HeaderBits.marked
        kept.append(chunk)
      } else {
        marking.deadLarge.append(chunk)
        largeBytes -= chunk.byteCount
      }
    }
    large = kept
    old.usedBytes = marking.bytes
    marking.phase = .sweeping
    marking.stack.removeAll()
    let live = old.usedBytes + largeBytes
    threshold = max(Heap.minimumThreshold, live + live / 2)
    if live < self.limit - nursery.byteCount { reserve = 0 }
    statistics.fullCount += 1
    return true
  }

  // MARK: Sweeping

  /// Sweeps what it has time for, and chunks of so many bytes in any case.
  private func sweep(until deadline: UInt64, atLeast bytes: Int) {
    var swept = 0
    repeat {
      if let chunk = marking.deadLarge.popLast() {
        retire(chunk)
      } else if let chunk = marking.unswept.popLast() {
        swept += chunk.byteCount
        sweep(chunk)
      } else {
        marking.phase = .idle
        return
      }
    } while swept < bytes || monotonicNanoseconds() < deadline
  }

  /// What lies between marked objects becomes holes.
  private func sweep(_ chunk: Chunk) {
    let sizes = universe.classes.sizes
    var p = chunk.start
    var free: Words? = p
    while p < chunk.top {
      let header = p[0]
      let next = p + ObjectExtent(p, header: header, sizes: sizes).words
      if header & HeaderBits.marked != 0 {
        p[0] = header & ~HeaderBits.marked
        if let start = free { addHole(from: start, to: p) }
        free = nil
      } else if free == nil {
        free = p
      }
      p = next
    }
    // A part of what was dead will be asked for again soon.
    if free == chunk.start { return retire(chunk, sparing: old.usedBytes / Space.chunkBytes / 8) }
    addHole(from: free ?? chunk.top, to: chunk.end)
    var swept = chunk
    swept.top = chunk.end
    old.chunks.append(swept)
  }

  private func addHole(from start: Words, to end: Words) {
    if isStressed { memset(start, 0xDB, (end - start) * 8) }
    old.add(hole: start, end - start)
  }

  /// Ends what is under way, before a collection of another kind: that finds out itself what is alive.
  func abandonMarking() {
    if marking.phase == .idle { return }
    old.seal()
    for chunk in large { chunk.start[0] &= ~HeaderBits.marked }
    for chunk in marking.deadLarge { retire(chunk) }
    old.chunks += marking.unswept
    marking.unswept = []
    marking.deadLarge = []
    marking.stack.removeAll()
    marking.slices = []
    marking.phase = .idle
  }
}
