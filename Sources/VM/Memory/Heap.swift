// The heap: a copying nursery with bump allocation, in front of it two places of which one has what has survived one
// collection, an old space of chunks, large objects in chunks of their own, and a remembered set of old objects that may
// refer to the nursery or its survivors. See Heap+Collection for how it is collected, and Heap+Marking for an old space that is
// too large to be collected at once.
//
// Invariant between collections: an old object refers to a young one only if its header has `remembered`, and then it is
// in `remembered`.

import Foundation
import MachineLayout

public final class Heap: @unchecked Sendable {
  let thread: Thread
  /// Set right after init; owns the heap.
  @exclusivity(unchecked) unowned(unsafe) var universe: Universe!
  /// Where objects are born.
  @exclusivity(unchecked) var nursery: Chunk
  /// What has survived one collection, and where the next one puts what does. Below the nursery, in one mapping with it:
  /// so one range has all that is young.
  @exclusivity(unchecked) var survivors: Chunk
  @exclusivity(unchecked) var spareSurvivors: Chunk
  /// All of the above.
  private let young: Chunk
  /// Where the nursery's free space really ends (the thread's limit is 0 under stress). It begins with a part of its
  /// chunk, and gets more of it where much survives.
  @exclusivity(unchecked) var nurseryEnd: Words
  @exclusivity(unchecked) var old = Space()
  @exclusivity(unchecked) var large: [Chunk] = []
  @exclusivity(unchecked) var largeBytes = 0
  @exclusivity(unchecked) var remembered: [Words] = []
  /// Objects that this collection has made old, and that are still to be scanned.
  @exclusivity(unchecked) var promoted = WordStack()
  /// Bytes of large objects since the last collection.
  @exclusivity(unchecked) var largeGrowth = 0
  @exclusivity(unchecked) var marking = Marking()
  /// Full collection when old and large bytes pass this.
  @exclusivity(unchecked) var threshold: Int
  let limit: Int
  /// Memory of replaced method versions that blocks, Method objects or activations keep: counts towards the limit.
  @exclusivity(unchecked) var outsideBytes = 0
  let gcEvery: Int
  @exclusivity(unchecked) var untilForced: Int
  let gcSteps: Int
  /// Whether a large old space is collected in steps.
  let isIncremental: Bool
  @exclusivity(unchecked) var untilStep: Int
  @exclusivity(unchecked) var nextHash: UInt64 = 0x9E37
  /// Extra bytes granted while an out-of-memory error unwinds.
  @exclusivity(unchecked) var reserve = 0
  static let reserveBytes = 16 << 20
  static let firstNurseryBytes = 1 << 20
  /// A minor collection that copies more than this takes too long: the nursery gets smaller.
  static let longCopyBytes = 3 << 20
  /// The nursery is so many times as large as the place for what survives in it.
  static let survivorShare = 2
  /// Old bytes below which no full collection is worth it, however few of them are alive.
  static let minimumThreshold = 12 << 20
  /// Objects with more words than this are large: most of the others die in the nursery, and cost no mapping.
  let largeWords: Int
  /// Poisoned chunks kept unmapped for a while, so that a stale pointer faults.
  var quarantine: [Chunk] = []
  @exclusivity(unchecked) public internal(set) var statistics = GCStatistics()
  /// Class indices whose instances get another shape at the next full collection.
  @exclusivity(unchecked) var migrations: [Int: ShapeMigration] = [:]
  /// Not 0 while allocation must not collect.
  @exclusivity(unchecked) var collectionsForbidden = 0

  init(thread: Thread, options: VMOptions) {
    self.thread = thread
    // Without a nursery there is no virtual machine; nothing of the program runs yet.
    let nurseryBytes = (max(options.nurseryBytes, 1 << 16) + 4095) & ~4095
    let survivorBytes = (nurseryBytes / Heap.survivorShare + 4095) & ~4095
    guard let young = Chunk.map(nurseryBytes + 2 * survivorBytes) else { SystemMemory.isExhausted() }
    self.young = young
    survivors = young.part(from: 0, survivorBytes)
    spareSurvivors = young.part(from: survivorBytes, survivorBytes)
    nursery = young.part(from: 2 * survivorBytes, nurseryBytes)
    let isStressed = options.gcEvery > 0 || options.gcSteps > 0
    nurseryEnd = isStressed ? nursery.end : min(nursery.end, nursery.start + Heap.firstNurseryBytes / 8)
    largeWords = min(16_384, nurseryBytes / 32)
    limit = options.heapLimit
    threshold = min(Heap.minimumThreshold, options.heapLimit)
    gcEvery = options.gcEvery
    untilForced = options.gcEvery
    gcSteps = options.gcSteps
    isIncremental = options.incrementalGC || options.gcSteps > 0
    untilStep = options.gcSteps
    resetNursery()
  }

