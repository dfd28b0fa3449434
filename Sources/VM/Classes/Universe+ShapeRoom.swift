// Whether there is memory, below the heap's limit, for instances that get larger.

extension Universe {
  /// Why instances of the class and those below it cannot get so many more fields; nil if they can. At a safepoint;
  /// may move objects.
  public func obstacle(toAdding fieldCount: Int, to classIndex: Int, frame: Words) -> String? {
    if fieldCount <= 0 { return nil }
    let info = classes[classIndex]
    // As if the heap were full of instances.
    let most = heap.bytesInUse / (info.bodyWords + 1) * fieldCount
    if heap.bytesInUse + most <= heap.limit { return nil }
    heap.collectFull(frame: frame, moveEverything: heap.gcEvery > 0)
    let affected = Set(withSubclasses(classIndex))
    var instances = 0
    heap.forEachOldObject { if affected.contains($0.classIndex) { instances += 1 } }
    if heap.bytesInUse + instances * fieldCount * 8 <= heap.limit { return nil }
    return "there is no memory for larger instances: \(info.name) has \(instances), and the heap is limited to "
      + "\(heap.limit >> 20) MB (--heap-limit)"
  }
}
