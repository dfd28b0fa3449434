// Whether there is memory, below the heap's limit, for what an edit makes.

extension Universe {
  /// Why instances of the class and those below it cannot get so many more fields; nil if they can. At a safepoint;
  /// may move objects.
  public func obstacle(toAdding fieldCount: Int, to classIndex: Int, frame: Words) -> String? {
    if fieldCount <= 0 { return nil }
    let info = classes[classIndex]
    // As if the heap were full of instances.
    if hasRoom(for: heap.bytesInUse / (info.bodyWords + 1) * fieldCount) { return nil }
    heap.collectFull(frame: frame, moveEverything: heap.gcEvery > 0)
    let affected = Set(withSubclasses(classIndex))
    var instances = 0
    heap.forEachOldObject { if affected.contains($0.classIndex) { instances += 1 } }
    if hasRoom(for: instances * fieldCount * 8) { return nil }
    return "there is no memory for larger instances: \(info.name) has \(instances), and the heap is limited to "
      + "\(heap.limit >> 20) MB (--heap-limit)"
  }

  /// Why there cannot be another version of a method; nil if there can. Half of the heap's limit is for replaced ones.
  public func obstacleToAnotherVersion() -> String? {
    if heap.outsideBytes <= heap.limit / 2 { return nil }
    // By the next poll there may be fewer.
    reclaimableBytes = max(reclaimableBytes, heap.limit)
    return "there is no memory for another version: blocks, methods and activations keep \(heap.outsideBytes >> 20) MB "
      + "of replaced ones (--heap-limit)"
  }

  /// Whether so many bytes more can live in old space, with a nursery beside it, as allocation wants it.
  private func hasRoom(for bytes: Int) -> Bool {
    heap.old.usedBytes + heap.largeBytes + heap.outsideBytes + heap.nursery.byteCount + bytes <= heap.limit
  }
}