  func releaseAll() {
    young.unmap()
    for chunk in old.chunks + old.spare + large + quarantine + marking.unswept + marking.deadLarge { chunk.unmap() }
    old = Space()
    promoted.free()
    marking.stack.free()
    large = []
    quarantine = []
  }

  func resetNursery() {
    nursery.top = nursery.start
    thread[.allocationTop] = bits(nursery.start)
    thread[.allocationLimit] = isStressed ? 0 : bits(nurseryEnd)
  }

  /// Whether every allocation looks if a collection is wanted, and what is dead is made unusable.
  var isStressed: Bool { gcEvery > 0 || gcSteps > 0 }

  @inline(__always)
  func isYoung(_ p: Words) -> Bool { p >= young.start && p < nurseryEnd }
  /// Whether a word of an object or a root refers to a young one.
  @inline(__always)
  func refersToYoung(_ word: UInt64) -> Bool {
    word & 7 == 0 && word >= bits(young.start) && word < bits(nurseryEnd)
  }

  public var bytesInUse: Int { old.usedBytes + largeBytes + survivors.usedBytes + nurseryUsedBytes }

  /// Bytes allocated since the last collection.
  var nurseryUsedBytes: Int { Int(thread[.allocationTop]) - Int(bits(nursery.start)) }

  // MARK: Allocation

  /// A new object with its header set and its body uninitialized: store every body word before the next
  /// allocation. `frame` is the top frame (its arguments, or registers, are rooted). Nil: out of memory was
  /// raised; answer 0 at once.
  public func allocate(_ classWord: ClassWord, bodyWords: Int, frame: Words) -> ObjectPointer? {
    let header = UInt64(classWord.bits) &<< HeaderBits.classShift
    let top = thread[.allocationTop]
    let end = top &+ UInt64(bodyWords &+ 1) &* 8
    if end <= thread[.allocationLimit] && bodyWords < largeWords {
      thread[.allocationTop] = end
      let p = words(top)
      p[0] = header
      return ObjectPointer(p)
    }
    return allocateSlow(header, bodyWords, frame)
  }

  /// The same with every body word set to `fill`.
  public func allocate(_ classWord: ClassWord, bodyWords: Int, fill: Value, frame: Words) -> ObjectPointer? {
    guard let object = allocate(classWord, bodyWords: bodyWords, frame: frame) else { return nil }
    (object.words + 1).update(repeating: fill.bits, count: bodyWords)
    return object
  }

  @inline(never)
  func allocateSlow(_ header: UInt64, _ bodyWords: Int, _ frame: Words) -> ObjectPointer? {
    if gcEvery > 0 && collectionsForbidden == 0 {
      untilForced -= 1
      if untilForced <= 0 {
        untilForced = gcEvery * forcedInterval(frame)
        collectFull(frame: frame, moveEverything: true)
      }
    }
    if gcSteps > 0 && collectionsForbidden == 0 {
      untilStep -= 1
      if untilStep <= 0 {
        untilStep = gcSteps * forcedInterval(frame)
        collectMinor(frame: frame)
        collectStep(frame: frame, grown: 0)
      }
    }
    let wordCount = bodyWords + 1
    if wordCount > largeWords { return allocateLarge(header, wordCount, frame) }
    if Int(bits(nurseryEnd)) - Int(thread[.allocationTop]) < wordCount * 8 {
      if collectionsForbidden > 0 { return allocateTenured(header, bodyWords) }
      collect(frame: frame)
      if isOverLimit {
        // Much of old space may be garbage by now.
        collectFull(frame: frame, moveEverything: false)
        if isOverLimit { return outOfMemory(frame) }
      }
    }
    let p = words(thread[.allocationTop])
    thread[.allocationTop] = bits(p + wordCount)
    p[0] = header
    return ObjectPointer(p)
  }

  private var isOverLimit: Bool {
    old.usedBytes + largeBytes + outsideBytes + survivors.usedBytes + nursery.byteCount > limit + reserve
  }

  /// How many times as many allocations are between the collections that --gc-every and --gc-steps force. While the stack
  /// is deep it is more in proportion: each of these collections visits all of the stack.
  private func forcedInterval(_ frame: Words) -> Int {
    let depth = max(0, frame - universe.bottomFrame)
    return 1 + depth / 16_384
  }

