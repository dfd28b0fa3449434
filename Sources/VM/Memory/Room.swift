// Whether there is memory, below the heap's limit, for what an edit makes.

import Bytecode

public final class Room {
  private let classes: ClassTable
  private let heap: Heap
  private let reclaimer: Reclaimer

  init(_ classes: ClassTable, _ heap: Heap, _ reclaimer: Reclaimer) {
    self.classes = classes
    self.heap = heap
    self.reclaimer = reclaimer
  }

  /// Why instances of the class and those below it cannot get so many more fields; nil if they can. At a safepoint;
  /// may move objects.
  public func obstacle(toAdding fieldCount: Int, to classIndex: Int, frame: Words) -> String? {
    if fieldCount <= 0 { return nil }
    let info = classes[classIndex]
    // As if the heap were full of instances.
    if isThere(for: heap.bytesInUse / (info.bodyWords + 1) * fieldCount) { return nil }
    heap.collectFull(frame: frame, moveEverything: heap.gcEvery > 0)
    let affected = Set(classes.withSubclasses(classIndex))
    var instances = 0
    heap.forEachOldObject { if affected.contains($0.classIndex) { instances += 1 } }
    if isThere(for: instances * fieldCount * 8) { return nil }
    return "there is no memory for larger instances: \(info.name) has \(instances), and the heap is limited to "
      + "\(heap.limit >> 20) MB (--heap-limit)"
  }

  /// Why these changes of shape cannot get the memory that their collections may take; nil if it is there, reserved until
  /// `releaseReserve`. Half a collection could not be undone.
  public func obstacle(toReservingFor changes: [ShapeChange]) -> String? {
    let growth = changes.reduce(0) { growth, change in
      guard let info = classes.named(change.name) else { return growth }
      return growth + heap.bytesInUse / (info.bodyWords + 1) * max(0, change.fields.count - info.ownFieldNames.count)
    }
    return heap.reserve(growth: min(growth, max(0, heap.limit - heap.bytesInUse)))
      ? nil : "the operating system has no memory for the instances of another shape"
  }
  public func releaseReserve() { heap.releaseReserve() }

  /// Why there cannot be another version of a method; nil if there can. Half of the heap's limit is for replaced ones.
  public func obstacleToAnotherVersion() -> String? {
    if heap.outsideBytes <= heap.limit / 2 { return nil }
    // By the next poll there may be fewer.
    reclaimer.noteLackOfRoom()
    return "there is no memory for another version: blocks, methods and activations keep \(heap.outsideBytes >> 20) MB "
      + "of replaced ones (--heap-limit)"
  }

  /// Whether there is room for the values of a method's literals, and its blocks'.
  func isThere(forLiteralsOf chunk: BytecodeChunk, _ frame: Words) -> Bool {
    func bytes(_ literal: Literal) -> Int {
      switch literal {
      case .integer, .double: 24
      case .string(let text), .symbol(let text), .bigInteger(let text): 32 + text.utf8.count
      case .array(let elements): elements.reduce(16) { $0 + 8 + bytes($1) }
      }
    }
    func bytes(_ chunk: BytecodeChunk) -> Int {
      chunk.blocks.reduce(chunk.literals.reduce(0) { $0 + bytes($1) }) { $0 + bytes($1) }
    }
    let needed = bytes(chunk)
    if needed < Self.fewBytes || isThere(for: needed) { return true }
    heap.collectFull(frame: frame, moveEverything: heap.gcEvery > 0)
    return isThere(for: needed)
  }
  /// What any method may have; `obstacleToAnotherVersion` limits how many there are.
  private static let fewBytes = 64 << 10

  /// Whether so many bytes more can live in old space, with a nursery beside it, as allocation wants it.
  private func isThere(for bytes: Int) -> Bool {
    heap.old.usedBytes + heap.largeBytes + heap.outsideBytes + heap.survivors.usedBytes + heap.nursery.byteCount + bytes
      <= heap.limit
  }
}
