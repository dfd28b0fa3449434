// What programs know of the activations that handle exceptions.

/// The activations that instances of ExceptionHandler stand for. An activation gets another frame when the compiled one
/// that it was part of is deoptimized, so the instances know a number by which it is found here.
struct HandlerTable {
  /// Outermost first.
  private var entries: [(id: Int, activation: ActivationPlace)] = []
  private var activations: [Int: ActivationPlace] = [:]

  /// The number of an activation on the stack whose top frame is `top`.
  mutating func id(of activation: ActivationPlace, top: Words, last lastID: inout Int) -> Int {
    forget(above: top)
    var low = 0, high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].activation.isOutside(of: activation) { low = middle + 1 } else { high = middle }
    }
    if low < entries.count, entries[low].activation == activation { return entries[low].id }
    lastID += 1
    entries.insert((lastID, activation), at: low)
    activations[lastID] = activation
    return lastID
  }
  /// Nil: it has ended.
  func activation(_ id: Int) -> ActivationPlace? { activations[id] }

  /// What the compiled frame `frame`, which is the top one, stood for are frames of their own now, outermost first.
  mutating func moved(from frame: Words, to frames: [Words]) {
    forget(above: frame)
    for i in entries.indices.reversed() {
      let (id, activation) = entries[i]
      guard activation.frame == frame else { break }
      guard activation.number < frames.count else { continue }
      let moved = ActivationPlace(frame: frames[activation.number], number: 0)
      entries[i].activation = moved
      activations[id] = moved
    }
  }

  private mutating func forget(above top: Words) {
    while let last = entries.last, last.activation.frame > top {
      activations[last.id] = nil
      entries.removeLast()
    }
  }
}
