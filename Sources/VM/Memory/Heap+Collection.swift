extension Heap {
  func collect(frame: Words) {}
  func collectFull(frame: Words, moveEverything: Bool) {}
}
