// Collection. A minor one copies what is alive in the nursery to where survivors are, and what has survived there before,
// or finds no room, into old space. A full one copies what is young and old space into fresh chunks and marks large objects in
// place; under stress it moves those too, and makes the old places unusable. With `--incremental-gc`, where there is much in old space, it is
// collected in steps instead, each after a minor collection (Heap+Marking).

import Foundation
import MachineLayout

extension Heap {
  /// A minor collection, and a full one, or a step of one, when old space has grown enough.
  func collect(frame: Words) {
    let start = clock()
    let before = old.usedBytes - largeGrowth
    collectMinor(frame: frame)
    let grown = old.usedBytes - before
    largeGrowth = 0
    let isDue = old.usedBytes + largeBytes > min(threshold, limit)
    if isDue && (isCollectedAtOnce || old.usedBytes + largeBytes > limit) {
      collectFull(frame: frame, moveEverything: false)
    } else if isDue || marking.phase != .idle {
      collectStep(frame: frame, grown: grown)
    } else {
      return
    }
    notePause(start)
  }
  /// Whether there is so little in old space that copying it takes no longer than a step.
  var isCollectedAtOnce: Bool {
    !isIncremental || gcEvery > 0 || marking.phase == .idle && old.usedBytes + largeBytes <= Marking.leastBytes
  }

  func collectMinor(frame: Words) {
    let start = clock()
    let usedBefore = nurseryUsedBytes
    let oldBefore = old.usedBytes
    let sizes = universe.classes.sizes
    forEachRoot(frame: frame, minor: true) { forwardMinor($0, sizes) }
    var count = 0
    for i in 0..<remembered.count {
      let object = remembered[i]
      object[0] &= ~HeaderBits.remembered
      if !forwardWords(of: object, ObjectExtent(object, header: object[0], sizes: sizes), sizes) {
        // Stores into it would not be noticed any more: what there was so far counts now.
        if isMarking && object[0] & HeaderBits.marked != 0 { revisit(object) }
        continue
      }
      object[0] |= HeaderBits.remembered
      remembered[count] = object
      count += 1
    }
    remembered.removeSubrange(count...)
    scanSurvivors(sizes)
    universe.hostObjects.sweep { p in
      if !isYoung(p) { return bits(p) }
      return p[0] & HeaderBits.forwarded != 0 ? p[0] & ~7 : nil
    }
    leaveYoung(usedBefore)
    swap(&survivors, &spareSurvivors)
    let survived = old.usedBytes - oldBefore + survivors.usedBytes
    if nurseryEnd < nursery.end, survived * 16 > usedBefore, !isIncremental || survived * 3 < Heap.longCopyBytes {
      nurseryEnd = min(nursery.end, nursery.start + 2 * (nurseryEnd - nursery.start))
    } else if isIncremental, survived > Heap.longCopyBytes, !isStressed {
      let least = min(nurseryEnd, nursery.start + Heap.firstNurseryBytes / 8)
      nurseryEnd = max(least, nursery.start + (nurseryEnd - nursery.start) / 2)
    }
    finish(start, usedBefore)
    if universe.options.traceGC { report("minor", start) }
  }

  /// What was alive in the nursery and among the survivors is elsewhere now; under stress what is left is made unusable.
  private func leaveYoung(_ nurseryBytes: Int) {
    if isStressed {
      memset(nursery.start, 0xDB, nurseryBytes)
      memset(survivors.start, 0xDB, survivors.usedBytes)
    }
    survivors.top = survivors.start
  }

  @inline(__always)
  private func forwardMinor(_ slot: Words, _ sizes: UnsafeMutablePointer<UInt32>) {
    let v = slot[0]
    if !refersToYoung(v) { return }
    let p = words(v)
    let header = p[0]
    if header & HeaderBits.forwarded != 0 {
      slot[0] = header & ~7
      return
    }
    // It lies there already: a root that is visited twice.
    if p >= spareSurvivors.start && p < spareSurvivors.end { return }
    let n = ObjectExtent(p, header: header, sizes: sizes).words
    let copy: Words
    if p >= nursery.start, spareSurvivors.end - spareSurvivors.top >= n {
      copy = spareSurvivors.top
      spareSurvivors.top = copy + n
      copy.update(from: p, count: n)
    } else {
      copy = mustAllocate(&old, n)
      copy.update(from: p, count: n)
      copy[0] = header | HeaderBits.old | birthMark
      promoted.push(bits(copy))
    }
    p[0] = bits(copy) | HeaderBits.forwarded
    slot[0] = bits(copy)
  }