  private func allocateLarge(_ header: UInt64, _ wordCount: Int, _ frame: Words) -> ObjectPointer? {
    let bytes = wordCount * 8
    if bytes > limit || bytes < 0 { return outOfMemory(frame) }
    let used = old.usedBytes + largeBytes
    if collectionsForbidden == 0 && used + bytes > min(threshold, limit) {
      if used + bytes > limit || isCollectedAtOnce {
        collectFull(frame: frame, moveEverything: false)
        if old.usedBytes + largeBytes + bytes > limit + reserve { return outOfMemory(frame) }
        threshold = max(threshold, (old.usedBytes + largeBytes + bytes) * 2)
      } else if largeGrowth + bytes > nursery.byteCount {
        // A step for as much as the nursery would have held.
        collect(frame: frame)
      }
    }
    guard var chunk = Chunk.map(bytes) else { return outOfMemory(frame) }
    chunk.top = chunk.start + wordCount
    large.append(chunk)
    largeBytes += chunk.byteCount
    largeGrowth += chunk.byteCount
    // Its body may be filled with nursery pointers: remembered from birth.
    chunk.start[0] = header | HeaderBits.old | HeaderBits.large | HeaderBits.remembered | birthMark
    remembered.append(chunk.start)
    return ObjectPointer(chunk.start)
  }

  /// An object outside the nursery, for literals, symbols and classes. Its body must hold no nursery pointers
  /// unless they are stored with `store`. Never collects.
  func allocateTenured(_ classWord: ClassWord, bodyWords: Int) -> ObjectPointer {
    let header = UInt64(classWord.bits) &<< HeaderBits.classShift
    guard let object = allocateTenured(header, bodyWords) else { SystemMemory.isExhausted() }
    return object
  }
  /// The box of a double, outside the nursery.
  func allocateTenuredBox(_ d: Double) -> Value {
    let object = allocateTenured(ClassWord(index: WellKnownClass.double.rawValue, format: .words), bodyWords: 2)
    object[0] = Value(integer: 1)
    object.words[2] = d.bitPattern
    return Value(object)
  }
  private func allocateTenured(_ header: UInt64, _ bodyWords: Int) -> ObjectPointer? {
    guard let p = old.allocate(bodyWords + 1) else { return nil }
    // Remembered from birth, for the same reason as large objects.
    p[0] = header | HeaderBits.old | HeaderBits.remembered | birthMark
    marking.bytes += (bodyWords + 1) * 8
    remembered.append(p)
    return ObjectPointer(p)
  }

  private func outOfMemory(_ frame: Words) -> ObjectPointer? {
    reserve = Heap.reserveBytes
    if universe.raise(.outOfMemory, frame) != 0 { _ = universe.terminate(status: 1, because: .error) }
    return nil
  }

  /// Every object outside the nursery, dead ones too if there was no full collection just now.
  func forEachOldObject(_ visit: (ObjectPointer) -> Void) {
    old.seal()
    for chunk in old.chunks + large + marking.unswept {
      var p = chunk.start
      while p < chunk.top {
        if ObjectPointer(p).classIndex != 0 { visit(ObjectPointer(p)) }
        p += ObjectExtent(p, header: p[0], sizes: universe.classes.sizes).words
      }
    }
  }

  // MARK: Stores

  /// Stores into body word `i`, with the write barrier.
  @inline(__always)
  public func store(_ object: ObjectPointer, _ i: Int, _ value: Value) {
    object[i] = value
    if object.header & (HeaderBits.old | HeaderBits.remembered) == HeaderBits.old && value.isPointer {
      remember(object.words)
    }
  }
  /// Required after raw stores of pointers into an object that is old and not remembered.
  public func remember(_ object: Words) {
    object[0] |= HeaderBits.remembered
    remembered.append(object)
  }

  /// The identity hash, 24 bits, never 0; stays the same when the object moves.
  public func identityHash(_ object: ObjectPointer) -> Int {
    let hash = (object.header >> HeaderBits.hashShift) & HeaderBits.hashMask
    if hash != 0 { return Int(hash) }
    nextHash = (nextHash &* 0x5DEECE66D &+ 11) & 0xFFFF_FFFF_FFFF
    let new = max(1, (nextHash >> 20) & HeaderBits.hashMask)
    object.header |= new << HeaderBits.hashShift
    return Int(new)
  }
}

public struct GCStatistics: Sendable {
  public var count = 0
  public var fullCount = 0
  public var nanoseconds: UInt64 = 0
  /// Of one pause, which may be a minor and a full collection.
  public var longestNanoseconds: UInt64 = 0
  /// Bytes that collections freed or moved out of the nursery so far: allocated before the last collection.
  public var allocatedBytes = 0
}

/// How instances of one class index become instances of another: for each new body word, the old body word that
/// it keeps, or -1 for nil.
public struct ShapeMigration: Sendable {
  public let newIndex: Int
  public let sources: [Int]
  public init(newIndex: Int, sources: [Int]) {
    self.newIndex = newIndex
    self.sources = sources
  }
}