  /// Answers whether the object refers to a young one after that.
  @inline(__always)
  private func forwardWords(
    of object: Words, _ extent: ObjectExtent, _ sizes: UnsafeMutablePointer<UInt32>
  ) -> Bool {
    var found = false
    forEachTaggedWord(object, extent) { slot in
      forwardMinor(slot, sizes)
      found = found || refersToYoung(slot[0])
    }
    return found
  }

  /// Memory for a survivor. The operating system refusing it is beyond what a program can handle: the heap limit
  /// is far below, and is checked where the program allocates.
  private func mustAllocate(_ space: inout Space, _ n: Int) -> Words {
    guard let p = space.allocate(n) else { SystemMemory.isExhausted() }
    return p
  }

  // MARK: Full collection

  /// Maps what full collections may take now, if they make objects larger by `growth` bytes together. False: the operating
  /// system does not give as much.
  func reserve(growth: Int) -> Bool {
    // No object that is not large takes more than an eighth of a chunk, which may stay free at the end of each.
    let count = (bytesInUse - largeBytes + growth) / 7 * 8 / Space.chunkBytes + 1
    old.spareLimit = max(Space.spareLimit, count)
    while old.spare.count < count {
      guard let chunk = Chunk.map(Space.chunkBytes) else { return false }
      old.spare.append(chunk)
    }
    return true
  }
  func releaseReserve() {
    old.spareLimit = Space.spareLimit
    while old.spare.count > old.spareLimit { old.spare.removeLast().unmap() }
  }

  /// With a `trace`, finds the method versions that are in use, and keeps what these refer to alive only.
  public func collectFull(frame: Words, moveEverything: Bool, trace: MethodTrace? = nil) {
    let start = clock()
    abandonMarking()
    let usedBefore = nurseryUsedBytes
    let sizes = universe.classes.sizes
    var to = Full(sizes: sizes, moveEverything: moveEverything, migrations: migrations)
    to.space.spare = old.spare
    to.space.spareLimit = old.spareLimit
    forEachRoot(frame: frame, minor: false, methods: trace == nil) { forwardFull($0, &to) }
    var scan = Scan(chunk: 0, position: nil)
    var foundMethods = false
    repeat {
      while let object = to.worklist.popLast() {
        forEachTaggedWord(object, ObjectExtent(object, header: object[0], sizes: sizes)) { forwardFull($0, &to) }
      }
      while let object = scan.next(in: to.space, sizes) {
        trace?.reach(from: object)
        forEachTaggedWord(object, ObjectExtent(object, header: object[0], sizes: sizes)) { forwardFull($0, &to) }
      }
      foundMethods = trace?.visitReached { forwardFull($0, &to) } ?? false
    } while foundMethods || !to.worklist.isEmpty

    universe.hostObjects.sweep { p in
      if p[0] & HeaderBits.forwarded != 0 { return p[0] & ~7 }
      return p[0] & HeaderBits.marked != 0 ? bits(p) : nil
    }
    let dead = old.chunks
    old = to.space
    sweepLarge(&to)
    for chunk in dead { retire(chunk) }
    remembered.removeAll(keepingCapacity: true)
    leaveYoung(usedBefore)
    let live = old.usedBytes + largeBytes
    threshold = max(Heap.minimumThreshold, live * 2)
    if live < limit - nursery.byteCount { reserve = 0 }
    finish(start, usedBefore)
    statistics.fullCount += 1
    if universe.options.traceGC { report("full", start) }
  }

  struct Full {
    let sizes: UnsafeMutablePointer<UInt32>
    let moveEverything: Bool
    let migrations: [Int: ShapeMigration]
    var space = Space()
    /// Marked or moved large objects, to be scanned.
    var worklist: [Words] = []
    var movedLarge: [Chunk] = []
  }

  private func forwardFull(_ slot: Words, _ to: inout Full) {
    let v = slot[0]
    if v & 7 != 0 || v == 0 { return }
    let p = words(v)
    let header = p[0]
    if header & HeaderBits.forwarded != 0 {
      slot[0] = header & ~7
      return
    }
    let migration = to.migrations.isEmpty ? nil : to.migrations[Int((header >> 32) & 0xFF_FFFF)]
    let isLarge = header & HeaderBits.large != 0
    if isLarge && !to.moveEverything && migration == nil {
      if header & HeaderBits.marked == 0 {
        p[0] = (header | HeaderBits.marked) & ~HeaderBits.remembered
        to.worklist.append(p)
      }
      return
    }
    let extent = ObjectExtent(p, header: header, sizes: to.sizes)
    if let migration { return slot[0] = bits(migrate(p, header, extent, migration, &to)) }
    let copy: Words
    if isLarge {
      guard var chunk = Chunk.map(extent.words * 8) else { SystemMemory.isExhausted() }
      chunk.top = chunk.start + extent.words
      copy = chunk.start
      to.movedLarge.append(chunk)
      to.worklist.append(copy)
    } else {
      copy = mustAllocate(&to.space, extent.words)
    }
    copy.update(from: p, count: extent.words)
    copy[0] = (header | HeaderBits.old) & ~(HeaderBits.remembered | HeaderBits.marked)
    p[0] = bits(copy) | HeaderBits.forwarded
    slot[0] = bits(copy)
  }

  /// Copies an object into the new shape of its class. The copy is found and scanned as any other.
  private func migrate(
    _ p: Words, _ header: UInt64, _ extent: ObjectExtent, _ migration: ShapeMigration, _ to: inout Full
  ) -> Words {
    let info = universe.classes[migration.newIndex]
    let fixed = info.bodyWords
    let elements = extent.words - 1 - Int(to.sizes[Int((header >> 32) & 0xFF_FFFF)])
    let copy = mustAllocate(&to.space, 1 + fixed + elements)
    let keep = HeaderBits.hashMask << HeaderBits.hashShift
    copy[0] = (header & keep) | UInt64(info.classWord.bits) << 32 | HeaderBits.old
    let before = universe.classes.doubleFields[Int((header >> 32) & 0xFF_FFFF)], after = info.doubleFields
    for i in 0..<fixed {
      let source = migration.sources[i]
      let wasDouble = source >= 0 && before >> UInt64(source) & 1 != 0
      let word = source < 0 ? Value.nil.bits : p[1 + source]
      switch (wasDouble, after >> UInt64(i) & 1 != 0) {
      case (false, true): copy[1 + i] = unboxed(word)
      case (true, false): copy[1 + i] = boxed(word)
      default: copy[1 + i] = word
      }
    }
    if elements > 0 { (copy + 1 + fixed).update(from: p + extent.words - elements, count: elements) }
    p[0] = bits(copy) | HeaderBits.forwarded
    return copy
  }

  /// As a field of doubles keeps nil or a double, perhaps moved already.
  private func unboxed(_ word: UInt64) -> UInt64 {
    let value = Value(bits: word)
    if value.isImmediateDouble { return value.immediateDouble.bitPattern }
    if value == .nil { return Word.unboxedNil }
    let box = words(word)
    return (box[0] & HeaderBits.forwarded != 0 ? words(box[0] & ~7) : box)[2]
  }

  /// As any other field keeps it. A new box is still to be copied as everything else is.
  private func boxed(_ bits: UInt64) -> UInt64 {
    if bits == Word.unboxedNil { return Value.nil.bits }
    if let value = Value(immediateDouble: Double(bitPattern: bits)) { return value.bits }
    return allocateTenuredBox(Double(bitPattern: bits)).bits
  }

  private func sweepLarge(_ to: inout Full) {
    var kept: [Chunk] = []
    for chunk in large {
      if chunk.start[0] & HeaderBits.forwarded == 0, chunk.start[0] & HeaderBits.marked != 0 {
        chunk.start[0] &= ~HeaderBits.marked
        kept.append(chunk)
      } else {
        retire(chunk)
      }
    }
    large = kept + to.movedLarge
    largeBytes = large.reduce(0) { $0 + $1.byteCount }
  }

  /// Gives a chunk back, unless fewer than `count` are spared; under stress only after a while in which touching it faults.
  func retire(_ chunk: Chunk, sparing count: Int = 0) {
    if !isStressed {
      if !old.keep(chunk, atLeast: count) { chunk.unmap() }
      return
    }
    chunk.protect()
    quarantine.append(chunk)
    if quarantine.count > 64 { quarantine.removeFirst().unmap() }
  }

  // MARK: Scanning

  @inline(__always)
  func forEachTaggedWord(_ object: Words, _ extent: ObjectExtent, _ visit: (Words) -> Void) {
    var i = 1
    while i <= extent.taggedWords {
      visit(object + i)
      i += 1
    }
    if !extent.isMixed { return }
    var doubles = universe.classes.doubleFields[Int((object[0] >> 32) & 0xFF_FFFF)]
    while i < extent.words {
      if doubles & 1 == 0 { visit(object + i) }
      doubles >>= 1
      i += 1
    }
  }

  /// A position in a space whose objects are still to be scanned.
  struct Scan {
    var chunk: Int
    var position: Words?

    @inline(__always)
    mutating func next(in space: Space, _ sizes: UnsafeMutablePointer<UInt32>) -> Words? {
      while chunk < space.chunks.count {
        let p = position ?? space.chunks[chunk].start
        if p < space.top(chunk) {
          position = p + ObjectExtent(p, header: p[0], sizes: sizes).words
          return p
        }
        if chunk + 1 == space.chunks.count {
          position = p
          return nil
        }
        chunk += 1
        position = nil
      }
      return nil
    }
  }

  /// Forwards what the objects that were copied refer to, until there is nothing left.
  private func scanSurvivors(_ sizes: UnsafeMutablePointer<UInt32>) {
    var survivor = spareSurvivors.start
    repeat {
      while survivor < spareSurvivors.top {
        let extent = ObjectExtent(survivor, header: survivor[0], sizes: sizes)
        forEachTaggedWord(survivor, extent) { forwardMinor($0, sizes) }
        survivor += extent.words
      }
      scanPromoted(sizes)
    } while survivor < spareSurvivors.top
  }

  private func scanPromoted(_ sizes: UnsafeMutablePointer<UInt32>) {
    let isMarking = isMarking
    while !promoted.isEmpty {
      let object = words(promoted.pop())
      let extent = ObjectExtent(object, header: object[0], sizes: sizes)
      if forwardWords(of: object, extent, sizes) { remember(object) }
      if !isMarking { continue }
      // It was born with a mark.
      marking.bytes += extent.words * 8
      forEachTaggedWord(object, extent) { shade($0[0]) }
    }
  }

  // MARK: Statistics

  private func clock() -> UInt64 { monotonicNanoseconds() }

  private func finish(_ start: UInt64, _ nurseryBytes: Int) {
    statistics.count += 1
    statistics.allocatedBytes += nurseryBytes
    statistics.nanoseconds += clock() - start
    notePause(start)
    resetNursery()
  }
  private func notePause(_ start: UInt64) {
    statistics.longestNanoseconds = max(statistics.longestNanoseconds, clock() - start)
  }
  func report(_ what: String, _ start: UInt64) {
    let us = (clock() - start) / 1000
    universe.output.printError(
      "[gc] \(what) \(us) us, old \(old.usedBytes >> 10) KiB, large \(largeBytes >> 10) KiB\n")
  }
}

/// Monotonic time in nanoseconds.
func monotonicNanoseconds() -> UInt64 {
  var t = timespec()
  clock_gettime(CLOCK_MONOTONIC, &t)
  return UInt64(t.tv_sec) * 1_000_000_000 + UInt64(t.tv_nsec)
}
